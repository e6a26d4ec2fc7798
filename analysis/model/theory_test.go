package model

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"agistorm/analysis/erlang"
	"agistorm/analysis/record"
	"agistorm/target/spec"
)

// starts are given instants.
type starts []time.Duration

func (s starts) Len() int               { return len(s) }
func (s starts) At(i int) time.Duration { return s[i] }

// poisson arrivals, so many a second.
func poisson(calls int, rate float64, seed uint64) starts {
	random, at := rand.New(rand.NewPCG(seed, 7)), 0.0
	all := make(starts, calls)
	for i := range all {
		at += random.ExpFloat64() / rate
		all[i] = time.Duration(at * float64(time.Second))
	}
	return all
}

// exponential work with a mean.
func exponential(mean time.Duration, seed uint64) func(uint64) time.Duration {
	return func(call uint64) time.Duration {
		u := (float64(scramble(seed, call)>>11) + 0.5) / (1 << 53)
		return time.Duration(-math.Log(u) * float64(mean))
	}
}

// queueing is a theory's server: work only, and nobody comes again or gives up waiting.
type queueing struct {
	behaviour string
	backlog   int
	rate      float64
	work      func(seed uint64) func(uint64) time.Duration
}

const noRetry = 500 * time.Millisecond // shorter than the first retransmission

func (q *queueing) storm(calls int, seed uint64) *Storm {
	s := storm(calls, q.backlog)
	b, err := spec.ParseBehaviour(q.behaviour)
	if err != nil {
		panic(err)
	}
	s.Starts, s.Seed = poisson(calls, q.rate, seed), seed
	s.Server.Rules, s.Server.Work, s.Server.Commands = b.Rules(1_000_000), q.work(seed), 1
	s.Client = Client{Writes: OneWrite, ConnectLimit: noRetry, FirstCommandLimit: time.Hour, SessionLimit: time.Hour}
	return s
}

// check plays storms and fails unless the mean of what is measured is within three standard errors of the theory.
func (q *queueing) check(t *testing.T, theory float64, measure func(*Storm) float64) {
	t.Helper()
	t.Parallel()
	const storms, calls = 12, 3000
	var sum, squares float64
	for seed := range uint64(storms) {
		x := measure(q.storm(calls, seed+1))
		sum += x
		squares += x * x
	}
	mean := sum / storms
	deviation := math.Sqrt((squares/storms - mean*mean) / (storms - 1))
	if math.Abs(mean-theory) > 3*deviation || deviation > 0.1*theory {
		t.Errorf("%v, in theory %v, standard error %v", mean, theory, deviation)
	}
}

// share of the calls of which that holds, without those of the first tenth: the queue was empty when they came.
func share(s *Storm, holds func(*record.Attempt) bool) float64 {
	n, all := 0, 0
	first := uint64(s.Starts.Len() / 10)
	s.Play(Observer{Attempt: func(a *record.Attempt) {
		if a.Seq >= first {
			all++
			if holds(a) {
				n++
			}
		}
	}})
	return float64(n) / float64(all)
}

func wasLost(a *record.Attempt) bool { return a.Outcome.Lost() }

// meanWait in the queue, in milliseconds.
func meanWait(s *Storm) float64 {
	var waits float64
	first, n := s.Starts.Len()/10, 0
	s.Play(Observer{Peer: func(p *record.Peer) {
		if n++; n > first {
			waits += float64(*p.Queued) / 1e6
		}
	}})
	return waits / float64(s.Starts.Len()-first)
}

func exponential5ms(seed uint64) func(uint64) time.Duration {
	return exponential(5*time.Millisecond, seed)
}

// TestFiniteQueue: M/M/c/K. The queue holds one more than the backlog, and the handlers hold c.
func TestFiniteQueue(t *testing.T) {
	q := &queueing{"pool:4", 3, 800, exponential5ms} // 4 Erlangs at 4 handlers: all states from 4 on are as likely
	weight, sum := 1.0, 0.0
	for n := range 8 + 1 {
		if n > 0 {
			weight *= 4 / math.Min(float64(n), 4)
		}
		sum += weight
	}
	q.check(t, weight/sum, func(s *Storm) float64 { return share(s, wasLost) })
}

// TestErlangB: who finds all handlers busy is rejected, and how work is distributed does not matter.
func TestErlangB(t *testing.T) {
	q := &queueing{"pool:8,reject", 4096, 1200, func(seed uint64) func(uint64) time.Duration {
		return func(call uint64) time.Duration { return time.Duration(2+6*(scramble(seed, call)%2)) * time.Millisecond }
	}}
	q.check(t, erlang.B(8, 6), func(s *Storm) float64 { return share(s, wasLost) })
}

// TestErlangC: who finds all handlers busy waits.
func TestErlangC(t *testing.T) {
	q := &queueing{"pool:8", 1 << 20, 1200, exponential5ms}
	q.check(t, erlang.C(8, 6), func(s *Storm) float64 {
		waited, all := 0, 0
		s.Play(Observer{Peer: func(p *record.Peer) {
			if all++; *p.Queued > 0 {
				waited++
			}
		}})
		return float64(waited) / float64(all)
	})
}

// TestConstantWork: M/D/1, whose wait is half of that of M/M/1.
func TestConstantWork(t *testing.T) {
	q := &queueing{"pool:1", 1 << 20, 140, func(uint64) func(uint64) time.Duration {
		return func(uint64) time.Duration { return 5 * time.Millisecond }
	}}
	q.check(t, 0.7*5/(2*(1-0.7)), meanWait)
}

// TestPollaczekKhinchine: M/G/1 with work of 1 ms, or for each fifth call of 21 ms: a mean of 5 ms, and of its square
// 89.
func TestPollaczekKhinchine(t *testing.T) {
	q := &queueing{"pool:1", 1 << 20, 120, func(seed uint64) func(uint64) time.Duration {
		return func(call uint64) time.Duration {
			if scramble(seed, call)%5 == 0 {
				return 21 * time.Millisecond
			}
			return time.Millisecond
		}
	}}
	q.check(t, 0.12*89/(2*(1-0.6)), meanWait)
}
