package link

import (
	"errors"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"agistorm/target/netns"
)

// The test program starts itself again as root of a user namespace and in a network namespace of its own;
// this variable marks that process.
const inside = "AGISTORM_TEST_LINK_INSIDE"

// refused is why there is no such namespace.
var refused error

func TestMain(m *testing.M) {
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0") // else each child sleeps 1 s at its end under the race detector
	if os.Getenv(inside) == "" {
		if code, err := again(); err == nil {
			os.Exit(code)
		} else {
			refused = err
		}
	}
	os.Exit(m.Run())
}

// again runs all tests in the namespaces; the error is that of making them.
func again() (code int, err error) {
	runtime.LockOSThread() // the child goes with the thread that started it
	cmd := exec.Command(os.Args[0], os.Args[1:]...)
	// The storm and the link are processes of their own in the lab; here they are threads of one, and are
	// not to wait for each other's turn in Go's scheduler.
	cmd.Env = append(os.Environ(), inside+"=1", "GOMAXPROCS="+strconv.Itoa(runtime.NumCPU()+4))
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = netns.Attributes(netns.User)
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	if err := cmd.Wait(); err != nil {
		return max(cmd.ProcessState.ExitCode(), 1), nil
	}
	return 0, nil
}

// needsNamespace skips only where unshare(1) is refused the same namespaces.
func needsNamespace(t testing.TB) {
	t.Helper()
	if refused == nil {
		return
	}
	if exec.Command("unshare", "--user", "--map-root-user", "--net", "true").Run() == nil {
		t.Fatalf("unshare(1) gets a namespace here, this test does not: %v", refused)
	}
	t.Skipf("this machine refuses namespaces to unshare(1) too: %v", refused)
}

// needsTUN skips only where the device is not there, or may not be opened.
func needsTUN(t testing.TB) {
	t.Helper()
	f, err := os.OpenFile("/dev/net/tun", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("this machine has no TUN devices: %v", err)
	}
	f.Close()
}

// newNamespace is a network namespace without a process.
func newNamespace(t testing.TB) int {
	t.Helper()
	needsNamespace(t)
	fd := -1
	// The thread comes home from it: it may be the process's first, which Go does not let die, and which
	// /proc/self is.
	own, err := os.Open("/proc/self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	err = netns.Inside(int(own.Fd()), func() (err error) {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return err
		}
		fd, err = unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return fd
}

// joined is two namespaces and the link between them.
type joined struct {
	*Link
	server, client int
}

// newLink is closed with the test.
func newLink(t testing.TB, rtt time.Duration) joined {
	t.Helper()
	if rtt > 0 && errors.Is(asksNetem(t), unix.ENOENT) {
		needsTUN(t)
	}
	return joinWith(t, Options{RTT: rtt})
}

// newLinkWith is a veth whose client has these addresses too.
func newLinkWith(t testing.TB, sources ...netip.Addr) joined {
	t.Helper()
	return joinWith(t, Options{Sources: sources})
}

func joinWith(t testing.TB, o Options) joined {
	t.Helper()
	server, client := newNamespace(t), newNamespace(t)
	l, err := Join(server, client, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return joined{l, server, client}
}

// newTUN is a link by TUN whatever the kernel has.
func newTUN(t testing.TB, rtt time.Duration) joined {
	t.Helper()
	return joinByTUN(t, rtt)
}

// newTUNWith is one whose client has these addresses too.
func newTUNWith(t testing.TB, sources ...netip.Addr) joined {
	t.Helper()
	return joinByTUN(t, 0, sources...)
}

func joinByTUN(t testing.TB, rtt time.Duration, sources ...netip.Addr) joined {
	t.Helper()
	server, client := newNamespace(t), newNamespace(t)
	needsTUN(t)
	sides, err := openSides(server, client)
	if err != nil {
		t.Fatal(err)
	}
	l, err := joinTUN(sides, rtt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	if err := sides.route(sources); err != nil {
		t.Fatal(err)
	}
	return joined{l, server, client}
}

// asksNetem is what the kernel says when lo of a fresh namespace shall be delayed.
func asksNetem(t testing.TB) error {
	t.Helper()
	s, err := openSide(newNamespace(t))
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	lo, err := s.kernel.LinkByName("lo")
	if err != nil {
		t.Fatal(err)
	}
	return s.kernel.QdiscReplace(netem(lo, time.Millisecond))
}

// in runs f in a namespace.
func in(t testing.TB, namespace int, f func() error) {
	t.Helper()
	if err := netns.Inside(namespace, f); err != nil {
		t.Fatal(err)
	}
}

// eventually waits for what the kernel does in its own time.
func eventually(t testing.TB, what func() string) {
	t.Helper()
	var wrong string
	for range 1000 {
		if wrong = what(); wrong == "" {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal(wrong)
}
