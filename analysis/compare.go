package analysis

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// comparison says how the rungs differ, from the smallest on; empty without a rung.
func (l *ladder) comparison(m metric) string {
	switch {
	case len(l.rungs) == 0:
		return ""
	case l.mixed:
		return m.opening + l.eachAlone(m)
	}
	free := l.freeFrom(m)
	clauses := l.listing(m, abridge(l.rungs[:l.stillHurt(m, free)]))
	if free < len(l.rungs) {
		clauses = append(clauses, l.freeClause(m, free))
	}
	return m.opening + upperFirst(l.where()+strings.Join(clauses, "; ")) + "."
}

// where says of which settings is spoken; empty for all.
func (l *ladder) where() string {
	if l.kind == "" {
		return ""
	}
	what := "combinations"
	if !strings.Contains(l.kind, LabelSeparator) {
		what = "values"
	}
	rank := "one of"
	if !slices.ContainsFunc(l.others, func(o *ladder) bool { return lostBy(o) > lostBy(l) }) {
		rank = "the worst of"
	}
	return fmt.Sprintf("with %s, %s %d %s: ", l.kind, rank, len(l.others)+1, what)
}

// lostBy are the calls that all settings of a ladder lose, the medians together.
func lostBy(l *ladder) (sum float64) {
	for _, lost := range medians(l.all(), lostCalls) {
		sum += lost
	}
	return sum
}

// elsewhere says what the queue of this ladder's smallest setting does in the others; empty where it was not tried there.
func (l *ladder) elsewhere(m metric) string {
	if len(l.others) == 0 || len(l.rungs) == 0 {
		return ""
	}
	least := l.rungs[0]
	var lost []float64
	for _, o := range l.others {
		if c := o.rung(least.Effective); c != nil {
			lost = append(lost, m.of(c).Median)
		}
	}
	if len(lost) == 0 {
		return ""
	}
	who := choose(len(lost), "The other ", "The others ")
	if len(lost) < len(l.others) {
		who = choose(len(lost), "Another ", fmt.Sprintf("%d others ", len(lost)))
	}
	return who + choose(len(lost), m.loses, m.lose) + " " + rangeOf(lost) + m.tail + " with " + l.fullName(least) + "."
}

// worseElsewhere names the setting of another ladder with which calls suffer most, though with as long a queue none does in this one; empty
// without one.
func (l *ladder) worseElsewhere(m metric) string {
	free := l.freeFrom(m)
	if free == len(l.rungs) {
		return ""
	}
	var worst *Cell
	for _, o := range l.others {
		for _, c := range o.from(l.rungs[free].Effective) {
			if m.of(c).Median > 0 && (worst == nil || m.of(c).Median > m.of(worst).Median) {
				worst = c
			}
		}
	}
	if worst == nil {
		return ""
	}
	return fmt.Sprintf("But with %s it is %s.", worst.Label, brief(m.of(worst), l.rungs[0].storms()))
}

// rangeOf is "none", "710", or "700 to 710".
func rangeOf(values []float64) string {
	low, high := whole(slices.Min(values)), whole(slices.Max(values))
	switch {
	case slices.Max(values) == 0:
		return "none"
	case low == high:
		return low
	}
	return low + " to " + high
}

// eachAlone lists settings that nobody can put in order: they differ in more than the queue's length, so that what they lose is no
// matter of that.
func (l *ladder) eachAlone(m metric) string {
	cells := slices.Clone(l.rungs)
	if len(cells) > 4 {
		slices.SortStableFunc(cells, func(a, b *Cell) int { return cmp.Compare(m.of(b).Median, m.of(a).Median) })
	}
	text := upperFirst(strings.Join(l.listing(m, abridge(cells)), "; ")) + "."
	if l.lengths() > 1 {
		text += " They differ in more than the length of the queue: what made the difference cannot be said."
	}
	return text
}

// listing gives each cell a clause; nil stands for cells left out.
func (l *ladder) listing(m metric, cells []*Cell) []string {
	var clauses []string
	for i, c := range cells {
		switch {
		case c == nil:
			clauses = append(clauses, "…")
		case i == 0:
			clauses = append(clauses, "with "+l.fullName(c)+", "+m.first(c))
		case m.of(c).Max == 0:
			clauses = append(clauses, "with "+l.names[c]+", "+brief(m.of(c), cells[0].storms()))
		default:
			clauses = append(clauses, "with "+l.names[c]+" it is "+brief(m.of(c), cells[0].storms()))
		}
	}
	return clauses
}

// stillHurt is how many rungs the comparison lists: those before the free ones, but for
// the largest where that has a sentence of its own.
func (l *ladder) stillHurt(m metric, free int) int {
	if l.evenLargest(m) {
		return free - 1
	}
	return free
}

// evenLargest tells whether calls suffered with the largest of several settings.
func (l *ladder) evenLargest(m metric) bool {
	return !l.one() && !l.mixed && l.freeFrom(m) == len(l.rungs)
}

