package reports

import (
	"fmt"
	"slices"
	"strings"

	"agistorm/analysis"
	"agistorm/analysis/calls"
	"agistorm/analysis/record"
	"agistorm/reports/document"
)

// headlines are what must be known before any number: that the run is partial, or only one share of a storm.
func headlines(s *analysis.Summary) []string {
	return slices.Concat(lines(partial(s)), lines(share(runOf(s))))
}

// share is a line for a run that holds only a part of its storm, else empty.
func share(run *record.Run) string {
	if run.Share == nil {
		return ""
	}
	return fmt.Sprintf("This run is share %d/%d of a storm of %s: merge it with the others (agistorm report DIR…).",
		run.Share.K, run.Share.N, amount(run.Scenario.Calls, "call", "calls"))
}

// fewMachines fit a line; what was run lists them all.
const fewMachines = 6

// merged is a line for a run that was put together, else empty.
func merged(run *record.Run) string {
	n := len(run.Merged)
	if n == 0 {
		return ""
	}
	var parts []string
	for i := range run.Merged[:min(n, fewMachines)] {
		share := &run.Merged[i]
		parts = append(parts, fmt.Sprintf("%d/%d on %s (%s)", share.K, share.N, machine(share), amount(share.Calls, "call", "calls")))
	}
	if n > fewMachines {
		parts = append(parts, fmt.Sprintf("and %d more", n-fewMachines))
	}
	return fmt.Sprintf("Merged from %s of one storm: %s.", amount(n, "share", "shares"), strings.Join(parts, ", "))
}

func machine(s *record.Share) string {
	if s.Host == nil {
		return "an unnamed machine"
	}
	return valueOr(s.Host.Name, "an unnamed machine")
}

// machineFacts describe each machine of a merged run.
func machineFacts(run *record.Run) []fact {
	var all []fact
	for i := range run.Merged {
		s := &run.Merged[i]
		text := machine(s) + ": " + amount(s.Calls, "call", "calls")
		if s.Host != nil {
			for _, f := range hostFacts(s.Host) {
				if f.Text != "" {
					text += "; " + f.Name + " " + f.Text
				}
			}
		}
		all = append(all, fact{fmt.Sprintf("share %d/%d", s.K, s.N), text})
	}
	return all
}

// addressLines say what became of the calls at each address of a server that has several.
func addressLines(s *analysis.Summary) []string {
	var all []string
	for i := range s.Cells {
		c := &s.Cells[i]
		for _, a := range addresses(c) {
			line := fmt.Sprintf("%s settled %s: %s", a.Address, amount(a.Calls, "call", "calls"), outcomesOf(a))
			if len(s.Cells) > 1 {
				line = c.Label + ": " + line
			}
			all = append(all, line)
		}
	}
	return all
}

// outcomesOf counts what occurred, in the usual order.
func outcomesOf(a calls.Address) string {
	var parts []string
	for _, o := range record.Outcomes {
		if n := a.Outcomes[o]; n > 0 {
			parts = append(parts, analysis.Count(n)+" "+string(o))
		}
	}
	return strings.Join(parts, ", ")
}

// addresses of a cell, over all its storms; those that come first in a storm first.
func addresses(c *analysis.Cell) []calls.Address {
	var all []calls.Address
	for i := range c.Repeats {
		for _, a := range c.Repeats[i].Addresses {
			at := slices.IndexFunc(all, func(known calls.Address) bool { return known.Address == a.Address })
			if at < 0 {
				at = len(all)
				all = append(all, calls.Address{Address: a.Address, Outcomes: map[record.Outcome]int{}})
			}
			all[at].Calls += a.Calls
			for o, n := range a.Outcomes {
				all[at].Outcomes[o] += n
			}
		}
	}
	return all
}

// addressRows are the outcomes at each address, storm by storm.
func addressRows(c *analysis.Cell) document.Group {
	var numbers []number
	for _, known := range addresses(c) {
		for _, o := range record.Outcomes {
			if known.Outcomes[o] > 0 {
				numbers = append(numbers, number{known.Address + " " + string(o), func(r *analysis.Repeat) value {
					return text(analysis.Count(settled(r, known.Address, o)))
				}})
			}
		}
	}
	return group("Settled by address", c, numbers...)
}

// settled counts the calls of a storm with an outcome at an address.
func settled(r *analysis.Repeat, address string, o record.Outcome) int {
	for _, a := range r.Addresses {
		if a.Address == address {
			return a.Outcomes[o]
		}
	}
	return 0
}
