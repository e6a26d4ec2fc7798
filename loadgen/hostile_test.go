package loadgen

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"agistorm/analysis/record"
	"agistorm/loadgen/caller"
	"agistorm/scenarios/arrival"
	"agistorm/target/agi"
)

// point is a place in a session at which a server may stop playing along.
type point int

const (
	beforeReading point = iota
	inEnvironment
	afterEnvironment
	inCommand
	afterCommand
	afterReply
	points
)

func (p point) String() string {
	return [...]string{
		"before reading", "in the environment", "after the environment", "in a command", "after a command", "after a reply",
	}[p]
}

// upTo plays a session up to a point and then stops in a way of its own.
func upTo(p point, stop func(*net.TCPConn)) server {
	return func(_ *testing.T, c *net.TCPConn) {
		defer stop(c)
		in := bufio.NewReader(c)
		for at, do := range []func(){
			func() {},
			func() { _, _ = in.ReadString('\n') },
			func() { _, _ = readEnvironment(in) },
			func() { _, _ = io.WriteString(c, "NO") },
			func() { _, _ = io.WriteString(c, "OP\n") },
			func() { _, _ = in.ReadString('\n') },
		} {
			if at <= int(p) {
				do()
			}
		}
	}
}

func finish(c *net.TCPConn) {
	_ = c.CloseWrite()
	_, _ = io.Copy(io.Discard, c)
}
func abort(c *net.TCPConn) { _ = c.SetLinger(0); _ = c.Close() }
func stall(c *net.TCPConn) { _, _ = io.Copy(io.Discard, c) }

// TestEveryPoint: a server that closes, resets or falls silent at any point of a session ends it in the
// outcome that is due, whatever the engine.
func TestEveryPoint(t *testing.T) {
	// A limit that a test waits for is short; a command that is late on a busy machine must not meet the
	// other.
	impatient := func(p point) caller.Limits {
		l := patient
		if p < afterCommand {
			l.FirstCommand = 60 * time.Millisecond
		} else {
			l.Session = 120 * time.Millisecond
		}
		return l
	}
	patiently := func(point) caller.Limits { return patient }
	for _, c := range []struct {
		name   string
		stop   func(*net.TCPConn)
		limits func(point) caller.Limits
		want   [points][]record.Outcome
	}{
		{"closes", finish, patiently, [points][]record.Outcome{
			{record.Closed}, {record.Closed}, {record.Closed}, {record.ProtocolError}, {record.Answered}, {record.Answered},
		}},
		// What the server had sent before its RST may be lost with it.
		{"resets", abort, patiently, [points][]record.Outcome{
			{record.Reset}, {record.Reset}, {record.Reset}, {record.Reset}, {record.Reset}, {record.Reset},
		}},
		{"falls silent", stall, impatient, [points][]record.Outcome{
			{record.Silent}, {record.Silent}, {record.Silent}, {record.Silent}, {record.ProtocolError}, {record.ProtocolError},
		}},
	} {
		for p := range points {
			t.Run(c.name+" "+p.String(), func(t *testing.T) {
				engines(t, func(t *testing.T, engine string) {
					_, attempts := play(t, Config{
						Addresses: []netip.AddrPort{start(t, upTo(p, c.stop))},
						Schedule:  arrival.Burst{Calls: 4}, Limits: c.limits(p), Engine: engine,
					})
					for _, a := range attempts {
						if want := c.want[p][0]; a.Outcome != want {
							t.Errorf("%s (errno %q, limit %q, reason %q), want %s", a.Outcome, a.Errno, a.Limit,
								a.Reason, want)
						}
					}
				})
			})
		}
	}
}

// TestHostileMemory: servers that never stop talking, or never end a line, cost no more
// memory than a session may have.
func TestHostileMemory(t *testing.T) {
	const calls, each = 20, 64 << 10
	limits := caller.Limits{Connect: 5 * time.Second, FirstCommand: 5 * time.Second, Session: 300 * time.Millisecond}
	block := bytes.Repeat([]byte("x"), 64<<10)
	noLine := func(_ *testing.T, c *net.TCPConn) {
		for {
			if _, err := c.Write(block); err != nil {
				return
			}
		}
	}
	setting := func(_ *testing.T, c *net.TCPConn) {
		go func() { _, _ = io.Copy(io.Discard, c) }()
		for i := 0; ; i++ {
			if _, err := fmt.Fprintf(c, "SET VARIABLE V%d %s\n", i, strings.Repeat("y", 500)); err != nil {
				return
			}
		}
	}
	for name, serve := range map[string]server{
		"no line": noLine, "commands": endlessServer, "variables": setting, "never reads": deafServer,
	} {
		t.Run(name, func(t *testing.T) {
			engines(t, func(t *testing.T, engine string) {
				storm, err := Prepare(Config{
					Addresses: []netip.AddrPort{start(t, serve)},
					Schedule:  arrival.Burst{Calls: calls}, Limits: limits, Engine: engine,
				})
				if err != nil {
					t.Fatal(err)
				}
				defer storm.Close()
				var before, after runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&before)
				_, list := storm.Run(t.Context(), time.Now())
				runtime.GC()
				runtime.ReadMemStats(&after)
				if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > calls*each {
					t.Errorf("the heap has grown by %d bytes for %d calls", grown, calls)
				}
				n := 0
				for a := range list {
					n++
					if a.Outcome != record.ProtocolError && a.Outcome != record.Reset {
						t.Errorf("%s, want a protocol error", a.Outcome)
					}
				}
				if n != calls {
					t.Errorf("%d of %d attempts have ended", n, calls)
				}
			})
		})
	}
}

