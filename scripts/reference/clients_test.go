//go:build linux

package reference

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"agistorm/scripts/reference/measure"
)

// compiled is a folder with the programs in C. The test is skipped where there is no compiler.
func compiled(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := compile(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, threads)); err != nil {
		t.Skip("there is no C compiler (cc)")
	}
	return dir
}

// listen listens with a backlog of its own, and calls serve with each connection; nil leaves all in
// the queue.
func listen(t *testing.T, backlog int, serve func(*net.TCPConn)) (port string) {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	local := &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}
	if err := errors.Join(syscall.Bind(fd, local), syscall.Listen(fd, backlog)); err != nil {
		t.Fatal(err)
	}
	f := os.NewFile(uintptr(fd), "listener")
	defer f.Close()
	l, err := net.FileListener(f)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	if serve != nil {
		go func() {
			for c, err := l.Accept(); err == nil; c, err = l.Accept() {
				go serve(c.(*net.TCPConn))
			}
		}()
	}
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

// readEnvironment reads up to the empty line and returns the lines before it.
func readEnvironment(in *bufio.Reader) (lines []string, err error) {
	for {
		line, err := in.ReadString('\n')
		if err != nil || line == "\n" {
			return lines, err
		}
		lines = append(lines, line)
	}
}

// converse sends two commands, closes, and wants the reply to each and HANGUP.
func converse(t *testing.T, c *net.TCPConn) {
	defer c.Close()
	in := bufio.NewReader(c)
	lines, err := readEnvironment(in)
	if err != nil || len(lines) != 22 || lines[0] != firstLine || !strings.HasPrefix(lines[21], "agi_threadid: ") {
		t.Errorf("environment %q, %v", lines, err)
	}
	for _, command := range []string{"VERBOSE \"agistorm\" 1\n", "SET VARIABLE AGISTORM 1\n"} {
		if _, err := io.WriteString(c, command); err != nil {
			t.Error(err)
		}
		if reply, err := in.ReadString('\n'); err != nil || reply != "200 result=1\n" {
			t.Errorf("reply %q, %v", reply, err)
		}
	}
	if err := c.CloseWrite(); err != nil {
		t.Error(err)
	}
	if rest, err := io.ReadAll(in); err != nil || string(rest) != "HANGUP\n" {
		t.Errorf("after the close %q, %v; want HANGUP", rest, err)
	}
}

// afterEnvironment reads the environment, and then does with the connection what a test wants.
func afterEnvironment(then func(*net.TCPConn)) func(*net.TCPConn) {
	return func(c *net.TCPConn) {
		defer c.Close()
		if _, err := readEnvironment(bufio.NewReader(c)); err == nil {
			then(c)
		}
	}
}

// run runs a client to its end.
func run(t *testing.T, path string, sessions int, args ...string) measure.Result {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), path, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, stderr.Bytes())
	}
	r, err := parseResult(out, sessions)
	if err != nil {
		t.Fatalf("%v: %v", cmd.Args, err)
	}
	return r
}

// TestClientsInC compiles the clients once, for all its parts.
func TestClientsInC(t *testing.T) {
	dir := compiled(t)
	t.Run("outcomes", func(t *testing.T) { testOutcomes(t, dir) })
	t.Run("reply lag", func(t *testing.T) { testReplyLag(t, dir) })
	t.Run("order of service", func(t *testing.T) { testOrderOfService(t, dir) })
}

