package link

import (
	"encoding/binary"
	"errors"
	"fmt"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// socketPair stands for a TUN device: near is what the line holds, far is where packets are put in and come
// out.
func socketPair(t testing.TB) (near, far int) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		unix.Close(fds[0])
		unix.Close(fds[1])
	})
	return fds[0], fds[1]
}

// TestLine carries both ways, keeps the order, and is not early.
func TestLine(t *testing.T) {
	const rtt, packets = 30 * time.Millisecond, 100
	server, farServer := socketPair(t)
	client, farClient := socketPair(t)
	l, err := startLine(server, client, rtt)
	if err != nil {
		t.Fatal(err)
	}
	for name, way := range map[string][2]int{"to server": {farClient, farServer}, "to client": {farServer, farClient}} {
		began := time.Now()
		for i := range packets {
			if _, err := unix.Write(way[0], []byte{byte(i), 1, 2}[:1+i%3]); err != nil {
				t.Fatal(err)
			}
		}
		for i := range packets {
			var p [8]byte
			if n := readWithin(t, way[1], p[:]); n != 1+i%3 || p[0] != byte(i) {
				t.Fatalf("%s: packet %d has %d bytes, the first is %d", name, i, n, p[0])
			}
			if passed := time.Since(began); passed < rtt/2 {
				t.Errorf("%s: packet %d came after %v", name, i, passed)
			}
		}
	}
	stats, err := l.stop()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []Direction{stats.ToServer, stats.ToClient} {
		late := d.Lateness
		d.Lateness = nil
		if d != (Direction{Packets: packets}) || late == nil || late.P50 > late.P99 || late.P99 > late.Max {
			t.Errorf("%+v, lateness %+v", d, late)
		}
	}
}

