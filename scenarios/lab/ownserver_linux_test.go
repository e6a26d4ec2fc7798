package lab

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis/record"
	"agistorm/target/command"
)

// ownServer is the first argument of this test's program when it is a user's own server.
const ownServer = "own-server"

// serveOwn is a FastAGI server that others wrote: ADDRESS BACKLOG [WORD]. A backlog of "env" is the one in its
// environment. The word is what it does beside serving.
func serveOwn(args []string) {
	backlog, err := strconv.Atoi(args[1])
	if args[1] == "env" {
		backlog, err = strconv.Atoi(os.Getenv(command.Variable))
	}
	if err != nil {
		panic(err)
	}
	l, err := net.Listen("tcp", args[0])
	if err != nil {
		panic(err)
	}
	raw, err := l.(*net.TCPListener).SyscallConn()
	if err != nil {
		panic(err)
	}
	if err := raw.Control(func(fd uintptr) { err = syscall.Listen(int(fd), backlog) }); err != nil {
		panic(err)
	}
	fmt.Println("listening as user", os.Getuid())
	if len(args) > 2 && troubles[args[2]] != nil {
		troubles[args[2]](l.(*net.TCPListener))
	}
	for calls := 1; ; calls++ {
		c, err := l.Accept()
		if err != nil {
			panic(err)
		}
		if len(args) > 2 && calls == 20 {
			disturb(args[2])
		}
		time.Sleep(time.Millisecond)
		go serveCall(c)
	}
}

// disturb ends the server in the middle of a storm, stops it, or lets it ignore SIGTERM.
func disturb(word string) {
	switch word {
	case "dies":
		fmt.Println("out of memory")
		os.Exit(9)
	case "stops":
		_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	case "stubborn":
		signal.Ignore(syscall.SIGTERM)
	}
}

func serveCall(c net.Conn) {
	defer c.Close()
	lines := bufio.NewScanner(c)
	for lines.Scan() && lines.Text() != "" {
		continue
	}
	fmt.Fprintln(c, "NOOP")
	lines.Scan()
}

// own returns the command of a user's own server.
func own(t *testing.T, args ...string) *ServerCommand {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &ServerCommand{Argv: append([]string{self, ownServer}, args...), Wait: 20 * time.Second}
}

// sweepOwn sweeps a user's own server.
func sweepOwn(t *testing.T, yaml string, server *ServerCommand) (run *record.Run, dir record.Dir, err error) {
	t.Helper()
	needsNamespace(t)
	dir = newDir(t)
	run, err = Sweep(t.Context(), dir, Options{
		Scenario: scenario(t, yaml), Isolation: Auto, Engine: "auto", Version: "test", Server: server,
	})
	return run, dir, err
}

const ownScenario = `name: test
storm: {calls: 100, first-command-timeout: 2s}
target: {behaviour: "pool:2"}
settings:
  - {somaxconn: 4, backlog: max}
  - {somaxconn: 4, backlog: max, behaviour: "pool:3"}
  - {somaxconn: 4096, backlog: max}
repeats: 1
`

