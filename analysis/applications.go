package analysis

import (
	"fmt"
	"strings"
)

// applications says what the application's own backlog did; empty where that was not tried.
func (l *ladder) applications(m metric) string {
	var clauses []string
	for i, c := range l.apps {
		who := "an application that listens with "
		if i > 0 {
			who = "one that listens with "
		}
		storms := c.storms()
		if len(l.rungs) > 0 {
			storms = l.rungs[0].storms()
		}
		clauses = append(clauses, fmt.Sprintf("%s%d %s %s%s%s under somaxconn %s", who, c.Effective,
			m.loses, brief(m.of(c), storms), m.tail, l.even(c, m), Setting(c.Somaxconn)))
	}
	if len(clauses) == 0 {
		return ""
	}
	return upperFirst(strings.Join(clauses, ", ")) + l.sysctlAlone(m) + "."
}

// even is the word for an application that loses calls which its somaxconn need not have cost.
func (l *ladder) even(c *Cell, m metric) string {
	if l.ownFault(c, m) {
		return " even"
	}
	return ""
}

// ownFault tells whether every storm of the cell hurt more calls than is usual under
// the same somaxconn with a full backlog.
func (l *ladder) ownFault(c *Cell, m metric) bool {
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

// sysctlAlone is the conclusion from the application's own faults; empty where there is none.
func (l *ladder) sysctlAlone(m metric) string {
	faults, helped := 0, false
	for _, c := range l.apps {
		if !l.ownFault(c, m) {
			continue
		}
		faults++
		same := l.rung(c.Effective)
		helped = helped || same == nil || m.of(c).Max < m.of(same).Min
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
