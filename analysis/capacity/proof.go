package capacity

import (
	"math"
	"slices"
	"time"

	"agistorm/analysis/metric"
	"agistorm/analysis/stats"
)

// Needed is how many storms the median needs for a bound at a confidence: all n are on one side of it with a
// probability of 2^-n.
func Needed(confidence float64) int {
	return max(int(math.Ceil(math.Log(1-confidence)/math.Log(0.5)-1e-9)), 1)
}

// NeededBeside is how many storms the median needs where some of them miss the limits.
func NeededBeside(missed int, confidence float64) int {
	for n := Needed(confidence); ; n++ {
		worse := 0.0
		for k := range missed + 1 {
			worse += binomial(n, k)
		}
		if worse <= 1-confidence {
			return n
		}
	}
}

// Smaller is the backlog that is proven beside the recommended one: an eighth smaller, 1 at least; false below 0.
func Smaller(backlog int) (int, bool) {
	smaller := backlog - max(backlog/8, 1)
	return smaller, smaller >= 0
}

// Larger is the setting that is stormed instead of one that did not hold on this kernel. Where its queue was full that
// is a backlog twice as large, and 8 more at least, up to the largest useful one, or one for all calls. Where calls were
// lost or late though it was not full, it is a sixteenth more handlers. False where nothing larger would help.
func (a *Answer) Larger(p *Proof) (Setting, bool) {
	larger, q := p.Setting, &a.Question
	if p.Held || p.Lost.N == 0 || p.Lost.Max+p.Late.Max == 0 {
		return larger, false
	}
	if p.Peak.Max <= float64(larger.Backlog) {
		larger.Handlers += max(larger.Handlers/16, 1)
		return larger, q.Planned && larger.Handlers <= q.MostHandlers
	}
	most := q.Calls - 1
	if useful := q.Useful(larger.Handlers).Backlog; useful > 0 {
		most = min(most, useful)
	}
	larger.Backlog = min(max(2*larger.Backlog, larger.Backlog+8), most)
	return larger, larger.Backlog > p.Setting.Backlog
}

// Raise recommends a larger setting, of which these simulated storms are known.
func (a *Answer) Raise(to Setting, simulated []*metric.Storm) {
	if a.LeastSimulated == nil {
		a.LeastSimulated, a.LeastHandlers = a.Backlog, a.Handlers
	}
	if a.Useful != nil && to.Handlers != a.Handlers {
		useful := a.Question.Useful(to.Handlers)
		a.Useful = &useful
	}
	outcome := a.Question.Outcome(simulated)
	a.Handlers, a.Backlog, a.Somaxconn, a.Recommended = to.Handlers, &to.Backlog, &to.Backlog, &outcome
	a.Utilisation, a.Memory = a.Question.utilisation(to.Handlers), a.Question.memory(to.Handlers, to.Backlog)
	if len(a.Rows) > 0 {
		row := &a.Rows[0]
		row.Handlers, row.Utilisation, row.Backlog, row.Outcome = to.Handlers, a.Utilisation, a.Backlog, outcome
	}
}

// BelowRate is the number of calls that is proven for a highest rate.
func BelowRate(calls int) int { return max(calls-calls/10, 1) }

// Prove fills in what the storms of a proof show: its Role, Setting, Cell, Calls, Predicted and Doubtful are set.
func (q *Question) Prove(p *Proof, storms []*metric.Storm) {
	t := &tally{}
	var rates []float64
	for _, m := range storms {
		t.storms = append(t.storms, newSearch(q, nil, nil).read(m))
		if m.ServedRate != nil {
			rates = append(rates, *m.ServedRate)
		}
	}
	lost := t.numbers(func(one storm) float64 { return one.lost })
	calls := float64(max(p.Calls, 1))
	p.Storms, p.Needed, p.Missed = len(storms), Needed(q.Confidence), len(storms)-t.heldStorms()
	p.Lost, p.Late = stats.SpreadOf(lost), stats.SpreadOf(t.numbers(func(one storm) float64 { return one.late }))
	p.Peak = stats.SpreadOf(t.numbers(func(one storm) float64 { return one.peak }))
	p.Share = p.Lost.Median / calls
	p.Low, p.High = medianBounds(lost, calls, q.Confidence)
	p.StormsBound = stormsBound(lost, q.Confidence)
	p.P99 = t.wait(func(one storm) time.Duration { return one.p99 })
	p.Longest = longest(t)
	if len(rates) > 0 {
		rate := stats.SpreadOf(rates).Median
		p.Rate = &rate
	}
	p.Held = p.High != nil && *p.High <= q.Lose && p.P99 != nil && *p.P99 <= q.FirstCommandTimeout
	sure := p.Predicted.Lost.N > 0 && p.Storms >= p.Needed && 2*p.Doubtful <= p.Storms
	p.Contradicts = sure && contradicts(p.Predicted.Lost.Median/calls, lost, calls)
}

