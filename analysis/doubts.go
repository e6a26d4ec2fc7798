package analysis

import (
	"fmt"
	"strconv"
	"strings"

	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// unwatched warns once of built-in targets whose accept queue could not be watched: it is the same cause each time.
func unwatched(s *Summary) []string {
	storms, why := 0, ""
	eachRepeat(s, func(_ *Cell, r *Repeat) {
		if t := r.Raw.Target; t != nil && t.Unwatched != "" {
			storms, why = storms+1, t.Unwatched
		}
	})
	if storms == 0 {
		return nil
	}
	return []string{fmt.Sprintf("the accept queue was not watched in %s: %s", amount(storms, "storm", "storms"), why)}
}

// nobodyAnswered tells of a storm at somebody else's server that served nobody: that is no
// measurement of a server.
func nobodyAnswered(s *Summary) string {
	if len(s.Cells) != 1 || s.Cells[0].Backlog != "" {
		return ""
	}
	c, offered := &s.Cells[0], 0
	for i := range c.Repeats {
		offered += c.Repeats[i].Offered
	}
	if offered == 0 || c.served() > 0 {
		return ""
	}
	success := Success(s.Run)
	text := "no call was " + string(success)
	switch {
	case c.total(record.Refused) == offered:
		return text + ": every one was refused, so nobody listens there"
	case c.total(record.Unreachable) == offered:
		return text + ": the address cannot be reached from here" + firstReason(c)
	case success == record.Connected:
		return text + ": what listens there takes no connection within the connect limit" + firstReason(c)
	}
	if n := endedBy(c, "session"); n > 0 {
		return fmt.Sprintf("%s: the session limit of %v ended %s (it is this storm's own; Asterisk has none)", text,
			s.Run.Scenario.SessionLimit, Count(n))
	}
	within := ""
	if endedBy(c, "first-command") > 0 {
		within = fmt.Sprintf(" within the first-command limit of %v (this storm's own; Asterisk has none)",
			s.Run.Scenario.FirstCommandLimit)
	}
	return text + ": what listens there does not speak FastAGI, or serves nobody" + within + firstReason(c)
}

// endedBy counts the attempts that were connected until a limit of theirs had passed.
func endedBy(c *Cell, limit string) (n int) {
	for i := range c.Repeats {
		for _, a := range c.Repeats[i].Raw.Attempts {
			if a.Limit == limit {
				n++
			}
		}
	}
	return n
}

// firstReason is what the first attempt that has a reason or an errno says; empty without one.
func firstReason(c *Cell) string {
	for i := range c.Repeats {
		for _, a := range c.Repeats[i].Raw.Attempts {
			if a.Reason != "" {
				return " (" + a.Reason + ")"
			}
		}
		for _, a := range c.Repeats[i].Raw.Attempts {
			if a.Errno != "" {
				return " (" + a.Errno + ")"
			}
		}
	}
	return ""
}

// targetFailures tells of a built-in target that could not accept: then it was the limit, not the queue.
func targetFailures(s *Summary) string {
	line := ""
	eachRepeat(s, func(c *Cell, r *Repeat) {
		if t := r.Raw.Target; t != nil && t.AcceptErrors > 0 && r.Lost > 0 && line == "" {
			line = fmt.Sprintf("with %s the target could not accept for want of descriptors (%s), so what was lost may be its doing; "+
				"raise `ulimit -n`, or serve fewer at once (behaviour pool:N)", c.Label, amount(int(t.AcceptErrors), "accept failed", "accepts failed"))
		}
	})
	return line
}

// doubts lists why the run does not answer its question, the gravest first, and then those of single settings.
func doubts(s *Summary) []Doubt {
	storms := 0
	for i := range s.Cells {
		storms += len(s.Cells[i].Repeats)
	}
	if storms == 0 {
		return []Doubt{{Code: DoubtNoStorm, Words: "no storm was recorded" + interrupted(s.Run)}}
	}
	var all []Doubt
	add := func(code DoubtCode, lines ...string) {
		for _, line := range lines {
			if line != "" {
				all = append(all, Doubt{Code: code, Words: line})
			}
		}
	}
	add(DoubtUnmeasured, unmeasured(s))
	add(DoubtMissingShares, missingShares(s))
	add(DoubtNotInForce, notInForce(s))
	add(DoubtNotOffered, ownFailures(s))
	add(DoubtAcceptErrors, targetFailures(s))
	add(DoubtStartLag, lateGenerator(s))
	add(DoubtHeldUp, heldUpDoubts(s)...)
	add(DoubtIncomplete, incomplete(s))
	add(DoubtLink, linkWasTheLimit(s))
	add(DoubtNobodyAnswered, nobodyAnswered(s))
	return append(all, doubtsOfSettings(s)...)
}

func interrupted(run *record.Run) string {
	if run.Partial == "" {
		return ""
	}
	return " (" + strings.TrimSuffix(run.Partial, ".") + ")"
}

// unmeasured names the settings without a storm.
func unmeasured(s *Summary) string {
	var labels []string
	for i := range s.Cells {
		if len(s.Cells[i].Repeats) == 0 {
			labels = append(labels, s.Cells[i].Label)
		}
	}
	if len(labels) == 0 {
		return ""
	}
	return fmt.Sprintf("there is no storm of %s%s; run it again to the end", list(labels), interrupted(s.Run))
}

// eachRepeat visits all repeats in the order of the run.
func eachRepeat(s *Summary, visit func(*Cell, *Repeat)) {
	for i := range s.Cells {
		for j := range s.Cells[i].Repeats {
			visit(&s.Cells[i], &s.Cells[i].Repeats[j])
		}
	}
}

// notInForce finds a setting that the kernel did not have when it was tried.
func notInForce(s *Summary) string {
	line := ""
	eachRepeat(s, func(c *Cell, r *Repeat) {
		if what := mismatch(c, r.Raw); what != "" && line == "" {
			line = fmt.Sprintf("%s was not in force in storm %d: %s", c.Label, r.N, what)
		}
	})
	return line
}

// mismatch compares the cell with what was read back; what could not be read back passes.
func mismatch(c *Cell, raw *record.Repeat) string {
	if c.Backlog == "" {
		return "" // somebody else's server: nothing was set
	}
	if t := raw.Target; t != nil && t.Effective != nil && *t.Effective != c.Effective {
		return fmt.Sprintf("the kernel kept a backlog of %d instead of %d", *t.Effective, c.Effective)
	}
	if raw.Kernel == nil {
		return ""
	}
	if what := differs(raw.Kernel.Sysctls, somaxconnSysctl, strconv.Itoa(c.Somaxconn)); what != "" {
		return what
	}
	for _, name := range sortedKeys(c.Sysctls) {
		if what := differs(raw.Kernel.Sysctls, name, c.Sysctls[name]); what != "" {
			return what
		}
	}
	return ""
}

func differs(read map[string]string, name, want string) string {
	if got, ok := read[name]; ok && !sameSysctl(got, want) {
		return fmt.Sprintf("%s read back as %s instead of %s", name, got, want)
	}
	return ""
}

// ownFailures counts the attempts that never reached the network.
func ownFailures(s *Summary) string {
	var attempts, exhausted, late int
	eachRepeat(s, func(_ *Cell, r *Repeat) {
		attempts += len(r.Raw.Attempts)
		exhausted += r.Outcomes[record.LocalExhaustion]
		late += r.Outcomes[record.NotOffered]
	})
	if exhausted+late == 0 {
		return ""
	}
	return fmt.Sprintf("%s of %s never reached the network (%s %s, %s %s), so the generator was the limit; "+
		"%s", Count(exhausted+late),
		amount(attempts, "attempt", "attempts"), Count(exhausted), record.LocalExhaustion, Count(late), record.NotOffered, cureOwnFailures(exhausted, late))
}

func cureOwnFailures(exhausted, late int) string {
	switch {
	case exhausted == 0:
		return "use fewer calls, more workers (--workers) or an idle machine"
	case late == 0:
		return "use fewer calls, more ports (--sources) or a higher limit of open files"
	}
	return "use fewer calls, an idle machine, or more ports (--sources) and descriptors"
}

// lateGenerator names the storm with the greatest start lag that is too great.
func lateGenerator(s *Summary) string {
	limit := lagLimit(s.Run)
	var worst *Repeat
	label, storms := "", 0
	eachRepeat(s, func(c *Cell, r *Repeat) {
		if r.StartLag.Max <= limit {
			return
		}
		storms++
		if worst == nil || r.StartLag.Max > worst.StartLag.Max {
			worst, label = r, c.Label
		}
	})
	if worst == nil || limit <= 0 {
		return ""
	}
	return fmt.Sprintf("the generator was up to %s late in %s (worst: %s, storm %d), more than a quarter of the connect limit of %s; "+
		"use fewer calls or an idle machine", Duration(worst.StartLag.Max), amount(storms, "storm", "storms"),
		label, worst.N, Duration(s.Run.Scenario.ConnectLimit))
}

// incomplete counts the storms whose attempts are not those that were planned.
func incomplete(s *Summary) string {
	if missingShares(s) != "" {
		return "" // which says why
	}
	storms, have := 0, 0
	eachRepeat(s, func(_ *Cell, r *Repeat) {
		for _, c := range r.Checks {
			if c.Rule == finding.RulePlanned && c.Residual != 0 {
				storms++
				have += len(r.Raw.Attempts)
			}
		}
	})
	if storms == 0 {
		return ""
	}
	if cutShort(s.Run) {
		return fmt.Sprintf("it was interrupted when %s had ended", amountOf(have, storms*s.Run.Calls(), "call", "calls"))
	}
	return fmt.Sprintf("the record of %s is not whole: it has %s of %s", amount(storms, "storm", "storms"),
		Count(have), amount(storms*s.Run.Calls(), "attempt", "attempts"))
}

// cutShort tells of a storm that somebody ended: its record has the calls that were over by then.
func cutShort(run *record.Run) bool { return run.Partial == "interrupted" }

// amountOf is "3 of 10 calls".
func amountOf(n, of int, one, many string) string { return Count(n) + " of " + amount(of, one, many) }
