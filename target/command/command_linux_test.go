package command

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"agistorm/target/netns"
)

// Roles of this test's program: the process that starts a server, and servers that behave in one way each.
const roleVariable = "AGISTORM_TEST_ROLE"

func TestMain(m *testing.M) {
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0") // else each child sleeps 1 s at its end under the race detector
	role := os.Getenv(roleVariable)
	os.Unsetenv(roleVariable)
	switch role {
	case "":
		os.Exit(m.Run())
	case "starter":
		start()
	case "server":
		serve(os.Args[1], os.Args[2:]...)
	}
}

// account is what the starter saw.
type account struct {
	Failure  string
	Address  string
	Limits   []uint32
	Loopback bool
	Daemon   bool
	UID      uint32
	// Exit once the server was ended, and the processes that were left then.
	Exit  *Exit
	Left  int
	Lines []string
	Bytes int
}

// start starts the server of its arguments in this namespace, waits until it listens, and ends it.
func start() {
	var c Config
	if err := json.Unmarshal([]byte(os.Args[1]), &c); err != nil {
		panic(err)
	}
	if err := netns.LoopbackUp(); err != nil {
		panic(err)
	}
	os.Setenv(roleVariable, "server")
	var got account
	defer func() { _ = json.NewEncoder(os.Stdout).Encode(got) }()
	s, err := Start(c)
	if err != nil {
		got.Failure = err.Error()
		return
	}
	l, err := s.Listen(context.Background())
	if err != nil {
		got.Failure = err.Error()
	} else {
		got.Address, got.Loopback, got.Daemon = l.Address.String(), l.Loopback(), l.Daemonised
		for i := range l.Sockets {
			got.Limits = append(got.Limits, l.Sockets[i].Limit)
			got.UID = l.Sockets[i].UID
		}
	}
	if got.Exit, err = s.End(); err != nil {
		got.Failure += err.Error()
	}
	got.Left, got.Lines, got.Bytes = len(s.processes()), s.Output().LastLines(2), len(s.Output().Bytes())
}

// serve is a server: it behaves as the word says.
func serve(word string, args ...string) {
	switch word {
	case "listen": // ADDRESS…, with the backlog of the environment
		for _, address := range args {
			listen(address)
		}
		select {}
	case "end":
		fmt.Println("first line")
		fmt.Fprintln(os.Stderr, "no such database")
		os.Exit(3)
	case "sleep":
		select {}
	case "stubborn": // ADDRESS
		signal.Ignore(syscall.SIGTERM)
		listen(args[0])
		select {}
	case "daemon": // ADDRESS
		again := exec.Command("/proc/self/exe", "listen", args[0])
		again.Env = append(os.Environ(), roleVariable+"=server")
		again.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		if err := again.Start(); err != nil {
			panic(err)
		}
	case "parent": // ADDRESS; it ends without its child
		child := exec.Command("/proc/self/exe", "listen", args[0])
		child.Env = append(os.Environ(), roleVariable+"=server")
		if err := child.Start(); err != nil {
			panic(err)
		}
		select {}
	case "flood": // ADDRESS
		for i := range 100_000 {
			fmt.Println("line", i)
		}
		listen(args[0])
		select {}
	}
}

func listen(address string) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		panic(err)
	}
	raw, err := l.(*net.TCPListener).SyscallConn()
	if err != nil {
		panic(err)
	}
	backlog, _ := strconv.Atoi(os.Getenv(Variable))
	if err := raw.Control(func(fd uintptr) { err = syscall.Listen(int(fd), backlog) }); err != nil {
		panic(err)
	}
}

// starter runs a server of this test in a namespace of its own.
func starter(t *testing.T, mode netns.Mode, c Config) account {
	t.Helper()
	if len(c.Argv) > 0 && c.Argv[0] == "server" {
		c.Argv = append([]string{"/proc/self/exe"}, c.Argv[1:]...)
	}
	order, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/proc/self/exe", string(order))
	cmd.Env = append(os.Environ(), roleVariable+"=starter")
	cmd.SysProcAttr = netns.Attributes(mode)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if errors.Is(err, os.ErrPermission) || errors.Is(err, syscall.ENOSPC) {
		t.Skipf("no network namespace here: %v", err)
	}
	var got account
	if err == nil {
		err = json.Unmarshal(out, &got)
	}
	if err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	if got.Left != 0 {
		t.Errorf("%d processes are left after the end", got.Left)
	}
	return got
}

// inUser is a server's configuration in a user namespace, as the user of this test.
func inUser(argv ...string) Config {
	return Config{Argv: argv, Backlog: 77, Wait: 20 * time.Second, UID: os.Getuid(), GID: os.Getgid()}
}

func TestServerListens(t *testing.T) {
	for _, c := range []struct {
		name     string
		argv     []string
		address  string
		sockets  int
		loopback bool
	}{
		{"loopback", []string{"server", "listen", "127.0.0.1:4573"}, "127.0.0.1:4573", 1, true},
		{"all addresses", []string{"server", "listen", "0.0.0.0:80"}, "127.0.0.1:80", 1, false},
		{"both families", []string{"server", "listen", "127.0.0.1:99", "[::1]:99"}, "127.0.0.1:99", 2, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := inUser(c.argv...)
			if strings.HasSuffix(c.address, ":80") || strings.HasSuffix(c.address, ":99") {
				config.UID, config.GID = -1, -1 // a low port is for the root of the network namespace
			}
			got := starter(t, netns.User, config)
			want := Exit{Signal: syscall.SIGTERM.String()}
			if got.Failure != "" || got.Address != c.address || got.Loopback != c.loopback || got.Exit == nil ||
				*got.Exit != want || len(got.Limits) != c.sockets || got.Daemon {
				t.Fatalf("got %+v, want %s, loopback %v, %d sockets, ended by %v",
					got, c.address, c.loopback, c.sockets, want)
			}
			for _, limit := range got.Limits {
				if limit != 77 {
					t.Errorf("effective backlog %d: want the 77 of the environment", limit)
				}
			}
		})
	}
}

