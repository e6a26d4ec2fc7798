package analysis

import (
	"slices"
	"time"

	"agistorm/analysis/calls"
	"agistorm/analysis/finding"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/analysis/stats"
)

// Shares are parts of the offered calls of all storms of a cell, with their intervals. The intervals take
// each call for an independent trial; calls of one storm share its luck, so what lies between storms shows
// better in a Spread.
type Shares struct {
	Lost stats.Proportion `json:"lost"`
	// Late is nil where it is not known.
	Late     *stats.Proportion                   `json:"late,omitempty"`
	Outcomes map[record.Outcome]stats.Proportion `json:"outcomes"`
}

// Spread is one number over the repeats of a cell.
type Spread = stats.Spread

// Measure fills in the metrics over all repeats of the cell.
func (c *Cell) Measure() {
	c.Metrics = map[string]Spread{}
	for _, m := range metric.All() {
		if s := stats.SpreadOf(c.Values(m)); s.N > 0 {
			c.Metrics[m.Name] = s
		}
	}
}

// Values of a metric in the repeats in which it is known.
func (c *Cell) Values(m *metric.Metric) []float64 {
	return c.Numbers(func(r *Repeat) (float64, bool) {
		v := m.Measure(&r.Storm)
		return v.Number, v.Known()
	})
}

// Numbers of the repeats that know one.
func (c *Cell) Numbers(number func(*Repeat) (float64, bool)) []float64 {
	var all []float64
	for r := range Each(c.Repeats) {
		if n, known := number(r); known {
			all = append(all, n)
		}
	}
	return all
}

// Offered are the calls that its storms offered.
func (c *Cell) Offered() Spread { return stats.SpreadOf(c.Values(metric.Named("offered"))) }

// ServedFor is the median time from the first intended start to the end of the last served call; false where that is
// not known.
func (c *Cell) ServedFor() (time.Duration, bool) {
	s := stats.SpreadOf(c.Numbers(func(r *Repeat) (float64, bool) {
		rate, served := Deref(r.ServedRate), r.Served()
		return float64(served) / rate, rate > 0 && served > 0
	}))
	return time.Duration(s.Median * float64(time.Second)), s.N > 0
}

// LateKnown reports whether every storm of the setting knows its late calls.
func (c *Cell) LateKnown() bool { return len(c.Repeats) > 0 && c.Late.N == len(c.Repeats) }

// SeenBacklog is the effective backlog that a watched queue had; false where it was not watched.
func (c *Cell) SeenBacklog() (limit uint32, ok bool) {
	for r := range Each(c.Repeats) {
		if q := r.Queue; q != nil {
			limit, ok = q.Limit, true
		}
	}
	return limit, ok
}

// Incomplete returns why not all storms that were planned of the setting can be judged by; nil where they
// can.
func (c *Cell) Incomplete(run *record.Run) finding.Fact {
	if i := slices.IndexFunc(c.Repeats, func(r Repeat) bool { return len(r.Damaged) > 0 }); i >= 0 {
		return finding.Damaged{Problem: c.Repeats[i].Damaged[0]}
	}
	if n, planned := len(c.Repeats), run.Planned(c.ID); n == 0 || n < planned {
		return finding.StormsRecorded{Have: n, Of: planned}
	}
	return nil
}

// Total returns how often an outcome occurred in all storms of the cell.
func (c *Cell) Total(o record.Outcome) int {
	return c.Sum(func(r *Repeat) int { return r.Outcomes[o] })
}

// Served counts the calls of all storms of the cell that got all that they came for.
func (c *Cell) Served() int { return c.Sum(func(r *Repeat) int { return r.Served() }) }

// PhantomsOf returns how far the phantoms of all storms are known.
func PhantomsOf(s *Summary) finding.Knowledge {
	known := finding.Known
	for _, r := range s.Storms() {
		switch {
		case r.Phantoms != nil:
		case r.PhantomsAtLeast == nil:
			return finding.Unknown
		default:
			known = finding.AtLeast
		}
	}
	return known
}

// AtLeast is the median of what a metric is at least, where a storm knows no more; false where none does.
func (c *Cell) AtLeast(m *metric.Metric) (least float64, ok bool) {
	least = stats.SpreadOf(c.Numbers(func(r *Repeat) (float64, bool) {
		v := m.Measure(&r.Storm)
		ok = ok || v.Least
		return v.Number, v.Known() || v.Least
	})).Median
	return least, ok
}

// Count returns how many calls of all storms are of a kind.
func (c *Cell) Count(kind func(*record.Attempt) bool) int {
	return c.Sum(func(r *Repeat) int { return calls.Count(r.Raw.Attempts, kind) })
}

// Impaired reports whether any call was lost, or is known to be late: only then can a generator that was held
// up have changed what became of a call. That it hid a loss since it came too slowly shows in its start lag.
func (r *Repeat) Impaired() bool { return r.Lost > 0 || r.Late > 0 }

// LinkWasLimit reports whether the packets that the link dropped are enough to explain every lost call.
func (r *Repeat) LinkWasLimit() bool {
	return r.Medium.Link() && r.Lost > 0 && int64(r.Lost) <= r.Medium.Dropped
}

// Lagging reports whether the generator was so slow to reply in a storm of the setting that the server's pace
// is partly its own doing: then the server is not to blame.
func (c *Cell) Lagging() bool {
	return slices.ContainsFunc(
		c.Repeats,
		func(r Repeat) bool { return r.ReplyLag != nil && r.ReplyLag.Grade != HealthWell },
	)
}

// Most returns the greatest number of a storm of the cell.
func Most[T int | float64 | time.Duration](c *Cell, of func(*Repeat) T) (most T) {
	for r := range Each(c.Repeats) {
		most = max(most, of(r))
	}
	return most
}

// Sum returns the sum over all storms of the cell.
func (c *Cell) Sum(of func(*Repeat) int) (n int) {
	for r := range Each(c.Repeats) {
		n += of(r)
	}
	return n
}

// Deref returns what p points to, or the zero value where it is nil: nothing, for a number that is not known.
func Deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