// readWithin waits for a packet.
func readWithin(t *testing.T, fd int, p []byte) int {
	t.Helper()
	if n, err := pollAgain([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 10*time.Second); n != 1 {
		t.Fatalf("no packet: %v", err)
	}
	n, err := unix.Read(fd, p)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestUnderWay: what the line still holds when it is stopped is counted.
func TestUnderWay(t *testing.T) {
	server, _ := socketPair(t)
	client, far := socketPair(t)
	l, err := startLine(server, client, MaxRTT)
	if err != nil {
		t.Fatal(err)
	}
	for range 7 {
		if _, err := unix.Write(far, []byte("hello")); err != nil {
			t.Fatal(err)
		}
	}
	waitRead(t, client)
	stats, err := l.stop()
	if want := (Direction{UnderWay: 7}); stats.ToServer != want || err != nil {
		t.Errorf("%+v, %v; want %+v", stats.ToServer, err, want)
	}
}

// waitRead waits until the line has read all that there is.
func waitRead(t *testing.T, fd int) {
	t.Helper()
	eventually(t, func() string {
		if n, err := unix.IoctlGetInt(fd, unix.TIOCINQ); n != 0 || err != nil {
			return fmt.Sprintf("the line has left %d bytes: %v", n, err)
		}
		return ""
	})
	time.Sleep(10 * time.Millisecond) // a packet that was read is not yet in the ring
}

// newManualDirection is a direction without a thread.
func newManualDirection(t testing.TB, delay time.Duration) (d *direction, from, to int) {
	t.Helper()
	in, from := socketPair(t)
	out, to := socketPair(t)
	l := &line{bell: -1}
	return l.direction(in, out, delay), from, to
}

// TestQueueFull: what the ring has no room for is dropped, the newest first, and counted.
func TestQueueFull(t *testing.T) {
	d, from, to := newManualDirection(t, 0)
	d.ring = newRing(5, 100*MTU)
	for i := range 8 {
		unix.Write(from, []byte{byte(i)})
	}
	if d.read() {
		t.Error("there is more to read")
	}
	for range 2 {
		d.write()
	}
	for i := range 5 {
		var p [4]byte
		if n := readWithin(t, to, p[:]); n != 1 || p[0] != byte(i) {
			t.Errorf("packet %d: %d bytes, the first is %d", i, n, p[0])
		}
	}
	if s := d.summary(); s.Packets != 5 || s.QueueFull != 3 || s.UnderWay != 0 {
		t.Errorf("%+v, want 5 packets and 3 dropped", s)
	}
}

// TestWriteFailed: what the far end does not take is counted, with the reason, and the line goes on.
func TestWriteFailed(t *testing.T) {
	d, from, to := newManualDirection(t, 0)
	unix.Shutdown(to, unix.SHUT_RDWR)
	for range 3 {
		unix.Write(from, []byte("hello"))
	}
	d.read()
	d.write()
	s := d.summary()
	if s.WriteFailed != 3 || s.Packets != 0 || !errors.Is(s.WriteError, unix.EPIPE) || s.Lateness != nil ||
		d.err != nil {
		t.Errorf("%+v, %v; want 3 packets that failed with EPIPE", s, d.err)
	}
}

// TestBatches: neither to read nor to write takes the whole turn.
func TestBatches(t *testing.T) {
	d, from, _ := newManualDirection(t, 0)
	for range readBatch + 1 {
		if _, err := unix.Write(from, []byte("hello")); err != nil {
			t.Fatal(err)
		}
	}
	if !d.read() || d.ring.count != readBatch {
		t.Errorf("%d packets read at once, want %d and more to come", d.ring.count, readBatch)
	}
	if d.read() || d.ring.count != readBatch+1 {
		t.Errorf("%d packets read, want %d and no more", d.ring.count, readBatch+1)
	}
	if !d.write() || d.stats.Packets != writeBatch {
		t.Errorf("%d packets written at once, want %d and more to come", d.stats.Packets, writeBatch)
	}
}

// TestNothingAllocated on a packet's way.
func TestNothingAllocated(t *testing.T) {
	d, from, to := newManualDirection(t, 0)
	d.waitFor[1].Fd = -1 // there is no bell
	var p [64]byte
	allocated := testing.AllocsPerRun(1000, func() {
		unix.Write(from, p[:])
		d.wait()
		d.read()
		d.wait() // until it is due: at once
		d.write()
		unix.Read(to, p[:])
	})
	if allocated != 0 || d.stats.Packets < 1000 {
		t.Errorf("%v allocations a packet, of %d; want none", allocated, d.stats.Packets)
	}
}

// TestLineEnds where it cannot read.
func TestLineEnds(t *testing.T) {
	d, from, _ := newManualDirection(t, 0)
	d.in = from + 1000
	if d.read() || !errors.Is(d.err, unix.EBADF) {
		t.Errorf("%v, want EBADF", d.err)
	}
}

// sink counts numbered packets, and how much longer than least each took.
type sink struct {
	fd      int
	least   time.Duration
	arrived int
	early   int // how many took less
	inOrder bool
	late    latenesses
}

// floodSize is that of a packet of the test: its number, and when it was sent.
const floodSize = 16

// take reads what comes until the last of n has, or nothing comes for a second.
func (s *sink) take(n uint64, began time.Time) error {
	limit := unix.NsecToTimeval(int64(time.Second))
	if err := unix.SetsockoptTimeval(s.fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &limit); err != nil {
		return err
	}
	s.inOrder = true
	var p [floodSize]byte
	for next := uint64(0); next < n; {
		_, err := unix.Read(s.fd, p[:])
		now := time.Since(began)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EAGAIN):
			return nil
		case err != nil:
			return err
		}
		number := binary.BigEndian.Uint64(p[:])
		s.inOrder = s.inOrder && number >= next
		next = number + 1
		s.arrived++
		late := now - time.Duration(binary.BigEndian.Uint64(p[8:])) - s.least
		if s.late.add(late); late < 0 {
			s.early++
		}
	}
	return nil
}

// udp opens a socket in a namespace, and connects it to to where that is one.
func udp(t testing.TB, namespace int, bind, to *unix.SockaddrInet4) (fd int) {
	t.Helper()
	in(t, namespace, func() (err error) {
		fd, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		t.Cleanup(func() { unix.Close(fd) })
		if to != nil {
			return unix.Connect(fd, to)
		}
		// As much as the machine gives: the receiver is to lose nothing.
		return errors.Join(unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 16<<20), unix.Bind(fd, bind))
	})
	return fd
}

var floodAt = &unix.SockaddrInet4{Port: 4573, Addr: Server.As4()}

