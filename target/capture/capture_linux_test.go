package capture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/vishvananda/netlink"

	"agistorm/target/netns"
	"agistorm/target/probe"
)

// inside makes this program one of the tasks in a namespace of its own; its value names the task.
const inside = "CAPTURE_TEST_INSIDE"

var tasks = map[string]func(file string) error{
	"loopback": loopback, "elsewhere": elsewhere, "unprivileged": unprivileged, "full": full, "flood": flood,
	"bridge": bridge,
}

func TestMain(m *testing.M) {
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0") // else each child sleeps 1 s at its end under the race detector
	name := os.Getenv(inside)
	switch name {
	case "":
		os.Exit(m.Run())
	case "sleep":
		_, _ = os.Stdin.Read(make([]byte, 1))
		os.Exit(0)
	}
	err := netns.LoopbackUp()
	if err == nil {
		err = tasks[name](filepath.Join(os.Args[1], "a.rec"))
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(0)
}

// TestInNamespace runs each task in a fresh user and network namespace.
func TestInNamespace(t *testing.T) {
	for name := range tasks {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(os.Args[0], t.TempDir())
			cmd.Env = append(os.Environ(), inside+"="+name)
			cmd.SysProcAttr = netns.Attributes(netns.User)
			cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWNS
			out, err := cmd.CombinedOutput()
			if err != nil && len(out) == 0 && exec.Command("unshare", "-Urmn", "true").Run() != nil {
				t.Skipf("this machine refuses the namespace to unshare(1) too: %v", err)
			}
			if err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// deaf listens with an accept queue of one connection, and accepts nothing.
func deaf(address string) (port uint16, err error) {
	ip := net.ParseIP(address)
	family, to := syscall.AF_INET6, syscall.Sockaddr(&syscall.SockaddrInet6{Addr: [16]byte(ip)})
	if v4 := ip.To4(); v4 != nil {
		family, to = syscall.AF_INET, &syscall.SockaddrInet4{Addr: [4]byte(v4)}
	}
	fd, err := syscall.Socket(family, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	if err := errors.Join(syscall.Bind(fd, to), syscall.Listen(fd, 0)); err != nil {
		return 0, err
	}
	name, err := syscall.Getsockname(fd)
	switch name := name.(type) {
	case *syscall.SockaddrInet4:
		return uint16(name.Port), err
	case *syscall.SockaddrInet6:
		return uint16(name.Port), err
	}
	return 0, err
}

// call connects from a source, and gives up after a time.
func call(source, address string, port uint16, longestWait time.Duration) {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(source)}, Timeout: longestWait}
	// What connects stays connected until the program ends: the queue stays full.
	if conn, err := dialer.Dial("tcp", net.JoinHostPort(address, fmt.Sprint(port))); err == nil {
		kept.Store(conn, true)
	}
}

var kept sync.Map

// stopped ends a recording and checks what it has.
func stopped(r *Recorder, syns, retransmitted uint64, hosts int) (Counts, error) {
	c, err := r.Stop()
	if err == nil && (c.SYNs != syns || c.Retransmitted != retransmitted || c.Hosts != hosts || c.Lost != 0) {
		err = fmt.Errorf("%+v; want %d SYNs, %d retransmitted, %d hosts, none lost", c, syns, retransmitted, hosts)
	}
	return c, err
}

// loopback: each SYN on lo is recorded once, of both versions of IP, from when the kernel got it. What is retransmitted
// is what the namespace counts.
func loopback(file string) error {
	v4, err := deaf("127.0.0.1")
	if err != nil {
		return err
	}
	v6, err := deaf("::1")
	if err != nil {
		return err
	}
	other, err := deaf("127.0.0.1")
	if err != nil {
		return err
	}
	r, err := Start(context.Background(), Options{File: file, Places: []Place{{Ports: []uint16{v4, v6}}}})
	if err != nil {
		return err
	}
	began := time.Now()
	done := make(chan bool)
	calls := 0
	start := func(source, address string, port uint16) {
		calls++
		go func() { call(source, address, port, 1500*time.Millisecond); done <- true }()
	}
	for i := range 4 {
		start(fmt.Sprintf("127.0.0.%d", 2+i%2), "127.0.0.1", v4)
		start("::1", "::1", v6)
		start("127.0.0.9", "127.0.0.1", other)
	}
	for range calls {
		<-done
	}
	ended := time.Now()
	counters, err := probe.Counters()
	if err != nil {
		return err
	}
	if _, err := r.Stop(); err != nil {
		return err
	}
	_, syns, text, err := contents(file)
	if err != nil {
		return err
	}
	// The calls at the other port retransmit too: as many of 4 as are not in its queue of one, or two.
	elsewhere := 0
	again := uint64(0)
	for _, s := range syns {
		if s.Port != v4 && s.Port != v6 {
			elsewhere++
		}
		if s.Retransmission > 0 {
			again++
		}
		if at := time.Unix(0, int64(s.At)); at.Before(began.Add(-time.Millisecond)) || at.After(ended) {
			return fmt.Errorf("a SYN at %v, between %v and %v", at, began, ended)
		}
	}
	rest := counters["TCPSynRetrans"] - again
	if first := uint64(len(syns)) - again; first != 8 || elsewhere > 0 || again == 0 || rest < 2 || rest > 3 {
		return fmt.Errorf("%d SYNs, %d at the other port, %d retransmitted, %d counted by the kernel; want 8, none, "+
			"and all but 2 or 3:\n%s", first, elsewhere, again, counters["TCPSynRetrans"], text)
	}
	for _, address := range []string{"127.0.0", "::1"} {
		if strings.Contains(text, address) {
			return fmt.Errorf("an address is in the recording:\n%s", text)
		}
	}
	return nil
}

// elsewhere: the namespace of another process is recorded, not this one.
func elsewhere(file string) error {
	other := exec.Command("/proc/self/exe", filepath.Dir(file))
	other.Env = append(os.Environ(), inside+"=sleep")
	other.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	stdin, err := other.StdinPipe()
	if err != nil {
		return err
	}
	if err := other.Start(); err != nil {
		return err
	}
	defer func() { stdin.Close(); _ = other.Wait() }()
	port, err := deaf("127.0.0.1")
	if err != nil {
		return err
	}
	there := Place{Netns: "there", PID: other.Process.Pid, Ports: []uint16{port}}
	r, err := Start(context.Background(), Options{File: file, Places: []Place{there}})
	if err != nil {
		return err
	}
	call("127.0.0.2", "127.0.0.1", port, time.Second)
	err = probe.Inside(other.Process.Pid, func() error {
		if err := netns.LoopbackUp(); err != nil {
			return err
		}
		call("127.0.0.2", "127.0.0.1", port, time.Second) // refused, and its SYN is seen all the same
		return nil
	})
	if err != nil {
		return err
	}
	// This namespace is followed from now on too; a place whose process has ended is left out.
	here, gone := there, there
	here.Netns, here.PID = "here", 0
	gone.Netns, gone.PID = "gone", 1<<22
	r.Follow([]Place{there, here, gone})
	for i := 0; r.Counts().SYNs < 2; i++ {
		if i == 100 {
			return fmt.Errorf("%+v: no call in this namespace is recorded", r.Counts())
		}
		call("127.0.0.3", "127.0.0.1", port, 100*time.Millisecond)
	}
	c, err := r.Stop()
	if err == nil && (c.Hosts != 2 || c.Lost > 0) {
		err = fmt.Errorf("%+v; want 2 hosts, none lost", c)
	}
	return err
}

// capHeader and capData are those of capset(2).
type capHeader struct {
	version uint32
	pid     int32
}

type capData struct{ _, _, _ uint32 } // effective, permitted, inheritable

const capVersion3 = 0x20080522

// bridge: a SYN that a bridge gets from one of its ports is recorded once, and the answer is not.
func bridge(file string) error {
	client, err := netns.NewBeside()
	if err != nil {
		return err
	}
	defer client.Close()
	br := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: "br0"}}
	port := &netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: "port"}, PeerName: "client"}
	if err := netlink.LinkAdd(br); errors.Is(err, syscall.EOPNOTSUPP) {
		return nil // this kernel has no bridges
	}
	peer := netlink.Link(nil)
	for _, step := range []func() error{
		func() error { return netlink.LinkAdd(port) },
		func() error { return netlink.LinkSetMaster(port, br) },
		func() (err error) { peer, err = netlink.LinkByName("client"); return err },
		func() error { return netlink.LinkSetNsFd(peer, client.There()) },
		func() error { return address(br.Name, "10.9.0.1/24") },
		func() error { return netlink.LinkSetUp(port) },
		func() error { return client.Do(func() error { return address("client", "10.9.0.2/24") }) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	r, err := Start(context.Background(), Options{File: file, Places: []Place{{Ports: []uint16{4573}}}})
	if err != nil {
		return err
	}
	err = client.Do(func() error { call("10.9.0.2", "10.9.0.1", 4573, 500*time.Millisecond); return nil })
	_, err2 := stopped(r, 1, 0, 1)
	return errors.Join(err, err2)
}

// address gives a device an address and brings it up.
func address(device, prefix string) error {
	link, err := netlink.LinkByName(device)
	if err != nil {
		return err
	}
	a, err := netlink.ParseAddr(prefix)
	if err != nil {
		return err
	}
	return errors.Join(netlink.AddrAdd(link, a), netlink.LinkSetUp(link))
}

// unprivileged: without the right there is one line, and no file.
func unprivileged(file string) error {
	// The capability is taken from the calling thread, which opens the sockets.
	runtime.LockOSThread()
	header, none := capHeader{version: capVersion3}, [2]capData{}
	if _, _, errno := syscall.RawSyscall(syscall.SYS_CAPSET, uintptr(unsafe.Pointer(&header)),
		uintptr(unsafe.Pointer(&none)), 0); errno != 0 {
		return os.NewSyscallError("capset", errno)
	}
	_, err := Start(context.Background(), Options{File: file, Places: []Place{{Ports: []uint16{4573}}}})
	if !errors.Is(err, ErrPermission) || strings.Contains(err.Error(), "\n") {
		return fmt.Errorf("%v; want one line that says what is needed", err)
	}
	if _, err := os.Stat(file); err == nil {
		return errors.New("there is a file")
	}
	return nil
}

// full: on a disk that is full the recording ends with whole lines, and says why.
func full(file string) error {
	dir := filepath.Dir(file)
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=256k"); err != nil {
		return fmt.Errorf("mount: %w", err)
	}
	f := &fake{}
	r, err := start(context.Background(), Options{File: file, Places: []Place{{Ports: []uint16{4573}}}}, f, time.Now())
	if err != nil {
		return err
	}
	for i := range 20_000 {
		f.put(time.Duration(i), aSYN(7, uint16(i), uint32(i)))
	}
	<-r.Done()
	if err := r.Err(); !errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("%v, want a full disk", err)
	}
	text, err := os.ReadFile(file)
	if err != nil || len(text) < 128<<10 || !bytes.HasSuffix(text, []byte("\n")) {
		return fmt.Errorf("%d bytes, %v; want whole lines in some 256 KiB", len(text), err)
	}
	return nil
}

// flood: as many SYNs as the ring has room for wait there unread.
func flood(string) error {
	const calls = 100_000
	r, err := open([]Place{{Ports: []uint16{4573}}})
	if err != nil {
		return err
	}
	defer r.close()
	to := &syscall.SockaddrInet4{Port: 4573, Addr: [4]byte{127, 0, 0, 1}}
	for range calls {
		fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		if err := syscall.Connect(fd, to); !errors.Is(err, syscall.ECONNREFUSED) {
			return fmt.Errorf("%w, want a refusal", err)
		}
		if err := syscall.Close(fd); err != nil {
			return err
		}
	}
	seen := 0
	for range 20 {
		if err := r.wait(100 * time.Millisecond); err != nil {
			return err
		}
		r.read(func(time.Duration, []byte, int, []uint16) { seen++ })
		if seen == calls {
			break
		}
	}
	if lost, err := r.lost(); seen != calls || lost != 0 || err != nil {
		return fmt.Errorf("%d SYNs of %d, %d lost, %v", seen, calls, lost, err)
	}
	return nil
}