// testOutcomes: each client counts every session once, by what the server did with it, in every way
// to write an environment.
func testOutcomes(t *testing.T, dir string) {
	for _, client := range [][]string{
		{inC}, {inC, "--sendmmsg"}, {inC, "--single-write"}, {threads}, {threads, "--single-write"},
	} {
		t.Run(strings.Join(client, " "), func(t *testing.T) {
			t.Parallel()
			play := func(t *testing.T, port string, open, rounds int, options ...string) measure.Result {
				args := slices.Concat(
					client[1:],
					options,
					[]string{"127.0.0.1", port, strconv.Itoa(open), strconv.Itoa(rounds)},
				)
				return run(t, filepath.Join(dir, client[0]), open*rounds, args...)
			}
			t.Run("answered", func(t *testing.T) {
				testAnswered(t, play(t, listen(t, 128, func(c *net.TCPConn) { converse(t, c) }), 20, 2))
			})
			short := []string{"--first-command-timeout", "100"}
			for _, test := range []struct {
				outcome string
				then    func(*net.TCPConn)
			}{
				{"closed", func(*net.TCPConn) {}},
				{"reset", func(c *net.TCPConn) { c.SetLinger(0) }},
				{"silent", func(c *net.TCPConn) { io.Copy(io.Discard, c) }},
			} {
				t.Run(test.outcome, func(t *testing.T) {
					r := play(t, listen(t, 128, afterEnvironment(test.then)), 10, 1, short...)
					want := map[string]int{test.outcome: 10}
					if !maps.Equal(r.Outcomes, want) || r.ReplyLag != nil || r.Answered != 0 {
						t.Errorf("%+v, want outcomes %v and no reply", r, want)
					}
				})
			}
			t.Run("no listener", func(t *testing.T) {
				if r := play(t, freePort(t), 10, 1); !maps.Equal(r.Outcomes, map[string]int{"refused": 10}) {
					t.Errorf("outcomes %v, want 10 refused", r.Outcomes)
				}
			})
			t.Run("queue full", func(t *testing.T) { // it holds one connection
				r := play(t, listen(t, 0, nil), 8, 1, short...)
				if r.Outcomes["connect-timeout"] == 0 || r.Outcomes["connect-timeout"]+r.Outcomes["silent"] != 8 {
					t.Errorf("outcomes %v, want some connect-timeout, and the others silent", r.Outcomes)
				}
			})
		})
	}
}

func testAnswered(t *testing.T, r measure.Result) {
	t.Helper()
	if !maps.Equal(r.Outcomes, map[string]int{"answered": 40}) || r.Slow == nil || *r.Slow != 0 {
		t.Errorf("outcomes %v, want 40 answered, and none slow", r.Outcomes)
	}
	lag := r.ReplyLag
	if lag == nil || lag.Count+r.Unstamped != 80 || lag.Sum < lag.Max || lag.Max <= 0 ||
		lag.P50 > lag.P99 || lag.P99 > lag.Max {
		t.Errorf("reply lag %+v, want that of 80 replies", lag)
	}
	if r.WallNS <= 0 || r.CPUNS <= 0 || r.MaxRSS <= 0 {
		t.Errorf("%+v: want some time and memory", r)
	}
}

// freePort is one without a listener.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

// stopped is a client that can be stopped and continued.
type stopped struct {
	cmd *exec.Cmd
	out bytes.Buffer
}

func startClient(t *testing.T, path string, args ...string) *stopped {
	t.Helper()
	s := &stopped{cmd: exec.CommandContext(t.Context(), path, args...)}
	s.cmd.Stdout = &s.out
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if s.cmd.ProcessState == nil {
			s.cmd.Process.Kill()
			s.cmd.Wait()
		}
	})
	return s
}

// stop returns once no thread of the client runs.
func (s *stopped) stop(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for !allStopped(t, s.cmd.Process.Pid) {
		if ctx.Err() != nil {
			t.Fatal("the client does not stop")
		}
		time.Sleep(time.Millisecond)
	}
}

func (s *stopped) resume(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
}

