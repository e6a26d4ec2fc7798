package reports

import (
	"cmp"
	"fmt"
	"strings"

	"agistorm/analysis"
	"agistorm/analysis/calls"
	"agistorm/analysis/causes"
	"agistorm/reports/document"
	"agistorm/reports/lists"
	"agistorm/reports/words"
)

// reason is why some calls of a setting were impaired.
type reason struct {
	Setting, Calls, Words, Example string
	Lost                           bool
}

// fewChains of a setting fit a page; summary.json has all.
const fewChains = 5

// reasons are the chains of every setting, the lost calls' first, at most so many of each.
func reasons(s *analysis.Summary, most int) []reason {
	var all []reason
	for i := range s.Cells {
		all = append(all, reasonsOf(&s.Cells[i], most)...)
	}
	return all
}

// reasonsOf are the first chains of a setting, and the others summed up.
func reasonsOf(c *analysis.Cell, most int) []reason {
	all := lists.Map(
		c.Chains[:min(most, len(c.Chains))],
		func(chain causes.Chain) reason { return newReason(c, &chain) },
	)
	if left, ok := others(c, most); ok {
		all = append(all, left)
	}
	return all
}

// others sums up the chains beyond so many: what is not shown is said, so that the calls add up; false where
// all are shown.
func others(c *analysis.Cell, most int) (r reason, ok bool) {
	if len(c.Chains) <= most {
		return r, false
	}
	counts := map[calls.Impairment]int{}
	for _, chain := range c.Chains[most:] {
		counts[chain.Impairment] += chain.Count
	}
	var numbers []string
	for _, impairment := range calls.Impairments {
		if n := counts[impairment]; n > 0 {
			numbers = append(numbers, words.Count(n)+" "+string(impairment))
		}
	}
	return reason{
		Setting: c.Label, Calls: strings.Join(numbers, ", "), Lost: counts[calls.ImpairedLost] > 0,
		Words: words.OtherWays(len(c.Chains) - most),
	}, true
}

func newReason(c *analysis.Cell, chain *causes.Chain) reason {
	return reason{
		Setting: c.Label, Calls: words.Count(chain.Count) + " " + string(chain.Impairment),
		Words:   words.Chain(chain.Steps),
		Lost:    chain.Impairment == calls.ImpairedLost,
		Example: words.ExampleOf(chain),
	}
}

// worse compares two settings by their lost calls, else by those that were late, else by those that waited.
func worse(c, than *analysis.Cell) int {
	return cmp.Or(cmp.Compare(c.Lost.Median, than.Lost.Median), cmp.Compare(c.Late.Median, than.Late.Median),
		cmp.Compare(otherwiseImpaired(c), otherwiseImpaired(than)))
}

// otherwiseImpaired counts the calls that were neither lost nor late, and were impaired all the same.
func otherwiseImpaired(c *analysis.Cell) (n int) {
	for _, chain := range c.Chains {
		if chain.Impairment != calls.ImpairedLost && chain.Impairment != calls.ImpairedLate {
			n += chain.Count
		}
	}
	return n
}

// explanations are all chains with an example each, and where the time of the served calls went.
func explanations(s *analysis.Summary) []string {
	var all []string
	for i := range s.Cells {
		c := &s.Cells[i]
		for _, r := range reasonsOf(c, len(c.Chains)) {
			all = append(all, words.Explanation.With(r))
		}
		if c.Phases != nil {
			all = append(all, c.Label+", "+words.PhaseTimes(c.Phases))
		}
		for _, r := range c.Repeats {
			if len(r.Sockets) > 1 {
				all = append(all, fmt.Sprintf("%s, storm %d, %s", c.Label, r.N, words.Sockets(r.Sockets)))
			}
		}
		if c.ReplyLag != nil {
			all = append(all, c.Label+", "+words.ReplyLagTimes(c.ReplyLag))
		}
	}
	return all
}

// phaseRows are the phases as rows of the table of latencies.
func phaseRows(p *causes.Phases) (rows []document.Row) {
	if p == nil {
		return nil
	}
	for _, phase := range words.Phases {
		rows = append(rows, newLatencyRow(phase.Name, phase.What, phase.Of(p)))
	}
	return rows
}
