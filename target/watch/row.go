package watch

import (
	"errors"
	"maps"
	"slices"
	"time"

	"agistorm/analysis/listeners"
	"agistorm/analysis/watch"
	"agistorm/target/probe"
	"agistorm/target/scan"
)

// row is a listener, through restarts.
type row struct {
	*watch.Account
	space *space
	place place
	// socket that listens now; nil while none does.
	socket *socket
	// seen is it as it was seen last; depth and drops are those of its beginning.
	seen  listeners.Listener
	depth int
	drops uint32
	// fastUntil is how long it is sampled at a fast pace, and agesAt when its queue is looked into again.
	fastUntil, agesAt time.Duration
	// quick: it is among those of a fast pace.
	quick bool
	// lost: the kernel gives the connections of its address to another socket, too, so it is found among all only.
	lost bool
	// said: it was said that it vanished.
	said bool
}

// chosen reports whether a listener was asked for.
func (w *Watcher) chosen() func(*socket) bool {
	if len(w.what) == 0 {
		return func(*socket) bool { return true }
	}
	var r listeners.Report
	for _, s := range w.spaces {
		for _, one := range s.sockets {
			r.Listeners = append(r.Listeners, one.seen)
		}
	}
	cookies := map[uint64]bool{}
	for _, what := range w.what {
		for _, l := range r.Matches(what) {
			cookies[l.Cookie] = true
			delete(w.awaited, what)
		}
	}
	return func(s *socket) bool { return cookies[s.Cookie] }
}

// choose begins a row for each socket that was asked for and has none.
func (w *Watcher) choose(at time.Duration) {
	chosen := w.chosen()
	for _, s := range w.spaces {
		for _, cookie := range slices.Sorted(maps.Keys(s.sockets)) {
			if one := s.sockets[cookie]; one.row == nil && chosen(one) {
				w.follow(s, one, at)
			}
		}
	}
}

// follow begins a row.
func (w *Watcher) follow(s *space, one *socket, at time.Duration) {
	r := &row{
		Account: watch.NewAccount(w.began), space: s, place: one.place(), socket: one, seen: one.seen,
		depth: int(one.queue.Depth),
	}
	if one.old {
		r.drops = one.queue.Drops
	} else {
		r.seen.Drops = none(&one.queue)
	}
	one.row = r
	s.rows = append(s.rows, r)
	r.Begin(sampleOf(one.queue, at), !one.old)
	w.samples++
	w.pace(r, one.queue, at)
	if !w.beginning {
		w.announce(one, watch.Event{At: w.wall(at), Kind: watch.Appeared})
	}
}

// none is what a socket had dropped before its first sample; nil where the kernel counts nothing.
func none(q *probe.Queue) *int {
	if !q.Counted {
		return nil
	}
	return new(int)
}

// resume gives a row its new socket.
func (w *Watcher) resume(r *row, one *socket, at time.Duration) {
	one.row, r.socket, r.said, r.lost = r, one, false, false
	pid, process := r.seen.PID, r.seen.Process
	r.seen = one.seen
	r.seen.PID, r.seen.Process, r.seen.Drops = pid, process, none(&one.queue) // until its owner is known
	c := r.Add(sampleOf(one.queue, at))
	w.samples++
	w.pace(r, one.queue, at)
	w.announce(one, watch.Event{At: w.wall(at), Kind: watch.Restarted, Duration: c.Down})
}

// announce has an event to say once the owner of the socket is known.
func (w *Watcher) announce(one *socket, e watch.Event) { w.later = append(w.later, later{one, e}) }

// later is an event that waits for the owner of its socket.
type later struct {
	*socket
	watch.Event
}

// own finds the owners of sockets that are new, and says what is new of them.
func (w *Watcher) own(at time.Duration) {
	if len(w.fresh) == 0 {
		return
	}
	all, inodes := make([]*listeners.Listener, len(w.fresh)), make([]uint32, len(w.fresh))
	for i, one := range w.fresh {
		all[i], inodes[i] = &one.seen, one.Inode
	}
	w.kernel.owners(all, inodes)
	for _, one := range w.fresh {
		if one.row != nil {
			depth, backlog, drops := one.row.seen.Depth, one.row.seen.Backlog, one.row.seen.Drops
			one.row.seen = one.seen
			one.row.seen.Depth, one.row.seen.Backlog, one.row.seen.Drops = depth, backlog, drops
		}
	}
	w.fresh = nil
	w.choose(at)
	for _, l := range w.later {
		w.say(l.about(&l.row.seen))
	}
	w.later = nil
}

// about fills in which listener an event is about.
func (l later) about(seen *listeners.Listener) watch.Event { return about(l.Event, seen) }

func about(e watch.Event, seen *listeners.Listener) watch.Event {
	e.Endpoint, e.Process, e.Netns, e.Container = seen.Endpoint(), seen.Process, seen.Netns, seen.Container
	return e
}

func sampleOf(q probe.Queue, at time.Duration) watch.Sample {
	return watch.Sample{
		At: at, Depth: int(q.Depth), Limit: int(q.Limit), Drops: q.Drops, Counted: q.Counted, Cookie: q.Cookie,
	}
}

// sample takes down the queue of a socket as it was read last.
func (w *Watcher) sample(one *socket, at time.Duration, notFull bool) {
	r, now := one.row, sampleOf(one.queue, at)
	now.NotFull = notFull
	w.ended(r, at)
	if r.Add(now).Wrapped {
		w.say(about(watch.Event{At: w.wall(at), Kind: watch.Wrapped}, &r.seen))
	}
	w.samples++
	w.pace(r, one.queue, at)
}

