package target

import (
	"errors"
	"io"
	"maps"
	"net"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"agistorm/target/engine"
	"agistorm/target/spec"
	"agistorm/target/work"
)

// busyConfig is a server whose every call works for so long.
func busyConfig(b spec.Behaviour, d time.Duration) Config {
	c := fastConfig(b)
	c.Work = work.Constant(d)
	return c
}

// caller says its environment and waits.
func caller(t *testing.T, l *Listener) *net.TCPConn {
	t.Helper()
	c := dial(t, l)
	write(c, environment())
	return c
}

// accepted waits until so many connections are accepted, and gives the rest time to be, if they wrongly were.
func accepted(t *testing.T, s running, n uint64) {
	t.Helper()
	eventually(t, "enough are accepted", func() bool { return s.Counts().Accepted >= n })
	time.Sleep(20 * time.Millisecond)
	if got := s.Counts().Accepted; got != n {
		t.Errorf("%d are accepted, want %d", got, n)
	}
}

// firstWord waits for a command, or for what comes instead.
func firstWord(c net.Conn) error {
	_, err := c.Read(make([]byte, 1))
	return err
}

// TestPoolLeavesInTheKernel: what no handler is free for is not accepted.
func TestPoolLeavesInTheKernel(t *testing.T) {
	for _, b := range []string{"pool:3", "prefork:3", "fork:3,1ms"} {
		t.Run(b, func(t *testing.T) {
			onBothEngines(t, busyConfig(behaviour(t, b), work.Max), func(t *testing.T, config Config) {
				s := start(t, config)
				for range 5 {
					caller(t, s.l)
				}
				accepted(t, s, 3)
				if n, err := s.l.Waiting(); n != 2 && !errors.Is(err, errors.ErrUnsupported) &&
					runtime.GOOS == "linux" {
					t.Errorf("%d wait in the kernel, %v, want 2", n, err)
				}
			})
		})
	}
}

// TestRejectCloses: while the pool's handlers are busy, a new connection is closed unread.
func TestRejectCloses(t *testing.T) {
	onBothEngines(
		t,
		busyConfig(behaviour(t, "pool:2,reject"), 100*time.Millisecond),
		func(t *testing.T, config Config) {
			s := start(t, config)
			in := []*net.TCPConn{caller(t, s.l), caller(t, s.l)}
			accepted(t, s, 2)
			out := dial(t, s.l)
			if err := firstWord(out); !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("the third: %v, want to be closed", err)
			}
			for _, c := range in {
				if err := firstWord(c); err != nil {
					t.Errorf("one of the pool: %v", err)
				}
			}
			if c := s.Counts(); c.By[engine.Rejected] != 1 {
				t.Errorf("counts %+v, want one rejected", c)
			}
		},
	)
}

// TestHoardAnswersInTurn: all connections are accepted at once, and served one after the other in the order of the
// coming.
func TestHoardAnswersInTurn(t *testing.T) {
	onBothEngines(t, busyConfig(behaviour(t, "pool:1,hoard"), 30*time.Millisecond), func(t *testing.T, config Config) {
		s := start(t, config)
		const calls = 5
		var mu sync.Mutex
		var order []int
		var all sync.WaitGroup
		for i := range calls {
			c := caller(t, s.l)
			accepted(t, s, uint64(i+1))
			all.Go(func() {
				if err := firstWord(c); err != nil {
					t.Errorf("call %d: %v", i, err)
				}
				mu.Lock()
				defer mu.Unlock()
				order = append(order, i)
				write(c, "200 result=1\n200 result=1\n")
			})
		}
		all.Wait()
		if !slices.IsSorted(order) {
			t.Errorf("served in the order %v", order)
		}
	})
}

// TestLoopBlocks: while one call works, no other call is served; the calls' work comes one after another.
func TestLoopBlocks(t *testing.T) {
	const work, calls = 50 * time.Millisecond, 4
	onBothEngines(t, busyConfig(behaviour(t, "loop"), work), func(t *testing.T, config Config) {
		s := start(t, config)
		began := time.Now()
		callAll(t, s.l, calls)
		if took := time.Since(began); took < calls*work {
			t.Errorf("%d calls of %v took %v: they worked beside one another", calls, work, took)
		}
	})
}

