package loadgen

import (
	"slices"
	"sync/atomic"
	"time"

	"agistorm/analysis/record"
	"agistorm/loadgen/engine"
)

// Progress is what a storm has come to so far, in numbers that only grow. Those of several
// workers add up to the storm's.
type Progress struct {
	// Offered is the number of attempts whose connect(2) was called.
	Offered int
	// Connected have a connection, or had one.
	Connected int
	// Open are those of them that have not ended.
	Open int
	// Outcomes of the attempts that have ended; those without any are left out.
	Outcomes map[record.Outcome]int
	// Connects counts the connect latencies by brackets; see Quantile.
	Connects []uint32
}

// Add adds another worker's numbers.
func (p *Progress) Add(q Progress) {
	p.Offered += q.Offered
	p.Connected += q.Connected
	p.Open += q.Open
	if p.Outcomes == nil {
		p.Outcomes = map[record.Outcome]int{}
	}
	for o, n := range q.Outcomes {
		p.Outcomes[o] += n
	}
	if len(p.Connects) < len(q.Connects) {
		p.Connects = append(p.Connects, make([]uint32, len(q.Connects)-len(p.Connects))...)
	}
	for i, n := range q.Connects {
		p.Connects[i] += n
	}
}

// Ended is the number of attempts that have an outcome.
func (p *Progress) Ended() int {
	n := 0
	for _, count := range p.Outcomes {
		n += count
	}
	return n
}

// Connecting is the number of attempts that wait for their connection.
func (p *Progress) Connecting() int {
	offered := p.Ended() - p.Outcomes[record.NotOffered]
	return max(p.Offered-p.Open-offered, 0) // the counters are not read at one instant
}

// Quantile is a connect latency so far, from the intended start, with an error of at most
// 1/16 of it: the upper edge of its bracket. 0 ≤ q ≤ 1; false before the first connect.
func (p *Progress) Quantile(q float64) (time.Duration, bool) {
	total := uint64(0)
	for _, n := range p.Connects {
		total += uint64(n)
	}
	if total == 0 {
		return 0, false
	}
	rank := uint64(q*float64(total-1)) + 1
	for i, n := range p.Connects {
		if uint64(n) >= rank {
			return engine.BracketEnd(i), true
		}
		rank -= uint64(n)
	}
	return engine.BracketEnd(len(p.Connects) - 1), true
}

// tally counts as the engine plays; any thread may read it meanwhile.
type tally struct {
	speaks                     bool // the client does
	offered, connected, hungUp atomic.Uint32
	outcomes                   [16]atomic.Uint32 // by the place in record.Outcomes
	connects                   [engine.Brackets]atomic.Uint32
}

// Started implements engine.Observer.
func (t *tally) Started() { t.offered.Add(1) }

// Connected implements engine.Observer.
func (t *tally) Connected(latency time.Duration) {
	t.connected.Add(1)
	t.connects[engine.Bracket(latency)].Add(1)
}

// Ended implements engine.Observer.
func (t *tally) Ended(f *engine.Flow) {
	if f.HasConnected {
		t.hungUp.Add(1)
	}
	t.outcomes[slices.Index(record.Outcomes, outcomeOf(f, t.speaks))].Add(1)
}

func (t *tally) progress() Progress {
	// What ends is read before what begins, so that no count is ever negative.
	p := Progress{Outcomes: map[record.Outcome]int{}}
	for i, o := range record.Outcomes {
		if n := t.outcomes[i].Load(); n > 0 {
			p.Outcomes[o] = int(n)
		}
	}
	over := int(t.hungUp.Load())
	p.Connected = int(t.connected.Load())
	p.Open = max(p.Connected-over, 0)
	p.Offered = int(t.offered.Load())
	last := 0
	counts := make([]uint32, len(t.connects))
	for i := range t.connects {
		if counts[i] = t.connects[i].Load(); counts[i] > 0 {
			last = i + 1
		}
	}
	p.Connects = counts[:last]
	return p
}
