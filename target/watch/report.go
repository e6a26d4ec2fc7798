package watch

import (
	"cmp"
	"maps"
	"os"
	"slices"
	"time"

	"agistorm/analysis/listeners"
	"agistorm/analysis/watch"
)

// Now returns what was seen so far, without timelines, findings and advice. It may be called from any goroutine.
func (w *Watcher) Now() *watch.Report {
	w.mu.Lock()
	defer w.mu.Unlock()
	all, _ := w.kernel.now()
	return w.report(all-w.origin, false)
}

// End samples once more, and returns all that was seen. Call it after Run.
func (w *Watcher) End() *watch.Report {
	w.mu.Lock()
	all, running := w.kernel.now()
	at := all - w.origin
	w.gaps(at, all, running)
	for _, s := range w.spaces {
		if !s.gone && w.sweep(s, at) == nil {
			_ = w.kernel.describe(s.pid, &s.Namespace) // what it was before is good enough
			for _, r := range s.rows {
				r.seen.Somaxconn = s.Somaxconn
			}
		}
	}
	w.own(at)
	r := w.report(at, true)
	news := w.news
	w.news = nil
	w.mu.Unlock()
	w.tell(news)
	return r
}

// Close closes what it has open.
func (w *Watcher) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.spaces {
		if !s.gone {
			_ = s.kernel.Close()
		}
	}
}

func (w *Watcher) report(at time.Duration, whole bool) *watch.Report {
	r := &watch.Report{
		Boot: w.bootID, From: w.began, To: w.wall(at), Suspended: w.slept,
		Events: slices.Clone(w.events), EventsLeftOut: w.eventsOut,
		ListenersLeftOut: w.rowsOut, NamespacesLeftOut: w.spacesOut, Unseen: w.unseen,
		Awaited:  slices.Sorted(maps.Keys(w.awaited)),
		Sampling: watch.Sampling{Samples: w.samples, CPU: w.kernel.cpu() - w.cpuFrom},
	}
	r.Unseen.Owners, r.Unseen.Root = 0, os.Geteuid() == 0
	var rows []*row
	for _, s := range w.spaces {
		if len(s.rows) > 0 {
			r.Namespaces = append(r.Namespaces, s.report())
		}
		rows = append(rows, s.rows...)
	}
	if whole {
		rows = w.judged(rows, at)
	}
	for _, one := range rows {
		if one.seen.PID == 0 && !one.IsDown() {
			r.Unseen.Owners++
		}
		l := one.Listener(one.seen, at, !one.space.shared && !one.space.isSelf(one.place))
		if whole {
			l.Timeline = one.Timeline(at)
		}
		r.Listeners = append(r.Listeners, l)
	}
	return r
}

// judged fills in the findings and the advice of the listeners, and sorts them: those that listen, then those that have
// gone, the worst first.
func (w *Watcher) judged(rows []*row, at time.Duration) (all []*row) {
	for _, gone := range []bool{false, true} {
		l := &listeners.Report{At: w.wall(at), Boot: w.bootID, Window: at}
		by := map[uint64]*row{}
		for _, r := range rows {
			if r.IsDown() == gone {
				by[r.seen.Cookie] = r
				l.Listeners = append(l.Listeners, r.within())
			}
		}
		listeners.Judge(l)
		for i := range l.Listeners {
			one := &l.Listeners[i]
			r := by[one.Cookie]
			one.Drops, one.Earlier = r.seen.Drops, nil
			r.seen = *one
			all = append(all, r)
		}
	}
	return all
}

// within is a listener as if one socket had dropped all that was dropped within the watch.
func (r *row) within() listeners.Listener {
	l := r.seen
	stood := r.Stood()
	l.Earlier = &listeners.Earlier{Depth: r.depth, Stood: &stood}
	if l.Drops != nil {
		before, now := int(r.drops), int(r.drops)+int(r.Dropped())
		l.Earlier.Drops, l.Drops = &before, &now
	}
	return l
}

// forget leaves out listeners that have gone, those that dropped least first, and namespaces, the oldest first, until
// the others fit.
func (w *Watcher) forget() {
	w.forgetting = false
	var gone []*row
	for _, s := range w.spaces {
		for _, r := range s.rows {
			if r.IsDown() && r.said {
				gone = append(gone, r)
			}
		}
	}
	slices.SortStableFunc(gone, func(a, b *row) int {
		return cmp.Or(cmp.Compare(a.Dropped(), b.Dropped()), cmp.Compare(a.Longest(), b.Longest()),
			cmp.Compare(a.Last(), b.Last()))
	})
	for _, r := range gone[:max(0, len(gone)-watch.MaxGone)] {
		r.space.rows = slices.DeleteFunc(r.space.rows, func(o *row) bool { return o == r })
		w.rowsOut++
	}
	excess := -watch.MaxGone
	for _, s := range w.spaces {
		if s.gone {
			excess++
		}
	}
	w.spaces = slices.DeleteFunc(w.spaces, func(s *space) bool {
		out := s.gone && excess > 0 && len(s.rows) == 0
		if out {
			excess--
			w.spacesOut++
		}
		return out
	})
}
