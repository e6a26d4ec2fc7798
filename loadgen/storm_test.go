package loadgen

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"agistorm/analysis/record"
	"agistorm/loadgen/caller"
	"agistorm/scenarios/arrival"
	"agistorm/target/agi"
)

// server plays one side of every connection, and closes it.
type server func(t *testing.T, c *net.TCPConn)

// readEnvironment reads up to the empty line and returns its lines.
func readEnvironment(in *bufio.Reader) ([]string, error) {
	var lines []string
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return lines, err
		}
		if line == "\n" {
			return lines, nil
		}
		lines = append(lines, line)
	}
}

// politeServer reads the environment, sends its commands one by one and waits for each reply.
func politeServer(commands ...string) server {
	return func(t *testing.T, c *net.TCPConn) {
		in := bufio.NewReader(c)
		if _, err := readEnvironment(in); err != nil {
			t.Errorf("environment: %v", err)
			return
		}
		for _, command := range commands {
			fmt.Fprintln(c, command)
			if reply, err := in.ReadString('\n'); err != nil || !strings.HasPrefix(reply, "200 result=") {
				t.Errorf("%s: reply %q, %v", command, reply, err)
			}
		}
	}
}

// closeAfter reads the environment and then sends raw bytes.
func closeAfter(raw string) server {
	return func(_ *testing.T, c *net.TCPConn) {
		in := bufio.NewReader(c)
		if _, err := readEnvironment(in); err == nil {
			_, _ = io.WriteString(c, raw) // a client may have gone by then
		}
		_ = c.CloseWrite()
		_, _ = io.Copy(io.Discard, in)
	}
}

// waits reads until the client goes.
func waits(_ *testing.T, c *net.TCPConn) { _, _ = io.Copy(io.Discard, c) }

// resets answers the environment with an RST.
func resets(_ *testing.T, c *net.TCPConn) {
	_, _ = readEnvironment(bufio.NewReader(c))
	_ = c.SetLinger(0)
}

// endlessServer sends commands as fast as they are taken, until the client goes.
func endlessServer(_ *testing.T, c *net.TCPConn) {
	go func() { _, _ = io.Copy(io.Discard, c) }()
	for {
		if _, err := io.WriteString(c, "NOOP\n"); err != nil {
			return
		}
	}
}

// deafServer sends commands and never reads a reply.
func deafServer(_ *testing.T, c *net.TCPConn) {
	for {
		if _, err := io.WriteString(c, "NOOP\n"); err != nil {
			return
		}
	}
}

func start(t *testing.T, serve server) netip.AddrPort {
	t.Helper()
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.AcceptTCP()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				serve(t, c)
			}()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().(*net.TCPAddr).AddrPort()
}

// engines runs a test with every engine that this system has: they must behave alike.
func engines(t *testing.T, test func(t *testing.T, engine string)) {
	for _, engine := range []string{Epoll, Portable} {
		if engine == Epoll && runtime.GOOS != "linux" {
			continue
		}
		t.Run(engine, func(t *testing.T) { test(t, engine) })
	}
}

var patient = caller.Limits{Connect: 5 * time.Second, FirstCommand: 5 * time.Second, Session: 5 * time.Second}

func play(t *testing.T, c Config) (*record.Storm, []record.Attempt) {
	t.Helper()
	storm, err := Prepare(c)
	if err != nil {
		t.Fatal(err)
	}
	defer storm.Close()
	account, list := storm.Run(t.Context(), time.Now())
	attempts := slices.Collect(list)
	if len(attempts) != c.part().Len() {
		t.Fatalf("%d attempts have an outcome, want %d", len(attempts), c.part().Len())
	}
	return account, attempts
}

