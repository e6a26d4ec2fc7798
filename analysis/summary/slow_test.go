package summary

import (
	"testing"
	"time"

	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// TestSlowCalls: the setting in which most calls waited is named.
func TestSlowCalls(t *testing.T) {
	for _, n := range []int{1, 2} {
		run, all := madeRun(cellOf{tuned(128), thrice(made{timeout: 5})}, cellOf{tuned(512), thrice(made{})})
		for _, raw := range all["somaxconn-512"] {
			for i := range n {
				raw.Attempts[i].FirstCommand = ptr(1500 * time.Millisecond)
			}
		}
		want := finding.SlowCalls{
			Calls:    n,
			PerStorm: true,
			Longest:  1499 * time.Millisecond,
			Blame:    finding.BlameServer,
		}
		if got := New(run, all).Answer; !hasFact(got, want, "somaxconn-512") {
			t.Errorf("%s, want %+v in it", asText(got), want)
		}
	}
}

// TestSlow: connected at once, and a second or more without a command.
func TestSlow(t *testing.T) {
	var attempts []record.Attempt
	for i, waited := range []time.Duration{999 * ms, 1000 * ms, 5800 * ms} {
		a := call(i, time.Duration(i)*time.Second)
		a.Connected = p(*a.Started + ms)
		a.FirstCommand = p(*a.Connected + waited)
		a.Done = *a.FirstCommand + ms
		attempts = append(attempts, a)
	}
	run := &record.Run{Scenario: limits, Cells: []record.Cell{{ID: "storm"}}, Repeats: 1}
	run.Scenario.Calls = 3
	s := New(run, Storms{"storm": {&record.Repeat{Attempts: attempts}}})
	want := finding.SlowCalls{Calls: 2, Longest: 5800 * ms, Blame: finding.BlameServer}
	if s.Cells[0].Repeats[0].Slow != 2 || !hasFact(s.Answer, want, "storm") {
		t.Errorf("slow %d, %s", s.Cells[0].Repeats[0].Slow, asText(s.Answer))
	}
}

// TestOverload: a queue that was full for most of a lasting storm is not too short, and the advice is
// another.
func TestOverload(t *testing.T) {
	first, last := call(0, 0), call(1, 2*time.Second)
	first.Connected, first.FirstCommand = p(ms), p(900*ms) // it accepted meanwhile
	last.SYNRetransmits, last.Outcome, last.Limit, last.Done = p(
		uint32(1),
	), record.ConnectTimeout, "connect", 4*time.Second
	raw := &record.Repeat{Attempts: []record.Attempt{first, last}, Queue: []record.QueueSample{
		{At: 0, Limit: 5}, {At: 500 * ms, Depth: 6, Limit: 5}, {At: 2200 * ms, Depth: 0, Limit: 5},
	}}
	run := &record.Run{Scenario: limits, Cells: []record.Cell{{ID: "storm"}}, Repeats: 1}
	run.Scenario.Calls = 2
	got := New(run, Storms{"storm": {raw}}).Answer
	if !hasFact(got, finding.ServerOverloaded{}, "storm") || len(factsLike[finding.ShortBacklog](got)) > 0 {
		t.Errorf("%s", asText(got))
	}
}
