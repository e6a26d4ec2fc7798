package probe

import (
	"bufio"
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// elsewhere is the variable that makes TestListenElsewhere listen, for TestDiagOfAnotherNamespace.
const elsewhere = "PROBE_TEST_LISTEN"

// TestListenElsewhere is no test of its own: in a namespace of its own it listens with a backlog of 7 until
// its input ends.
func TestListenElsewhere(t *testing.T) {
	if os.Getenv(elsewhere) == "" {
		t.Skip("a part of TestDiagOfAnotherNamespace")
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(unix.Bind(fd, &unix.SockaddrInet4{Port: 4573}), unix.Listen(fd, 7)); err != nil {
		t.Fatal(err)
	}
	os.Stdout.WriteString("listening\n")
	bufio.NewReader(os.Stdin).ReadByte()
}

// TestDiagOfAnotherNamespace: the queue of a listener is found from outside its namespace by a process that
// lives there.
func TestDiagOfAnotherNamespace(t *testing.T) {
	server := netip.MustParseAddrPort("127.0.0.1:4573")
	child := exec.Command(os.Args[0], "-test.run=^TestListenElsewhere$")
	child.Env = append(os.Environ(), elsewhere+"=1")
	child.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Skipf("no network namespace without privilege: %v", err)
	}
	defer child.Wait()
	defer in.Close()
	if line, err := bufio.NewReader(out).ReadString('\n'); !strings.HasPrefix(line, "listening") {
		t.Fatalf("the child said %q, %v", line, err)
	}
	before, _ := os.Readlink("/proc/thread-self/ns/net")
	d, err := OpenSourceOf(child.Process.Pid, server)
	if errors.Is(err, unix.EPERM) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	// The loopback there is down, so no connection waits.
	if q, err := d.Sample(); err != nil || q.Limit != 7 || q.Depth != 0 {
		t.Errorf("%+v, %v, want a limit of 7", q, err)
	}
	if after, _ := os.Readlink("/proc/thread-self/ns/net"); after != before {
		t.Errorf("this thread was in %s and is in %s", before, after)
	}
	if _, err := OpenSourceOf(child.Process.Pid, netip.MustParseAddrPort("127.0.0.1:4574")); !errors.Is(err,
		ErrNoListener) {
		t.Errorf("another port there: %v", err)
	}
	if _, err := OpenSourceOf(1<<30, server); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no such process: %v", err)
	}
}
