package target

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"agistorm/target/engine"
	"agistorm/target/probe"
	"agistorm/target/spec"
	"agistorm/target/work"
)

// fastConfig is a server for tests: hardly any work, and limits that a test can wait for.
func fastConfig(b spec.Behaviour) Config {
	c := DefaultConfig()
	c.Behaviour, c.Work, c.Logged = b, work.Constant(time.Millisecond), 1000
	return c
}

// behaviour is one that parses.
func behaviour(t testing.TB, s string) spec.Behaviour {
	t.Helper()
	b, err := spec.ParseBehaviour(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestSessions: with every behaviour that serves all connections, every call gets its whole script, and the log
// has them all in order.
func TestSessions(t *testing.T) {
	for _, b := range []string{"pool:1", "pool:4", "thread", "pool:4,hoard", "pool:40,reject", "prefork:4", "fork:4,1ms",
		"loop", "async", "async:1ms", "env-in-accept", "reuseport:3", "xinetd:100,1s"} {
		t.Run(b, func(t *testing.T) {
			if b == "reuseport:3" && runtime.GOOS != "linux" {
				t.Skip("several sockets on one port: Linux only")
			}
			onBothEngines(t, fastConfig(behaviour(t, b)), testSessions)
		})
	}
}

func testSessions(t *testing.T, config Config) {
	const calls = 40
	s := start(t, config)
	before := probe.Monotonic()
	addresses := callAll(t, s.l, calls)
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	after := probe.Monotonic()

	c := s.Counts()
	if c.Accepted != calls || c.Served() != calls || c.Failed() != 0 || c.Open() != 0 || c.AcceptErrors != 0 {
		t.Errorf("counts %+v", c)
	}
	if runtime.GOOS == "linux" && (c.Queued == nil || *c.Queued != 0) {
		t.Errorf("queued %v, want 0", c.Queued)
	}
	var logged []netip.AddrPort
	var durations time.Duration
	last := before
	for _, p := range s.Log() {
		if p.Fate != engine.Served || p.At < last || p.Done < p.At+time.Millisecond || p.Done > after {
			t.Errorf("peer %+v, from %v to %v", p, last, after)
		}
		logged, last = append(logged, p.Address), p.At
		durations += p.Done - p.At
	}
	if c.SessionTime != durations {
		t.Errorf("session time %v, but the logged sessions add up to %v", c.SessionTime, durations)
	}
	slices.SortFunc(logged, netip.AddrPort.Compare)
	if !slices.Equal(logged, addresses) {
		t.Errorf("logged %v, the clients were %v", logged, addresses)
	}
}

// callAll makes the calls at once and gives the clients' addresses, sorted.
func callAll(t *testing.T, l *Listener, calls int) []netip.AddrPort {
	t.Helper()
	want := DefaultConfig().Script
	addresses := make([]netip.AddrPort, calls)
	var all sync.WaitGroup
	for i := range calls {
		conn := dial(t, l)
		addresses[i] = netip.MustParseAddrPort(conn.LocalAddr().String())
		all.Go(func() {
			if commands, err := call(conn); !errors.Is(err, io.EOF) || !slices.Equal(commands, want) {
				t.Errorf("call %d: commands %q, %v", i, commands, err)
			}
		})
	}
	all.Wait()
	slices.SortFunc(addresses, netip.AddrPort.Compare)
	return addresses
}

// TestSessionTimeOfOpenSessions: a session that has not ended counts, in the log or not, and one
// that has ended counts no more.
func TestSessionTimeOfOpenSessions(t *testing.T) {
	l := newPeerLog(1)
	logged, unlogged := l.Accepted(engine.Arrival{}), l.Accepted(engine.Arrival{})
	time.Sleep(time.Millisecond)
	first := l.count()
	time.Sleep(time.Millisecond)
	second := l.count()
	if grown := second.SessionTime - first.SessionTime; grown < 2*time.Millisecond {
		t.Errorf("two open sessions: %v more after 1 ms, want at least 2 ms", grown)
	}
	l.Ended(logged, engine.Served, 0)
	l.Ended(unlogged, engine.Served, 0)
	ended := l.count()
	time.Sleep(time.Millisecond)
	if later := l.count(); later.SessionTime != ended.SessionTime {
		t.Errorf("session time %v, want %v: no session is open", later.SessionTime, ended.SessionTime)
	}
}

// TestOpenLimit: over the limit, connections wait in the kernel, and get their turn.
func TestOpenLimit(t *testing.T) {
	config := fastConfig(spec.Thread())
	config.Limits.Sessions = 2
	onBothEngines(t, config, func(t *testing.T, config Config) {
		s := start(t, config)
		idle := []*net.TCPConn{dial(t, s.l), dial(t, s.l)}
		eventually(t, "two are open", func() bool { c := s.Counts(); return c.Open() == 2 })
		third := dial(t, s.l)
		done := make(chan error, 1)
		go func() { _, err := call(third); done <- err }()
		eventually(t, "one waits", func() bool {
			n, err := s.l.Waiting()
			return err == nil && (n == 1 || runtime.GOOS != "linux")
		})
		if c := s.Counts(); c.Accepted != 2 {
			t.Errorf("counts %+v, want 2 accepted", c)
		}
		idle[0].Close()
		if err := <-done; !errors.Is(err, io.EOF) {
			t.Errorf("the third: %v", err)
		}
		idle[1].Close()
		eventually(t, "all have ended", func() bool { c := s.Counts(); return c.Open() == 0 })
	})
}

// TestStopCutsAndCounts: the pool's one handler hangs on a silent client while others queue.
func TestStopCutsAndCounts(t *testing.T) {
	for name, say := range map[string]string{"in the environment": "", "in the work": environment()} {
		t.Run(name, func(t *testing.T) {
			config := fastConfig(spec.Pool(1))
			config.Work, config.Drain = work.Constant(work.Max), 10*time.Millisecond
			onBothEngines(t, config, func(t *testing.T, config Config) {
				s := start(t, config)
				hung := dial(t, s.l)
				write(hung, say)
				eventually(t, "it is accepted", func() bool { c := s.Counts(); return c.Open() == 1 })
				for range 3 {
					dial(t, s.l)
				}
				if err := s.stop(); err != nil {
					t.Fatal(err)
				}
				c := s.Counts()
				if c.Accepted != 1 || c.Failed() != 1 || s.Log()[0].Fate != engine.Stopped {
					t.Errorf("counts %+v, log %+v", c, s.Log())
				}
				if runtime.GOOS == "linux" && (c.Queued == nil || *c.Queued != 3) {
					t.Errorf("queued %v, want 3", c.Queued)
				}
			})
		})
	}
}

// TestQueuedWhenItStopped: a connection made during the drain was not left in the queue by
// the server.
func TestQueuedWhenItStopped(t *testing.T) {
	config := fastConfig(spec.Pool(1))
	config.Work, config.Drain = work.Constant(work.Max), time.Second
	onBothEngines(t, config, func(t *testing.T, config Config) {
		s := start(t, config)
		write(dial(t, s.l), environment())
		eventually(t, "it is accepted", func() bool { c := s.Counts(); return c.Open() == 1 })
		dial(t, s.l)
		stopped := make(chan error, 1)
		go func() { stopped <- s.stop() }()
		for end := time.Now().Add(config.Drain / 3); s.Counts().Queued == nil && time.Now().Before(end); {
			time.Sleep(time.Millisecond)
		}
		for range 2 {
			dial(t, s.l)
		}
		if err := <-stopped; err != nil {
			t.Fatal(err)
		}
		if c := s.Counts(); runtime.GOOS == "linux" && *c.Queued != 1 {
			t.Errorf("queued %d, want 1", *c.Queued)
		}
	})
}

// TestTimeInTheQueue: the kernel reports how long each was in the accept queue, whatever the server's client
// has seen.
func TestTimeInTheQueue(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("tcpi_last_data_sent: Linux only")
	}
	config := fastConfig(spec.Pool(1))
	config.Engine, config.Work = Epoll, work.Constant(500*time.Millisecond)
	s := start(t, config)
	first := dial(t, s.l)
	eventually(t, "the first is accepted", func() bool { c := s.Counts(); return c.Open() == 1 })
	from := probe.Monotonic()
	second := dial(t, s.l)
	until := probe.Monotonic()
	for _, conn := range []*net.TCPConn{first, second} {
		if _, err := call(conn); !errors.Is(err, io.EOF) {
			t.Error(err)
		}
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	const tick = 20 * time.Millisecond // two at 100 Hz
	p := s.Log()[1]
	if p.Queued == nil {
		t.Fatal("the kernel did not report it")
	}
	if entered := p.At - *p.Queued; entered < from-tick || entered > until+tick+200*time.Millisecond {
		t.Errorf("queued for %v, accepted at %v: that is since %v, and it came between %v and %v", *p.Queued, p.At,
			entered, from, until)
	}
}

// TestStopWhateverItDoes: every behaviour can be stopped in the midst of a work that takes minutes, with
// more calls inside.
func TestStopWhateverItDoes(t *testing.T) {
	for _, b := range []string{"thread", "pool:2,hoard", "pool:2,reject", "prefork:2", "fork:2,1ms", "fork:2,10s",
		"loop", "async", "async:10ms", "env-in-accept"} {
		t.Run(b, func(t *testing.T) {
			config := fastConfig(behaviour(t, b))
			config.Work, config.Drain = work.Constant(work.Max), 10*time.Millisecond
			onBothEngines(t, config, func(t *testing.T, config Config) {
				s := start(t, config)
				for range 4 {
					write(dial(t, s.l), environment())
				}
				eventually(t, "one is open", func() bool { c := s.Counts(); return c.Open() > 0 })
				if err := s.stop(); err != nil {
					t.Fatal(err)
				}
				if c := s.Counts(); c.Open() != 0 || c.By[engine.Stopped] == 0 || c.Served() != 0 {
					t.Errorf("counts %+v", c)
				}
			})
		})
	}
}

// TestStopLetsSessionsFinish: what was accepted before the stop is served during the drain.
func TestStopLetsSessionsFinish(t *testing.T) {
	config := fastConfig(spec.Pool(1))
	config.Work, config.Drain = work.Constant(50*time.Millisecond), time.Hour
	onBothEngines(t, config, func(t *testing.T, config Config) {
		s := start(t, config)
		conn := dial(t, s.l)
		done := make(chan error, 1)
		go func() { _, err := call(conn); done <- err }()
		eventually(t, "it is accepted", func() bool { c := s.Counts(); return c.Open() == 1 })
		if err := s.stop(); err != nil {
			t.Fatal(err)
		}
		if c := s.Counts(); !errors.Is(<-done, io.EOF) || c.Served() != 1 {
			t.Errorf("counts %+v", c)
		}
	})
}

func TestListenerIsClosedBeforeServe(t *testing.T) {
	noLeaks(t)
	l, err := Listen("127.0.0.1:0", spec.Max(), 1)
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewServer(l, fastConfig(spec.Thread()))
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if err := s.Serve(context.Background()); !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
}

func TestLogHasItsRoom(t *testing.T) {
	config := fastConfig(spec.Pool(1))
	config.Logged = 2
	onBothEngines(t, config, func(t *testing.T, config Config) {
		s := start(t, config)
		callAll(t, s.l, 5)
		if err := s.stop(); err != nil {
			t.Fatal(err)
		}
		if c := s.Counts(); c.Served() != 5 || len(s.Log()) != 2 {
			t.Errorf("counts %+v, %d logged", c, len(s.Log()))
		}
	})
}

func TestNewServerRefuses(t *testing.T) {
	if _, err := NewServer(nil, Config{}); err == nil {
		t.Error("a configuration of zeros: no error")
	}
}
