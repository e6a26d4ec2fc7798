package watch

import (
	"cmp"
	"slices"
	"time"
)

// episode is an Overflow; times are those since the watch began.
type episode struct {
	from, to            time.Duration
	drops               uint64
	before, peak, limit int
}

// episodes of one listener: the gravest, and the sum of all.
type episodes struct {
	open *episode
	kept []episode
	// count and time of those that have ended.
	count int
	time  time.Duration
}

// add takes down drops between two samples.
func (e *episodes) add(before, now *Sample, drops uint64, peak int) {
	if e.open == nil {
		e.open = &episode{from: before.At, before: before.Depth}
	}
	e.open.to, e.open.limit = now.At, now.Limit
	e.open.drops += drops
	e.open.peak = max(e.open.peak, peak)
}

// settle ends the open episode where nothing was dropped for long enough, and returns it.
func (e *episodes) settle(at time.Duration) *episode {
	if e.open == nil || at-e.open.to <= EpisodeGap {
		return nil
	}
	ended := e.open
	e.open = nil
	e.count++
	e.time += ended.to - ended.from
	e.kept = graver(append(e.kept, *ended))
	return ended
}

// join adds those of another listener; what both dropped at once is one episode.
func (e *episodes) join(o *episodes) {
	for i := range o.kept {
		e.kept = graver(append(e.kept, o.kept[i]))
	}
	e.count += o.count
	e.time += o.time
	switch {
	case e.open == nil:
		e.open = o.open
	case o.open != nil:
		e.open.from, e.open.to = min(e.open.from, o.open.from), max(e.open.to, o.open.to)
		e.open.drops += o.open.drops
		e.open.peak = max(e.open.peak, o.open.peak)
	}
}

// graver leaves out the mildest where there are too many.
func graver(all []episode) []episode {
	if len(all) <= MaxOverflows {
		return all
	}
	mildest := 0
	for i := range all {
		if all[i].drops < all[mildest].drops {
			mildest = i
		}
	}
	return slices.Delete(all, mildest, mildest+1)
}

// all are those that are kept and the open one, in order of time, with the count and time of all.
func (e *episodes) all() (kept []episode, count int, sum time.Duration) {
	kept, count, sum = slices.Clone(e.kept), e.count, e.time
	if e.open != nil {
		kept, count, sum = graver(append(kept, *e.open)), count+1, sum+e.open.to-e.open.from
	}
	slices.SortFunc(kept, func(a, b episode) int { return cmp.Compare(a.from, b.from) })
	return kept, count, sum
}

func (e *episode) overflow(began time.Time) Overflow {
	return Overflow{
		From: began.Add(e.from), To: began.Add(e.to), Drops: e.drops, Before: e.before, Peak: e.peak, Limit: e.limit,
	}
}
