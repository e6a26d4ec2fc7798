package lab

import (
	"bufio"
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"agistorm/analysis/summary"
	"agistorm/loadgen/caller"
	"agistorm/target"
	"agistorm/target/netns"
	"agistorm/target/spec"
)

// TestServerElsewhere: what the server's namespace decides and counts is read there, what the clients' decides and
// counts here.
func TestServerElsewhere(t *testing.T) {
	pid := liveElsewhere(t, "echo 77 >/proc/sys/net/core/somaxconn && echo 3 >/proc/sys/net/ipv4/tcp_syn_retries")
	o := StormOptions{PID: pid}
	beside, err := o.besideServer()
	if err != nil {
		t.Fatal(err)
	}
	defer beside.Close()
	values, err := sysctlsWith(beside)
	if errors.Is(err, syscall.EPERM) && os.Geteuid() != 0 {
		t.Skip(err) // setns(2) is for root
	}
	if err != nil {
		t.Fatal(err)
	}
	if here := readSysctls()["net.ipv4.tcp_syn_retries"]; values[somaxconn] != "77" ||
		values["net.ipv4.tcp_syn_retries"] != here || here == "3" {
		t.Errorf("%v, want the server's somaxconn of 77 and the clients' tcp_syn_retries", values)
	}
	before, err := countersWith(beside)
	if err != nil {
		t.Fatal(err)
	}
	if err := beside.Do(refusedThere); err != nil {
		t.Fatal(err)
	}
	after, err := countersWith(beside)
	if err != nil || after["TcpOutRsts"] == before["TcpOutRsts"] {
		t.Errorf("%v: a reset in the server's namespace is not among the %d counted", err, after["TcpOutRsts"])
	}
	o.PID = os.Getpid()
	if own, err := o.besideServer(); own != nil || err != nil {
		t.Errorf("this process's namespace is beside itself: %v", err)
	}
}

// refusedThere connects to a port on which nothing listens: its own kernel resets it.
func refusedThere() error {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer syscall.Close(fd)
	err = errors.Join(netns.LoopbackUp(),
		syscall.Connect(fd, &syscall.SockaddrInet4{Port: 1, Addr: [4]byte{127, 0, 0, 1}}))
	if errors.Is(err, syscall.ECONNREFUSED) {
		return nil
	}
	return errors.Join(errors.New("it was not refused"), err)
}

// liveElsewhere runs a command in a network namespace of its own, and a process that stays there until the test ends.
func liveElsewhere(t *testing.T, command string) (pid int) {
	t.Helper()
	needsNamespace(t)
	child := exec.Command("sh", "-c", command+" && echo there && read ended")
	child.SysProcAttr = netns.Attributes(netns.User)
	in, err := child.StdinPipe()
	out, err2 := child.StdoutPipe()
	if err := errors.Join(err, err2, child.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		_ = child.Wait() // read(1) fails at the end of its input
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); strings.TrimSpace(line) != "there" {
		t.Fatalf("it said %q: %v", line, err)
	}
	return child.Process.Pid
}

// TestListenElsewhere is no test of its own: in a namespace of its own it listens with a backlog of 7 until its
// input ends.
func TestListenElsewhere(t *testing.T) {
	if os.Getenv(elsewhere) == "" {
		t.Skip("a part of TestWatchProcess")
	}
	for _, address := range []string{"127.0.0.2:4573", "0.0.0.0:4574"} {
		l, err := target.Listen(address, spec.Fixed(7), 1)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
	}
	os.Stdout.WriteString("there\n")
	_, _ = bufio.NewReader(os.Stdin).ReadByte() // the end of its input
}

// elsewhere is the variable that makes TestListenElsewhere listen.
const elsewhere = "LAB_TEST_LISTEN"

// TestWatchProcess: with --pid the queue is watched in the namespace of that process, by the address that is its
// own there and by the one that the clients use; in this one nothing listens.
func TestWatchProcess(t *testing.T) {
	pid := liveElsewhere(t, elsewhere+"=1 exec "+os.Args[0]+" -test.run=^TestListenElsewhere$")
	for _, address := range []string{"127.0.0.2:4573", "192.0.2.9:4574"} {
		o := StormOptions{PID: pid, Load: Load{Addresses: []netip.AddrPort{netip.MustParseAddrPort(address)}}}
		w, why, err := o.watchServer()
		if errors.Is(err, syscall.EPERM) && os.Geteuid() != 0 {
			t.Skip(err) // setns(2) is for root
		}
		if err != nil || why != nil {
			t.Fatalf("%s: %+v, %v", address, why, err)
		}
		if q := w.queue(); q == nil || q.Limit != 7 {
			t.Errorf("%s: %+v, want the backlog of 7", address, q)
		}
		w.close()
	}
	if _, why := watchServer([]netip.AddrPort{netip.MustParseAddrPort("127.0.0.2:4573")}); why == nil {
		t.Error("it was found in this namespace")
	}
}

// TestForRoot: a namespace that may not be entered names root; another error stays as it is.
func TestForRoot(t *testing.T) {
	for _, err := range []error{syscall.EPERM, &fs.PathError{Op: "open", Path: "/proc/1/ns/net", Err: syscall.EACCES}} {
		if got := forRoot(err); !errors.Is(got, err) || !strings.HasSuffix(got.Error(), "(--pid) is for root") {
			t.Errorf("%v", got)
		}
	}
	if got := forRoot(syscall.ENOENT); got != syscall.ENOENT || forRoot(nil) != nil {
		t.Errorf("%v", got)
	}
}

// TestSharedPort: of a server whose sockets share its port each queue is seen by itself.
func TestSharedPort(t *testing.T) {
	config := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) (err error) {
		return c.Control(func(fd uintptr) {
			err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, soReuseport, 1)
		})
	}}
	config.SetMultipathTCP(false)
	address := "127.0.0.1:0"
	for range 2 {
		l, err := config.Listen(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		address = l.Addr().String()
	}
	dir := newDir(t)
	run, err := Storm(t.Context(), dir, StormOptions{
		Load: Load{
			Addresses: []netip.AddrPort{netip.MustParseAddrPort(address)}, Arrival: "burst", Calls: 40,
			Limits: caller.DefaultLimits(), Client: caller.Client{Name: caller.ConnectOnly}, Engine: "auto",
		},
		URL: "tcp://" + address, Version: "test",
	})
	if err != nil || run.Unwatched != nil {
		t.Fatalf("%v, unwatched: %+v", err, run.Unwatched)
	}
	r, err := dir.Repeat(StormCell, 1)
	if err != nil || r.Served == nil || len(r.Served.Sockets) != 2 {
		t.Fatalf("%v, served %+v: want two sockets", err, r.Served)
	}
	if n := r.Served.Sockets[0].Peak + r.Served.Sockets[1].Peak; n != 40 {
		t.Errorf("sockets %+v: want 40 connections queued in both", r.Served.Sockets)
	}
	s, err := summary.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if sockets := s.Cells[0].Repeats[0].Sockets; len(sockets) != 2 || *sockets[0].Peak+*sockets[1].Peak != 40 {
		t.Errorf("sockets of the summary %+v: want two with 40 connections", sockets)
	}
}

// soReuseport is SO_REUSEPORT of Linux, which the package syscall lacks.
const soReuseport = 15
