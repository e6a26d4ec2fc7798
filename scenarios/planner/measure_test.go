package planner

import (
	"math"
	"testing"
	"time"

	"agistorm/analysis/capacity"
	"agistorm/analysis/record"
)

// served are calls that a server with so many handlers serves in turn, each for so long.
func served(calls, handlers int, work time.Duration) (all []record.Attempt) {
	for i := range calls {
		connected, done := time.Duration(0), time.Duration(i/handlers+1)*work
		all = append(all, record.Attempt{Connected: &connected, Done: done, Outcome: record.Answered})
	}
	return append(all, record.Attempt{Outcome: record.ConnectTimeout})
}

// TestMeasured: a burst of 400 calls that 16 handlers serve for 20 ms each is 16 handlers, and one that is served at
// once is a thread for each.
func TestMeasured(t *testing.T) {
	for handlers, want := range map[int]string{16: "pool:16", 1: "pool:1", 400: "thread"} {
		a := ask()
		a.Unmeasured, a.Work = true, ""
		p, err := New(a)
		if err != nil {
			t.Fatal(err)
		}
		dir := record.Dir(t.TempDir())
		if err := p.takeSessions(sessionsOf(served(30, 30, 20*time.Millisecond)), dir); err != nil {
			t.Fatal(err)
		}
		if err := p.takeRate(served(400, handlers, 20*time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if err := p.own(a, capacity.Command, "server"); err != nil {
			t.Fatal(err)
		}
		q := p.Question
		if q.Behaviour != want || q.MeanWork != 20*time.Millisecond || len(q.Measured) != 2 || q.Planned ||
			q.Server != "server" {
			t.Errorf("%d handlers: %+v", handlers, q)
		}
	}
}

// TestNothingServed: what served no call cannot be measured.
func TestNothingServed(t *testing.T) {
	p, err := New(ask())
	if err != nil {
		t.Fatal(err)
	}
	if err := p.takeSessions(nil, record.Dir(t.TempDir())); err == nil {
		t.Error("no session")
	}
	if err := p.takeRate(served(1, 1, time.Millisecond)); err == nil {
		t.Error("no rate")
	}
}

// TestIdle: the second between two waves, in which all that were dropped wait, is no work of the server's.
func TestIdle(t *testing.T) {
	all := served(40, 8, 20*time.Millisecond)
	for _, a := range served(40, 8, 20*time.Millisecond) {
		a.Done += 1100 * time.Millisecond
		all = append(all, a)
	}
	rate, n := rateOf(all, 20*time.Millisecond)
	if n != 80 || math.Abs(rate-400) > 1e-6 {
		t.Errorf("%v calls/s of %d calls, want 400 of 8 handlers with 20 ms of work", rate, n)
	}
}
