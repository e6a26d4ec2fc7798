package watch

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"agistorm/analysis/listeners"
	"agistorm/analysis/watch"
	"agistorm/target/container"
	"agistorm/target/netns"
	"agistorm/target/probe"
)

// fake is a host in the time of a synctest bubble.
type fake struct {
	mu     sync.Mutex
	start  time.Time
	slept  time.Duration
	spaces map[int]*fakeSpace // by their process; 0 is the watch's own
	opened int                // namespaces that are open
	asked  int                // queues that were read, one or all
	ready  func(*Watcher)     // what happens between New and Run; nil for nothing
}

// fakeSpace is a namespace; several may be opened of it.
type fakeSpace struct {
	host     *fake
	inode    uint64
	refused  error
	sockets  []probe.Listener
	queued   []probe.Connection
	counters map[string]uint64
}

func newFake() *fake {
	f := &fake{start: time.Now(), spaces: map[int]*fakeSpace{}}
	f.add(0, 1)
	return f
}

func (f *fake) add(pid int, inode uint64) *fakeSpace {
	s := &fakeSpace{host: f, inode: inode, counters: map[string]uint64{passiveOpens: 100, listenOverflows: 10}}
	f.do(func() { f.spaces[pid] = s })
	return s
}

// do changes the host.
func (f *fake) do(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

// reads is how many queues were read, and opens how many namespaces are open.
func (f *fake) reads() (n int) { f.do(func() { n = f.asked }); return n }
func (f *fake) opens() (n int) { f.do(func() { n = f.opened }); return n }

func (f *fake) now() (all, running time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	running = time.Since(f.start) + time.Hour
	return running + f.slept, running
}

func (f *fake) cpu() time.Duration    { return 0 }
func (f *fake) boot() (string, error) { return "boot", nil }

func (f *fake) namespaces() (all []netns.Inhabited, own uint64, hidden int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, pid := range slices.Sorted(maps.Keys(f.spaces)) {
		all = append(all, netns.Inhabited{Inode: f.spaces[pid].inode, PIDs: []int{pid}})
	}
	return all, 1, 3, nil
}

func (f *fake) space(pid int) (*fakeSpace, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch s := f.spaces[pid]; {
	case s == nil:
		return nil, fs.ErrNotExist
	case s.refused != nil:
		return nil, s.refused
	default:
		return s, nil
	}
}

func (f *fake) open(pid int) (sockets, error) {
	s, err := f.space(pid)
	if err == nil {
		f.do(func() { f.opened++ })
	}
	return s, err
}

func (f *fake) describe(pid int, n *listeners.Namespace) error {
	_, err := f.space(pid)
	most := 4096
	n.Somaxconn = &most
	return err
}

func (f *fake) container(pid int) *container.Container {
	return &container.Container{ID: fmt.Sprintf("%064d", pid), Name: fmt.Sprint("c", pid)}
}

func (f *fake) counters(pid int) (map[string]uint64, error) {
	s, err := f.space(pid)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(s.counters), nil
}

func (f *fake) owners(all []*listeners.Listener, inodes []uint32) int {
	for i, one := range all {
		one.PID, one.Process = int(inodes[i]), fmt.Sprint("server", inodes[i])
	}
	return 0
}

func (s *fakeSpace) Listeners() ([]probe.Listener, error) {
	s.host.mu.Lock()
	defer s.host.mu.Unlock()
	return slices.Clone(s.sockets), nil
}

func (s *fakeSpace) Queues(f func(probe.Queue)) error {
	all, _ := s.Listeners()
	for i := range all {
		f(queueOf(&all[i]))
	}
	s.host.do(func() { s.host.asked++ })
	return nil
}

func (s *fakeSpace) Queue(l *probe.Listener) (probe.Queue, error) {
	all, _ := s.Listeners()
	s.host.do(func() { s.host.asked++ })
	for i := range all { // the kernel finds the first of the address
		if all[i].Address == l.Address && all[i].Cookie == l.Cookie {
			return queueOf(&all[i]), nil
		} else if all[i].Address == l.Address {
			break
		}
	}
	return probe.Queue{}, probe.ErrNoListener
}

func (s *fakeSpace) Queued(uint16) ([]probe.Connection, error) {
	s.host.mu.Lock()
	defer s.host.mu.Unlock()
	return slices.Clone(s.queued), nil
}

func (s *fakeSpace) Close() error {
	s.host.do(func() { s.host.opened-- })
	return nil
}

// socket is one that listens with a backlog of 8 at a port of 127.0.0.1.
func fakeSocket(port uint16, cookie uint64) probe.Listener {
	return probe.Listener{
		Address: netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port), Cookie: cookie,
		Inode:      uint32(cookie),
		QueueState: probe.QueueState{Limit: 8, Drops: new(uint32)},
	}
}

// set changes the queue of a socket.
func (s *fakeSpace) set(cookie uint64, depth, drops uint32) {
	s.host.do(func() {
		for i := range s.sockets {
			if s.sockets[i].Cookie == cookie {
				s.sockets[i].Depth, s.sockets[i].Drops = depth, &drops
			}
		}
	})
}

func (s *fakeSpace) listen(all ...probe.Listener) { s.host.do(func() { s.sockets = all }) }

func (s *fakeSpace) count(name string, n uint64) { s.host.do(func() { s.counters[name] += n }) }

// watched is a watch that runs in a bubble.
type watched struct {
	t *testing.T
	f *fake
	*Watcher
	end  func() *watch.Report
	news []string
}

// inBubble runs a test with a host and, once begin has set that up, a watch over it.
func inBubble(t *testing.T, c Config, test func(f *fake, begin func() *watched)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		test(f, func() *watched {
			one := &watched{t: t, f: f}
			c.Said = func(n News) { f.do(func() { one.news = append(one.news, newsText(n)) }) }
			w, err := start(c, f)
			if err != nil {
				t.Fatal(err)
			}
			if f.ready != nil {
				f.ready(w)
			}
			one.Watcher = w
			done := make(chan error, 1)
			ctx, cancel := context.WithCancel(t.Context())
			go func() { done <- w.Run(ctx) }()
			time.Sleep(50 * time.Millisecond) // a test changes nothing at the moment of a sample
			one.end = func() *watch.Report {
				cancel()
				if err := <-done; err != nil {
					t.Error(err)
				}
				r := w.End()
				w.Close()
				if n := f.opens(); n != 0 {
					t.Errorf("%d namespaces are still open", n)
				}
				return r
			}
			return one
		})
	})
}

func newsText(n News) string {
	if n.Overflow != nil {
		o := n.Overflow
		return fmt.Sprintf("overflow %s: %d drops, peak %d of %d", n.Listener.Endpoint(), o.Drops, o.Peak, o.Limit+1)
	}
	text := string(n.Event.Kind)
	for _, part := range []string{n.Event.Endpoint, n.Event.Process, n.Event.Netns} {
		if part != "" {
			text += " " + part
		}
	}
	if n.Event.Duration > 0 {
		text += " " + n.Event.Duration.Round(100*time.Millisecond).String()
	}
	return text
}

// said holds what was said against what should be.
func (w *watched) said(want ...string) {
	w.t.Helper()
	synctest.Wait()
	w.f.do(func() {
		if !slices.Equal(w.news, want) {
			w.t.Errorf("said %q, want %q", w.news, want)
		}
	})
}