// FuzzTalk: whatever a server says, in whatever pieces, ends in answers or in an error, in bounded
// memory, and the pieces make no difference.
func FuzzTalk(f *testing.F) {
	for _, text := range []string{
		"NOOP\n", "VERBOSE \"a b\" 1\nGET VARIABLE A\n", "garbage\n\n\r\n",
		"SET VARIABLE A " + strings.Repeat("x", 9000) + "\n",
		"GET FULL VARIABLE ${CHANNEL}-${A}\nDATABASE PUT a b c\nSTREAM FILE lost 0\n", "DATABASE DELTREE a\nEXEC None\n",
		strings.Repeat("SET VARIABLE A b\n", 300), "HANGUP\nNOOP\nCHANNEL STATUS\n", "GET VARIABLE", "\x00\n", "\"\\\n",
	} {
		f.Add([]byte(text), uint8(7))
	}
	config := Config{Host: "pbx", Schedule: arrival.Burst{Calls: 1}, Client: caller.Client{
		Variables: map[string]string{"A": "1"}, MissingFiles: []string{"lost"},
	}}
	f.Fuzz(func(t *testing.T, in []byte, size uint8) {
		whole, cut := newTalk(config), newTalk(config)
		want, n, err := whole.Receive(nil, 0, in)
		var got []byte
		sum, step := 0, int(size)+1
		var err2 error
		for rest := in; len(rest) > 0 && err2 == nil; rest = rest[min(step, len(rest)):] {
			var m int
			got, m, err2 = cut.Receive(got, 0, rest[:min(step, len(rest))])
			sum += m
		}
		if (err == nil) != (err2 == nil) || string(want) != string(got) || n != sum {
			t.Errorf("whole: %q, %d, %v; in pieces of %d: %q, %d, %v", want, n, err, step, got, sum, err2)
		}
		if s := &cut.sessions[0]; len(s.channel.Set) > agi.MaxSet {
			t.Errorf("%d bytes of variables are kept", len(s.channel.Set))
		}
		last, err := whole.Close(nil, 0)
		if err == nil && string(last) != agi.HangUp {
			t.Errorf("last words %q", last)
		}
	})
}

// FuzzEnginesAgree: a server that says anything and closes gets the same outcome from both engines.
func FuzzEnginesAgree(f *testing.F) {
	for _, text := range []string{
		"", "NOOP\n", "NOOP", "hello\n", "NOOP\nhello", strings.Repeat("x", 9000), strings.Repeat("NOOP\n", 5000),
	} {
		f.Add([]byte(text))
	}
	said := make(chan []byte, 1)
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.AcceptTCP()
			if err != nil {
				return
			}
			in := bufio.NewReader(c)
			_, _ = readEnvironment(in)
			go func() { _, _ = c.Write(<-said); _ = c.CloseWrite() }()
			_, _ = io.Copy(io.Discard, in)
			_ = c.Close()
		}
	}()
	f.Fuzz(func(t *testing.T, in []byte) {
		var first *record.Attempt
		engines(t, func(t *testing.T, engine string) {
			said <- in
			_, attempts := play(t, Config{
				Addresses: []netip.AddrPort{l.Addr().(*net.TCPAddr).AddrPort()},
				Schedule:  arrival.Burst{Calls: 1}, Limits: patient, Engine: engine,
			})
			a := attempts[0]
			if !a.Outcome.Valid() || a.Outcome == record.Reset || a.Outcome == record.Silent {
				t.Errorf("%s (%s %s)", a.Outcome, a.Errno, a.Limit)
			}
			if first == nil {
				first = &a
			} else if a.Outcome != first.Outcome || a.Reason != first.Reason || a.Commands != first.Commands {
				t.Errorf("%s %q %d commands; the other engine: %s %q %d", a.Outcome, a.Reason, a.Commands,
					first.Outcome, first.Reason, first.Commands)
			}
		})
	})
}

// TestEPIPEIsAClose: a client that is still speaking when the server has closed gets an RST for it. The FIN
// came first, and that is what the server did: EPIPE ends no attempt.
func TestEPIPEIsAClose(t *testing.T) {
	engines(t, func(t *testing.T, engine string) {
		_, attempts := play(t, Config{
			Addresses: []netip.AddrPort{start(t, func(*testing.T, *net.TCPConn) {})},
			Schedule:  arrival.Burst{Calls: 300}, Limits: patient, Engine: engine,
		})
		for _, a := range attempts {
			if a.Errno == "EPIPE" || a.Outcome != record.Closed && a.Outcome != record.Reset {
				t.Fatalf("%s, errno %q", a.Outcome, a.Errno)
			}
		}
	})
}

// TestOwnDelayIsNoSilence: a server that the client has not spoken to yet is not called silent, however
// long the others' turns took.
func TestOwnDelayIsNoSilence(t *testing.T) {
	engines(t, func(t *testing.T, engine string) {
		limits := patient
		limits.FirstCommand = 30 * time.Millisecond
		_, attempts := play(t, Config{
			Addresses: []netip.AddrPort{start(t, closeAfter("NOOP\n"))},
			Schedule:  arrival.Burst{Calls: 1500}, Limits: limits, Engine: engine,
		})
		for _, a := range attempts {
			if a.Outcome == record.Silent && a.BytesOut == 0 {
				t.Fatalf("call %d is silent at %v, connected at %v, and said nothing", a.Seq, a.Done, *a.Connected)
			}
		}
	})
}
