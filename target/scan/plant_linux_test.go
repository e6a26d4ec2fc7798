package scan

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"agistorm/target/netns"
)

// Variables that make this program plant listeners, or be the test in a namespace of its own.
const (
	planting = "SCAN_TEST_PLANT"
	inside   = "SCAN_TEST_INSIDE"
)

func TestMain(m *testing.M) {
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0") // else each child sleeps 1 s at its end under the race detector
	text := os.Getenv(planting)
	if text == "" {
		os.Exit(m.Run())
	}
	var steps []step
	err := json.Unmarshal([]byte(text), &steps)
	for i := 0; i < len(steps) && err == nil; i++ {
		err = steps[i].do()
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// step is what a planted server does, one thing after the other.
type step struct {
	// Loopback brings it up, and Somaxconn sets that, in the namespace.
	Loopback  bool
	Somaxconn int
	// Listen on an address with a backlog, with so many Sockets; by Go's package net it is Go's own backlog.
	Listen  string
	Backlog int
	Go      bool
	Sockets int
	// Connect so often, without waiting for an answer, with a Pause after each, and keep the connections.
	Connect int
	Pause   time.Duration
	// Accepting sockets take every connection at once; Drain takes those that wait, once.
	Accepting int
	Drain     bool
}

func (s *step) do() error {
	switch {
	case s.Loopback:
		return netns.LoopbackUp()
	case s.Somaxconn > 0:
		return netns.SetSysctl("net.core.somaxconn", fmt.Sprint(s.Somaxconn))
	case s.Go:
		if _, err := net.Listen("tcp", s.Listen); err != nil {
			return err
		}
		_, err := s.connect()
		return err
	}
	var fds []int
	for range max(s.Sockets, 1) {
		fd, err := listen(netip.MustParseAddrPort(s.Listen), s.Backlog, s.Sockets > 1)
		if err != nil {
			return err
		}
		fds = append(fds, fd)
	}
	for _, fd := range fds[len(fds)-s.Accepting:] {
		go accept(fd)
	}
	connections, err := s.connect()
	if err != nil || !s.Drain {
		return err
	}
	for _, fd := range connections {
		_ = syscall.Close(fd)
	}
	go accept(fds[0])
	return nil
}

func (s *step) connect() (connections []int, err error) {
	for range s.Connect {
		fd, err := connect(netip.MustParseAddrPort(s.Listen))
		if err != nil {
			return nil, err
		}
		connections = append(connections, fd)
		time.Sleep(s.Pause)
	}
	time.Sleep(50 * time.Millisecond) // those that accept have done so
	return connections, nil
}

func accept(fd int) {
	for {
		if _, _, err := syscall.Accept(fd); err != nil {
			return
		}
	}
}

func sockaddr(a netip.AddrPort) (int, syscall.Sockaddr) {
	if a.Addr().Is4() {
		return syscall.AF_INET, &syscall.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}
	}
	return syscall.AF_INET6, &syscall.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16()}
}

// reusePort is SO_REUSEPORT of Linux, which package syscall lacks on some architectures.
const reusePort = 15

func listen(a netip.AddrPort, backlog int, shared bool) (int, error) {
	family, address := sockaddr(a)
	fd, err := syscall.Socket(family, syscall.SOCK_STREAM, 0)
	if err == nil && shared {
		err = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, reusePort, 1)
	}
	if err == nil {
		err = syscall.Bind(fd, address)
	}
	if err == nil {
		err = syscall.Listen(fd, backlog)
	}
	return fd, err
}

func connect(a netip.AddrPort) (int, error) {
	family, address := sockaddr(a)
	fd, err := syscall.Socket(family, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		return -1, err
	}
	if err := syscall.Connect(fd, address); err != nil && err != syscall.EINPROGRESS {
		return -1, err
	}
	return fd, nil
}

// planter starts servers that live as long as the test.
type planter struct {
	t *testing.T
	// folder of copies of this program that are not recognised as built by Go.
	folder string
}

func newPlanter(t *testing.T) *planter {
	t.Helper()
	p := &planter{t, t.TempDir()}
	for _, folder := range []string{p.folder, filepath.Dir(p.folder)} { // other users run what is in it
		if err := os.Chmod(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	magic := []byte("\xff Go buildinf:") // of debug/buildinfo
	program = bytes.ReplaceAll(program, magic, bytes.Repeat([]byte("-"), len(magic)))
	if err := os.WriteFile(filepath.Join(p.folder, "copy"), program, 0o755); err != nil {
		t.Fatal(err)
	}
	return p
}

// goServer is this program itself.
const goServer = ""

// plant starts a server of that name, and returns when its steps are done.
func (p *planter) plant(name string, attributes syscall.SysProcAttr, steps ...step) *exec.Cmd {
	p.t.Helper()
	program, err := os.Executable()
	if name != goServer {
		program = filepath.Join(p.folder, name)
		if err = os.Link(filepath.Join(p.folder, "copy"), program); os.IsExist(err) {
			err = nil
		}
	}
	text, err2 := json.Marshal(steps)
	if err != nil || err2 != nil {
		p.t.Fatal(err, err2)
	}
	child := exec.Command(program)
	child.Env = append(os.Environ(), planting+"="+string(text))
	child.SysProcAttr = &attributes
	in, err := child.StdinPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	out, err := child.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		p.t.Fatalf("%s: %v", name, err)
	}
	p.t.Cleanup(func() { in.Close(); _ = child.Wait() })
	if line, err := bufio.NewReader(out).ReadString('\n'); strings.TrimSpace(line) != "ready" {
		p.t.Fatalf("%s %+v: %s %v", name, steps, line, err)
	}
	return child
}