// allStopped reports whether the state of all threads is T (proc(5), /proc/PID/stat).
func allStopped(t *testing.T, pid int) bool {
	t.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	if err != nil || len(files) == 0 {
		t.Fatalf("process %d has no threads: %v", pid, err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err == nil && !bytes.Contains(text, []byte(") T ")) {
			return false
		}
	}
	return true
}

// testReplyLag: a client that could not run when a command arrived has that time in its reply lag.
func testReplyLag(t *testing.T, dir string) {
	const pause = 100 * time.Millisecond
	for _, name := range []string{inC, threads} {
		t.Run(name, func(t *testing.T) {
			conns := make(chan *net.TCPConn)
			port := listen(t, 128, func(c *net.TCPConn) { conns <- c })
			client := startClient(t, filepath.Join(dir, name), "127.0.0.1", port, "1", "1")
			c := <-conns
			defer c.Close()
			in := bufio.NewReader(c)
			if _, err := readEnvironment(in); err != nil {
				t.Fatal(err)
			}
			client.stop(t)
			if _, err := io.WriteString(c, "NOOP\n"); err != nil {
				t.Fatal(err)
			}
			time.Sleep(pause)
			client.resume(t)
			if reply, err := in.ReadString('\n'); err != nil || reply != "200 result=1\n" {
				t.Fatalf("reply %q, %v", reply, err)
			}
			c.Close()
			if err := client.cmd.Wait(); err != nil {
				t.Fatal(err)
			}
			r, err := parseResult(client.out.Bytes(), 1)
			if err != nil {
				t.Fatal(err)
			}
			if r.ReplyLag == nil || r.ReplyLag.Count != 1 || r.ReplyLag.Max < pause ||
				r.ReplyLag.Sum != r.ReplyLag.Max {
				t.Errorf("reply lag %+v, want one of at least %v", r.ReplyLag, pause)
			}
		})
	}
}

// testOrderOfService: the epoll client sends the first line of every call before it writes the rest
// of most, and answers a command before it writes the environments of other calls.
func testOrderOfService(t *testing.T, dir string) {
	var err error
	for range 5 { // the server may be too slow to stop the client in time
		if err = tryOrder(t, filepath.Join(dir, inC)); err == nil {
			return
		}
	}
	t.Error(err)
}

const firstLine = "agi_network: yes\n"

// tryOrder stops a client that is about to write its environments, sends a command to the last
// call, and checks what the others have sent when the reply comes.
func tryOrder(t *testing.T, path string) error {
	const calls = 1_000
	arrived := make(chan *net.TCPConn, calls)
	port := listen(t, 4096, func(c *net.TCPConn) { arrived <- c })
	client := startClient(t, path, "127.0.0.1", port, strconv.Itoa(calls), "1")
	defer client.cmd.Process.Kill()
	conns := make([]*net.TCPConn, 0, calls)
	defer func() {
		for _, c := range conns {
			c.Close()
		}
	}()
	for range calls {
		conns = append(conns, <-arrived)
	}
	for !slices.ContainsFunc(conns, func(c *net.TCPConn) bool { return len(peek(t, c)) > len(firstLine) }) {
		time.Sleep(100 * time.Microsecond)
	}
	client.stop(t)
	said := func(words string) func(c *net.TCPConn) bool {
		return func(c *net.TCPConn) bool { return peek(t, c) == words }
	}
	if silent := count(conns, said("")); silent > calls-greetedFirst {
		return fmt.Errorf("%d calls have not sent their first line, although another has sent more", silent)
	}
	last := slices.IndexFunc(conns, said(firstLine))
	if last < 0 {
		return errors.New("the client had sent all environments before it could be stopped")
	}
	if _, err := io.WriteString(conns[last], "NOOP\n"); err != nil {
		return err
	}
	client.resume(t)
	in := bufio.NewReader(conns[last])
	if _, err := readEnvironment(in); err != nil {
		return err
	}
	if reply, err := in.ReadString('\n'); err != nil || reply != "200 result=1\n" {
		return fmt.Errorf("reply %q, %w", reply, err)
	}
	if count(conns, said(firstLine)) == 0 {
		return errors.New("the client has written all environments before its first reply")
	}
	return nil
}

// greetedFirst calls have at least sent their first line when the second line of any is out: those
// of the first turn (SETTLED_PER_TURN in client.c).
const greetedFirst = 32

// count returns how many connections are as wanted.
func count(conns []*net.TCPConn, wanted func(*net.TCPConn) bool) (n int) {
	for _, c := range conns {
		if wanted(c) {
			n++
		}
	}
	return n
}

// peek returns the bytes that have arrived, up to 1 KiB, and leaves them.
func peek(t *testing.T, c *net.TCPConn) string {
	t.Helper()
	raw, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	buffer := make([]byte, 1024)
	n := 0
	if err := raw.Control(func(fd uintptr) {
		n, _, err = syscall.Recvfrom(int(fd), buffer, syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	}); err != nil {
		t.Fatal(err)
	}
	if errors.Is(err, syscall.EAGAIN) {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(buffer[:n])
}
