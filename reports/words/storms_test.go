package words

import (
	"time"

	"agistorm/analysis/finding"
)

const ms = time.Millisecond

// stormSamples are findings about one storm.
var stormSamples = []finding.Finding{
	{Fact: unbalanced(finding.RuleSegments, finding.CauseLostElsewhere, 0)},
	{Fact: unbalanced(finding.RuleOpens, finding.CauseConnects, 3)},
	{Fact: unbalanced(finding.RulePhantoms, finding.CauseInFlight, 7)},
	{Fact: finding.UnservedCalls{Calls: 1, Fates: map[string]int{"stopped": 1}}},
	{Fact: finding.UnservedCalls{Calls: 3, Fates: map[string]int{"script-timeout": 2, "odd": 1}}},
	{Fact: finding.UnansweredCalls{Calls: 1, Outcomes: map[string]int{"reset": 1}}},
	{Fact: finding.UnansweredCalls{Calls: 3, Outcomes: map[string]int{"silent": 2, "reset": 1}}},
	{Fact: finding.QueueUnsampled{Pause: 2750 * ms}},
	{Fact: finding.QueueUnseen{Seen: 97, Holds: 1025}},
	{Fact: finding.LinkDropped{Dropped: 3, Packets: 1030}},
	{Fact: finding.LinkLate{P99: 2100 * time.Microsecond, RTT: 20 * ms}},
	{Fact: finding.NoKernelRecord{}},
	{Fact: finding.StillQueued{Connections: 1}},
	{Fact: finding.StillQueued{Connections: 4}},
	{Fact: finding.StillQueued{Connections: 1817, Drain: 10 * second}},
}

func unbalanced(rule finding.Rule, cause finding.Cause, count int) finding.Unbalanced {
	return finding.Unbalanced{
		Check: finding.Check{Rule: rule, Medium: finding.Loopback, Residual: -4}, Cause: cause, Count: count,
	}
}
