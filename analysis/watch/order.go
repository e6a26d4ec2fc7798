package watch

import (
	"cmp"
	"slices"
)

// WorstFirst returns the listeners: those that dropped most first, then those that were full longest, then those that
// need attention, and of the others the fullest.
func (r *Report) WorstFirst() []*Listener {
	all := make([]*Listener, len(r.Listeners))
	for i := range r.Listeners {
		all[i] = &r.Listeners[i]
	}
	slices.SortStableFunc(all, func(a, b *Listener) int {
		return cmp.Or(cmp.Compare(b.KnownDrops(), a.KnownDrops()), cmp.Compare(b.Depths.Full, a.Depths.Full),
			cmp.Compare(b.Grade(), a.Grade()), cmp.Compare(truth(b.Gone), truth(a.Gone)),
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

func truth(is bool) int {
	if is {
		return 1
	}
	return 0
}
