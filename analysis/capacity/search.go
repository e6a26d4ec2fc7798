package capacity

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/analysis/stats"
)

// Simulate plays one storm and returns what became of it: the same for the same Trial. Several may run at once.
type Simulate func(ctx context.Context, t Trial) (*metric.Storm, error)

// ErrBudget ends a search whose time is over.
var ErrBudget = errors.New("the budget is over")

// key is what storms have in common that differ in their seed only.
type key struct {
	Setting
	calls int
}

// storm is what counts of one storm.
type storm struct {
	lost, late, peak float64
	p50, p99, most   time.Duration
	// waits: enough calls had a first command for the percentiles.
	waits, held bool
}

// tally is what is known of one key.
type tally struct {
	storms []storm
	// asked whether it holds, and decided to so.
	asked, decided, holds bool
}

// search plays the trials that a plan asks for, each once.
type search struct {
	q        *Question
	simulate Simulate
	// over reports whether there is no time for a storm of so many calls.
	over  func(calls int) bool
	known map[key]*tally
	// order in which the keys were first asked for.
	order []key
	found Searched
}

func newSearch(q *Question, simulate Simulate, over func(int) bool) *search {
	return &search{q: q, simulate: simulate, over: over, known: map[key]*tally{}}
}

// together is how many storms of one setting are played at once.
const together = 2

// mostStorms of one setting: with fewer, nearly every setting is decided.
const mostStorms = 20

// more plays further storms of a key, up to n in all.
func (s *search) more(ctx context.Context, k key, n int) (*tally, error) {
	t := s.known[k]
	if t == nil {
		t = &tally{}
		s.known[k], s.order = t, append(s.order, k)
		s.found.Settings++
	}
	for len(t.storms) < n {
		switch {
		case ctx.Err() != nil:
			return t, ctx.Err()
		case s.over(k.calls):
			return t, ErrBudget
		}
		if err := s.play(ctx, k, t, min(together, n-len(t.storms))); err != nil {
			return t, err
		}
	}
	return t, nil
}

// play plays the next n storms of a key at once.
func (s *search) play(ctx context.Context, k key, t *tally, n int) error {
	all, failed := make([]storm, n), make([]error, n)
	record.InParallel(n, func(i int) {
		seed := s.q.Seed + uint64(len(t.storms)+i)
		played, err := s.simulate(ctx, Trial{Setting: k.Setting, Calls: k.calls, Seed: seed})
		if failed[i] = err; err == nil {
			all[i] = s.read(played)
		}
	})
	if err := errors.Join(failed...); err != nil {
		return err
	}
	t.storms = append(t.storms, all...)
	s.found.Simulations += n
	s.found.Calls += int64(n) * int64(k.calls)
	return nil
}

// read takes from a storm what counts.
func (s *search) read(m *metric.Storm) storm {
	first := m.Latencies.FirstCommand
	one := storm{
		lost: float64(m.Lost), late: float64(m.Late), p50: first.P50, p99: first.P99, most: first.Max,
		waits: first.Count > 0,
	}
	if m.Queue != nil {
		one.peak = float64(m.Queue.Peak)
	}
	one.held = s.q.Holds(m)
	return one
}

// Holds reports whether a storm lost no more calls than may be lost, and p99 of the wait of the others is within the
// first-command timeout.
func (q *Question) Holds(m *metric.Storm) bool {
	first := m.Latencies.FirstCommand
	return float64(m.Lost) <= q.Lose*float64(m.Offered) && first.Count > 0 && first.P99 <= q.FirstCommandTimeout
}

// Shares of storms that hold, between which a sequential test decides (Wald 1945): of a good setting at least good,
// of a bad one at most bad.
const (
	goodShare = 0.95
	badShare  = 0.7
)

// holds decides whether a key holds the limits: it plays as many storms as the confidence needs. One that mostStorms
// do not decide does not.
func (s *search) holds(ctx context.Context, k key) (bool, error) {
	t := s.known[k]
	for t == nil || !t.decided {
		n := together
		if t != nil {
			n = len(t.storms) + together
		}
		var err error
		if t, err = s.more(ctx, k, n); err != nil {
			return false, err
		}
		t.judge(s.q.Confidence)
	}
	t.asked = true
	return t.holds, nil
}

// seems is a first opinion on whether a key holds, from as few storms as are played at once where these agree:
// enough to choose what to decide next.
func (s *search) seems(ctx context.Context, k key) (bool, error) {
	t, err := s.more(ctx, k, together)
	if err != nil {
		return false, err
	}
	if t.judge(s.q.Confidence); t.decided {
		return t.holds, nil
	}
	switch t.heldStorms() {
	case len(t.storms):
		return true, nil
	case 0:
		return false, nil
	}
	return s.holds(ctx, k)
}