// TestKeepsUp: 20,000 packets a second at a round trip of 100 ms all arrive, in order, none early, and half
// of them within 1 ms. While others have all of the machine's CPUs the last is not to be had: there are
// several rounds.
func TestKeepsUp(t *testing.T) {
	var late *Lateness
	for range 6 {
		if late = keepsUp(t); t.Failed() || late.P50 <= time.Millisecond {
			break
		}
	}
	if late.P50 > time.Millisecond {
		t.Errorf("half of them were %v late or more, want 1ms at most", late.P50)
	}
	if late.P99 > time.Second { // of any machine that does not stand still
		t.Errorf("1 of 100 was %v late or more", late.P99)
	}
}

func keepsUp(t *testing.T) *Lateness {
	t.Helper()
	const packets, oneWay = 20000, 50 * time.Millisecond
	l := newTUN(t, 2*oneWay)
	s := sink{fd: udp(t, l.server, floodAt, nil), least: oneWay, late: newLatenesses()}
	from := udp(t, l.client, nil, floodAt)
	began := time.Now()
	done := make(chan error, 1)
	go func() { done <- s.take(packets, began) }()
	sendPaced(t, from, packets, began)
	sent := time.Since(began)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	late := s.late.summary()
	if late == nil {
		t.Fatal("nothing arrived")
	}
	t.Logf("%d of %d packets, sent in %v; one way took %v and %+v", s.arrived, packets, sent, oneWay, *late)
	if s.arrived != packets || !s.inOrder || s.early != 0 {
		t.Errorf("%d arrived, in order %t, %d early; want %d, true, none", s.arrived, s.inOrder, s.early, packets)
	}
	if stats := checkClosed(t, l, packets); stats.ToServer.Packets != packets {
		t.Errorf("%d packets to the server, want %d", stats.ToServer.Packets, packets)
	}
	return late
}

// sendPaced sends 20 packets each millisecond, with their numbers and when they were sent.
func sendPaced(t *testing.T, fd, packets int, began time.Time) {
	t.Helper()
	var p [floodSize]byte
	for i := range packets {
		if i%20 == 0 {
			time.Sleep(time.Duration(i/20)*time.Millisecond - time.Since(began))
		}
		binary.BigEndian.PutUint64(p[:], uint64(i))
		binary.BigEndian.PutUint64(p[8:], uint64(time.Since(began)))
		if _, err := unix.Write(fd, p[:]); err != nil {
			t.Fatal(err)
		}
	}
}

// TestDeviceQueue: the TUN device keeps as many packets as were set while none is read, and counts the rest
// as drops.
func TestDeviceQueue(t *testing.T) {
	server, client := newNamespace(t), newNamespace(t)
	needsTUN(t)
	sides, err := openSides(server, client)
	if err != nil {
		t.Fatal(err)
	}
	defer sides.close()
	var fds []int
	for _, ns := range []int{server, client} {
		fd, err := openTUN(ns)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(fd)
		fds = append(fds, fd)
	}
	if err := sides.setUp(queueLength); err != nil {
		t.Fatal(err)
	}
	const sent = queueLength + 700
	from := udp(t, client, nil, floodAt)
	for range sent {
		if _, err := unix.Write(from, []byte("hello")); err != nil && !errors.Is(err, unix.ENOBUFS) {
			t.Fatal(err)
		}
	}
	dropped := *sides.client.count().sendDrops
	kept := 0
	var p [MTU]byte
	for {
		if _, errno := call(unix.SYS_READ, fds[1], p[:]); errno != 0 {
			break
		}
		kept++
	}
	t.Logf("of %d packets the device kept %d and dropped %d", sent, kept, dropped)
	if kept < queueLength || uint64(kept)+dropped != sent {
		t.Errorf("of %d packets the device kept %d and dropped %d; want %d and the rest", sent, kept, dropped,
			queueLength)
	}
}

// BenchmarkLine is how many packets a second go through two TUN devices and the line; some thousands are
// under way.
func BenchmarkLine(b *testing.B) {
	const window = 2048
	l := newTUN(b, 2*time.Millisecond)
	from, to := udp(b, l.client, nil, floodAt), udp(b, l.server, floodAt, nil)
	credit := make(chan struct{}, window)
	go func() {
		var p [floodSize]byte
		for {
			if n, err := unix.Read(to, p[:]); n == 0 || err != nil && !errors.Is(err, unix.EINTR) {
				return
			}
			<-credit
		}
	}()
	b.ReportAllocs()
	p := make([]byte, floodSize)
	for b.Loop() {
		credit <- struct{}{}
		if _, err := unix.Write(from, p); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "packets/s")
	unix.Shutdown(to, unix.SHUT_RDWR)
}