// pace takes down what is shown of a row, and how soon it is sampled again.
func (w *Watcher) pace(r *row, q probe.Queue, at time.Duration) {
	grown := r.seen.Drops != nil && q.Counted && q.Drops != uint32(*r.seen.Drops)
	r.seen.Depth, r.seen.Backlog = int(q.Depth), int(q.Limit)
	if q.Counted && (grown || r.seen.Drops == nil) {
		drops := int(q.Drops)
		r.seen.Drops = &drops
	}
	if q.Depth > 0 || grown {
		if !r.quick {
			r.quick, w.fast = true, append(w.fast, r)
		}
		r.fastUntil = at + linger
	}
	w.look(r, at)
}

// look looks into the queue of a row for the ages of its connections.
func (w *Watcher) look(r *row, at time.Duration) {
	if r.seen.Depth == 0 {
		r.Queued(at, nil)
		return
	}
	if at < r.agesAt {
		return
	}
	began := w.cost()
	waiting, err := r.space.kernel.Queued(r.place.address.Port())
	if err == nil {
		var queued []watch.Queued
		for _, c := range waiting {
			if scan.Takes(r.place.address.Addr(), c.Local.Addr()) {
				queued = append(queued, watch.Queued{Cookie: c.Cookie, Age: c.Age})
			}
		}
		r.Queued(at, queued)
	}
	r.agesAt = at + max(agesEvery, (w.cost()-began)*agesShare)
}

// ended says which overflow has ended.
func (w *Watcher) ended(r *row, at time.Duration) {
	if o := r.Settle(at); o != nil {
		seen := r.seen
		w.news = append(w.news, News{Listener: &seen, Overflow: o})
	}
}

// rest says what has ended of a row without a sample.
func (w *Watcher) rest(r *row, at time.Duration) {
	w.ended(r, at)
	if r.IsDown() && !r.said && at-r.Last() >= vanishedAfter {
		r.said = true
		w.say(about(watch.Event{At: w.wall(r.Last()), Kind: watch.Vanished}, &r.seen))
		w.forgetting = true
	}
}

// down ends the socket of a row. Known: it is said elsewhere.
func (w *Watcher) down(r *row, at time.Duration, known bool) {
	r.Down()
	r.socket, r.seen.Depth, r.said, r.fastUntil = nil, 0, known, at
	if !known {
		w.replace(r, at)
	}
}

// replace finds the socket that a restarting server opened beside its old one (SO_REUSEPORT) and that goes on alone:
// both are one row.
func (w *Watcher) replace(r *row, at time.Duration) {
	s := r.space
	i := slices.IndexFunc(s.rows, func(o *row) bool {
		return o.place == r.place && o.socket != nil && o.First() > r.First() && at-o.First() <= togetherMost
	})
	if i < 0 {
		return
	}
	young := s.rows[i]
	s.rows = slices.Delete(s.rows, i, i+1)
	r.Join(young.Account)
	r.socket, r.seen, r.lost, r.fastUntil = young.socket, young.seen, young.lost, young.fastUntil
	r.socket.row, young.socket = r, nil
	if !r.quick {
		r.quick, w.fast = true, append(w.fast, r)
	}
	w.say(about(watch.Event{At: w.wall(at), Kind: watch.Restarted}, &r.seen))
}

// quick samples the rows of a fast pace: one by one, or where they are many, all of their namespace at once.
func (w *Watcher) quick(at time.Duration) {
	w.fast = slices.DeleteFunc(w.fast, func(r *row) bool {
		r.quick = r.fastUntil > at && r.socket != nil && !r.space.failed
		return !r.quick
	})
	w.round++
	many := map[*space]int{}
	for _, r := range w.fast {
		many[r.space]++
		if r.lost {
			many[r.space] += fewRows
		}
	}
	for s, n := range many {
		if n > fewRows {
			s.failed = s.kernel.Queues(func(q probe.Queue) {
				if one := s.sockets[q.Cookie]; one != nil {
					one.queue, one.round = q, w.round
				}
			}) != nil
		}
	}
	for _, r := range w.fast {
		if many[r.space] <= fewRows {
			w.one(r)
		}
		if r.socket.round == w.round {
			w.sample(r.socket, at, w.notFull(r, at))
		}
	}
}

// one reads a single queue.
func (w *Watcher) one(r *row) {
	q, err := r.space.kernel.Queue(&r.socket.Listener)
	switch {
	case errors.Is(err, probe.ErrNoListener):
		r.lost = true
		w.sweepAt = 0 // it has closed, or is to be found among all
	case err != nil:
		r.space.failed = true
	default:
		r.socket.queue, r.socket.round = q, w.round
	}
}

// notFull reports whether what a row has dropped since its last sample was not for a full queue. The counters of its
// namespace are read for that; in a long overflow not for each sample.
func (w *Watcher) notFull(r *row, at time.Duration) bool {
	if r.socket.queue.Drops == r.Now().Drops {
		return false
	}
	if at < w.reasonAt {
		return false
	}
	began := w.cost()
	all, err := w.kernel.counters(r.space.pid)
	w.reasonAt = at + (w.cost()-began)*reasonShare
	return err == nil && r.space.overflowed(all)
}