// judge decides, if it can: Wald's test with both errors at 1 - confidence.
func (t *tally) judge(confidence float64) {
	bound := math.Log(confidence / (1 - confidence))
	evidence := 0.0
	for _, one := range t.storms {
		if one.held {
			evidence += math.Log(goodShare / badShare)
		} else {
			evidence += math.Log((1 - goodShare) / (1 - badShare))
		}
	}
	t.holds = evidence >= bound
	t.decided = t.holds || evidence <= -bound || len(t.storms) >= mostStorms
}

// undecided reports whether the storms ended before they decided.
func (t *tally) undecided() bool {
	held := t.heldStorms()
	return t.asked && !t.holds && len(t.storms) >= mostStorms && held > len(t.storms)/2
}

func (t *tally) heldStorms() (n int) {
	for _, one := range t.storms {
		if one.held {
			n++
		}
	}
	return n
}

// numbers of all storms.
func (t *tally) numbers(of func(storm) float64) []float64 {
	all := make([]float64, len(t.storms))
	for i, one := range t.storms {
		all[i] = of(one)
	}
	return all
}

// wait is the median of a wait over the storms; nil where most of them had none.
func (t *tally) wait(of func(storm) time.Duration) *time.Duration {
	median := stats.SpreadOf(t.numbers(func(one storm) float64 {
		if !one.waits {
			return stats.NoEnd
		}
		return float64(of(one))
	})).Median
	if len(t.storms) == 0 || stats.Endless(median) {
		return nil
	}
	d := time.Duration(median)
	return &d
}

// outcome is what the storms of a tally show together.
func (t *tally) outcome(calls int) Outcome {
	lost := stats.SpreadOf(t.numbers(func(one storm) float64 { return one.lost }))
	return Outcome{
		Storms: len(t.storms), Held: t.heldStorms(), Lost: lost, Share: lost.Median / float64(max(calls, 1)),
		Late:    stats.SpreadOf(t.numbers(func(one storm) float64 { return one.late })).Median,
		P50:     t.wait(func(one storm) time.Duration { return one.p50 }),
		P99:     t.wait(func(one storm) time.Duration { return one.p99 }),
		Longest: longest(t),
		Peak:    stats.SpreadOf(t.numbers(func(one storm) float64 { return one.peak })).Median,
	}
}

// peak is the deepest queue of all storms of a tally.
func (t *tally) peak() int {
	deepest := 0.0
	for _, one := range t.storms {
		deepest = max(deepest, one.peak)
	}
	return int(deepest)
}

// searched returns what all trials took.
func (s *search) searched() Searched {
	s.found.Undecided, s.found.NotMonotonic = 0, 0
	for _, k := range s.order {
		if s.known[k].undecided() {
			s.found.Undecided++
		}
	}
	held := slices.DeleteFunc(slices.Clone(s.order), func(k key) bool { return !s.known[k].asked || !s.known[k].holds })
	for _, k := range s.order {
		ought := slices.ContainsFunc(held, func(less key) bool { return s.less(less, k) })
		if t := s.known[k]; t.asked && !t.holds && ought {
			s.found.NotMonotonic++
		}
	}
	return s.found
}

// less reports whether a key that holds is less than another, which ought to hold then too: no more handlers and no
// longer a queue, up to the longest of any use.
func (s *search) less(a, b key) bool {
	return a.calls == b.calls && a.Handlers <= b.Handlers && a.Backlog <= b.Backlog &&
		b.Backlog <= s.q.Useful(b.Handlers).Backlog
}

// climb returns the least number from low+1 on for which holds reports true. At first it tries guess, then it steps
// further up each time, to most at the most, and bisects; 0, false without any.
func climb(low, guess, most int, holds func(int) (bool, error)) (least int, ok bool, err error) {
	for step := max(guess/32, 1); guess <= most; step *= 2 {
		if ok, err = holds(guess); err != nil {
			return 0, false, err
		}
		if ok {
			least, err = bisect(low, guess, holds)
			return least, err == nil, err
		}
		if guess == most {
			break
		}
		low, guess = guess, min(guess+step, most)
	}
	return 0, false, nil
}

// bisect returns the least of low+1 … high for which holds reports true; it does of high, and does not of low.
func bisect(low, high int, holds func(int) (bool, error)) (int, error) {
	for high-low > 1 {
		middle := low + (high-low)/2
		ok, err := holds(middle)
		if err != nil {
			return high, err
		}
		if ok {
			high = middle
		} else {
			low = middle
		}
	}
	return high, nil
}
