package tracefs

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"agistorm/analysis/record"
)

// The roles of this test's own program, by the environment.
const (
	roleVar  = "TRACEFS_TEST_ROLE"
	roleHold = "hold" // starts a counter, says so, and waits to be killed
	roleTry  = "try"  // starts a counter, and writes the code of what is missing
)

func TestMain(m *testing.M) {
	switch os.Getenv(roleVar) {
	case roleHold:
		c, err := Start()
		fmt.Println(c != nil, err)
		time.Sleep(time.Minute)
	case roleTry:
		c, err := Start()
		if err != nil {
			fmt.Println(Missing(err).Missing.Code)
			return
		}
		err = dialClosed()
		n := c.Read().By["NO_SOCKET"]
		fmt.Println(n > 0, err, c.Close())
	default:
		os.Exit(m.Run())
	}
}

// needs skips where this user may not trace, and proves it: nothing but the right, the mount or the field is missing.
func needs(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	if m := Missing(err).Missing; m.Code != record.NoteReasonsUnreadable {
		t.Skipf("%s: %v", m.Code, err)
	}
	t.Fatal(err)
}

// needsFirstPIDs skips in a PID namespace: the kernel's events have the numbers of the host's first one.
func needsFirstPIDs(t *testing.T) {
	t.Helper()
	const first = "pid:[4026531836]" // the kernel's include/linux/proc_ns.h, PROC_PID_INIT_INO
	if here, err := os.Readlink("/proc/self/ns/pid"); err != nil || here != first {
		t.Skipf("threads have other numbers here: %s, %v", here, err)
	}
}

// dialClosed connects to a port at which nothing listens.
func dialClosed() error {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		return err
	}
	if c, err := net.Dial("tcp4", address); err == nil {
		return errors.Join(errors.New("something listens there"), c.Close())
	}
	return nil
}

// TestThread: what this thread sends to a closed port is counted, once for each packet, and nothing of others is.
func TestThread(t *testing.T) {
	needsFirstPIDs(t)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	c, err := StartThread(unix.Gettid())
	needs(t, err)
	if !c.Knows("NO_SOCKET") || c.Knows("NO_SUCH_REASON") {
		t.Error("the kernel's table of reasons is not known")
	}
	const connects = 20
	for range connects {
		if err := connectClosed(t); !errors.Is(err, unix.ECONNREFUSED) {
			t.Fatal(err)
		}
	}
	got := c.Read()
	if got.By["NO_SOCKET"] != connects || got.Lost != 0 || got.Missing != nil {
		t.Errorf("%+v, want %d NO_SOCKET", got, connects)
	}
	dir := c.dir
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if after := c.Read(); after.By["NO_SOCKET"] != connects {
		t.Errorf("after its end %+v", after)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is left: %v", dir, err)
	}
}

