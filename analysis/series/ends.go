package series

import (
	"time"

	"agistorm/analysis/record"
)

// Ends are how many calls of a storm ended in each bin: served in time, served late, and lost.
type Ends struct{ InTime, Late, Lost []float64 }

// EndsOf counts a storm's calls by when they ended, in bins of a width, as many as the storm needs. Calls that were
// neither served nor lost are left out.
func EndsOf(r *record.Repeat, width time.Duration) (e Ends) {
	n := int(LastEnd(r)/width) + 1
	e = Ends{make([]float64, n), make([]float64, n), make([]float64, n)}
	for i := range r.Attempts {
		a := &r.Attempts[i]
		bin := min(max(int(a.Done/width), 0), n-1)
		switch {
		case a.Outcome.Lost():
			e.Lost[bin]++
		case a.Outcome.Served() && a.Late():
			e.Late[bin]++
		case a.Outcome.Served():
			e.InTime[bin]++
		}
	}
	return e
}

// LastEnd returns when the last call of a storm ended.
func LastEnd(r *record.Repeat) (last time.Duration) {
	for i := range r.Attempts {
		last = max(last, r.Attempts[i].Done)
	}
	return last
}
