package watch

import (
	"cmp"
	"slices"
	"time"

	"agistorm/analysis/listeners"
)

const (
	// early is when at the latest a listener is seen that listened before the watch began.
	early = 2 * time.Second
	// lasting is how long what is to stay listens at least: much that listens for less is no server.
	lasting = time.Minute
)

// Missing reports whether a listener has gone that was to stay: it was there when the watch began, or for a while.
func (r *Report) Missing(l *Listener) bool {
	return l.Gone && (!l.First.After(r.From.Add(early)) || l.Last.Sub(l.First) >= lasting)
}

// WorstFirst returns the listeners: those that dropped most first, then those that were full longest, then those that
// need attention, and of the others the fullest.
func (r *Report) WorstFirst() []*Listener {
	all := make([]*Listener, len(r.Listeners))
	for i := range r.Listeners {
		all[i] = &r.Listeners[i]
	}
	slices.SortStableFunc(all, func(a, b *Listener) int {
		return cmp.Or(cmp.Compare(b.KnownDrops(), a.KnownDrops()), cmp.Compare(b.Depths.Full, a.Depths.Full),
			cmp.Compare(r.grade(b), r.grade(a)),
			cmp.Compare(b.Filled(), a.Filled()), cmp.Compare(a.Label(), b.Label()))
	})
	return all
}

// KnownDrops is what it is known to have dropped within the watch.
func (l *Listener) KnownDrops() uint64 {
	if l.DropsSeen == nil {
		return 0
	}
	return *l.DropsSeen
}

// Filled is the share of the queue that the peak took, from 0 on; 1 is a full one.
func (l *Listener) Filled() float64 { return float64(l.Peak.Depth) / float64(l.Holds()) }

// grade is that of what was found of a listener that listens; one that is missing comes before.
func (r *Report) grade(l *Listener) listeners.Grade {
	switch {
	case r.Missing(l):
		return listeners.Loss + 1
	case l.Gone:
		return listeners.None
	}
	return l.Grade()
}
