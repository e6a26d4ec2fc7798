package watch

import (
	"cmp"
	"errors"
	"io/fs"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"agistorm/analysis/listeners"
	"agistorm/analysis/watch"
	"agistorm/target/netns"
	"agistorm/target/probe"
	"agistorm/target/scan"
)

// space is a network namespace.
type space struct {
	listeners.Namespace
	kernel sockets
	// pid is a process that lives in it; 0 is this one.
	pid int
	// failed: the kernel's last answer was an error.
	failed  bool
	sockets map[uint64]*socket
	rows    []*row
	// base are the counters of the beginning, nil until they were read, and counters the last ones.
	base, counters map[string]uint64
	opens          *uint64
	// overflows are those of the last two readings, the later one first.
	overflows [2]*uint64
	// first place at which a socket listened; shared: there was another, so the counters are those of several.
	first  *place
	shared bool
	self   *self // nil for none
	gone   bool
}

// socket is one that listens now.
type socket struct {
	probe.Listener
	seen listeners.Listener
	// row is nil where it was not asked for.
	row *row
	// old: it listened before the watch began.
	old   bool
	queue probe.Queue
	// round in which it was seen last.
	round int
}

// place is what a listener keeps over a restart.
type place struct {
	address netip.AddrPort
	device  uint32
}

func (s *socket) place() place { return place{s.Address, s.Device} }

// discover finds namespaces that are new, and those whose last process has ended.
func (w *Watcher) discover(at time.Duration) error {
	all, own, hidden, err := w.kernel.namespaces()
	if err != nil {
		return err
	}
	w.unseen.Processes, w.unseen.Namespaces = hidden, 0
	living := map[uint64]bool{own: true}
	if i := slices.IndexFunc(all, func(n netns.Inhabited) bool { return n.Inode == own }); i > 0 {
		all[0], all[i] = all[i], all[0]
	}
	for _, n := range all {
		living[n.Inode] = true
		pids := n.PIDs
		if n.Inode == own {
			pids = []int{0}
		}
		switch err := w.enter(n.Inode, pids, at); {
		case err == nil || errors.Is(err, fs.ErrNotExist) && n.Inode != own: // its processes may have ended meanwhile
		case n.Inode == own:
			return err
		default:
			w.unseen.Namespaces++
			w.refused[n.Inode] = errors.Is(err, fs.ErrPermission) // what else there is may pass
		}
	}
	for inode := range w.refused {
		if !living[inode] {
			delete(w.refused, inode)
		}
	}
	for _, s := range slices.Clone(w.spaces) {
		if !s.gone && !living[s.Inode] {
			w.leave(s, at)
		}
	}
	return nil
}

// enter opens a namespace that is new, by the first of its processes that still lives.
func (w *Watcher) enter(inode uint64, pids []int, at time.Duration) (err error) {
	s := w.spaceOf(inode)
	switch {
	case w.refused[inode]:
		return fs.ErrPermission
	case s != nil && !s.failed:
		s.pid = pids[0]
		return nil
	}
	for _, pid := range pids {
		var opened sockets
		if opened, err = w.kernel.open(pid); err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			return err
		}
		if s != nil {
			_ = s.kernel.Close()
			s.kernel, s.pid, s.failed = opened, pid, false
			return nil
		}
		return w.begin(&space{
			Namespace: listeners.Namespace{Netns: strconv.FormatUint(inode, 10), Inode: inode}, kernel: opened,
			pid: pid, sockets: map[uint64]*socket{},
		}, at)
	}
	return err
}

// begin takes up a namespace.
func (w *Watcher) begin(s *space, at time.Duration) error {
	if s.pid == 0 {
		s.Netns = listeners.Host
	} else {
		s.Container = w.kernel.container(s.pid)
	}
	if err := w.kernel.describe(s.pid, &s.Namespace); err != nil {
		return errors.Join(err, s.kernel.Close())
	}
	if !w.beginning {
		s.base = map[string]uint64{} // it began within the watch
	}
	w.spaces = append(w.spaces, s)
	return w.sweep(s, at)
}

// relist looks for namespaces soon.
func (w *Watcher) relist() { w.listAt = min(w.listAt, w.relistAt) }

// leave lets a namespace go: what it holds open would keep it.
func (w *Watcher) leave(s *space, at time.Duration) {
	s.gone = true
	_ = s.kernel.Close() // nothing more is asked
	for _, socket := range s.sockets {
		if socket.row != nil {
			w.down(socket.row, at, true)
		}
	}
	for _, r := range s.rows {
		r.said = true // that it vanished
		w.ended(r, at+watch.EpisodeGap+1)
	}
	s.sockets, s.kernel = nil, nil
	if len(s.rows) == 0 {
		w.spaces = slices.DeleteFunc(w.spaces, func(o *space) bool { return o == s })
		return
	}
	w.say(watch.Event{At: w.wall(at), Kind: watch.NamespaceGone, Netns: s.Netns, Container: s.Container})
	w.forgetting = true
}