func TestOutcomes(t *testing.T) {
	// Limits that a test waits for are short; all others are patient.
	short := func(change func(*caller.Limits)) caller.Limits { l := patient; change(&l); return l }
	for _, c := range []struct {
		name   string
		serve  server
		limits caller.Limits
		want   record.Outcome
		limit  string
		reason string
	}{
		{"answered", politeServer("VERBOSE \"hello\" 1", "SET VARIABLE A 1"), patient, record.Answered, "", ""},
		{"closes at once", func(*testing.T, *net.TCPConn) {}, patient, "", "", ""},
		{"closes after the environment", closeAfter(""), patient, record.Closed, "", ""},
		{"resets", resets, patient, record.Reset, "", ""},
		{"silent", waits, short(func(l *caller.Limits) { l.FirstCommand = 50 * time.Millisecond }),
			record.Silent, "first-command", ""},
		{"only garbage", closeAfter("hello\nworld\n"), patient, record.ProtocolError, "",
			"2 lines, none of them an AGI command"},
		{"half a command", closeAfter("NOOP\nNOO"), patient, record.ProtocolError, "", "middle of a command"},
		{"endless line", closeAfter(strings.Repeat("x", 1<<20)), patient, record.ProtocolError, "", "line of more than"},
		{"endless commands", endlessServer, short(func(l *caller.Limits) { l.Session = 50 * time.Millisecond }),
			record.ProtocolError, "session", ""},
		{"never reads", deafServer, short(func(l *caller.Limits) { l.Session = 200 * time.Millisecond }),
			record.ProtocolError, "session", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			engines(t, func(t *testing.T, engine string) {
				_, attempts := play(t, Config{
					Addresses: []netip.AddrPort{start(t, c.serve)},
					Script:    "test", Schedule: arrival.Burst{Calls: 5}, Limits: c.limits, Engine: engine,
				})
				for _, a := range attempts {
					if c.want == "" { // a close that crosses with the environment is a FIN or an RST
						if a.Outcome != record.Closed && a.Outcome != record.Reset {
							t.Errorf("outcome %s, want closed or reset", a.Outcome)
						}
						continue
					}
					if a.Outcome != c.want || a.Limit != c.limit || !strings.Contains(a.Reason, c.reason) {
						t.Errorf("outcome %s, limit %q, reason %q (errno %q), want %s, %q, %q",
							a.Outcome, a.Limit, a.Reason, a.Errno, c.want, c.limit, c.reason)
					}
				}
			})
		})
	}
}

func TestAnsweredAttemptIsWhole(t *testing.T) {
	engines(t, func(t *testing.T, engine string) {
		address := start(t, politeServer("VERBOSE \"hello\" 1", "SET VARIABLE A 1"))
		account, attempts := play(t, Config{Addresses: []netip.AddrPort{address}, Schedule: arrival.Burst{Calls: 20},
			Limits: patient,
			Engine: engine})
		if account.Engine != engine {
			t.Errorf("engine %q, want %q", account.Engine, engine)
		}
		locals := map[string]bool{}
		for i, a := range attempts {
			locals[a.Local] = true
			if a.Seq != uint64(i) || a.Commands != 2 || a.Outcome != record.Answered {
				t.Fatalf("attempt %d: %+v", i, a)
			}
			// VERBOSE and SET VARIABLE, a line feed each; environment, two replies and HANGUP.
			if want := uint64(len("VERBOSE \"hello\" 1\nSET VARIABLE A 1\n")); a.BytesIn != want {
				t.Errorf("bytes in %d, want %d", a.BytesIn, want)
			}
			if a.BytesOut < 400 || a.BytesOut > 700 {
				t.Errorf("bytes out %d, want an environment of about 500 and the replies", a.BytesOut)
			}
			if a.Intended > *a.Started || *a.Started > *a.Connected || *a.Connected > *a.FirstCommand ||
				*a.FirstCommand > a.Done {
				t.Errorf("instants out of order: %+v", a)
			}
			if known := a.SYNRetransmits != nil; known != (engine == Epoll) {
				t.Errorf("SYN retransmits known: %v with engine %s", known, engine)
			}
		}
		if len(locals) != len(attempts) {
			t.Errorf("%d local addresses for %d attempts", len(locals), len(attempts))
		}
	})
}

func TestRefused(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().(*net.TCPAddr).AddrPort()
	l.Close()
	engines(t, func(t *testing.T, engine string) {
		_, attempts := play(t, Config{Addresses: []netip.AddrPort{address}, Schedule: arrival.Burst{Calls: 3},
			Limits: patient,
			Engine: engine})
		for _, a := range attempts {
			if a.Outcome != record.Refused || a.Errno != "ECONNREFUSED" || a.Connected != nil {
				t.Errorf("outcome %s, errno %q, connected %v; want refused, ECONNREFUSED, never", a.Outcome, a.Errno,
					a.Connected)
			}
		}
	})
}