// TestOwnServerKeepsItsBacklog: a server that takes no backlog has its own in every setting, cut by somaxconn.
func TestOwnServerKeepsItsBacklog(t *testing.T) {
	t.Parallel()
	run, dir, err := sweepOwn(t, ownScenario, own(t, "0.0.0.0:4573", "9"))
	if err != nil {
		t.Fatal(err)
	}
	if len(run.Cells) != 2 || run.Cells[0].Effective != 4 || run.Cells[1].Effective != 9 ||
		run.Cells[0].Backlog != record.BacklogOwn {
		t.Fatalf("cells %+v: want two, with an effective backlog of 4 and of 9", run.Cells)
	}
	notes := record.Notes{
		{Code: record.NoteAlone}, {Code: record.NoteOwnBacklog}, {Code: record.NoteTargetLeftOut, Name: "behaviour, " +
			"backlog"},
		{Code: record.NoteSameSettings, Want: "1"},
	}
	if diff := cmp.Diff(notes, run.Notes); diff != "" {
		t.Errorf("what was left out (-want +got):\n%s", diff)
	}
	if p := run.ServerProcess; p == nil || !slices.Equal(p.Kinds, []string{"go"}) || p.Name == "" {
		t.Errorf("the server's process is %+v, want this test's program, which is built by Go", p)
	}
	if run.Scenario.Server != nil || len(run.Scenario.Process) != 4 || run.Scenario.Link != record.LinkVeth {
		t.Errorf("scenario %+v: want the command, and a link", run.Scenario)
	}
	for _, cell := range run.Cells {
		r, err := dir.Repeat(cell.ID, 1)
		if err != nil {
			t.Fatal(err)
		}
		s := r.Served
		if s == nil || len(s.Sockets) != 1 || s.Sockets[0].Effective != cell.Effective || s.Ended != nil || s.Loopback {
			t.Fatalf("%s: served %+v: want one socket with %d, and no end", cell.ID, s, cell.Effective)
		}
		if s.Idle == nil || s.Busy == nil || *s.Idle < 1<<20 || *s.Busy < *s.Idle {
			t.Errorf("%s: memory %v idle, %v busy: want that of a process, which does not "+
				"shrink", cell.ID, s.Idle, s.Busy)
		}
		if peak := s.Sockets[0].Peak; peak < 1 || peak > cell.Effective+2 {
			t.Errorf("%s: peak %d of a queue of %d", cell.ID, peak, cell.Effective)
		}
		if len(r.Queue) == 0 || len(r.Counters) == 0 || r.Kernel == nil || r.Target != nil {
			t.Errorf("%s: %d samples of the queue, %d of the counters, kernel "+
				"%v", cell.ID, len(r.Queue), len(r.Counters), r.Kernel)
		}
		log, err := os.ReadFile(filepath.Join(string(dir), "cells", cell.ID, "repeat-1", "server.log"))
		if want := fmt.Sprintf("listening as user %d\n", os.Getuid()); err != nil || string(log) != want {
			t.Errorf("%s: server.log %q, %v: want %q", cell.ID, log, err, want)
		}
	}
}

// TestOwnServerTakesTheBacklog: from its arguments, or from its environment.
func TestOwnServerTakesTheBacklog(t *testing.T) {
	t.Parallel()
	const yaml = `name: test
storm: {calls: 20}
settings: [{somaxconn: 4096, backlog: 7}, {somaxconn: 4096, backlog: max}]
repeats: 1
`
	for _, server := range []*ServerCommand{own(t, "0.0.0.0:4573", "{backlog}"), own(t, "0.0.0.0:4573", "env")} {
		run, _, err := sweepOwn(t, yaml, server)
		if err != nil {
			t.Fatal(err)
		}
		if len(run.Cells) != 2 || run.Cells[0].Effective != 7 || run.Cells[1].Effective != 4096 {
			t.Errorf("%v: cells %+v: want an effective backlog of 7 and of 4096", server.Argv, run.Cells)
		}
		if want := (record.Notes{{Code: record.NoteAlone}, {Code: record.NoteTargetLeftOut}}); !slices.Equal(run.Notes, want) {
			t.Errorf("%v: notes %+v: want nothing about the backlog", server.Argv, run.Notes)
		}
	}
}

// TestOwnServerOnLoopback: the calls go over lo, without any change to the server.
func TestOwnServerOnLoopback(t *testing.T) {
	t.Parallel()
	run, dir, err := sweepOwn(t, ownScenario, own(t, "127.0.0.1:4573", "9"))
	if err != nil {
		t.Fatal(err)
	}
	want := record.Notes{{Code: record.NoteServerOnLoopback, Here: "127.0.0.1:4573"}}
	if run.Scenario.Link != "" || !slices.Equal(run.Warnings, want) {
		t.Errorf("link %q, warnings %+v: want loopback, and the reason", run.Scenario.Link, run.Warnings)
	}
	r, err := dir.Repeat(run.Cells[0].ID, 1)
	if err != nil || r.Served == nil || !r.Served.Loopback || r.Storm.Address != "127.0.0.1:4573" {
		t.Errorf("repeat %+v, %v: want a storm at 127.0.0.1:4573", r.Served, err)
	}
	_, _, err = sweepOwn(t, ownScenario+"link: veth\n", own(t, "127.0.0.1:4573", "9"))
	if err == nil || !strings.Contains(err.Error(), "asks for a link, and the command listens on loopback only") {
		t.Errorf("with a link that is asked for: %v", err)
	}
}

