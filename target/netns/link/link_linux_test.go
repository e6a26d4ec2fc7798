package link

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// listenAt opens a listener at the server's end. It accepts nothing: to connect, its accept queue is enough.
func listenAt(t testing.TB, l joined, backlog int) {
	t.Helper()
	in(t, l.server, func() error {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		t.Cleanup(func() { unix.Close(fd) })
		return errors.Join(unix.Bind(fd, &unix.SockaddrInet4{Port: 4573, Addr: Server.As4()}), unix.Listen(fd, backlog))
	})
}

// connectsAtOnce is how many connects of roundTrips have one round trip together: few, so that none waits for the
// packets of the others.
const connectsAtOnce = 10

// roundTrips is the kernel's account of so many connects, some of them at once.
func roundTrips(t testing.TB, l joined, n int) (all []time.Duration) {
	t.Helper()
	for len(all) < n {
		some, errs := make([]time.Duration, min(connectsAtOnce, n-len(all))), make([]error, connectsAtOnce)
		var running sync.WaitGroup
		in(t, l.client, func() error {
			for i := range some {
				fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
				if err != nil {
					return err
				}
				running.Go(func() { some[i], errs[i] = roundTrip(fd) })
			}
			return nil
		})
		running.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		all = append(all, some...)
	}
	slices.Sort(all)
	return all
}

// roundTrip connects a socket, which stays in the namespace that it was made in, and closes it.
func roundTrip(fd int) (time.Duration, error) {
	defer unix.Close(fd)
	if err := unix.Connect(fd, &unix.SockaddrInet4{Port: 4573, Addr: Server.As4()}); err != nil {
		return 0, err
	}
	info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
	if err != nil {
		return 0, err
	}
	return time.Duration(info.Rtt) * time.Microsecond, nil
}

// TestRoundTrip: what TCP measures is what was asked.
func TestRoundTrip(t *testing.T) {
	for _, rtt := range []time.Duration{0, 20 * time.Millisecond, 100 * time.Millisecond} {
		t.Run(rtt.String(), func(t *testing.T) {
			l := newLink(t, rtt)
			checkKind(t, l.Kind, rtt)
			listenAt(t, l, 1000)
			checkRoundTrips(t, l, rtt)
			checkClosed(t, l, 60) // SYN and the last ACK of 30 connects
		})
	}
}

// checkRoundTrips wants nine in ten of a round of connects to be within 1 ms of rtt, and none to be
// shorter. While others have all of the machine's CPUs that is not to be had: there are several rounds.
func checkRoundTrips(t *testing.T, l joined, rtt time.Duration) {
	t.Helper()
	const round = 30
	best := time.Duration(math.MaxInt64)
	for range 40 {
		all := roundTrips(t, l, round)
		p90 := all[round*9/10-1]
		t.Logf("%s: tcpi_rtt %v to %v, P90 %v", l.Kind, all[0], all[round-1], p90)
		if all[0] < rtt {
			t.Fatalf("a round trip took %v: shorter than %v", all[0], rtt)
		}
		if best = min(best, p90); best <= rtt+time.Millisecond {
			return
		}
	}
	t.Errorf("P90 of tcpi_rtt is %v at best, want %v and at most 1ms more", best, rtt)
}

// checkKind wants the kernel's own delay where it has one.
func checkKind(t *testing.T, kind Kind, rtt time.Duration) {
	t.Helper()
	want := Veth
	if rtt > 0 {
		want = Netem
		if isUnsupported(asksNetem(t)) {
			want = TUN
		}
	}
	if kind != want {
		t.Errorf("the link is %s, want %s", kind, want)
	}
}

