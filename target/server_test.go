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

	"agistorm/target/probe"
)

// quick is a server for tests: hardly any work, and limits that a test can wait for.
func quick(b Behaviour) Config {
	c := DefaultConfig()
	c.Behaviour, c.Work, c.Logged = b, time.Millisecond, 1000
	return c
}

func TestSessions(t *testing.T) {
	for _, b := range []Behaviour{Pool(1), Pool(4), Thread()} {
		t.Run(b.String(), func(t *testing.T) {
			noLeaks(t)
			const calls = 40
			s := start(t, quick(b))
			before := probe.Monotonic()
			addresses := callAll(t, s.l, calls)
			if err := s.stop(); err != nil {
				t.Fatal(err)
			}
			after := probe.Monotonic()

			c := s.Counts()
			if c.Accepted != calls || c.Served != calls || c.Failed != 0 || c.Open != 0 || c.AcceptErrors != 0 {
				t.Errorf("counts %+v", c)
			}
			if runtime.GOOS == "linux" && (c.Queued == nil || *c.Queued != 0) {
				t.Errorf("queued %v, want 0", c.Queued)
			}
			var logged []netip.AddrPort
			last := before
			for _, p := range s.Log() {
				if p.Fate != Served || p.At < last || p.Done < p.At+time.Millisecond || p.Done > after {
					t.Errorf("peer %+v, from %v to %v", p, last, after)
				}
				logged, last = append(logged, p.Address), p.At
			}
			slices.SortFunc(logged, netip.AddrPort.Compare)
			if !slices.Equal(logged, addresses) {
				t.Errorf("logged %v, the clients were %v", logged, addresses)
			}
		})
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

// TestThreadLimit: over the limit, connections wait in the kernel, and get their turn.
func TestThreadLimit(t *testing.T) {
	noLeaks(t)
	config := quick(Thread())
	config.Limits.Sessions = 2
	s := start(t, config)
	idle := []*net.TCPConn{dial(t, s.l), dial(t, s.l)}
	eventually(t, "two are open", func() bool { return s.Counts().Open == 2 })
	third := dial(t, s.l)
	done := make(chan error, 1)
	go func() { _, err := call(third); done <- err }()
	eventually(t, "one waits", func() bool {
		q, err := s.l.Queue()
		return err == nil && q.Depth == 1 || errors.Is(err, errors.ErrUnsupported)
	})
	if c := s.Counts(); c.Accepted != 2 {
		t.Errorf("counts %+v, want 2 accepted", c)
	}
	idle[0].Close()
	if err := <-done; !errors.Is(err, io.EOF) {
		t.Errorf("the third: %v", err)
	}
	idle[1].Close()
	eventually(t, "all have ended", func() bool { return s.Counts().Open == 0 })
}

// TestStopCutsAndCounts: the pool's one handler hangs on a silent client while others queue.
func TestStopCutsAndCounts(t *testing.T) {
	for name, say := range map[string][]byte{"in the environment": nil, "in the work": environment()} {
		t.Run(name, func(t *testing.T) {
			noLeaks(t)
			config := quick(Pool(1))
			config.Work, config.Drain = time.Hour, 10*time.Millisecond
			s := start(t, config)
			hung := dial(t, s.l)
			if _, err := hung.Write(say); err != nil {
				t.Fatal(err)
			}
			eventually(t, "it is accepted", func() bool { return s.Counts().Open == 1 })
			for range 3 {
				dial(t, s.l)
			}
			if err := s.stop(); err != nil {
				t.Fatal(err)
			}
			c := s.Counts()
			if c.Accepted != 1 || c.Failed != 1 || s.Log()[0].Fate != Stopped {
				t.Errorf("counts %+v, log %+v", c, s.Log())
			}
			if runtime.GOOS == "linux" && (c.Queued == nil || *c.Queued != 3) {
				t.Errorf("queued %v, want 3", c.Queued)
			}
		})
	}
}

// TestStopLetsSessionsFinish: what was accepted before the stop is served during the drain.
func TestStopLetsSessionsFinish(t *testing.T) {
	noLeaks(t)
	config := quick(Pool(1))
	config.Work, config.Drain = 50*time.Millisecond, time.Hour
	s := start(t, config)
	conn := dial(t, s.l)
	done := make(chan error, 1)
	go func() { _, err := call(conn); done <- err }()
	eventually(t, "it is accepted", func() bool { return s.Counts().Open == 1 })
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, io.EOF) || s.Counts().Served != 1 {
		t.Errorf("the client: %v, counts %+v", err, s.Counts())
	}
}

func TestListenerIsClosedUnderServe(t *testing.T) {
	noLeaks(t)
	for _, b := range []Behaviour{Pool(3), Thread()} {
		l, err := Listen("127.0.0.1:0", MaxBacklog)
		if err != nil {
			t.Fatal(err)
		}
		s, err := NewServer(l, quick(b))
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
		if err := s.Serve(context.Background()); !errors.Is(err, net.ErrClosed) {
			t.Errorf("%v: got %v, want ErrClosed", b, err)
		}
	}
}

func TestLogHasItsRoom(t *testing.T) {
	noLeaks(t)
	config := quick(Pool(1))
	config.Logged = 2
	s := start(t, config)
	callAll(t, s.l, 5)
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	if c := s.Counts(); c.Served != 5 || len(s.Log()) != 2 {
		t.Errorf("counts %+v, %d logged", c, len(s.Log()))
	}
}

func TestNewServerRefuses(t *testing.T) {
	if _, err := NewServer(nil, Config{}); err == nil {
		t.Error("a configuration of zeros: no error")
	}
}
