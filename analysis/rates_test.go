package analysis

import (
	"math"
	"testing"
	"time"

	"agistorm/analysis/record"
	"agistorm/analysis/stats"
)

func TestShares(t *testing.T) {
	run, all := madeRun(cellOf{tuned(128), storms(made{calls: 1000, timeout: 30, late: 7}, made{calls: 1000, reset: 10, exhausted: 20})})
	c := Summarise(run, all).Cells[0]
	// 20 of the 2,000 were never offered.
	if want := stats.Wilson(40, 1980); c.Shares.Lost != want {
		t.Errorf("lost: %+v, want %+v", c.Shares.Lost, want)
	}
	if want := stats.Wilson(7, 1980); c.Shares.Late == nil || *c.Shares.Late != want {
		t.Errorf("late: %+v, want %+v", c.Shares.Late, want)
	}
	if want := stats.Wilson(10, 1980); c.Shares.Outcomes[record.Reset] != want {
		t.Errorf("reset: %+v, want %+v", c.Shares.Outcomes[record.Reset], want)
	}
	if _, ok := c.Shares.Outcomes[record.LocalExhaustion]; ok {
		t.Error("calls that were never offered have a share of those that were")
	}
	run, all = madeRun(cellOf{tuned(128), storms(made{calls: 10, blind: true})})
	if s := Summarise(run, all).Cells[0].Shares; s.Late != nil {
		t.Errorf("nobody knows who was late, and yet %+v were", s.Late)
	}
}

func TestLostSYNs(t *testing.T) {
	attempts := []record.Attempt{
		{Outcome: record.Answered, SYNRetransmits: ptr(uint32(2)), EarlierSYNRetransmits: 1},
		{Outcome: record.ConnectTimeout, SYNRetransmits: ptr(uint32(1))}, // its first SYN and its second
		{Outcome: record.Refused, SYNRetransmits: ptr(uint32(0))},
	}
	if got := lostSYNs(attempts, 2*time.Second); got == nil || *got != 5 {
		t.Errorf("%v SYNs lost, want 5", got)
	}
	given := []record.Attempt{
		// The first address was given up after two SYNs, the second after two, and the third answered.
		{Outcome: record.Answered, Started: ptr(ms), Tried: ptr(4010 * ms), SYNRetransmits: ptr(uint32(0)), EarlierSYNRetransmits: 2},
		// The first address refused, the second was given up after two SYNs.
		{Outcome: record.ConnectTimeout, Started: ptr(ms), Tried: ptr(2 * ms), SYNRetransmits: ptr(uint32(1))},
	}
	if got := lostSYNs(given, 2*time.Second); got == nil || *got != 4+2 {
		t.Errorf("%v SYNs lost, want 6", got)
	}
	if got := lostSYNs([]record.Attempt{{Outcome: record.Answered}}, 2*time.Second); got != nil {
		t.Errorf("%d SYNs lost, want that nobody knows", *got)
	}
}

func TestServedRate(t *testing.T) {
	attempts := []record.Attempt{
		{Intended: 500 * ms, Done: 700 * ms, Outcome: record.Answered},
		{Intended: 900 * ms, Done: 2500 * ms, Outcome: record.Answered}, // the last to end, not to begin
		{Intended: 950 * ms, Done: 1000 * ms, Outcome: record.Answered},
		{Intended: 900 * ms, Done: 9 * time.Second, Outcome: record.Silent},
	}
	if got := servedRate(attempts); got == nil || math.Abs(*got-1.5) > 1e-9 {
		t.Errorf("%v served a second, want 3 in 2 s", got)
	}
	if got := servedRate(attempts[3:]); got != nil {
		t.Errorf("%v served a second, want none", *got)
	}
}

func TestDrainBeginsWithTheLastArrival(t *testing.T) {
	samples := []record.QueueSample{{At: 0, Depth: 3, Limit: 8}, {At: 100 * ms, Depth: 1, Limit: 8}, {At: 400 * ms, Limit: 8}, {At: 900 * ms, Limit: 8}}
	for last, want := range map[time.Duration]time.Duration{0: 400 * ms, 150 * ms: 250 * ms, 600 * ms: 0} {
		if got := watchQueue(samples, last, 0).Drain; got != want {
			t.Errorf("last call at %v: drained %v after it, want %v", last, got, want)
		}
	}
}

func TestFromActualStart(t *testing.T) {
	run, all := madeRun(cellOf{tuned(128), storms(made{calls: 1})})
	a := &all["somaxconn-128"][0].Attempts[0]
	a.Started, a.Connected, a.FirstCommand, a.Done = ptr(300*ms), ptr(310*ms), ptr(330*ms), 360*ms
	c := Summarise(run, all).Cells[0]
	for name, pair := range map[string][2]time.Duration{
		"connect": {c.Latencies.Connect.Max, 310 * ms}, "connect from the actual start": {c.FromStart.Connect.Max, 10 * ms},
		"first command from the actual start": {c.FromStart.FirstCommand.Max, 30 * ms},
		"session from the actual start":       {c.FromStart.Session.Max, 60 * ms},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %v, want %v", name, pair[0], pair[1])
		}
	}
}
