//go:build linux

package reference

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// acceptOnly is server.c as the limit of every server: it closes what it has accepted.
const acceptOnly = "accept and close"

// inCServer is server.c, the plain epoll server of the same exchange.
const inCServer = "server in C"

// BenchmarkServers compares agistorm's target with a plain epoll server in C, and both with one that only
// accepts: sessions per second of the same client in C, and the server's own CPU per session. server.c sets
// SO_RCVLOWAT, so that a line that comes alone does not wake it; an external server does not, nor does the
// target.
func BenchmarkServers(b *testing.B) {
	for _, c := range []contest{
		{10, 200, 7, nil},
		{1_000, 2, 7, nil},
		{9_000, 1, 5, nil},
		{9_000, 1, 5, singleWrite},
	} {
		b.Run(c.name(), func(b *testing.B) {
			servers := startServers(b)
			load := loadAverage()
			var turns []turn
			for b.Loop() {
				for range fewerIfShort(c.turns) {
					turns = append(turns, c.serveAll(b, servers))
				}
			}
			report(b, serversTable(c.open, load, turns), []target{
				{
					"agistorm / server in C, sessions per second",
					"rate/C",
					ratio(turns, perSecond, serve, inCServer),
					0.80,
					true,
				},
			})
		})
	}
}

// startServers starts one of each.
func startServers(b *testing.B) map[string]serving {
	b.Helper()
	return map[string]serving{
		acceptOnly: startProgram(b, exec.Command(program(b, "server"), "--accept-only")),
		inCServer:  startProgram(b, exec.Command(program(b, "server"))),
		serve:      startTarget(b),
	}
}

// startTarget starts agistorm serve with the exchange of server.c: one command, no work, everything accepted
// at once.
func startTarget(b *testing.B) serving {
	b.Helper()
	return startProgram(
		b,
		exec.Command(
			filepath.Join(os.Getenv(programsVar), serve),
			"serve",
			"--listen",
			"127.0.0.1:0",
			"--behaviour",
			"thread",
			"--work",
			"0s",
			"--command",
			`VERBOSE "agistorm" 1`,
			"--max-sessions",
			"19000",
			"--env-time",
			"60s",
		),
	)
}

// serveAll gives each server its turn; the CPU of the result is the server's.
func (c contest) serveAll(b *testing.B, servers map[string]serving) turn {
	b.Helper()
	t := turn{}
	for _, name := range []string{acceptOnly, inCServer, serve} {
		s := servers[name]
		before := threadsCPU(b, s.pid)
		player := play
		if name == acceptOnly {
			player = loopback.attempt
		}
		r := player(b, inC, s.port, c.open, c.rounds, c.options...)
		r.CPUNS = threadsCPU(b, s.pid) - before
		t[name] = r
	}
	return t
}

func serversTable(open int, load string, turns []turn) string {
	var table strings.Builder
	fmt.Fprintf(&table, "%d open at once, medians of %d turns; load average before: %s\n", open, len(turns), load)
	fmt.Fprintf(&table, "%-18s %12s %14s %18s\n", "", "sessions/s", "its CPU µs each", "CPU / server in C")
	for _, name := range []string{acceptOnly, inCServer, serve} {
		fmt.Fprintf(&table, "%-18s %12.0f %14.1f %18.2f\n", name,
			median(turns, func(t turn) float64 { return perSecond(t[name]) }),
			median(turns, func(t turn) float64 { return cpuMicros(t[name]) }),
			ratio(turns, cpuMicros, name, inCServer))
	}
	return table.String()
}

// threadsCPU is what all threads of a process have used so far, in ns (/proc/PID/task/TID/schedstat).
func threadsCPU(tb testing.TB, pid int) (sum int64) {
	tb.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil || len(files) == 0 {
		tb.Fatalf("process %d has no threads: %v", pid, err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // the thread has just ended
		}
		first, _, _ := strings.Cut(string(text), " ")
		n, err := strconv.ParseInt(first, 10, 64)
		if err != nil {
			tb.Fatalf("%s: %v", name, err)
		}
		sum += n
	}
	return sum
}

// held are the connections that BenchmarkServerMemory holds open.
const held = 9_000

// BenchmarkServerMemory is what the target has resident for each session that is open: each has said half of
// its environment.
func BenchmarkServerMemory(b *testing.B) {
	var perSession []float64
	for b.Loop() {
		s := startTarget(b)
		before := resident(b, s.pid)
		conns := holdOpen(b, s.port)
		perSession = append(perSession, float64(resident(b, s.pid)-before)/held)
		for _, c := range conns {
			c.Close()
		}
	}
	t := target{"agistorm, resident bytes an open session", "B/session", middle(perSession), 4096, false}
	report(b, fmt.Sprintf("%d sessions open\n", held), []target{t})
}

// holdOpen opens the connections, and gives the server a moment to have read from the last.
func holdOpen(b *testing.B, port string) []net.Conn {
	b.Helper()
	var conns []net.Conn
	for range held {
		c, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := c.Write([]byte("agi_network: yes\nagi_network_scr")); err != nil {
			b.Fatal(err)
		}
		conns = append(conns, c)
	}
	time.Sleep(500 * time.Millisecond)
	return conns
}

// resident is the memory of a process in bytes (VmRSS).
func resident(tb testing.TB, pid int) int64 {
	tb.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		tb.Fatal(err)
	}
	kib, ok := statusKiB(string(text), "VmRSS")
	if !ok {
		tb.Fatalf("process %d has no VmRSS", pid)
	}
	return kib << 10
}

// statusKiB finds a line such as "VmRSS:      1234 kB".
func statusKiB(status, name string) (int64, bool) {
	for line := range strings.Lines(status) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}

func TestStatusKiB(t *testing.T) {
	status := "Name:\tx\nVmHWM:\t    2000 kB\nVmRSS:\t    1234 kB\nThreads:\t7\n"
	if n, ok := statusKiB(status, "VmRSS"); n != 1234 || !ok {
		t.Errorf("%d, %v", n, ok)
	}
	for _, name := range []string{"Rss", "VmSwap", "Name"} {
		if n, ok := statusKiB(status, name); ok {
			t.Errorf("%s: %d", name, n)
		}
	}
}

func TestPortIn(t *testing.T) {
	for line, want := range map[string]string{
		"4573\n": "4573",
		"Serving agi://127.0.0.1:43210: a thread for each connection, 0s of work per call.\n": "43210",
		"Serving agi://[fe80::1]:4573: pool of 16 handlers, 5ms of work per call.\n":          "4573",
	} {
		if got := portIn(line); got != want {
			t.Errorf("%q: %q", line, got)
		}
	}
}

// TestThreadsCPU: what this process works is counted.
func TestThreadsCPU(t *testing.T) {
	before := threadsCPU(t, os.Getpid())
	for began := time.Now(); time.Since(began) < 20*time.Millisecond; {
	}
	if used := threadsCPU(t, os.Getpid()) - before; used < int64(time.Millisecond) {
		t.Errorf("20 ms of work: %d ns", used)
	}
}