// TestNotOffered starts a storm whose instant has long passed.
func TestNotOffered(t *testing.T) {
	address := start(t, waits)
	engines(t, func(t *testing.T, engine string) {
		storm, err := Prepare(Config{Addresses: []netip.AddrPort{address}, Schedule: arrival.Burst{Calls: 3},
			Limits: patient,
			Engine: engine})
		if err != nil {
			t.Fatal(err)
		}
		defer storm.Close()
		_, list := storm.Run(t.Context(), time.Now().Add(-time.Minute))
		attempts := slices.Collect(list)
		for _, a := range attempts {
			if a.Outcome != record.NotOffered || a.Started != nil {
				t.Errorf("outcome %s, started %v; want not-offered, never", a.Outcome, a.Started)
			}
		}
		if len(attempts) != 3 {
			t.Errorf("%d attempts, want 3", len(attempts))
		}
	})
}

// TestInterrupted keeps what has ended and drops the rest.
func TestInterrupted(t *testing.T) {
	address := start(t, politeServer("NOOP"))
	engines(t, func(t *testing.T, engine string) {
		// One call a minute: the first is answered, the second never begins.
		schedule := arrival.Constant{Calls: 2, Rate: arrival.Rate{Calls: 1, Per: time.Minute}}
		storm, err := Prepare(
			Config{Addresses: []netip.AddrPort{address}, Schedule: schedule, Limits: patient, Engine: engine})
		if err != nil {
			t.Fatal(err)
		}
		defer storm.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		_, list := storm.Run(ctx, time.Now())
		attempts := slices.Collect(list)
		if len(attempts) != 1 || attempts[0].Outcome != record.Answered {
			t.Errorf("kept %+v, want the one that was answered", attempts)
		}
	})
}

// TestScheduleIsKept checks that no attempt starts before its time.
func TestScheduleIsKept(t *testing.T) {
	address := start(t, politeServer("NOOP"))
	engines(t, func(t *testing.T, engine string) {
		_, attempts := play(t, Config{
			Addresses: []netip.AddrPort{address},
			Schedule:  arrival.Bursts{Calls: 30, Size: 10, Every: 20 * time.Millisecond}, Limits: patient, Engine: engine,
		})
		for i, a := range attempts {
			if want := time.Duration(i/10) * 20 * time.Millisecond; a.Intended != want || *a.Started < want {
				t.Errorf("attempt %d: intended %v, started %v, want %v and not before", i, a.Intended, *a.Started, want)
			}
		}
	})
}

// TestEnvironment holds what a server gets against Asterisk's form and order.
func TestEnvironment(t *testing.T) {
	got := make(chan []string, 2)
	address := start(t, func(t *testing.T, c *net.TCPConn) {
		lines, err := readEnvironment(bufio.NewReader(c))
		if err != nil {
			t.Error(err)
		}
		got <- lines
	})
	play(t, Config{Addresses: []netip.AddrPort{address}, Script: "hello?x=1", Schedule: arrival.Burst{Calls: 2},
		Limits: patient})
	first, second := <-got, <-got
	var names []string
	for _, line := range first {
		name, _, _ := strings.Cut(line, ":")
		names = append(names, strings.TrimPrefix(name, "agi_"))
	}
	const want = "network network_script request channel language type uniqueid version callerid calleridname " +
		"callingpres callingani2 callington callingtns dnid rdnis context extension priority enhanced accountcode threadid"
	if strings.Join(names, " ") != want {
		t.Errorf("variables %q\nwant %q", names, want)
	}
	if first[1] != "agi_network_script: hello?x=1\n" || first[20] != "agi_accountcode: \n" {
		t.Errorf("script %q, account code %q", first[1], first[20])
	}
	if first[3] == second[3] || first[6] == second[6] {
		t.Errorf("two calls share channel %q or id %q", first[3], first[6])
	}
}

