package capacity

import (
	"container/heap"
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"agistorm/analysis/metric"
)

// question is 1,000 calls in 10 s with 50 ms of work each: 5 erlangs.
func question() Question {
	return Question{
		Calls: 1000, Span: 10 * time.Second, Arrival: "burst in 10s", Work: "50ms", MeanWork: 50 * time.Millisecond,
		Behaviour: "pool:N", Planned: true, MostHandlers: 1000, Kind: BuiltIn, ConnectTimeout: 2 * time.Second,
		FirstCommandTimeout: time.Second, SessionTimeout: 10 * time.Second, Confidence: 0.95, Budget: time.Minute,
		Seed: 1,
	}
}

// never is a time that is not over.
func never(int) bool { return false }

// stormOf is a storm with so many lost calls and p99 of the wait.
func stormOf(calls, lost int, p99 time.Duration) *metric.Storm {
	s := &metric.Storm{Offered: calls, Lost: lost, Queue: &metric.Queue{}}
	s.Latencies.FirstCommand.Quantiles = metric.Quantiles{Count: int64(calls - lost), P50: p99 / 2, P99: p99, Max: p99}
	return s
}

// threshold is a fake whose settings hold from so many handlers and backlog on. A backlog one less holds in a share
// of the storms.
func threshold(handlers, backlog int, noise float64) Simulate {
	return func(_ context.Context, t Trial) (*metric.Storm, error) {
		lost := 0
		switch {
		case t.Handlers < handlers:
			return stormOf(t.Calls, 0, time.Minute), nil
		case t.Backlog < backlog-1:
			lost = 10
		case t.Backlog == backlog-1 && rand.New(rand.NewPCG(t.Seed, uint64(t.Handlers))).Float64() >= noise:
			lost = 1
		}
		s := stormOf(t.Calls, lost, 100*time.Millisecond)
		s.Queue.Peak = uint32(min(t.Backlog, 3*backlog) + 1)
		return s, nil
	}
}

// free are the instants at which the handlers of a pool are.
type free []time.Duration

func (f free) Len() int           { return len(f) }
func (f free) Less(i, j int) bool { return f[i] < f[j] }
func (f free) Swap(i, j int)      { f[i], f[j] = f[j], f[i] }
func (f *free) Push(x any)        { *f = append(*f, x.(time.Duration)) }
func (f *free) Pop() any          { panic("a pool keeps its handlers") }

// pool is a queue before handlers with exponential work: what comes when it is full is lost. Calls arrive at random
// instants of equal slots.
func pool(q *Question) Simulate {
	return func(_ context.Context, t Trial) (*metric.Storm, error) {
		random := rand.New(rand.NewPCG(t.Seed, uint64(t.Calls)))
		handlers := make(free, t.Handlers)
		var waiting, waits []time.Duration
		lost, slot := 0, q.Span/time.Duration(t.Calls)
		for i := range t.Calls {
			now := time.Duration(i)*slot + time.Duration(random.Float64()*float64(slot))
			waiting = slices.DeleteFunc(waiting, func(begins time.Duration) bool { return begins <= now })
			if len(waiting) > t.Backlog && handlers[0] > now {
				lost++
				continue
			}
			begins := max(handlers[0], now)
			if begins > now {
				waiting = append(waiting, begins)
			}
			handlers[0] = begins + time.Duration(random.ExpFloat64()*float64(q.MeanWork))
			heap.Fix(&handlers, 0)
			waits = append(waits, begins-now)
		}
		slices.Sort(waits)
		s := stormOf(t.Calls, lost, waits[len(waits)*99/100])
		return s, nil
	}
}

func answer(t *testing.T, c Config) *Answer {
	t.Helper()
	if c.Over == nil {
		c.Over = never
	}
	a, err := Search(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return a
}