// spaceOf is the namespace of an inode; nil for none that lives.
func (w *Watcher) spaceOf(inode uint64) *space {
	i := slices.IndexFunc(w.spaces, func(s *space) bool { return s.Inode == inode && !s.gone })
	if i < 0 {
		return nil
	}
	return w.spaces[i]
}

// sweep samples all listeners of a namespace, and finds those that are new and those that have closed.
func (w *Watcher) sweep(s *space, at time.Duration) error {
	w.round++
	unknown := 0
	err := s.kernel.Queues(func(q probe.Queue) {
		if one := s.sockets[q.Cookie]; one != nil {
			one.queue, one.round = q, w.round
		} else {
			unknown++
		}
	})
	if err != nil {
		s.failed = true
		return err
	}
	notFull, opens := w.count(s)
	for cookie, one := range s.sockets {
		switch {
		case one.round != w.round:
			delete(s.sockets, cookie)
			if one.row != nil {
				w.down(one.row, at, false)
			}
		case one.row != nil:
			w.sample(one, at, notFull)
		}
	}
	if unknown > 0 {
		if err := w.meet(s, at); err != nil {
			s.failed = true
			return err
		}
	}
	others := s.others(opens)
	for _, r := range s.rows {
		if s.isSelf(r.place) {
			r.Window(opens)
		} else {
			r.Window(others)
		}
		w.rest(r, at)
	}
	return nil
}

// count reads the counters of a namespace: how many connections came since the last time, nil where that is not known;
// and whether its queues were not full, whatever was dropped.
func (w *Watcher) count(s *space) (notFull bool, opens *uint64) {
	all, err := w.kernel.counters(s.pid)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) { // the process has ended, and perhaps the namespace with it
			w.relist()
		}
		s.opens, s.overflows = nil, [2]*uint64{}
		return false, nil
	}
	s.counters = map[string]uint64{}
	for _, name := range watch.Counters {
		if n, ok := all[name]; ok {
			s.counters[name] = n
		}
	}
	if s.base == nil {
		s.base = s.counters
	}
	if n, ok := all[passiveOpens]; ok {
		if s.opens != nil {
			grown := n - min(n, *s.opens)
			opens, w.busy = &grown, w.busy || grown > 0
		}
		s.opens = &n
	}
	return s.overflowed(all), opens
}

const (
	passiveOpens    = "TcpPassiveOpens"
	listenOverflows = "ListenOverflows"
)

// overflowed keeps how often a queue of the namespace was full, and reports that none was since before the last
// sample: the reading after that may have had what that sample had not.
func (s *space) overflowed(counters map[string]uint64) (notFull bool) {
	n, ok := counters[listenOverflows]
	if !ok {
		s.overflows = [2]*uint64{}
		return false
	}
	before := s.overflows[1]
	s.overflows = [2]*uint64{&n, s.overflows[0]}
	return before != nil && *before == n
}

// report is the namespace with its counters and what they grew by.
func (s *space) report() watch.Namespace {
	n := watch.Namespace{Namespace: s.Namespace, Gone: s.gone}
	n.Counters, n.Grown = s.counters, map[string]uint64{}
	for name, value := range s.counters {
		n.Grown[name] = value - min(s.base[name], value)
	}
	return n
}

// meet takes up the sockets that are new in a namespace.
func (w *Watcher) meet(s *space, at time.Duration) error {
	all, err := s.kernel.Listeners()
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b probe.Listener) int { return cmp.Compare(a.Cookie, b.Cookie) })
	var fresh []*socket
	for i := range all {
		l := &all[i]
		if s.sockets[l.Cookie] != nil {
			continue
		}
		one := &socket{
			Listener: *l, seen: scan.Listener(l, &s.Namespace), old: w.beginning, round: w.round, queue: queueOf(l),
		}
		s.sockets[l.Cookie] = one
		s.share(one)
		fresh = append(fresh, one)
		if r := s.waiting(one.place()); r != nil {
			w.resume(r, one, at)
		}
	}
	w.fresh = append(w.fresh, fresh...)
	w.choose(at)
	return nil
}

func queueOf(l *probe.Listener) probe.Queue {
	q := probe.Queue{Cookie: l.Cookie, Depth: l.Depth, Limit: l.Limit, Counted: l.Drops != nil}
	if q.Counted {
		q.Drops = *l.Drops
	}
	return q
}

// share notes whether the namespace has more than one listener, but for the watch's own.
func (s *space) share(one *socket) {
	at := one.place()
	if s.isSelf(at) {
		return
	}
	switch {
	case s.first == nil:
		s.first = &at
	case *s.first != at:
		s.shared = true
	}
	for _, other := range s.sockets {
		if other != one && other.place() == at {
			s.shared = true
		}
	}
}

// waiting is the row whose socket closed first at a place; nil for none.
func (s *space) waiting(at place) *row {
	for _, r := range s.rows {
		if r.IsDown() && r.place == at {
			return r
		}
	}
	return nil
}