// checkClosed wants nothing dropped of at least so many packets to the server, and the same answer again.
func checkClosed(t *testing.T, l joined, packets uint64) Stats {
	t.Helper()
	s, err := l.Close()
	if err != nil {
		t.Error(err)
	}
	for name, d := range map[string]Direction{"to server": s.ToServer, "to client": s.ToClient} {
		if d.Dropped() != 0 || d.DeviceDrops == nil || d.QueueDrops == nil || d.ReceiveDrops == nil {
			t.Errorf("%s: %+v, want nothing dropped, and counted everywhere", name, d)
		}
		if (d.Lateness != nil) != (l.Kind == TUN && d.Packets > 0) {
			t.Errorf("%s of %s: lateness %v", name, l.Kind, d.Lateness)
		}
		if d.Lateness != nil {
			t.Logf("%s: %d packets, lateness %+v", name, d.Packets, *d.Lateness)
		}
	}
	if s.ToServer.Packets < packets {
		t.Errorf("%d packets to the server, want %d at least", s.ToServer.Packets, packets)
	}
	if again, err := l.Close(); again != s || err != nil {
		t.Errorf("closed again: %+v, %v; want %+v", again, err, s)
	}
	return s
}

// TestNetemIsAskedFor: whether netem is there is asked of the kernel, and tc(8) gets the same answer.
func TestNetemIsAskedFor(t *testing.T) {
	err := asksNetem(t)
	if err != nil && !isUnsupported(err) {
		t.Errorf("netem: %v, want none, ENOENT or EOPNOTSUPP", err)
	}
	t.Logf("the kernel on netem: %v", err)
	tc, notFound := exec.LookPath("tc")
	if notFound != nil {
		t.Skip("there is no tc to ask as well")
	}
	in(t, newNamespace(t), func() error {
		out, failed := exec.Command(tc, "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms").CombinedOutput()
		if (failed == nil) != (err == nil) {
			t.Errorf("tc: %v, %s; the kernel to us: %v", failed, out, err)
		}
		return nil
	})
}

