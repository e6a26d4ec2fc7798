package words

import (
	"cmp"
	"fmt"
	"strings"

	"agistorm/analysis/calls"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/reports/lists"
)

// ShareOf states that a run holds only a part of its storm; empty for a whole one.
func ShareOf(run *record.Run) string {
	if run.Share == nil {
		return ""
	}
	return fmt.Sprintf("This run is share %d/%d of a storm of %s: merge it with the others (agistorm report DIR…).",
		run.Share.K, run.Share.N, Amount(run.Scenario.Calls, "call", "calls"))
}

// fewMachines fit a line; what was run lists them all.
const fewMachines = 6

// MergedFrom lists the shares that a run was put together from; empty for any other run.
func MergedFrom(run *record.Run) string {
	n := len(run.Merged)
	if n == 0 {
		return ""
	}
	parts := lists.Map(run.Merged[:min(n, fewMachines)], func(s record.Share) string {
		return fmt.Sprintf("%d/%d on %s (%s)", s.K, s.N, Machine(&s), Amount(s.Calls, "call", "calls"))
	})
	if n > fewMachines {
		parts = append(parts, fmt.Sprintf("and %d more", n-fewMachines))
	}
	return fmt.Sprintf("Merged from %s of one storm: %s.", Amount(n, "share", "shares"), strings.Join(parts, ", "))
}

// Machine names the machine of a share.
func Machine(s *record.Share) string {
	return cmp.Or(cmp.Or(s.Host, &record.Host{}).Name, "an unnamed machine")
}

// Settled states the outcomes of the calls at one address: "192.0.2.8:4573 settled 2 calls: 2 answered".
func Settled(a calls.Address) string {
	counts := lists.NonEmpty(lists.Map(record.Outcomes, func(o record.Outcome) string {
		if a.Outcomes[o] == 0 {
			return ""
		}
		return Count(a.Outcomes[o]) + " " + string(o)
	})...)
	return fmt.Sprintf("%s settled %s: %s", a.Address, Amount(a.Calls, "call", "calls"), strings.Join(counts, ", "))
}

// Capacity writes how many connections a queue of a limit holds: one more (sk_acceptq_is_full in the kernel's
// include/net/sock.h); the greatest is "max".
func Capacity(limit uint32) string {
	if limit >= record.MaxBacklog {
		return record.BacklogMax
	}
	return Count(limit + 1)
}

// FullFor writes how long a queue was full; it is not known of one that overflowed between two samples.
func FullFor(q *metric.Queue) string {
	if q.Unseen() {
		return "more than " + Duration(q.Full)
	}
	return Duration(q.Full)
}
