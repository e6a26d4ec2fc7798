package summary

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis/calls"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

func TestByAddress(t *testing.T) {
	raw := &record.Repeat{Storm: record.Storm{Address: "10.0.0.2:4573"}, Attempts: []record.Attempt{
		{Outcome: record.Answered, Address: "10.0.0.1:4573"}, {Outcome: record.Reset, Address: "10.0.0.1:4573"},
		{Outcome: record.Answered, Address: "10.0.0.2:4573"}, {Outcome: record.Answered, Address: "10.0.0.2:4573"},
		{Outcome: record.NotOffered},
		{Outcome: record.Refused, Address: "10.0.0.0:4573"},
	}}
	want := []calls.Address{ // the first one that is tried, then in order
		{Address: "10.0.0.2:4573", Calls: 2, Outcomes: map[record.Outcome]int{record.Answered: 2}},
		{Address: "10.0.0.0:4573", Calls: 1, Outcomes: map[record.Outcome]int{record.Refused: 1}},
		{Address: "10.0.0.1:4573", Calls: 2, Outcomes: map[record.Outcome]int{record.Answered: 1, record.Reset: 1}},
	}
	if diff := cmp.Diff(want, calls.ByAddress(raw)); diff != "" {
		t.Errorf("addresses (-want +got):\n%s", diff)
	}
	if got := calls.ByAddress(&record.Repeat{Attempts: []record.Attempt{{}}}); got != nil {
		t.Errorf("one address: got %+v", got)
	}
}

// failover is overflow with three calls that lost 2 SYNs each at another address, before, where the kernel
// counted what it counts: 3 opens and 6 retransmissions more.
func failover() *record.Repeat {
	r := overflow()
	for i := range 3 {
		r.Attempts[i].Tried, r.Attempts[i].EarlierSYNRetransmits = ptr(2*time.Second), 2
	}
	r.Kernel.After["TcpActiveOpens"] += 3
	r.Kernel.After["TCPSynRetrans"] += 6
	return r
}

// TestChecksOfSeveralAddresses: a call that goes on is offered once and opens twice.
func TestChecksOfSeveralAddresses(t *testing.T) {
	got := summariseOne(failover(), nil)
	want := []finding.Check{
		check(finding.RuleOutcomes, 0),
		check(finding.RulePlanned, 0),
		check(finding.RulePhantoms, 0),
		check(finding.RuleServed, 0),
		check(finding.RuleAnswered, 0),
		check(finding.RuleDrops, 0),
		check(finding.RuleOpensMoved, 0),
		check(finding.RuleSYNsAtLeast, 0),
	}
	if diff := cmp.Diff(want, got.Checks); diff != "" {
		t.Errorf("checks (-want +got):\n%s", diff)
	}
	if *got.SYNRetransmits != *summariseOne(overflow(), nil).SYNRetransmits+6 {
		t.Errorf("%d SYN retransmits: those to the earlier address are not counted", *got.SYNRetransmits)
	}
	missed := failover()
	missed.Kernel.After["TcpActiveOpens"]--
	missed.Kernel.After["TCPSynRetrans"] -= 2 // one less than the clients counted: 4 + 6, of 5 + 6
	checks := summariseOne(missed, nil).Checks
	for _, line := range []finding.Check{check(finding.RuleOpensMoved, 1), check(finding.RuleSYNsAtLeast, 1)} {
		if !slices.Contains(checks, line) {
			t.Errorf("checks %+v lack %+v", checks, line)
		}
	}
}
