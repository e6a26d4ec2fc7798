package reports

import (
	"cmp"
	"fmt"
	"strings"

	"agistorm/analysis"
	"agistorm/reports/document"
)

// reason is why some calls of a setting suffered.
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
	counts := map[analysis.Suffering]int{}
	for _, chain := range c.Chains[most:] {
		counts[chain.Suffered] += chain.Count
	}
	var calls []string
	for _, suffered := range analysis.Sufferings {
		if n := counts[suffered]; n > 0 {
			calls = append(calls, analysis.Count(n)+" "+string(suffered))
		}
	}
	return reason{
		Setting: c.Label, Calls: strings.Join(calls, ", "), Lost: counts[analysis.SufferedLoss] > 0,
		Words: amount(len(c.Chains)-most, "other way", "other ways") + "; summary.json has all, and --explain tells them",
	}, true
}

func newReason(c *analysis.Cell, chain analysis.Chain) reason {
	return reason{
		Setting: c.Label, Calls: analysis.Count(chain.Count) + " " + string(chain.Suffered), Words: chain.Words,
		Lost:    chain.Suffered == analysis.SufferedLoss,
		Example: fmt.Sprintf("storm %d, call %d: %s", chain.Storm, chain.Attempt, chain.Example),
	}
}

// brief is for a terminal.
func (r reason) brief() string { return r.Calls + ": " + r.Words }

// worst is the setting that lost most, else the one that had most late, else most that waited; nil where none has a chain.
func worst(s *analysis.Summary) *analysis.Cell {
	var found *analysis.Cell
	for i := range s.Cells {
		c := &s.Cells[i]
		if len(c.Chains) == 0 {
			continue
		}
		if found == nil || worse(c, found) > 0 {
			found = c
		}
	}
	return found
}

func worse(c, than *analysis.Cell) int {
	return cmp.Or(cmp.Compare(c.Lost.Median, than.Lost.Median), cmp.Compare(c.Late.Median, than.Late.Median),
		cmp.Compare(held(c), held(than)))
}

// held counts the calls that were neither lost nor late, and suffered all the same.
func held(c *analysis.Cell) (n int) {
	for _, chain := range c.Chains {
		if chain.Suffered != analysis.SufferedLoss && chain.Suffered != analysis.SufferedLateness {
			n += chain.Count
		}
	}
	return n
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
		if c.ReplyLag != nil {
			all = append(all, fmt.Sprintf("%s, how late the generator replied: %s", c.Label, replyLagWords(c.ReplyLag)))
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
		text += fmt.Sprintf("%s: p50 %s, p99 %s, max %s", phase.name, percentile(q, q.P50, 50), percentile(q, q.P99, 99), analysis.Duration(q.Max))
		if q.Count < p.Queued.Count {
			text += " of " + amount(int(q.Count), "call", "calls")
		}
	}
	return text + "."
}

// replyLagWords are the quantiles of the generator's lag over all storms of a setting, and what it cost.
func replyLagWords(l *analysis.ReplyLag) string {
	q := l.Quantiles()
	text := fmt.Sprintf("p50 %s, p99 %s, max %s", percentile(q, q.P50, 50), percentile(q, q.P99, 99),
		analysis.Duration(q.Max))
	if l.FromRead {
		text += " from the read of the command"
	}
	if l.Share == nil {
		return text + "; what that cost the handlers is not known, since " + l.ShareUnknown + "."
	}
	return text + "; " + percent(l.Share) + " of the handlers' time."
}

// phaseRows are the phases as rows of the table of latencies.
func phaseRows(p *analysis.Phases) (rows []document.Row) {
	if p == nil {
		return nil
	}
	for _, phase := range phaseNames {
		rows = append(rows, newLatencyRow(phase.name, phase.what, phase.of(p)))
	}
	return rows
}