// TestBusyServerBlamesNoClient: the clients answer at once; that the server's one thread is busy with the
// others for longer than their limit is not their fault.
func TestBusyServerBlamesNoClient(t *testing.T) {
	config := busyConfig(behaviour(t, "loop"), 60*time.Millisecond)
	config.Limits.EnvTime, config.Limits.ScriptTime = 200*time.Millisecond, 200*time.Millisecond
	onBothEngines(t, config, func(t *testing.T, config Config) {
		s := start(t, config)
		callAll(t, s.l, 10) // 0.6 s of work
		if err := s.stop(); err != nil {
			t.Fatal(err)
		}
		if c := s.Counts(); c.Served() != 10 {
			t.Errorf("%+v, want 10 served", c)
		}
	})
}

// TestCallsWorkBesideOneAnother: with a thread or a process for each they do, and in a loop that their work
// does not block.
func TestCallsWorkBesideOneAnother(t *testing.T) {
	const work, calls = 150 * time.Millisecond, 8
	for _, b := range []string{"thread", "async", "async:1ms", "fork:40,1ms"} {
		t.Run(b, func(t *testing.T) {
			onBothEngines(t, busyConfig(behaviour(t, b), work), func(t *testing.T, config Config) {
				config.Logged = calls
				s := start(t, config)
				callAll(t, s.l, calls)
				eventually(t, "all sessions have ended", func() bool { c := s.Counts(); return c.Open() == 0 })
				var ends []time.Duration
				for _, p := range s.Log() {
					ends = append(ends, p.Done)
				}
				slices.Sort(ends)
				for i := 1; i < len(ends); i++ {
					if ends[i]-ends[i-1] < work {
						return
					}
				}
				t.Errorf("each of %d sessions ended %v or more after the one before: they worked one after another",
					len(ends), work)
			})
		})
	}
}

// TestAsyncAcceptsWhileCallsWait: calls at work, and a silent client, keep no connection out.
func TestAsyncAcceptsWhileCallsWait(t *testing.T) {
	onBothEngines(t, busyConfig(behaviour(t, "async"), work.Max), func(t *testing.T, config Config) {
		s := start(t, config)
		dial(t, s.l)
		for range 20 {
			caller(t, s.l)
		}
		accepted(t, s, 21)
	})
}

// callEvents is the least number of events of a call of callAll: it is accepted, its environment comes, its
// work ends, and two commands are answered.
const callEvents = 5

// TestEventsTakeTheirTime: the accepts are at least one cost apart, and the costs of all events add up. The
// clock of CPU time may differ from the log's by 1 %.
func TestEventsTakeTheirTime(t *testing.T) {
	const cost, calls = 10 * time.Millisecond * 99 / 100, 6
	onBothEngines(t, fastConfig(behaviour(t, "async:10ms")), func(t *testing.T, config Config) {
		s := start(t, config)
		callAll(t, s.l, calls)
		if err := s.stop(); err != nil {
			t.Fatal(err)
		}
		log := s.Log()
		var last, end time.Duration
		for i, p := range log {
			if p.Fate != engine.Served || p.Done-p.At < callEvents*cost || i > 0 && p.At-last < cost {
				t.Errorf("call %d: %v, accepted %v after the one before it, done %v later", i, p.Fate, p.At-last,
					p.Done-p.At)
			}
			last, end = p.At, max(end, p.Done)
		}
		if took := end - log[0].At; took < calls*callEvents*cost {
			t.Errorf("%d calls took %v: their events were handled beside one another", calls, took)
		}
	})
}

// TestCostIsNotTheClients: the clients answer at once, and the cost of the others' events, although it is
// longer than the limits, does not count against them.
func TestCostIsNotTheClients(t *testing.T) {
	config := fastConfig(behaviour(t, "async:10ms"))
	config.Limits.EnvTime, config.Limits.ScriptTime = 200*time.Millisecond, 200*time.Millisecond
	onBothEngines(t, config, func(t *testing.T, config Config) {
		const calls = 16 // 0.8 s of events, four times what each client may take
		s := start(t, config)
		callAll(t, s.l, calls)
		if err := s.stop(); err != nil {
			t.Fatal(err)
		}
		if c := s.Counts(); c.Served() != calls {
			t.Errorf("%+v, want %d served", c, calls)
		}
	})
}