// freeClause speaks of the rungs from free on, with which no call suffered.
func (l *ladder) freeClause(m metric, free int) string {
	tail := l.rungs[free:]
	name := "with " + l.names[tail[0]]
	if free == 0 {
		name = "with " + l.fullName(tail[0])
	}
	switch {
	case len(tail) == 1 && free == 0:
		return name + ", " + m.first(tail[0])
	case free == 0:
		return fmt.Sprintf("%s and every larger setting tried, none of %s %s (%s each)", name, tail[0].calls(), m.is, stormRange(tail))
	case len(tail) > 1:
		name = "from " + l.names[tail[0]] + " on"
	}
	if stormRange(tail) != stormRange(l.rungs[:1]) {
		return fmt.Sprintf("%s, none (%s)", name, stormRange(tail))
	}
	return name + ", none"
}

// abridge keeps a long list readable: the first two and the last, with nil for what is between.
func abridge(cells []*Cell) []*Cell {
	if len(cells) <= 4 {
		return cells
	}
	return []*Cell{cells[0], cells[1], nil, cells[len(cells)-1]}
}

// largestStillHurts says why a larger setting may not be the answer; empty where the largest was enough.
func (l *ladder) largestStillHurts(s *Summary, m metric) string {
	if !l.evenLargest(m) {
		return ""
	}
	last := l.rungs[len(l.rungs)-1]
	text := fmt.Sprintf("Even the largest tried, %s, %s %s%s", l.names[last], m.loses, brief(m.of(last), l.rungs[0].storms()), m.tail)
	for _, c := range l.rungs {
		if m.of(c).Max == 0 {
			text += fmt.Sprintf(", though %s %s none%s", l.names[c], m.past, m.tail)
			break
		}
	}
	text += ": " + l.cause(s, last, m)
	if len(s.Run.Isolation.LeftOut()) > 0 {
		text += "; larger ones could not be tried without a namespace"
	}
	return text + "."
}

// cause says what is known of why calls still suffered in a cell.
func (l *ladder) cause(s *Summary, c *Cell, m metric) string {
	if slow := tooSlow(s, c); slow != "" {
		return slow
	}
	slow, orFaster := "the server is too slow for this storm", " or a faster server"
	if c.Lagging() {
		slow, orFaster = c.keptWaiting(), "; "+c.keptWaiting()
	}
	text := "its accept queue was never full, so a longer one will not help; " + slow + ", or the " + m.noun +
		" has another cause"
	switch full, known := l.overflowed(c); {
	case !known:
		text = "whether its accept queue was full is not known, so a larger setting may or may not help"
	case full:
		text = "its accept queue was full there too; try a larger setting" + orFaster
	case m.noun == lostCalls.noun:
		text += " (" + breakdown(c, c.lostInAll()) + ")"
	}
	if n := c.droppedOnTheWay(); n > 0 {
		by := "lo"
		if c.Repeats[0].medium.link() {
			by = "the link"
		}
		text += fmt.Sprintf(" (%s dropped up to %s per storm, which no accept queue prevents)",
			by, amount(int(n), "packet", "packets"))
	}
	return text
}

// first says of the first setting of a comparison how many of how many calls suffered, over how many storms.
func (m metric) first(c *Cell) string {
	s := m.of(c)
	if s.Max == 0 {
		return fmt.Sprintf("none of %s %s (%s)", c.calls(), m.is, amount(s.N, "storm", "storms"))
	}
	n, prefix, over := rounded(s.Median), "", ""
	switch {
	case s.N == 1:
		over = "one storm"
	case s.Min == s.Max:
		over = fmt.Sprintf("in each of %d storms", s.N)
	case n == 0:
		n, prefix, over = rounded(s.Max), "up to ", fmt.Sprintf("median 0 of %d storms", s.N)
	default:
		over = fmt.Sprintf("median of %d storms, %s to %s", s.N, whole(s.Min), whole(s.Max))
	}
	return fmt.Sprintf("%s%s of %s %s (%s)", prefix, Count(n), c.calls(), choose(n, m.is, m.are), over)
}

// brief is a number of calls after the first setting has said what is counted, over so
// many storms; another number of storms is told.
func brief(s Spread, storms int) string {
	over := ""
	if s.N != storms {
		over = amount(s.N, "storm", "storms")
	}
	text := whole(s.Median)
	switch {
	case s.Max == 0:
		text = "none"
	case s.Min == s.Max:
	case rounded(s.Median) == 0:
		text = "up to " + whole(s.Max)
		over = join("median 0", over)
	default:
		over = join(whole(s.Min)+" to "+whole(s.Max), over)
	}
	if over == "" {
		return text
	}
	return text + " (" + over + ")"
}

func join(a, b string) string {
	if b == "" {
		return a
	}
	return a + ", " + b
}

// storms is how many there were in the cell.
func (c *Cell) storms() int { return len(c.Repeats) }

// calls is what a storm of the cell offered, the median of its storms.
func (c *Cell) calls() string {
	return amount(rounded(c.offered().Median), "call", "calls")
}

// stormRange is how many storms each of the cells had: "3 storms" or "1 to 3 storms".
func stormRange(cells []*Cell) string {
	least, most := cells[0].storms(), cells[0].storms()
	for _, c := range cells {
		least, most = min(least, c.storms()), max(most, c.storms())
	}
	if least == most {
		return amount(most, "storm", "storms")
	}
	return fmt.Sprintf("%d to %d storms", least, most)
}
