package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"agistorm/target/netns"
)

// inside tells this program that it lives in a namespace of its own.
const inside = "AGISTORM_TEST_LINK_INSIDE"

// TestMain runs all tests in a namespace of their own: their devices are in nobody's way. Where that is refused to unshare(1)
// too, only those run that need none.
func TestMain(m *testing.M) {
	if os.Getenv(inside) != "" {
		os.Exit(m.Run())
	}
	again := exec.Command(os.Args[0], os.Args[1:]...)
	again.Env = append(os.Environ(), inside+"=1")
	again.Stdin, again.Stdout, again.Stderr = os.Stdin, os.Stdout, os.Stderr
	again.SysProcAttr = netns.Attributes(netns.User) // as root too: there root may less
	again.SysProcAttr.Setpgid = false                // go test's own time limit reaches it
	err := again.Run()
	var ended *exec.ExitError
	switch {
	case err == nil:
		os.Exit(0)
	case errors.As(err, &ended):
		os.Exit(ended.ExitCode())
	case exec.Command("unshare", "--user", "--net", "true").Run() == nil:
		fmt.Println("unshare(1) gets a namespace here, these tests do not:", err)
		os.Exit(1)
	}
	fmt.Println("left out: what needs a namespace, which this machine refuses:", err)
	os.Exit(m.Run())
}

// joined is a link between this namespace and one beside it.
func joined(tb testing.TB, rtt time.Duration) (*netns.Beside, *Link) {
	tb.Helper()
	if os.Getenv(inside) == "" {
		tb.Skip("this machine refuses namespaces")
	}
	b, err := netns.NewBeside()
	if err != nil {
		tb.Fatal(err)
	}
	l, err := Join(b, rtt)
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENODEV) {
		tb.Skip(err, b.Close()) // a kernel, or a container, without TUN
	}
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		l.Close()
		b.Close()
		removeDevice()
	})
	return b, l
}

// removeDevice takes a veth pair away before the next test: it would last until both namespaces are gone.
func removeDevice() {
	if i, err := net.InterfaceByName(serverDevice); err == nil {
		_ = exec.Command("ip", "link", "delete", i.Name).Run() // without ip(8) the next test says that the name is taken
	}
}

