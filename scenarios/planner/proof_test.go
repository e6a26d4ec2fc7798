package planner

import (
	"testing"
	"time"

	"agistorm/analysis/capacity"
	"agistorm/analysis/record"
)

// TestNext: within the budget the storms are played in turn; where it is short, the recommended setting comes first.
func TestNext(t *testing.T) {
	for _, c := range []struct {
		storms int // that the budget has time for
		want   [3]int
	}{
		{100, [3]int{5, 5, 5}}, {15, [3]int{5, 5, 5}}, {8, [3]int{5, 2, 1}}, {5, [3]int{5, 0, 0}}, {2, [3]int{2, 0, 0}},
		{0, [3]int{}},
	} {
		p := &proof{Plan: &Plan{began: time.Now()}, proven: []proven{{needed: 5}, {needed: 5}, {needed: 5}}, longest: time.Hour}
		p.Question = capacity.Question{Confidence: 0.95}
		played := 0
		for ; played < 100; played++ {
			p.Question.Budget = time.Duration(c.storms-played)*time.Hour + time.Minute
			next := p.next()
			if next == nil {
				break
			}
			next.storms++
		}
		got := [3]int{p.proven[0].storms, p.proven[1].storms, p.proven[2].storms}
		if got != c.want {
			t.Errorf("time for %d storms: %v, want %v", c.storms, got, c.want)
		}
	}
}

// TestSamples: a long queue keeps its deepest samples.
func TestSamples(t *testing.T) {
	queue := make([]record.QueueSample, 10*capacity.MaxSamples+7)
	for i := range queue {
		queue[i].At = time.Duration(i)
	}
	queue[5003].Depth = 9
	thin := samples(queue)
	deepest := 0
	for _, s := range thin {
		deepest = max(deepest, s.Depth)
	}
	if len(thin) > capacity.MaxSamples || deepest != 9 || samples(nil) != nil {
		t.Errorf("%d samples, the deepest %d", len(thin), deepest)
	}
}

// TestSimulated: a small plan from its question to its answer.
func TestSimulated(t *testing.T) {
	a := ask()
	a.Calls, a.In, a.Work = 200, time.Second, "exponential 20ms"
	p, err := New(a)
	if err != nil {
		t.Fatal(err)
	}
	p.SimulateOnly = true
	answer, err := p.Answer(t.Context(), record.Dir(t.TempDir()))
	if err != nil || answer.Status != capacity.Simulated || answer.Unproven[0] != capacity.Asked {
		t.Fatalf("%v, %+v", err, answer)
	}
	// 4 erlangs.
	if answer.Handlers < 4 || answer.Handlers > 6 || *answer.Backlog > 150 || answer.Recommended.P99 == nil ||
		len(answer.QueueSimulated) == 0 || answer.Memory == nil || len(answer.Rows) < 3 || answer.Map == nil {
		t.Errorf("%d handlers, backlog %d: %+v", answer.Handlers, *answer.Backlog, answer.Recommended)
	}
	again, err := p.Answer(t.Context(), record.Dir(t.TempDir()))
	if err != nil || *again.Backlog != *answer.Backlog || again.Searched.Simulations != answer.Searched.Simulations {
		t.Errorf("the same question has another answer: %v, %+v", err, again.Searched)
	}
}

// TestRate: the highest rate that the simulator's pool bears is within 5 % of its capacity.
func TestRate(t *testing.T) {
	near := 0
	const runs = 3
	for seed := range uint64(runs) {
		a := ask()
		a.Calls, a.In, a.Work, a.Behaviour, a.Find, a.Seed = 0, 4*time.Second, "10ms", "pool:2", "rate", seed+1
		p, err := New(a)
		if err != nil {
			t.Fatal(err)
		}
		p.SimulateOnly = true
		answer, err := p.Answer(t.Context(), record.Dir(t.TempDir()))
		if err != nil || answer.Found == nil {
			t.Fatalf("%v, %+v", err, answer)
		}
		if rate := *answer.Found.Rate; rate >= 190 && rate <= 210 {
			near++
		} else {
			t.Logf("seed %d: %v calls/s", seed, rate)
		}
	}
	if near < runs {
		t.Errorf("%d of %d are near 200 calls/s", near, runs)
	}
}