func TestSameSeedSameCalls(t *testing.T) {
	words := func(seed uint64) string {
		talk, text := newTalk(Config{Host: "pbx", Schedule: arrival.Burst{Calls: 3}, Seed: seed}), []byte(nil)
		for i := range 3 {
			text = talk.Open(text, i)
		}
		return string(text)
	}
	first, again, other := words(7), words(7), words(8)
	if first != again {
		t.Error("the same seed gave different calls")
	}
	if first == other {
		t.Error("different seeds gave the same calls")
	}
}

func TestReceiveAnyChunking(t *testing.T) {
	const commands = "VERBOSE \"a b\" 1\nnonsense\n\nSET VARIABLE A 1\n"
	whole := newTalk(Config{Host: "pbx", Schedule: arrival.Burst{Calls: 1}})
	want, n, err := whole.Receive(nil, 0, []byte(commands))
	if err != nil || n != 2 {
		t.Fatalf("%d commands, %v; want 2", n, err)
	}
	for size := 1; size < len(commands); size++ {
		cut, got, sum := newTalk(Config{Host: "pbx", Schedule: arrival.Burst{Calls: 1}}), []byte(nil), 0
		for rest := []byte(commands); len(rest) > 0; rest = rest[min(size, len(rest)):] {
			var n int
			if got, n, err = cut.Receive(got, 0, rest[:min(size, len(rest))]); err != nil {
				t.Fatal(err)
			}
			sum += n
		}
		if string(got) != string(want) || sum != 2 {
			t.Errorf("in chunks of %d: %q, %d commands; want %q, 2", size, got, sum, want)
		}
	}
	if last, err := whole.Close(nil, 0); err != nil || string(last) != agi.HangUp {
		t.Errorf("last words %q, %v", last, err)
	}
}

// TestNoLeaks counts descriptors and goroutines over storms of every kind.
func TestNoLeaks(t *testing.T) {
	address := start(t, politeServer("NOOP"))
	silent := start(t, waits)
	engines(t, func(t *testing.T, engine string) {
		round := func() {
			play(t, Config{Addresses: []netip.AddrPort{address}, Schedule: arrival.Burst{Calls: 10}, Limits: patient,
				Engine: engine})
			impatient := patient
			impatient.FirstCommand = 10 * time.Millisecond
			play(t, Config{Addresses: []netip.AddrPort{silent}, Schedule: arrival.Burst{Calls: 10}, Limits: impatient,
				Engine: engine})
		}
		round()
		files, routines := settle(t, func(same, _, _ int) bool { return same > 5 })
		for range 3 {
			round()
		}
		f, r := settle(t, func(_, f, r int) bool { return f <= files && r <= routines })
		if f > files || r > routines {
			t.Errorf("descriptors %d, were %d; goroutines %d, were %d", f, files, r, routines)
		}
	})
}

// settle counts descriptors and goroutines until done reports true (given for how many
// samples they have been the same) or a second has passed: the server's side closes in its own time.
func settle(t *testing.T, done func(same, files, routines int) bool) (int, int) {
	t.Helper()
	var files, routines, same int
	for range 200 {
		entries, _ := os.ReadDir("/proc/self/fd") // none on other systems: 0 is never more than 0
		if len(entries) == files && runtime.NumGoroutine() == routines {
			same++
		} else {
			same = 0
		}
		files, routines = len(entries), runtime.NumGoroutine()
		if done(same, files, routines) {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	return files, routines
}

// TestTalkDoesNotAllocate: in the storm nothing is allocated for what is said.
func TestTalkDoesNotAllocate(t *testing.T) {
	words := newTalk(Config{Host: "pbx", Schedule: arrival.Burst{Calls: 2}})
	dst, command := make([]byte, 0, 4096), []byte("VERBOSE \"agistorm\" 1\nSET VARIABLE AGISTORM 1\n")
	if n := testing.AllocsPerRun(100, func() {
		dst = words.Open(dst[:0], 1)
		dst, _, _ = words.Receive(dst[:0], 1, command)
		dst, _ = words.Close(dst[:0], 1)
	}); n != 0 {
		t.Errorf("%v allocations a session, want 0", n)
	}
}