// TestNetem: the delay is in the packet scheduler's ticks, 64 ns each, and 65,536 packets may be under way.
func TestNetem(t *testing.T) {
	got := netem(&netlink.Dummy{LinkAttrs: netlink.LinkAttrs{Index: 7}}, 10*time.Millisecond)
	root := netlink.QdiscAttrs{LinkIndex: 7, Parent: netlink.HANDLE_ROOT}
	want := &netlink.Netem{QdiscAttrs: root, Latency: 156250, Limit: 65536}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestLacks: only what a kernel was built without leads to another kind of link.
func TestLacks(t *testing.T) {
	for err, want := range map[error]bool{
		unix.EOPNOTSUPP: true, unix.ENOENT: true, unix.EEXIST: false, unix.EPERM: false, unix.ENODEV: false, nil: false,
	} {
		if got := isUnsupported(err); got != want || (unlessUnsupported(err) == nil) != (want || err == nil) {
			t.Errorf("%v: lacks %t, want %t; passed on as %v", err, got, want, unlessUnsupported(err))
		}
	}
}

// TestContent: what comes out is what went in, checksums included, in packets of up to the MTU.
func TestContent(t *testing.T) {
	for name, make := range map[string]func(testing.TB, time.Duration) joined{"as asked": newLink, "tun": newTUN} {
		for _, rtt := range []time.Duration{0, 4 * time.Millisecond} {
			t.Run(fmt.Sprintf("%s %v", name, rtt), func(t *testing.T) {
				l := make(t, rtt)
				sendAll(t, l)
				for name, ns := range map[string]int{"server": l.server, "client": l.client} {
					if n := badChecksums(t, ns); n != 0 {
						t.Errorf("the %s saw %d packets with a wrong checksum", name, n)
					}
				}
				checkClosed(t, l, 1)
			})
		}
	}
}

// sendAll sends a megabyte to the server, which sends it back.
func sendAll(t *testing.T, l joined) {
	t.Helper()
	var listener net.Listener
	in(t, l.server, func() (err error) {
		var config net.ListenConfig
		listener, err = config.Listen(context.Background(), "tcp4", netip.AddrPortFrom(Server, 4573).String())
		return err
	})
	defer listener.Close()
	go func() {
		c, err := listener.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		_, _ = io.Copy(c, c)
	}()
	sent := make([]byte, 1<<20)
	for i := range sent {
		sent[i] = byte(rand.Uint32())
	}
	var c net.Conn
	in(t, l.client, func() (err error) {
		c, err = net.Dial("tcp4", listener.Addr().String())
		return err
	})
	defer c.Close()
	c.SetDeadline(time.Now().Add(time.Minute))
	go c.Write(sent)
	got := make([]byte, len(sent))
	if _, err := io.ReadFull(c, got); err != nil || !bytes.Equal(got, sent) {
		t.Errorf("the content came back changed, or not at all: %v", err)
	}
}

// badChecksums is InCsumErrors of TCP in a namespace.
func badChecksums(t *testing.T, namespace int) (n int) {
	t.Helper()
	in(t, namespace, func() error {
		text, err := os.ReadFile("/proc/thread-self/net/snmp")
		if err != nil {
			return err
		}
		var names []string
		for line := range strings.Lines(string(text)) {
			fields := strings.Fields(line)
			if fields[0] != "Tcp:" {
				continue
			}
			if i := slices.Index(names, "InCsumErrors"); i > 0 {
				_, err = fmt.Sscan(fields[i], &n)
				return err
			}
			names = fields
		}
		return errors.New("no InCsumErrors")
	})
	return n
}

// TestBurst: SYNs that come all at once are all under way at once, and none is lost.
func TestBurst(t *testing.T) {
	const calls = 2000
	l := newTUN(t, 40*time.Millisecond)
	listenAt(t, l, calls)
	in(t, l.client, func() error {
		var all []unix.PollFd
		defer func() {
			for _, p := range all {
				unix.Close(int(p.Fd))
			}
		}()
		for range calls {
			fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
			if err != nil {
				return err
			}
			all = append(all, unix.PollFd{Fd: int32(fd), Events: unix.POLLOUT})
			err = unix.Connect(fd, &unix.SockaddrInet4{Port: 4573, Addr: Server.As4()})
			if !errors.Is(err, unix.EINPROGRESS) {
				return fmt.Errorf("a connect of 40 ms is done at once: %w", err)
			}
		}
		return checkConnected(t, all)
	})
	time.Sleep(200 * time.Millisecond) // the last ACKs are still under way
	checkClosed(t, l, 2*calls)
}

// checkConnected waits for all, and wants no SYN to have been sent twice.
func checkConnected(t *testing.T, all []unix.PollFd) error {
	t.Helper()
	for i := range all {
		if n, err := pollAgain(all[i:i+1], 10*time.Second); n != 1 || err != nil {
			return fmt.Errorf("connect %d: %d, %w", i, n, err)
		}
		info, err := unix.GetsockoptTCPInfo(int(all[i].Fd), unix.IPPROTO_TCP, unix.TCP_INFO)
		if err != nil {
			return err
		}
		if info.Total_retrans != 0 || info.State != 1 { // TCP_ESTABLISHED
			t.Errorf("connect %d: state %d, %d retransmissions", i, info.State, info.Total_retrans)
		}
	}
	return nil
}

// pollAgain is poll(2), again after a signal.
func pollAgain(fds []unix.PollFd, limit time.Duration) (n int, err error) {
	for {
		n, err = unix.Poll(fds, int(limit.Milliseconds()))
		if !errors.Is(err, unix.EINTR) {
			return n, err
		}
	}
}

// TestOwnNamespace: the caller may be in one of the two.
func TestOwnNamespace(t *testing.T) {
	away := newNamespace(t)
	own, err := os.Open("/proc/self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	link, err := Join(int(own.Fd()), away, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer link.Close()
	if _, err := net.InterfaceByName(Device); err != nil {
		t.Errorf("the server's end is not here: %v", err)
	}
	l := joined{link, int(own.Fd()), away}
	listenAt(t, l, 4)
	if _, err := l.Close(); err != nil {
		t.Error(err)
	}
	if _, err := net.InterfaceByName(Device); err == nil {
		t.Error("the server's end outlives the link")
	}
}

func TestRefusals(t *testing.T) {
	a, b := newNamespace(t), newNamespace(t)
	file, err := os.Open(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for name, c := range map[string]struct {
		server, client int
		rtt            time.Duration
		want           error
	}{
		"one namespace":     {a, a, 0, unix.EINVAL},
		"negative":          {a, b, -1, unix.EINVAL},
		"too long":          {a, b, MaxRTT + 1, unix.EINVAL},
		"no descriptor":     {-1, b, 0, unix.EBADF},
		"no descriptor too": {a, -1, 0, unix.EBADF},
		"no namespace":      {int(file.Fd()), b, 0, unix.EINVAL},
		"no namespace too":  {a, int(file.Fd()), 0, unix.EINVAL},
	} {
		if l, err := Join(c.server, c.client, Options{RTT: c.rtt}); l != nil || !errors.Is(err, c.want) {
			t.Errorf("%s: %v, %v; want %v", name, l, err, c.want)
		}
	}
}

// TestJoinedAlready: a second link is refused, whatever it would be made of, and the first lives on.
func TestJoinedAlready(t *testing.T) {
	for name, make := range map[string]func(testing.TB, time.Duration) joined{"veth": newLink, "tun": newTUN} {
		t.Run(name, func(t *testing.T) {
			first := make(t, 0)
			for _, rtt := range []time.Duration{0, time.Millisecond} {
				if _, err := Join(first.server, newNamespace(t), Options{RTT: rtt}); !errors.Is(err, unix.EEXIST) {
					t.Errorf("the server again, %v: %v, want EEXIST", rtt, err)
				}
				if _, err := Join(newNamespace(t), first.client, Options{RTT: rtt}); !errors.Is(err, unix.EEXIST) {
					t.Errorf("the client again, %v: %v, want EEXIST", rtt, err)
				}
			}
			listenAt(t, first, 4)
			roundTrips(t, first, 1)
			needsTUN(t)
			if _, err := openTUN(first.client); !errors.Is(err, unix.EEXIST) {
				t.Errorf("a TUN device: %v, want EEXIST", err)
			}
		})
	}
}

// TestDeviceGone: a device that is removed ends the line, and Close reports it.
func TestDeviceGone(t *testing.T) {
	l := newTUN(t, time.Millisecond)
	s, err := openSide(l.client)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	device, err := s.findDevice()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.kernel.LinkDel(device); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() string {
		if _, err := s.findDevice(); !errors.Is(err, unix.ENODEV) {
			return fmt.Sprintf("the device is still there: %v", err)
		}
		return ""
	})
	time.Sleep(300 * time.Millisecond) // for the thread to hear of it
	stats, err := l.Close()
	if !errors.Is(err, unix.EBADFD) {
		t.Errorf("%v, want EBADFD", err)
	}
	if stats.ToServer.DeviceDrops != nil || stats.ToClient.DeviceDrops == nil {
		t.Errorf("%+v: the client's device is gone, the server's is not", stats)
	}
}

// countHeld is what this process holds that a link could leave behind.
func countHeld(t *testing.T) (goroutines, threads, descriptors int) {
	t.Helper()
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return runtime.NumGoroutine(), len(tasks), len(fds)
}

// TestCloseLeavesNothing, of whatever kind, nor do links that failed.
func TestCloseLeavesNothing(t *testing.T) {
	server, client := newNamespace(t), newNamespace(t)
	needsTUN(t)
	cycle := func() {
		for _, rtt := range []time.Duration{0, time.Millisecond} {
			l, err := Join(server, client, Options{RTT: rtt})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Join(server, client, Options{RTT: rtt}); err == nil {
				t.Fatal("joined twice")
			}
			if _, err := l.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	for range 3 { // Go's runtime has its threads then
		cycle()
	}
	time.Sleep(50 * time.Millisecond)
	goroutines, threads, descriptors := countHeld(t)
	for range 10 {
		cycle()
	}
	eventually(t, func() string {
		g, n, d := countHeld(t)
		// Of 20 links with two threads each not one is left: a thread or two more are Go's.
		if g > goroutines || n > threads+2 || d > descriptors {
			return fmt.Sprintf("goroutines %d, threads %d, descriptors %d; were %d, %d, %d", g, n, d, goroutines,
				threads, descriptors)
		}
		return ""
	})
	for name, ns := range map[string]int{"server": server, "client": client} {
		s, err := openSide(ns)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.findDevice(); !errors.Is(err, unix.ENODEV) {
			t.Errorf("the %s's device: %v, want ENODEV", name, err)
		}
		s.close()
	}
}