// Outcome is what storms of one setting show together.
func (q *Question) Outcome(storms []*metric.Storm) Outcome {
	t, calls := &tally{}, 0
	for _, m := range storms {
		t.storms = append(t.storms, newSearch(q, nil, nil).read(m))
		calls = max(calls, m.Offered)
	}
	return t.outcome(calls)
}

// longest wait of any call that was answered; nil without one.
func longest(t *tally) *time.Duration {
	var most *time.Duration
	for i := range t.storms {
		if one := &t.storms[i]; one.waits && (most == nil || one.most > *most) {
			most = &one.most
		}
	}
	return most
}

// medianBounds are those of the median share, each of which holds at the confidence by itself, by order statistics; nil
// where there are too few storms.
func medianBounds(lost []float64, calls, confidence float64) (low, high *float64) {
	n := len(lost)
	if n < Needed(confidence) {
		return nil, nil
	}
	sorted := slices.Sorted(slices.Values(lost))
	// The median is above value r of n with the probability that at least r of n are below it.
	rank, below := n, math.Pow(0.5, float64(n))
	for rank > 1 {
		next := below + binomial(n, rank-1)
		if next > 1-confidence {
			break
		}
		rank, below = rank-1, next
	}
	l, h := sorted[n-rank]/calls, sorted[rank-1]/calls
	return &l, &h
}

// binomial is the probability of k heads in n tosses of a coin.
func binomial(n, k int) float64 {
	top, _ := math.Lgamma(float64(n + 1))
	left, _ := math.Lgamma(float64(k + 1))
	right, _ := math.Lgamma(float64(n - k + 1))
	return math.Exp(top - left - right - float64(n)*math.Ln2)
}

// stormsBound is the share of storms that may lose calls at most, where none of n did: 1 - (1 - confidence)^(1/n).
func stormsBound(lost []float64, confidence float64) *float64 {
	if len(lost) == 0 || slices.Max(lost) > 0 {
		return nil
	}
	bound := 1 - math.Pow(1-confidence, 1/float64(len(lost)))
	return &bound
}

// contradicts reports whether a predicted share of lost calls is further than Bar from the median of the storms; where
// these range over more than 2 × Bar, whether it is outside of their range.
func contradicts(predicted float64, lost []float64, calls float64) bool {
	least, most := slices.Min(lost)/calls, slices.Max(lost)/calls
	if most-least > 2*Bar {
		return predicted < least || predicted > most
	}
	return math.Abs(predicted-stats.SpreadOf(lost).Median/calls) > Bar
}

// Conclude gives an answer its status by its proofs, whose first is the recommended setting's.
func (a *Answer) Conclude() {
	proofs := a.Proofs
	if a.Found != nil && a.Found.Proof != nil {
		proofs = []Proof{*a.Found.Proof}
	}
	switch {
	case a.Status != Simulated && a.Status != NotProven:
		return
	case slices.ContainsFunc(proofs, func(p Proof) bool { return p.Contradicts }):
		a.Status = Contradicted
	case len(a.Unproven) > 0:
		if !slices.ContainsFunc(a.Unproven, bySimulation) {
			a.Status = NotProven
		}
	case len(proofs) == 0:
		a.Status, a.Unproven = NotProven, []Reason{NoAnswer}
	default:
		a.concludeFrom(&proofs[0])
	}
}

// Simulation reports whether the answer rests on a simulation by design: storms were not asked for, or cannot be had of
// a server that runs already.
func (a *Answer) Simulation() bool {
	return slices.ContainsFunc(a.Unproven, func(r Reason) bool { return r == Asked || r == RunningServer })
}

// bySimulation are the reasons by which a simulation is all that there can be.
func bySimulation(r Reason) bool { return r == Asked || r == NoNamespace || r == RunningServer }

func (a *Answer) concludeFrom(p *Proof) {
	q := &a.Question
	switch {
	case p.Held:
		a.Status = Proven
		return
	case p.Storms < p.Needed:
		a.Unproven = append(a.Unproven, TooFewStorms)
	case p.High == nil || *p.High > q.Lose:
		a.Unproven = append(a.Unproven, LostCalls)
	}
	if p.Storms > 0 && (p.P99 == nil || *p.P99 > q.FirstCommandTimeout) {
		a.Unproven = append(a.Unproven, WaitedTooLong)
	}
	a.Status = NotProven
}