// A mapped root gives the server its user back: sockets show the user of the test either way, but only a process
// that is no root of its namespace is refused a low port.
func TestServerIsNoMappedRoot(t *testing.T) {
	if os.Getuid() == 0 {
		t.Log("as root: the user given back is root, without rights over the network namespace all the same")
	}
	got := starter(t, netns.User, inUser("server", "listen", "127.0.0.1:80"))
	if !strings.HasPrefix(got.Failure, ErrEnded.Error()) {
		t.Errorf("got %+v: want a server that may not listen on port 80", got)
	}
}

func TestServerFails(t *testing.T) {
	for _, c := range []struct {
		name, want string
		config     Config
	}{
		{"not found", "command not found: no-such-server", inUser("no-such-server")},
		{"not found by path", "command not found: ./no-such-server", inUser("./no-such-server")},
		{"ends", "the command ended before it listened: exit status 3", inUser("server", "end")},
		{"several ports", "the command listens on several ports: [4573 4574]; say which with --port, as in --port 4573",
			inUser("server", "listen", "127.0.0.1:4574", "127.0.0.1:4573")},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := starter(t, netns.User, c.config); got.Failure != c.want {
				t.Errorf("got %q, want %q", got.Failure, c.want)
			}
		})
	}
	silent := inUser("server", "sleep")
	silent.Wait = 50 * time.Millisecond
	longer := "; --wait gives it longer"
	if got := starter(t, netns.User, silent); got.Failure != "the command does not listen on a port within 50ms"+longer {
		t.Errorf("silent: got %q", got.Failure)
	}
	other := inUser("server", "listen", "127.0.0.1:4573")
	other.Wait, other.Port = 50*time.Millisecond, 4574
	if got := starter(t, netns.User, other); got.Failure != "the command does not listen on port 4574 within 50ms"+longer {
		t.Errorf("another port: got %q", got.Failure)
	}
}

func TestServerOfSeveralPortsWithOneChosen(t *testing.T) {
	config := inUser("server", "listen", "127.0.0.1:4574", "127.0.0.1:4573")
	config.Port = 4573
	if got := starter(t, netns.User, config); got.Address != "127.0.0.1:4573" {
		t.Errorf("got %+v, want port 4573", got)
	}
}

func TestServerSaysWhyItEnded(t *testing.T) {
	got := starter(t, netns.User, inUser("server", "end"))
	if got := strings.Join(got.Lines, "|"); got != "first line|no such database" {
		t.Errorf("last lines %q", got)
	}
}

func TestServerDaemonises(t *testing.T) {
	got := starter(t, netns.User, inUser("server", "daemon", "127.0.0.1:4573"))
	if got.Failure != "" || !got.Daemon || got.Address != "127.0.0.1:4573" || got.Exit == nil || *got.Exit != (Exit{}) {
		t.Errorf("got %+v: want a daemon on port 4573 whose first process exited with 0", got)
	}
}

func TestServerFloodsItsOutput(t *testing.T) {
	got := starter(t, netns.User, inUser("server", "flood", "127.0.0.1:4573"))
	if got.Bytes > keptHead+keptTail+100 || len(got.Lines) == 0 || got.Lines[len(got.Lines)-1] != "line 99999" {
		t.Errorf("kept %d bytes, the last lines are %q: want at most 128 KiB with the end of it", got.Bytes, got.Lines)
	}
}

func TestStubbornServerIsKilled(t *testing.T) {
	config := inUser("server", "stubborn", "127.0.0.1:4573")
	config.Grace = 50 * time.Millisecond
	got := starter(t, netns.User, config)
	if got.Exit == nil || got.Exit.Signal != syscall.SIGKILL.String() {
		t.Errorf("exit %v: want it killed", got.Exit)
	}
}

func TestConfigFillsInTheBacklog(t *testing.T) {
	c := Config{Argv: []string{"x", "--backlog={backlog}", "-b", "{backlog}"}, Backlog: 2147483647}
	if got := strings.Join(c.arguments(), " "); got != "x --backlog=2147483647 -b 2147483647" {
		t.Errorf("arguments %q", got)
	}
	if !TakesBacklog(c.Argv) || TakesBacklog([]string{"x", "backlog"}) {
		t.Error("TakesBacklog is wrong about the placeholder")
	}
}

func TestExitInWords(t *testing.T) {
	for want, e := range map[string]Exit{
		"exit status 2":              {Code: 2},
		"signal: killed":             {Signal: "killed"},
		"stopped by signal: stopped": {Signal: "stopped", Stopped: true},
	} {
		if got := e.String(); got != want {
			t.Errorf("%+v: %q, want %q", e, got, want)
		}
	}
}

// TestEndOfOrphans: children that their parent leaves behind at its end are asked to end, too, and not killed only
// after the grace.
func TestEndOfOrphans(t *testing.T) {
	c := inUser("server", "parent", "127.0.0.1:4573")
	c.Grace = 20 * time.Second
	began := time.Now()
	if got := starter(t, netns.User, c); got.Failure != "" {
		t.Error(got.Failure)
	}
	if took := time.Since(began); took > c.Grace/2 {
		t.Errorf("it took %v", took)
	}
}