// TestOwnServerThatDies: how it ended, or that it was stopped, is in the record, and the storm is whole.
func TestOwnServerThatDies(t *testing.T) {
	t.Parallel()
	const one = `name: test
storm: {calls: 100, first-command-timeout: 500ms}
settings: [{somaxconn: 4096, backlog: max}]
repeats: 1
`
	for word, want := range map[string]record.Exit{
		"dies": {Code: 9}, "stops": {Signal: syscall.SIGSTOP.String(), Stopped: true},
	} {
		_, dir, err := sweepOwn(t, one, own(t, "0.0.0.0:4573", "9", word))
		if err != nil {
			t.Fatal(err)
		}
		r, err := dir.Repeat("somaxconn-4096_backlog-own", 1)
		if err != nil || r.Served == nil || r.Served.Ended == nil || *r.Served.Ended != want {
			t.Fatalf("%s: served %+v, %v: want %+v", word, r.Served, err, want)
		}
		if len(r.Attempts) != 100 {
			t.Errorf("%s: %d attempts, want 100", word, len(r.Attempts))
		}
	}
}

// TestOwnServerThatIsRefused: one line each, and nothing is measured.
func TestOwnServerThatIsRefused(t *testing.T) {
	t.Parallel()
	const backlogs = `name: test
storm: {calls: 20}
settings: [{somaxconn: 4096, backlog: 7}, {somaxconn: 4096, backlog: 8}]
repeats: 1
`
	for want, server := range map[string]*ServerCommand{
		"cannot start: command not found: no-such-server": {Argv: []string{"no-such-server"}, Wait: time.Second},
		"cannot start: the command ended before it listened: exit status 3; its output ends with: no database": {
			Argv: []string{"sh", "-c", "echo no database; exit 3"}, Wait: 20 * time.Second,
		},
		"cannot start: the command does not listen on port 4574 within 500ms; --wait gives it longer; " +
			"its output ends with: listening as " +
			"user " + strconv.Itoa(os.Getuid()): withPort(own(t, "0.0.0.0:4573", "9"), 4574, 500*time.Millisecond),
		"cannot start: setting somaxconn-4096_backlog-7: the command does not take the backlog: it listens with 9, " +
			"not with 7; put {backlog} among its arguments, or let it read " +
			"AGISTORM_BACKLOG": own(t, "0.0.0.0:4573", "9", "{backlog}"),
	} {
		_, dir, err := sweepOwn(t, backlogs, server)
		if err == nil || err.Error() != want {
			t.Errorf("%v:\n got %v\nwant %s", server.Argv, err, want)
		}
		if entries, _ := os.ReadDir(string(dir)); len(entries) != 1 { // cells, which is empty
			t.Errorf("%v: there is something in the run directory: %v", server.Argv, entries)
		}
	}
}

func withPort(c *ServerCommand, port uint16, wait time.Duration) *ServerCommand {
	c.Port, c.Wait = port, wait
	return c
}

// interrupted sweeps a user's own server, and interrupts that in the first storm. It returns how long after the
// interrupt the sweep returned.
func interrupted(t *testing.T, word string, meanwhile func()) time.Duration {
	t.Helper()
	needsNamespace(t)
	pidFile := filepath.Join(t.TempDir(), "pid")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	server := own(t, "0.0.0.0:4573", "9", word)
	server.Argv = append([]string{"sh", "-c", "echo $$ >" + pidFile + "; exec \"$@\"", "sh"}, server.Argv...)
	var began time.Time
	_, err := Sweep(ctx, newDir(t), Options{
		Scenario: scenario(t, ownScenario), Isolation: Auto, Engine: "auto", Version: "test", Server: server,
		Progress: func(Progress) {
			time.AfterFunc(1500*time.Millisecond, func() {
				began = time.Now()
				cancel()
				meanwhile()
			})
		},
	})
	took := time.Since(began)
	if err == nil {
		t.Fatal("the sweep was not interrupted")
	}
	text, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if syscall.Kill(pid, 0) == nil {
		t.Errorf("process %d of the server still runs", pid)
	}
	return took
}

// TestInterruptEndsTheOwnServer: a sweep does not return before its server has ended, also one that ignores SIGTERM.
func TestInterruptEndsTheOwnServer(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"", "stubborn"} {
		t.Run(word, func(t *testing.T) {
			t.Parallel()
			interrupted(t, word, func() {})
		})
	}
}

// TestEndServers: a second interrupt leaves the server no time. Not parallel: it ends the servers of all sweeps.
func TestEndServers(t *testing.T) {
	took := interrupted(t, "stubborn", func() { time.AfterFunc(200*time.Millisecond, EndServers) })
	if took >= command.DefaultGrace {
		t.Errorf("it took %v, as long as a server gets to end by itself", took)
	}
}