// TestForkTakesItsTime: the forks come one after another, and each session begins when its own is over.
func TestForkTakesItsTime(t *testing.T) {
	const cost, calls = 40 * time.Millisecond, 5
	onBothEngines(t, busyConfig(behaviour(t, "fork:40,40ms"), 0), func(t *testing.T, config Config) {
		s := start(t, config)
		began := time.Now()
		callAll(t, s.l, calls)
		if took := time.Since(began); took < calls*cost {
			t.Errorf("%d calls took %v: a fork takes %v", calls, took, cost)
		}
		if err := s.stop(); err != nil {
			t.Fatal(err)
		}
		var last time.Duration
		for i, p := range s.Log() {
			if p.Done-p.At < cost || i > 0 && p.At-last < cost {
				t.Errorf("call %d: accepted %v after the one before it, done %v later", i, p.At-last, p.Done-p.At)
			}
			last = p.At
		}
	})
}

// TestForkKeepsTheRestInTheKernel: while a process is made, no connection is accepted.
func TestForkKeepsTheRestInTheKernel(t *testing.T) {
	onBothEngines(t, busyConfig(behaviour(t, "fork:40,10s"), 0), func(t *testing.T, config Config) {
		config.Drain = 0
		s := start(t, config)
		for range 3 {
			caller(t, s.l)
		}
		accepted(t, s, 1)
		if n, err := s.l.Waiting(); n != 2 && !errors.Is(err, errors.ErrUnsupported) && runtime.GOOS == "linux" {
			t.Errorf("%d wait in the kernel, %v, want 2", n, err)
		}
		if err := s.stop(); err != nil {
			t.Fatal(err)
		}
		if c := s.Counts(); c.By[engine.Stopped] != 1 || c.Open() != 0 {
			t.Errorf("counts %+v, want one stopped", c)
		}
	})
}

// TestSilentClientBlocksTheAcceptLoop: where the accept loop reads the environment, no connection is accepted
// behind a silent client.
func TestSilentClientBlocksTheAcceptLoop(t *testing.T) {
	onBothEngines(t, fastConfig(behaviour(t, "env-in-accept")), func(t *testing.T, config Config) {
		s := start(t, config)
		silent := dial(t, s.l)
		accepted(t, s, 1)
		next := caller(t, s.l)
		accepted(t, s, 1)
		silent.Close()
		if err := firstWord(next); err != nil {
			t.Errorf("after the silent client: %v", err)
		}
	})
}

// TestXinetdClosesItsPort: one more than the rate is closed, and then the port, until its time is over.
func TestXinetdClosesItsPort(t *testing.T) {
	onBothEngines(t, fastConfig(behaviour(t, "xinetd:3,300ms")), func(t *testing.T, config Config) {
		s := start(t, config)
		for range 4 {
			dial(t, s.l)
		}
		eventually(t, "one is rejected", func() bool { return s.Counts().By[engine.Rejected] == 1 })
		eventually(t, "the port is closed", func() bool { return refused(s.l) })
		eventually(t, "a call is served", func() bool { // the tries count too, and may close it again
			conn, err := net.Dial("tcp", s.l.Addr().String())
			if err != nil {
				return false
			}
			commands, _ := call(conn)
			return len(commands) == 2
		})
	})
}

// refused reports whether a connect is.
func refused(l *Listener) bool {
	conn, err := net.DialTimeout("tcp", l.Addr().String(), time.Second)
	if err == nil {
		conn.Close()
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}

// TestReuseportSpreads: every one of the sockets is served, and the log distinguishes them.
func TestReuseportSpreads(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("several sockets on one port: Linux only")
	}
	onBothEngines(t, busyConfig(behaviour(t, "reuseport:4"), 0), func(t *testing.T, config Config) {
		s := start(t, config)
		callAll(t, s.l, 60) // one socket is left out by all with a probability below 1 in 10 million
		if n, err := s.l.Waiting(); n != 0 || err != nil {
			t.Errorf("%d wait, %v", n, err)
		}
		sockets := map[int]bool{}
		for _, peer := range s.Log() {
			sockets[peer.Socket] = true
		}
		if want := map[int]bool{0: true, 1: true, 2: true, 3: true}; !maps.Equal(sockets, want) {
			t.Errorf("out of the queues of %v, want all four", sockets)
		}
	})
}