// TestRoundTrip: what the kernel measures on connections through the link is what was asked for.
func TestRoundTrip(t *testing.T) {
	for _, rtt := range []time.Duration{20 * time.Millisecond, 100 * time.Millisecond, 0} {
		t.Run(rtt.String(), func(t *testing.T) {
			b, _ := joined(t, rtt)
			server, err := net.Listen("tcp", netip.AddrPortFrom(Server, 4573).String())
			if err != nil {
				t.Fatal(err)
			}
			defer server.Close()
			var measured []time.Duration
			for range 9 {
				err := b.Do(func() (err error) {
					d, err := handshake(server.Addr().String())
					measured = append(measured, d)
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			slices.Sort(measured)
			median := measured[len(measured)/2]
			t.Logf("asked %v: median %v, from %v to %v", rtt, median, measured[0], measured[len(measured)-1])
			// Never shorter; a busy machine may be late.
			if median < rtt || median > rtt+5*time.Millisecond || measured[0] > rtt+time.Millisecond {
				t.Errorf("asked %v: %v", rtt, measured)
			}
		})
	}
}

// handshake connects by a socket of the calling thread's namespace, and gives the kernel's round trip (tcpi_rtt).
func handshake(address string) (time.Duration, error) {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return 0, err
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(fd)
	if err := unix.Connect(fd, &unix.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()}); err != nil {
		return 0, err
	}
	info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
	if err != nil {
		return 0, err
	}
	return time.Duration(info.Rtt) * time.Microsecond, nil
}

// TestTwentyThousandPackets: at 20,000 packets a second and 100 ms all arrive, in order, and on time.
func TestTwentyThousandPackets(t *testing.T) {
	const packets, rate, rtt = 20_000, 20_000, 100 * time.Millisecond
	b, l := joined(t, rtt)
	server := receiver(t)
	var client int
	err := b.Do(func() (err error) {
		client, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(client)
	go send(client, packets, rate)

	var late []time.Duration
	buffer := make([]byte, 64)
	for i := range packets {
		n, err := server.Read(buffer)
		if err != nil {
			t.Fatalf("packet %d of %d: %v", i, packets, err)
		}
		if seq := binary.BigEndian.Uint64(buffer[:n]); seq != uint64(i) {
			t.Fatalf("packet %d came as the %dth", seq, i)
		}
		sent := time.Duration(binary.BigEndian.Uint64(buffer[8:n]))
		late = append(late, now()-sent-rtt/2)
	}
	slices.Sort(late)
	p50, p99 := late[packets/2], late[packets*99/100]
	s := l.Close()
	l.line = nil // it is closed
	t.Logf("beyond %v: p50 %v, p99 %v, max %v; the line says %+v", rtt/2, p50, p99, late[packets-1], s)
	if late[0] < 0 || p50 > time.Millisecond {
		t.Errorf("a packet was from %v early to p50 %v late", late[0], p50)
	}
	if s.Kind != Tun || s.Forwarded < packets || s.Dropped > 0 || s.LateP50 > time.Millisecond {
		t.Errorf("statistics %+v", s)
	}
}

// receiver is a UDP socket of the server's namespace with room for all packets.
func receiver(t *testing.T) net.Conn {
	t.Helper()
	c, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(Server, 9)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	_ = c.SetReadBuffer(64 << 20) // the kernel gives what it allows
	_ = c.SetReadDeadline(time.Now().Add(30 * time.Second))
	return c
}

// send sends packets evenly, each with its number and its time.
func send(fd, packets, rate int) {
	began := now()
	buffer := make([]byte, 16)
	for i := range packets {
		for due := began + time.Duration(i)*time.Second/time.Duration(rate); now() < due; {
			time.Sleep(due - now())
		}
		binary.BigEndian.PutUint64(buffer, uint64(i))
		binary.BigEndian.PutUint64(buffer[8:], uint64(now()))
		_ = unix.Sendto(fd, buffer, 0, &unix.SockaddrInet4{Port: 9, Addr: Server.As4()}) // one that is missing is found out
	}
}

// TestVethRequest: the message, taken apart by hand: a header, the link's, two attributes, and in the second the peer's.
func TestVethRequest(t *testing.T) {
	b := vethRequest("one", "two", 7)
	if int(native.Uint32(b)) != len(b) || native.Uint16(b[4:]) != unix.RTM_NEWLINK || len(b)%4 != 0 {
		t.Errorf("header % x of %d bytes", b[:16], len(b))
	}
	want := "\x08\x00\x03\x00one\x00" + // IFLA_IFNAME
		"\x38\x00\x12\x00" + // IFLA_LINKINFO: 4 + 12 + 40
		"\x09\x00\x01\x00veth\x00\x00\x00\x00" + // IFLA_INFO_KIND
		"\x28\x00\x02\x00" + // IFLA_INFO_DATA: 4 + 36
		"\x24\x00\x01\x00" + // VETH_INFO_PEER: 4 + 16 + 8 + 8
		"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" + // struct ifinfomsg
		"\x08\x00\x03\x00two\x00" + "\x08\x00\x1c\x00\x07\x00\x00\x00" // IFLA_IFNAME, IFLA_NET_NS_FD
	if native.Uint16([]byte{1, 0}) != 1 {
		t.Skip("the bytes above are those of a little-endian machine")
	}
	if got := string(b[32:]); got != want {
		t.Errorf("got  % x\nwant % x", got, want)
	}
}

// TestQueueIsLong: a queue of the default length, 500 packets, would drop a burst.
func TestQueueIsLong(t *testing.T) {
	joined(t, 20*time.Millisecond)
	text, err := os.ReadFile("/sys/class/net/" + serverDevice + "/tx_queue_len")
	if err != nil {
		t.Skip(err) // /sys shows another namespace's devices here
	}
	if got := strings.TrimSpace(string(text)); got != "100000" {
		t.Errorf("%s packets", got)
	}
}

func TestAcknowledged(t *testing.T) {
	answer := func(errno int32) []byte {
		b := make([]byte, 20)
		native.PutUint16(b[4:], unix.NLMSG_ERROR)
		native.PutUint32(b[16:], uint32(-errno))
		return b
	}
	if err := acknowledged(answer(0)); err != nil {
		t.Error(err)
	}
	if err := acknowledged(answer(int32(unix.EEXIST))); !errors.Is(err, syscall.EEXIST) {
		t.Errorf("got %v, want EEXIST", err)
	}
	for _, b := range [][]byte{nil, make([]byte, 19), make([]byte, 20)} {
		if err := acknowledged(b); err == nil {
			t.Errorf("% x: no error", b)
		}
	}
}

// BenchmarkLine is how many packets a second go through the line.
func BenchmarkLine(b *testing.B) {
	beside, l := joined(b, 2*time.Millisecond)
	var client int
	if err := beside.Do(func() (err error) {
		client, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
		return err
	}); err != nil {
		b.Fatal(err)
	}
	defer unix.Close(client)
	buffer := make([]byte, 16)
	for b.Loop() {
		_ = unix.Sendto(client, buffer, 0, &unix.SockaddrInet4{Port: 9, Addr: Server.As4()})
	}
	s := l.Close()
	l.line = nil
	b.ReportMetric(float64(s.Forwarded)/b.Elapsed().Seconds(), "packets/s")
	b.ReportMetric(float64(s.Dropped), "dropped")
}
