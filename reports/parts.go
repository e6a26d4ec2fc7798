package reports

import (
	"slices"

	"agistorm/analysis"
	"agistorm/analysis/calls"
	"agistorm/analysis/record"
	"agistorm/reports/document"
	"agistorm/reports/lists"
	"agistorm/reports/words"
)

// headlines are what must be known before any number: that the run is partial, or only one share of a storm.
func headlines(s *analysis.Summary) []string {
	return lists.NonEmpty(words.Partial(s.Partial), words.ShareOf(runOf(s)))
}

// addressLines say what became of the calls at each address of a server that has several.
func addressLines(s *analysis.Summary) []string {
	var all []string
	for i := range s.Cells {
		c := &s.Cells[i]
		for _, a := range addresses(c) {
			line := words.Settled(a)
			if len(s.Cells) > 1 {
				line = c.Label + ": " + line
			}
			all = append(all, line)
		}
	}
	return all
}

// addresses of a cell, over all its storms; those that come first in a storm first.
func addresses(c *analysis.Cell) []calls.Address {
	var all []calls.Address
	for i := range c.Repeats {
		for _, a := range c.Repeats[i].Addresses {
			at := addressIn(all, a.Address)
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

func addressIn(all []calls.Address, address string) int {
	return slices.IndexFunc(all, func(a calls.Address) bool { return a.Address == address })
}

// addressRows are the outcomes at each address, storm by storm.
func addressRows(c *analysis.Cell) document.Group {
	var numbers []number
	for _, all := range addresses(c) {
		for _, o := range record.Outcomes {
			if all.Outcomes[o] > 0 {
				numbers = append(numbers, number{all.Address + " " + string(o), func(r *analysis.Repeat) value {
					if at := addressIn(r.Addresses, all.Address); at >= 0 {
						return text(words.Count(r.Addresses[at].Outcomes[o]))
					}
					return text("0")
				}})
			}
		}
	}
	return group("Settled by address", c, numbers...)
}