// TestStall: meanwhile no connection is accepted, and open sessions go on.
func TestStall(t *testing.T) {
	config := fastConfig(spec.Thread())
	config.Stalls = []spec.Disturbance{{For: 400 * time.Millisecond, At: 100 * time.Millisecond}}
	onBothEngines(t, config, func(t *testing.T, config Config) {
		s := start(t, config)
		open := dial(t, s.l)
		accepted(t, s, 1)
		begin := time.Now()
		s.DisturbFrom(begin)
		time.Sleep(time.Until(begin.Add(200 * time.Millisecond)))
		late := caller(t, s.l)
		write(open, environment())
		if err := firstWord(open); err != nil {
			t.Errorf("the open one: %v", err)
		}
		if before := time.Since(begin) < 450*time.Millisecond; before && s.Counts().Accepted != 1 {
			t.Errorf("%d accepted within the stall", s.Counts().Accepted)
		}
		if err := firstWord(late); err != nil || time.Since(begin) < 500*time.Millisecond {
			t.Errorf("the late one: %v after %v, want it after the stall", err, time.Since(begin))
		}
	})
}

// TestRestart: the listener is closed and clients are refused, what is open goes on, and the same port
// comes back.
func TestRestart(t *testing.T) {
	config := fastConfig(spec.Pool(2))
	config.Work = work.Constant(400 * time.Millisecond)
	config.Restarts = []spec.Disturbance{{For: 200 * time.Millisecond, At: 100 * time.Millisecond}}
	onBothEngines(t, config, func(t *testing.T, config Config) {
		s := start(t, config)
		in := []*net.TCPConn{caller(t, s.l), caller(t, s.l)}
		accepted(t, s, 2)
		queued := dial(t, s.l)
		s.DisturbFrom(time.Now())
		eventually(t, "the port is closed", func() bool { return refused(s.l) })
		if _, err := s.l.ListenAgain(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("listening again meanwhile: %v, want ErrClosed", err)
		}
		if err := firstWord(queued); !errors.Is(err, syscall.ECONNRESET) && runtime.GOOS == "linux" {
			t.Errorf("the queued one: %v, want a reset", err)
		}
		for _, c := range in {
			if err := firstWord(c); err != nil {
				t.Errorf("an open one: %v", err)
			}
			c.Close()
		}
		eventually(t, "the port is open again", func() bool { return !refused(s.l) })
		if commands, err := call(dial(t, s.l)); err != io.EOF || len(commands) != 2 {
			t.Errorf("a call after it: %q, %v", commands, err)
		}
		if n := s.l.Discarded(); n < 1 && runtime.GOOS == "linux" {
			t.Errorf("%d discarded, want at least the one that was queued", n)
		}
	})
}

// TestStopWithinADisturbance: a server that is down, or stalls, can be stopped.
func TestStopWithinADisturbance(t *testing.T) {
	forever := []spec.Disturbance{{For: spec.MaxDisturbance}}
	for name, disturb := range map[string]func(*Config){
		"stall":   func(c *Config) { c.Stalls = forever },
		"restart": func(c *Config) { c.Restarts = forever },
	} {
		t.Run(name, func(t *testing.T) {
			config := fastConfig(spec.Thread())
			disturb(&config)
			onBothEngines(t, config, func(t *testing.T, config Config) {
				s := start(t, config)
				s.DisturbFrom(time.Now())
				if name == "restart" {
					eventually(t, "the port is closed", func() bool { return refused(s.l) })
				}
				if err := s.stop(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// TestPortIsTakenMeanwhile: a restart that cannot have its port again ends the server with an error that
// says so.
func TestPortIsTakenMeanwhile(t *testing.T) {
	noLeaks(t)
	l, err := Listen("127.0.0.1:0", spec.Max(), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	config := fastConfig(spec.Thread())
	config.Restarts = []spec.Disturbance{{For: 300 * time.Millisecond}}
	s, err := NewServer(l, config)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(t.Context()) }()
	s.DisturbFrom(time.Now())
	eventually(t, "the port is closed", func() bool { return refused(l) })
	other, err := Listen(l.Addr().String(), spec.Max(), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if err := <-done; !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("got %v, want EADDRINUSE", err)
	}
}

// TestKeptIsNotServed: connections that wait inside and are cut off are not counted as what their places
// held before.
func TestKeptIsNotServed(t *testing.T) {
	config := fastConfig(behaviour(t, "pool:1,hoard"))
	config.Drain = 10 * time.Millisecond
	onBothEngines(t, config, func(t *testing.T, config Config) {
		s := start(t, config)
		callAll(t, s.l, 5)
		for range 4 {
			dial(t, s.l) // silent: the first has the handler
		}
		accepted(t, s, 9)
		if err := s.stop(); err != nil {
			t.Fatal(err)
		}
		if c := s.Counts(); c.Served() != 5 || c.By[engine.Stopped] != 4 {
			t.Errorf("counts %+v, want 5 served and 4 stopped", c)
		}
	})
}
