package analysis

import "fmt"

// adviceOf is the advice of the ladder that needs most.
func (l *ladder) adviceOf(s *Summary, m trouble) string {
	adviser, rec := l.adviser(s)
	if adviser == l {
		return l.advice(rec, m)
	}
	own, _ := adviser.trouble()
	return "With " + adviser.kind + " more is needed: " + lowerFirst(adviser.advice(rec, own))
}

// advice is what to set, and what that still costs.
func (l *ladder) advice(rec *Recommendation, m trouble) string {
	at := l.firstFree(m)
	best := l.best(at)
	c := l.rungs[best]
	if c.Effective >= largest {
		return l.untried(rec, c, m)
	}
	text := l.imperative(rec) + ": "
	switch {
	case !c.LateKnown():
		return text + "with that no call was lost" + l.room(rec.Peak, best) + "."
	case c.Late.Max == 0:
		return text + "with that no call was lost or late" + l.room(rec.Peak, best) + "." + l.lesser(at, best)
	}
	return text + "with that no call was lost, though " + l.lateThere(c.Late) + l.inTimeWithMax(rec) + "."
}

// lesser speaks of a smaller setting that lost no call either; empty where there is none.
func (l *ladder) lesser(at, best int) string {
	if at == best {
		return ""
	}
	c := l.rungs[at]
	return fmt.Sprintf(" %s lost none either, but %s.", upperFirst(l.names[c]), l.lateThere(c.Late))
}

// imperative names who has to change what. A change of somaxconn reaches a socket only when it listens again.
func (l *ladder) imperative(rec *Recommendation) string {
	if l.noun == "backlog" {
		return fmt.Sprintf("Let the application listen with at least %d (net.core.somaxconn must allow it)", rec.Backlog)
	}
	if rec.Change == ChangeApplication {
		return fmt.Sprintf("Let the application listen with at least %d", rec.Backlog)
	}
	if l.host >= rec.Somaxconn {
		return fmt.Sprintf("Keep net.core.somaxconn at %d or more, as this host has it, and let the server ask for as many", rec.Somaxconn)
	}
	return fmt.Sprintf("Set net.core.somaxconn to at least %d and restart the server", rec.Somaxconn)
}

// room tells how near the queue came to its limit; empty where it was not watched.
func (l *ladder) room(peak uint32, at int) string {
	limit := l.rungs[at].Effective
	switch {
	case peak == 0:
		return ""
	case !tight(peak, limit):
		return ", and the accept queue was never deeper than " + Count(int(peak))
	}
	text := fmt.Sprintf(", but the accept queue came to %s of %s, which leaves little room", Count(int(peak)), Count(limit))
	for _, c := range l.rungs[at:] {
		if c.Effective > limit {
			return text + "; " + l.names[c] + " leaves more"
		}
	}
	return text
}

func (l *ladder) lateThere(late Spread) string {
	n := rounded(late.Median)
	upTo := ""
	if n == 0 {
		n, upTo = rounded(late.Max), "up to "
	}
	return fmt.Sprintf("%s%s a storm %s %s 1 s or more late", upTo, amount(n, "call", "calls"), choose(n, "was", "were"), l.success)
}

// inTimeWithMax tells whether at least the greatest setting serves every call in time.
func (l *ladder) inTimeWithMax(rec *Recommendation) string {
	last := l.rungs[len(l.rungs)-1]
	if last.LateKnown() && last.Late.Max == 0 {
		return "; with " + l.names[last] + " none is late"
	}
	if rec.TryLonger {
		return ", since its queue was full too: try a longer one"
	}
	return ", and no setting tried was free of that"
}

// untried gives a finite setting where only the greatest one was enough: stock Go listens with
// 128 where somaxconn is 16777215 or more (its net package), and no memory limit is left.
func (l *ladder) untried(rec *Recommendation, c *Cell, m trouble) string {
	text := fmt.Sprintf("Only %s %s none%s", l.names[c], m.past, m.tail)
	if c.LateKnown() && c.Late.Max > 0 {
		text += ", though " + l.lateThere(c.Late)
	}
	if rec.Peak == 0 {
		return text + fmt.Sprintf(". Set net.core.somaxconn to %d, which has room for every call of this storm but was not tried itself, "+
			"and restart the server.", rec.Somaxconn)
	}
	return text + fmt.Sprintf(", and its accept queue was never deeper than %s. Set net.core.somaxconn to %d, which has room for that "+
		"but was not tried itself, and restart the server.", Count(int(rec.Peak)), rec.Somaxconn)
}
