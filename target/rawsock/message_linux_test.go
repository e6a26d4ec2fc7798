package rawsock

import (
	"bytes"
	"fmt"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// joined is a TCP connection: one end as a non-blocking descriptor, the other as Go has it.
func joined(t *testing.T) (fd int32, peer *net.TCPConn) {
	t.Helper()
	l, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	n, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(n) })
	port := l.Addr().(*net.TCPAddr).Port
	if err := unix.Connect(n, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}, Port: port}); err != nil {
		t.Fatal(err)
	}
	if err := unix.SetNonblock(n, true); err != nil {
		t.Fatal(err)
	}
	if peer, err = l.AcceptTCP(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { peer.Close() })
	return int32(n), peer
}

// awaitReadable waits until there is something to read.
func awaitReadable(t *testing.T, fd int32) {
	t.Helper()
	if n, err := unix.Poll([]unix.PollFd{{Fd: fd, Events: unix.POLLIN}}, 10_000); n != 1 || err != nil {
		t.Fatalf("nothing to read: %v", err)
	}
}

// TestReceive: what arrives is stamped when it arrives, not when it is read; without StampArrivals, and at
// the end, there is no stamp.
func TestReceive(t *testing.T) {
	defer KeepStamping()()
	fd, peer := joined(t)
	var m Message
	room := make([]byte, 100)
	m.Into(room)
	if _, _, errno := Receive(fd, &m); errno != unix.EAGAIN {
		t.Errorf("nothing has come: %v, want EAGAIN", errno)
	}
	fmt.Fprint(peer, "hello")
	awaitReadable(t, fd)
	if n, stamp, errno := Receive(fd, &m); n != 5 || stamp != 0 || errno != 0 {
		t.Errorf("unasked: %d bytes, stamp %v, %v", n, stamp, errno)
	}
	if errno := StampArrivals(fd); errno != 0 {
		t.Fatal(errno)
	}
	for range 3 {
		before := time.Now().UnixNano()
		fmt.Fprint(peer, "NOOP\n")
		awaitReadable(t, fd)
		after := time.Now().UnixNano()
		time.Sleep(2 * time.Millisecond)
		n, stamp, errno := Receive(fd, &m)
		if n != 5 || errno != 0 || string(room[:n]) != "NOOP\n" {
			t.Fatalf("%d bytes, %v", n, errno)
		}
		if int64(stamp) < before || int64(stamp) > after {
			t.Errorf("stamped %v after it was sent, %v before it was there",
				time.Duration(int64(stamp)-before), time.Duration(after-int64(stamp)))
		}
	}
	if err := peer.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	awaitReadable(t, fd)
	if n, stamp, errno := Receive(fd, &m); n != 0 || stamp != 0 || errno != 0 {
		t.Errorf("at the end: %d bytes, stamp %v, %v", n, stamp, errno)
	}
}

// TestStampOfForeignMessages: control messages of another kind, or cut off, are no stamp.
func TestStampOfForeignMessages(t *testing.T) {
	var m Message
	rights := unix.UnixRights(1)
	copy(m.control[:], rights)
	m.header.SetControllen(len(rights))
	if got := m.stamp(); got != 0 {
		t.Errorf("descriptors are taken for a stamp: %v", got)
	}
	m.control[0] = 255 // longer than there is room
	if got := m.stamp(); got != 0 {
		t.Errorf("a message that is cut off gave %v", got)
	}
	m.header.SetControllen(3)
	if got := m.stamp(); got != 0 {
		t.Errorf("three bytes gave %v", got)
	}
}

// TestWriteLines: whatever the lines, and however little the socket takes at once, all arrive in order.
func TestWriteLines(t *testing.T) {
	fd, peer := joined(t)
	if err := unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_SNDBUF, 4096); err != nil {
		t.Fatal(err)
	}
	var text []byte
	for i := range 3000 {
		text = append(text, bytes.Repeat([]byte{byte('a' + i%26)}, i%700)...)
		text = append(text, '\n')
	}
	text = append(text, "the last line has no line feed"...)
	received := make(chan []byte)
	go func() {
		var got bytes.Buffer
		_, _ = got.ReadFrom(peer)
		received <- got.Bytes()
	}()
	var l Lines
	partly := 0
	for p := text; len(p) > 0; {
		n, errno := WriteLines(fd, p, &l)
		if errno == unix.EAGAIN {
			if _, err := unix.Poll([]unix.PollFd{{Fd: fd, Events: unix.POLLOUT}}, 10_000); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if errno != 0 {
			t.Fatal(errno)
		}
		if n > 0 && n < len(p) && p[n-1] != '\n' {
			partly++
		}
		p = p[n:]
	}
	if err := unix.Shutdown(int(fd), unix.SHUT_WR); err != nil {
		t.Fatal(err)
	}
	if got := <-received; !bytes.Equal(got, text) {
		t.Errorf("%d bytes arrived, want %d, the same", len(got), len(text))
	}
	t.Logf("%d lines were taken in part", partly)
}

// TestTaken: a line that was taken in part may be the last one only.
func TestTaken(t *testing.T) {
	for _, c := range []struct {
		name  string
		sent  []uint32
		n     int
		errno unix.Errno
	}{
		{"all", []uint32{2, 2, 2}, 6, 0},
		{"the last in part", []uint32{2, 1}, 3, 0},
		{"none", nil, 0, 0},
		{"one in the middle in part", []uint32{2, 1, 2}, 3, unix.EIO},
	} {
		var l Lines
		l.fill([]byte("a\nb\nc\n"))
		for k, n := range c.sent {
			l.headers[k].Len = n
		}
		if n, errno := l.countSent(len(c.sent)); n != c.n || errno != c.errno {
			t.Errorf("%s: %d bytes, %v; want %d, %v", c.name, n, errno, c.n, c.errno)
		}
	}
}
