package summary

import (
	"slices"
	"testing"

	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// TestTargetFailures: a target without descriptors is no proof against its accept queue.
func TestTargetFailures(t *testing.T) {
	run, storms := madeRun(cellOf{tuned(128), thrice(made{timeout: 10, peak: 20})})
	for _, raw := range storms[run.Cells[0].ID] {
		raw.Target = &record.Target{AcceptErrors: 7}
	}
	s := New(run, storms)
	if s.Conclusive || !hasFact(s.Doubts, finding.AcceptErrors{Accepts: 21}, "somaxconn-128") {
		t.Errorf("conclusive %v: %s", s.Conclusive, asText(s.Doubts))
	}
}

// TestOverflowUnseenIsSaid in the storm's warnings.
func TestOverflowUnseenIsSaid(t *testing.T) {
	run, all := madeRun(cellOf{tuned(128), storms(made{calls: 20, late: 2, peak: 60, overflows: 2})})
	warnings := New(run, all).Cells[0].Repeats[0].Warnings
	if !slices.Contains(facts(warnings), finding.Fact(finding.QueueUnseen{Seen: 60, Holds: 129})) {
		t.Errorf("warnings %+v", warnings)
	}
}

// TestPhantomsAreCountedOnce: what was left in the queue or discarded with it is no phantom in any count, and
// never less than none.
func TestPhantomsAreCountedOnce(t *testing.T) {
	attempts := make([]record.Attempt, 5)
	for i := range attempts {
		attempts[i] = reset(i)
	}
	for _, c := range []struct{ queued, discarded, want int }{{0, 0, 5}, {1, 0, 4}, {0, 2, 3}, {1, 2, 2}, {4, 2, 0}} {
		raw := joined(attempts)
		raw.Target.Queued, raw.Target.Discarded = &c.queued, c.discarded
		run := &record.Run{Scenario: limits, Cells: []record.Cell{{ID: "a", Backlog: "max"}}, Repeats: 1}
		r := New(run, Storms{"a": {raw}}).Cells[0].Repeats[0]
		if r.Phantoms == nil || *r.Phantoms != c.want || r.PhantomFates.Never != c.want {
			t.Errorf(
				"%d queued, %d discarded: phantoms %v, fates %+v, want %d",
				c.queued,
				c.discarded,
				r.Phantoms,
				r.PhantomFates,
				c.want,
			)
		}
	}
}

// TestAnsweredSYNs: a SYN that was refused has its answer, and so has that of a client which gave up before
// it saw it.
func TestAnsweredSYNs(t *testing.T) {
	refused, given := call(0, 12*ms), call(1, 12*ms)
	refused.Outcome, refused.Errno = record.Refused, "ECONNREFUSED"
	given.Outcome, given.Limit = record.ConnectTimeout, "connect"
	raw := joined([]record.Attempt{refused, given}, peer(1, 90*ms, 200*ms, "gone"))
	raw.Kernel.Before = record.Counters{"TcpActiveOpens": 5, "ListenDrops": 0, "lo.rx_dropped": 0}
	raw.Kernel.After = record.Counters{"TcpActiveOpens": 7, "ListenDrops": 0, "lo.rx_dropped": 0}
	if got := summariseOne(raw, nil).Checks; !slices.Contains(got, check(finding.RuleUnanswered, 0)) {
		t.Errorf("%+v", got)
	}
}
