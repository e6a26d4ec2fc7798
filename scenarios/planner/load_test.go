package planner

import (
	"slices"
	"testing"
	"time"

	"agistorm/analysis/capacity"
	"agistorm/scenarios/axis"
)

// TestTakeCalls: more calls in the same time are a higher rate.
func TestTakeCalls(t *testing.T) {
	for _, c := range []struct {
		arrival, want string
		calls         int
	}{
		{"burst in 10s", "burst in 10s", 2500},
		{"burst", "burst", 2500},
		{"constant 100/s", "constant 250000/16m40s", 2500},
		{"asterisk 4", "asterisk 4", 1000},
		{"burst 100 every 1s", "burst 100 every 1s", 1000},
	} {
		storm := axis.Storm{Arrival: c.arrival, Calls: 1000}
		takeCalls(&storm, 1000, 2500)
		if storm.Arrival != c.want || storm.Calls != c.calls {
			t.Errorf("%s: %s, %d calls", c.arrival, storm.Arrival, storm.Calls)
		}
	}
}

// TestScaledSchedules: every kind of arrival has twice the calls in the same time.
func TestScaledSchedules(t *testing.T) {
	for _, when := range []string{
		"burst", "constant 100/s", "poisson 100/s", "ramp 50/s to 150/s in 10s", "sine 100/s amp 50/s every 2s",
		"asterisk 1", "burst 100 every 1s",
	} {
		a := ask()
		a.Arrival, a.In = when, 0
		p, err := New(a)
		if err != nil {
			t.Fatal(err)
		}
		base, err := p.model(capacity.Trial{Setting: capacity.Setting{Handlers: 10}, Calls: 1000, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		twice, err := p.model(capacity.Trial{Setting: capacity.Setting{Handlers: 10}, Calls: 2000, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		last, last2 := base.Starts.At(base.Starts.Len()-1), twice.Starts.At(twice.Starts.Len()-1)
		if twice.Starts.Len() != 2000 || (last2-last).Abs() > max(last/10, time.Millisecond) {
			t.Errorf("%s: %d calls, the last at %v, %v before", when, twice.Starts.Len(), last2, last)
		}
	}
}

// TestPoisson: each seed has as many calls as the question.
func TestPoisson(t *testing.T) {
	a := ask()
	a.Arrival, a.Calls = "poisson 100/s", 0
	p, err := New(a)
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(3) {
		s, err := p.scenarioOf(capacity.Trial{Calls: p.Question.Calls, Seed: seed + 1})
		if err != nil {
			t.Fatal(err)
		}
		if schedule, err := s.Schedule(); err != nil || schedule.Len() != p.Question.Calls {
			t.Errorf("%v, %v, want %d calls", err, schedule, p.Question.Calls)
		}
	}
}

// steps are instants.
type steps []time.Duration

func (s steps) Len() int               { return len(s) }
func (s steps) At(i int) time.Duration { return s[i] }

// TestStretched: the instants never decrease, and keep the shape.
func TestStretched(t *testing.T) {
	s := stretched{steps{0, 0, time.Second, 10 * time.Second}, 4000, 1}
	all := make([]time.Duration, s.Len())
	for i := range all {
		all[i] = s.At(i)
	}
	if !slices.IsSorted(all) {
		t.Error("an instant is before the one before it")
	}
	middle := (all[1500] - 500*time.Millisecond).Abs()
	if all[999] != 0 || middle > 50*time.Millisecond || all[3999] != 10*time.Second {
		t.Errorf("%v, %v, %v", all[999], all[1500], all[3999])
	}
}
