package analysis

import (
	"fmt"
	"slices"
	"strings"

	"agistorm/scenarios/axis"
)

// mostApplications are told; the table has all.
const mostApplications = 3

// applications says what the application's own backlog did; empty where that was not tried.
func (l *ladder) applications(m trouble) string {
	groups := l.byBacklog()
	var clauses []string
	for i, cells := range groups[:min(len(groups), mostApplications)] {
		who := "an application that listens with "
		if i > 0 {
			who = "one that listens with "
		}
		clauses = append(clauses, fmt.Sprintf("%s%d %s %s", who, cells[0].Effective, m.loses, l.under(cells, m)))
	}
	if len(clauses) == 0 {
		return ""
	}
	if more := len(groups) - len(clauses); more > 0 {
		clauses = append(clauses, fmt.Sprintf("and so on for %d more", more))
	}
	return upperFirst(strings.Join(clauses, ", ")) + l.sysctlAlone(m) + "."
}

// byBacklog puts the applications of one effective backlog together, ascending by their somaxconn.
func (l *ladder) byBacklog() (groups [][]*Cell) {
	for _, c := range l.apps {
		if n := len(groups); n > 0 && groups[n-1][0].Effective == c.Effective {
			groups[n-1] = append(groups[n-1], c)
		} else {
			groups = append(groups, []*Cell{c})
		}
	}
	return groups
}

// under says what an application lost under the somaxconns that it was tried with.
func (l *ladder) under(cells []*Cell, m trouble) string {
	last := cells[len(cells)-1]
	lost := rangeOf(medians(cells, m))
	if len(cells) == 1 {
		storms := last.storms()
		if len(l.rungs) > 0 {
			storms = l.rungs[0].storms()
		}
		lost = brief(m.of(last), storms)
	}
	under := axis.FormatLimit(last.Somaxconn)
	if least := cells[0].Somaxconn; least < last.Somaxconn {
		under = axis.FormatLimit(least) + " to " + under
	}
	return fmt.Sprintf("%s%s%s under somaxconn %s", lost, m.tail, l.even(last, m), under)
}

func medians(cells []*Cell, m trouble) []float64 {
	var all []float64
	for _, c := range cells {
		all = append(all, m.of(c).Median)
	}
	return all
}

// even is the word for an application that loses calls which its somaxconn need not have cost.
func (l *ladder) even(c *Cell, m trouble) string {
	if l.ownFault(c, m) {
		return " even"
	}
	return ""
}

// ownFault tells whether every storm of the cell hurt more calls than is usual under
// the same somaxconn with a full backlog.
func (l *ladder) ownFault(c *Cell, m trouble) bool {
	peer := l.rung(c.Somaxconn)
	return peer != nil && m.of(peer).Median < m.of(c).Min
}

func (l *ladder) rung(effective int) *Cell {
	for _, c := range l.rungs {
		if c.Effective == effective {
			return c
		}
	}
	return nil
}

// sysctlAlone is the conclusion from the applications' own faults; empty where there is none.
func (l *ladder) sysctlAlone(m trouble) string {
	faults, helped := 0, false
	for _, cells := range l.byBacklog() {
		last := cells[len(cells)-1]
		if !l.ownFault(last, m) {
			continue
		}
		faults++
		helped = helped || l.raised(cells, m)
	}
	who := choose(faults, "it", "them")
	switch {
	case faults == 0:
		return ""
	case helped:
		return ": raising the sysctl alone is not enough for " + who
	default:
		return ": raising the sysctl alone does not help " + who
	}
}

// raised tells whether a larger somaxconn may have helped an application: it was tried with none that is smaller, or lost fewer calls than
// with each of these in every storm.
func (l *ladder) raised(cells []*Cell, m trouble) bool {
	last := cells[len(cells)-1]
	smaller := slices.Clone(cells[:len(cells)-1])
	if same := l.rung(last.Effective); same != nil {
		smaller = append(smaller, same)
	}
	for _, c := range smaller {
		if m.of(last).Max >= m.of(c).Min {
			return false
		}
	}
	return true
}
