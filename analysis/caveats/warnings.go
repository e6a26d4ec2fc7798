package caveats

import (
	"time"

	"agistorm/analysis"
	"agistorm/analysis/calls"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// StormWarnings returns what a reader of the numbers of one storm must know, beside its consistency checks.
func StormWarnings(run *record.Run, raw *record.Repeat, r *analysis.Repeat) []finding.Finding {
	var all finding.List
	unserved, unanswered := calls.Unserved(r.Mismatches), calls.Unanswered(r.Mismatches)
	all.AddIf(unserved.Calls > 0, unserved)
	all.AddIf(unanswered.Calls > 0, unanswered)
	if q := r.Queue; q != nil {
		all.AddIf(!q.Watched(), finding.QueueUnsampled{Pause: q.LongestPause})
		all.AddIf(q.Unseen(), finding.QueueUnseen{Seen: int(q.Seen), Holds: int(q.Limit) + 1})
	}
	if raw.Kernel != nil && raw.Kernel.Link != nil {
		l := raw.Kernel.Link
		all.AddIf(l.Dropped > 0, finding.LinkDropped{Dropped: int(l.Dropped), Packets: int(l.Forwarded + l.Dropped)})
		// A delay line is late where it adds more than a tenth of the round trip.
		late := l.RTT > 0 && l.LateP99 > max(l.RTT/10, time.Millisecond)
		all.AddIf(late, finding.LinkLate{P99: l.LateP99, RTT: l.RTT})
	}
	all.AddIf(
		raw.Kernel == nil && len(raw.Damaged) == 0 && run.Isolation.Own() && len(run.Merged) == 0 && run.Simulated == nil,
		finding.NoKernelRecord{},
	)
	left := stillQueued(raw, r)
	all.AddIf(left.Connections > 0, left)
	return all
}

// stillQueued are the connections that were never accepted, by the target's own count or by the last sample.
func stillQueued(raw *record.Repeat, r *analysis.Repeat) (fact finding.StillQueued) {
	if q := r.Queue; q != nil && q.Left > 0 {
		fact = finding.StillQueued{Connections: int(q.Left), Drain: q.Drain}
	}
	if t := raw.Target; t != nil && t.Queued != nil {
		fact.Connections = *t.Queued
	}
	return fact
}
