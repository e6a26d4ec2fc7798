package caveats

import (
	"maps"
	"slices"
	"strconv"

	"agistorm/analysis"
	"agistorm/analysis/calls"
	"agistorm/analysis/finding"
	"agistorm/analysis/health"
	"agistorm/analysis/record"
	"agistorm/scenarios/axis"
)

// Doubts lists why the run, or some of its settings, do not answer its question, the gravest first.
func Doubts(s *analysis.Summary) (all []finding.Finding) {
	if !slices.ContainsFunc(s.Cells, func(c analysis.Cell) bool { return len(c.Repeats) > 0 }) {
		return []finding.Finding{analysis.About(finding.NoStorm{})}
	}
	for _, of := range []func(*analysis.Summary) []finding.Finding{
		unmeasured, missingShares, notInForce, ownFailures, targetFailures, lateGenerator, health.HeldUpDoubts,
		incomplete, linkWasTheLimit, health.ReplyLagDoubts, notServedDoubt,
	} {
		all = append(all, of(s)...)
	}
	if s.Run.Simulated != nil { // which has no generator
		all = slices.DeleteFunc(all, func(f finding.Finding) bool { return f.OfGenerator() })
	}
	return all
}

// unwatched warns once of built-in targets whose accept queue could not be watched: it is the same cause each
// time.
func unwatched(s *analysis.Summary) []finding.Finding {
	var fact finding.QueueUnwatched
	cells, storms := s.StormsWhere(func(_ *analysis.Cell, r *analysis.Repeat) bool {
		t := r.Raw.Target
		if t == nil || t.Unwatched == nil {
			return false
		}
		fact.Why = *t.Unwatched
		return true
	})
	fact.Storms = storms
	return analysis.FactOf(fact, cells)
}

// targetFailures are of a built-in target that could not accept: then it was the limit, not the queue.
func targetFailures(s *analysis.Summary) []finding.Finding {
	var fact finding.AcceptErrors
	cells, _ := s.StormsWhere(func(_ *analysis.Cell, r *analysis.Repeat) bool {
		t := r.Raw.Target
		if t == nil || t.AcceptErrors == 0 || r.Lost == 0 {
			return false
		}
		fact.Accepts += int(t.AcceptErrors)
		return true
	})
	return analysis.FactOf(fact, cells)
}

// unmeasured are the settings without a storm.
func unmeasured(s *analysis.Summary) []finding.Finding {
	var cells []*analysis.Cell
	for c := range analysis.Each(s.Cells) {
		if len(c.Repeats) == 0 {
			cells = append(cells, c)
		}
	}
	return analysis.FactOf(finding.Unmeasured{}, cells)
}

// notInForce finds settings that the kernel did not have when they were tried, each by its first such storm.
func notInForce(s *analysis.Summary) (all []finding.Finding) {
	found := map[*analysis.Cell]bool{}
	for c, r := range s.Storms() {
		if fact := notAsked(c, r.Raw); fact != nil && !found[c] {
			found[c], fact.Storm = true, r.N
			all = append(all, analysis.About(*fact, c))
		}
	}
	return all
}

// notAsked compares the cell with what was read back; what could not be read back passes. Nothing was set at
// an external server.
func notAsked(c *analysis.Cell, raw *record.Repeat) *finding.NotInForce {
	if c.Backlog == "" {
		return nil
	}
	if t := raw.Target; t != nil && t.Effective != nil && *t.Effective != c.Effective {
		return &finding.NotInForce{Name: "effective backlog", Want: strconv.Itoa(c.Effective),
			Got: strconv.Itoa(*t.Effective)}
	}
	if raw.Kernel == nil {
		return nil
	}
	want := maps.Clone(c.Sysctls)
	if want == nil {
		want = map[string]string{}
	}
	want[axis.SomaxconnSysctl] = strconv.Itoa(c.Somaxconn)
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got, ok := raw.Kernel.Sysctls[name]; ok && !axis.Same(got, want[name]) {
			return &finding.NotInForce{Name: name, Want: want[name], Got: got}
		}
	}
	return nil
}

// ownFailures count the attempts that never reached the network.
func ownFailures(s *analysis.Summary) []finding.Finding {
	var fact finding.NotOffered
	cells, _ := s.StormsWhere(func(_ *analysis.Cell, r *analysis.Repeat) bool {
		exhausted, late := r.Outcomes[record.LocalExhaustion], r.Outcomes[record.NotOffered]
		fact.Calls, fact.Exhausted, fact.Late = fact.Calls+exhausted+late, fact.Exhausted+exhausted, fact.Late+late
		return exhausted+late > 0
	})
	return analysis.FactOf(fact, cells)
}

// lateGenerator are the settings with a storm whose calls started too late.
func lateGenerator(s *analysis.Summary) []finding.Finding {
	fact := finding.StartLag{Limit: health.LagLimit(s.Run)}
	cells, storms := s.StormsWhere(func(c *analysis.Cell, r *analysis.Repeat) bool {
		if fact.Limit <= 0 || r.StartLag.Max <= fact.Limit {
			return false
		}
		if r.StartLag.Max > fact.Max {
			fact.Max, fact.Worst, fact.Storm = r.StartLag.Max, c.ID, r.N
		}
		return true
	})
	fact.Storms = storms
	return analysis.FactOf(fact, cells)
}

// incomplete counts the storms whose attempts are not those that were planned; missing shares say why
// themselves.
func incomplete(s *analysis.Summary) []finding.Finding {
	fact := finding.Incomplete{Interrupted: s.Run.Partial == record.Interrupted}
	cells, storms := s.StormsWhere(func(c *analysis.Cell, r *analysis.Repeat) bool {
		n, planned := len(r.Raw.Attempts), s.Run.CallsOf(&c.Cell)
		if planned == 0 || n == planned {
			return false
		}
		fact.Have, fact.Of = fact.Have+n, fact.Of+planned
		return true
	})
	if fact.Storms = storms; missingShares(s) != nil {
		return nil
	}
	return analysis.FactOf(fact, cells)
}

// notServedDoubt is of calls that are answered, and were not served by the server's own account.
func notServedDoubt(s *analysis.Summary) []finding.Finding {
	fact := finding.AnsweredNotServed{Fates: map[string]int{}}
	cells, storms := s.StormsWhere(func(_ *analysis.Cell, r *analysis.Repeat) bool {
		unserved := calls.Unserved(r.Mismatches)
		fact.Calls += unserved.Calls
		for fate, n := range unserved.Fates {
			fact.Fates[fate] += n
		}
		return unserved.Calls > 0
	})
	fact.Storms = storms
	return analysis.FactOf(fact, cells)
}