// connectClosed connects on this thread to a port that is bound, and at which nothing listens.
func connectClosed(t *testing.T) error {
	t.Helper()
	bound, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(bound)
	if err := unix.Bind(bound, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	name, err := unix.Getsockname(bound)
	if err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	return unix.Connect(fd, name)
}

// TestHost: the whole host's count has this process's packets among them, and two counters do not disturb each other.
func TestHost(t *testing.T) {
	first, err := Start()
	needs(t, err)
	second, err := Start()
	if err != nil {
		t.Fatal(err)
	}
	if err := dialClosed(); err != nil {
		t.Fatal(err)
	}
	for i, c := range []*Counter{first, second} {
		if got := c.Read(); got.By["NO_SOCKET"] == 0 || got.Missing != nil {
			t.Errorf("counter %d: %+v", i, got)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestBufferKiB(t *testing.T) {
	for cpus, want := range map[int]string{0: "4096", 1: "4096", 16: "4096", 32: "2048", 128: "512", 1000: "512"} {
		if got := bufferKiB(cpus); got != want {
			t.Errorf("%d CPUs: %s, want %s", cpus, got, want)
		}
	}
}

// TestOverrun: events that did not fit are counted as lost.
func TestOverrun(t *testing.T) {
	needsFirstPIDs(t)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	c, err := StartThread(unix.Gettid())
	needs(t, err)
	defer func() { _ = c.Close() }()
	if err := c.set("buffer_size_kb", "4"); err != nil {
		t.Fatal(err)
	}
	const connects = 1000
	c.lock.Lock() // as a reader that is held up
	for range connects {
		if err := connectClosed(t); !errors.Is(err, unix.ECONNREFUSED) {
			t.Fatal(err)
		}
	}
	c.lock.Unlock()
	got := c.Read()
	if got.Lost == 0 || got.By["NO_SOCKET"] == 0 || got.By["NO_SOCKET"]+got.Lost < connects {
		t.Errorf("%+v, want %d read and lost together", got, connects)
	}
}

// TestStale: the instance of a process that was killed is removed by the next one, that of a process that lives is not.
func TestStale(t *testing.T) {
	c, err := Start()
	needs(t, err)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	var held []*exec.Cmd
	for range 2 {
		held = append(held, hold(t))
	}
	kill(held[0])
	c, err = Start()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	parent := filepath.Dir(c.dir) // of its own mount, where there is no other
	left := names(t, parent)
	kill(held[1])
	if slot := instanceName(held[0].Process.Pid, 1); strings.Contains(left, slot) {
		t.Errorf("%s is left of a process that was killed: %s", slot, left)
	}
	if slot := instanceName(held[1].Process.Pid, 1); !strings.Contains(left, slot) {
		t.Errorf("%s was taken from a process that lives: %s", slot, left)
	}
	removeStale(parent)
	if left := names(t, parent); strings.Contains(left, instanceName(held[1].Process.Pid, 1)) {
		t.Errorf("left: %s", left)
	}
}

func names(t *testing.T, dir string) string {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range all {
		list = append(list, e.Name())
	}
	return strings.Join(list, " ")
}

// hold starts a process that counts until it is killed.
func hold(t *testing.T) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleVar+"="+roleHold)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 100)
	n, err := out.Read(line)
	if text := string(line[:n]); err != nil || text != "true <nil>\n" {
		t.Fatalf("%q, %v", text, err)
	}
	return cmd
}

func kill(cmd *exec.Cmd) {
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}

// unmount hides tracefs from a mount namespace.
const unmount = "mount -t tmpfs none /sys/kernel/tracing || exit 1; " +
	"if [ -d /sys/kernel/debug ]; then mount -t tmpfs none /sys/kernel/debug || exit 1; fi; "

// TestUnmounted: where tracefs is not mounted, root counts all the same, and leaves no mount.
func TestUnmounted(t *testing.T) {
	c, err := Start()
	needs(t, err)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if got := tryIn(t, unmount+"before=$(grep -c tracefs /proc/self/mounts); $0; "+
		"test $(grep -c tracefs /proc/self/mounts) = $before && echo same"); got != "true <nil> <nil>\nsame\n" {
		t.Errorf("%q", got)
	}
}

// TestNotPermitted: a user without the right, and a kernel without a mount, each get a code.
func TestNotPermitted(t *testing.T) {
	c, err := Start()
	needs(t, err)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	want := record.NoteReasonsRefused
	if c.mount.fd >= 0 { // it is not mounted here
		want = record.NoteReasonsNoTracefs
	}
	if got := tryIn(t, "setpriv --reuid 65534 --clear-groups $0"); got != want+"\n" {
		t.Errorf("another user: %q", got)
	}
	got := tryIn(t, unmount+"setpriv --reuid 65534 --clear-groups $0")
	if got != record.NoteReasonsNoTracefs+"\n" {
		t.Errorf("without a mount: %q", got)
	}
}

// tryIn runs a script in a mount namespace of its own; $0 is this program, which tries to count.
func tryIn(t *testing.T, script string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "try")
	text, err := os.ReadFile(self)
	if err == nil {
		err = os.WriteFile(program, text, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	for dir := filepath.Dir(program); strings.HasPrefix(dir, os.TempDir()+"/"); dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("unshare", "--mount", "sh", "-c", script, program)
	cmd.Env = append(os.Environ(), roleVar+"="+roleTry)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil && len(out) == 0 {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}
