package reports

import (
	"fmt"
	"strings"

	"agistorm/analysis"
)

// reason is why some calls of a setting were lost or late.
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
		c := &s.Cells[i]
		for _, chain := range c.Chains[:min(most, len(c.Chains))] {
			all = append(all, newReason(c, chain))
		}
		if left, ok := others(c, most); ok {
			all = append(all, left)
		}
	}
	return all
}

// others sums up the chains beyond so many: what is not shown is said, so that the calls add up; false where all are shown.
func others(c *analysis.Cell, most int) (r reason, ok bool) {
	if len(c.Chains) <= most {
		return r, false
	}
	lost, late := 0, 0
	for _, chain := range c.Chains[most:] {
		if chain.Late {
			late += chain.Count
		} else {
			lost += chain.Count
		}
	}
	var calls []string
	if lost > 0 {
		calls = append(calls, analysis.Count(lost)+" lost")
	}
	if late > 0 {
		calls = append(calls, analysis.Count(late)+" late")
	}
	return reason{
		Setting: c.Label, Calls: strings.Join(calls, ", "), Lost: lost > 0,
		Words: amount(len(c.Chains)-most, "other way", "other ways") + "; summary.json has all, and --explain tells them",
	}, true
}

func newReason(c *analysis.Cell, chain analysis.Chain) reason {
	what := "lost"
	if chain.Late {
		what = "late"
	}
	return reason{
		Setting: c.Label, Calls: analysis.Count(chain.Count) + " " + what, Words: chain.Words, Lost: !chain.Late,
		Example: fmt.Sprintf("storm %d, call %d: %s", chain.Storm, chain.Attempt, chain.Example),
	}
}

// brief is for a terminal.
func (r reason) brief() string { return r.Calls + ": " + r.Words }

// worst is the setting that lost most, else the one that had most late; nil where none has a chain.
func worst(s *analysis.Summary) *analysis.Cell {
	var found *analysis.Cell
	for i := range s.Cells {
		c := &s.Cells[i]
		if len(c.Chains) == 0 {
			continue
		}
		if found == nil || c.Lost.Median > found.Lost.Median || c.Lost.Median == found.Lost.Median && c.Late.Median > found.Late.Median {
			found = c
		}
	}
	return found
}

// whyLines say why the worst setting's calls were lost.
func whyLines(s *analysis.Summary) []string {
	c := worst(s)
	if c == nil {
		return nil
	}
	const most = 3
	var all []string
	for _, chain := range c.Chains[:min(most, len(c.Chains))] {
		all = append(all, newReason(c, chain).brief())
	}
	if left, ok := others(c, most); ok {
		all = append(all, left.brief())
	}
	return all
}

// explanations are all chains with an example each, and where the time of the served calls went.
func explanations(s *analysis.Summary) []string {
	var all []string
	for i := range s.Cells {
		c := &s.Cells[i]
		for _, chain := range c.Chains {
			r := newReason(c, chain)
			all = append(all, fmt.Sprintf("%s, %s: %s. For example %s.", r.Setting, r.Calls, r.Words, r.Example))
		}
		if c.Phases != nil {
			all = append(all, fmt.Sprintf("%s, where the time of served calls went: %s", c.Label, phaseWords(c.Phases)))
		}
	}
	return all
}

// phaseNames of a latency table, in the order in which they follow one another.
var phaseNames = []struct {
	name, what string
	of         func(*analysis.Phases) analysis.Quantiles
}{
	{"SYN sent again", "from the first SYN to the one that was answered, of those whose first was not", func(p *analysis.Phases) analysis.Quantiles { return p.Retransmission }},
	{"accept queue", "from the end of the handshake to the accept", func(p *analysis.Phases) analysis.Quantiles { return p.Queued }},
	{"server", "from the accept to the first command at the client", func(p *analysis.Phases) analysis.Quantiles { return p.Server }},
}

// phaseWords are the medians and the longest of each phase.
func phaseWords(p *analysis.Phases) string {
	text := ""
	for i, phase := range phaseNames {
		q := phase.of(p)
		if i > 0 {
			text += "; "
		}
		if q.Count == 0 {
			text += phase.name + ": none"
			continue
		}
		text += fmt.Sprintf("%s: p50 %s, p99 %s, max %s", phase.name, analysis.Duration(q.P50), analysis.Duration(q.P99), analysis.Duration(q.Max))
		if q.Count < p.Queued.Count {
			text += " of " + amount(int(q.Count), "call", "calls")
		}
	}
	return text + "."
}

// phaseRows are the phases as rows of the table of latencies.
func phaseRows(p *analysis.Phases) []latencyRow {
	if p == nil {
		return nil
	}
	var rows []latencyRow
	for _, phase := range phaseNames {
		rows = append(rows, newLatencyRow(phase.name, phase.what, phase.of(p)))
	}
	return rows
}
