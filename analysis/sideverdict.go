package analysis

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// verdict says first whether calls are lost otherwise, then what else differs, and what is not known.
func (s *SideBySide) verdict() string {
	switch {
	case len(s.Withheld) > 0:
		return "No difference is claimed: " + strings.Join(s.Withheld, "; ") + "."
	case len(s.Settings) == 0:
		return fmt.Sprintf("%s and %s have no setting in common: there is nothing to compare.", s.Old.Name, s.New.Name)
	}
	shown := append(sentenceOf(s.New.Name+" is worse: ", s.found(Differs, false)), sentenceOf(s.New.Name+" is better: ", s.found(Differs, true))...)
	shown = append(shown, s.undecided()...)
	return strings.Join(slices.Concat(shown, s.alike(), s.untested(), s.doubted(), s.unmatched()), " ")
}

// alike counts the settings in which no difference was shown; none where one was in another.
func (s *SideBySide) alike() []string {
	n := 0
	for i := range s.Settings {
		c := &s.Settings[i]
		switch {
		case c.has(Differs):
			return nil
		case c.tested() && !c.has(Undecided):
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return []string{fmt.Sprintf("No difference shown between %s and %s in %s.", s.Old.Name, s.New.Name, amount(n, "setting", "settings"))}
}

func (c *Comparison) has(f Finding) bool {
	return slices.ContainsFunc(c.Contrast, func(m Contrast) bool { return m.Finding == f })
}

// Inconclusive tells of a comparison that proves nothing: none was possible, or none of what it shows is sure and some of it could not be decided.
func (s *SideBySide) Inconclusive() bool {
	shown, open := false, false
	eachContrast(s.Settings, func(_ *Comparison, c *Contrast) {
		shown = shown || c.Finding == Differs
		open = open || c.Finding == TooFew || c.Finding == Undecided || c.Finding == Withheld
	})
	return len(s.Withheld) > 0 || len(s.Settings) == 0 || open && !shown
}

// tested counts the settings of which at least one number could be compared.
func (s *SideBySide) tested() (n int) {
	for i := range s.Settings {
		if s.Settings[i].tested() {
			n++
		}
	}
	return n
}

// doubted names the settings that are not compared because one of the runs is in doubt of them, or of the
// server's pace there.
func (s *SideBySide) doubted() []string {
	var sentences []string
	for _, pace := range []bool{false, true} {
		what := map[bool]string{true: "the server's pace with "}[pace]
		var labels, why []string
		for i := range s.Settings {
			if c := &s.Settings[i]; len(c.Doubted) > 0 && c.doubtedAll() != pace {
				labels, why = append(labels, c.New), append(why, c.Doubted[0].Of+": "+string(c.Doubted[0].Doubt.Fact.Code()))
			}
		}
		if len(labels) > 0 {
			sentences = append(sentences, fmt.Sprintf("Not compared, since inconclusive: %s%s (%s).", what, list(labels), why[0]))
		}
	}
	return sentences
}

func (c *Comparison) tested() bool {
	return slices.ContainsFunc(c.Contrast, func(m Contrast) bool {
		return m.Finding != TooFew && m.Finding != OneSided && m.Finding != Withheld
	})
}

// untested says how many settings have too few storms to be compared, where others have enough or none has.
func (s *SideBySide) untested() []string {
	n := -s.tested()
	for i := range s.Settings {
		if !s.Settings[i].doubtedAll() {
			n++
		}
	}
	needed := s.RepeatsNeeded()
	switch {
	case n == 0:
		return nil
	case n == len(s.Settings):
		return []string{fmt.Sprintf("Too few storms to show a difference: at least %d of a setting on both sides are needed (sweep --repeats %[1]d).", needed)}
	}
	return []string{fmt.Sprintf("Too few storms of %s: at least %d on both sides are needed (sweep --repeats %[2]d).", amount(n, "setting", "settings"), needed)}
}

// undecided names what may be a difference or chance, and what would decide it.
func (s *SideBySide) undecided() []string {
	parts := append(s.found(Undecided, false), s.found(Undecided, true)...)
	if len(parts) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("Not decided, since among %s it may be chance: %s; %d storms of each or more would tell (sweep --repeats %[3]d).",
		amount(len(s.Settings), "setting", "settings"), strings.Join(parts, "; "), s.RepeatsNeeded())}
}

// RepeatsNeeded are enough storms on both sides to decide what could not be: more than there were.
func (s *SideBySide) RepeatsNeeded() int {
	needed := repeatsNeeded(s.Settings)
	eachContrast(s.Settings, func(_ *Comparison, c *Contrast) {
		if c.Finding == Undecided { // so many may not be enough where the storms of both sides overlap
			needed = max(needed, min(c.Old.N, c.New.N)+1)
		}
	})
	return needed
}

// unmatched says how many settings could not be compared; none where all could.
func (s *SideBySide) unmatched() []string {
	n := len(s.Unmatched)
	if n == 0 {
		return nil
	}
	return []string{fmt.Sprintf("Not compared: %s that only one of them has.", amount(n, "setting", "settings"))}
}

func sentenceOf(opening string, parts []string) []string {
	if len(parts) == 0 {
		return nil
	}
	return []string{opening + strings.Join(parts, "; ") + "."}
}

// saidByLost tells of calls that are lost or late where those that are lost say as much.
func (c *Comparison) saidByLost(m *Contrast) bool {
	return m.Metric == lostOrLate && slices.ContainsFunc(c.Contrast, func(o Contrast) bool {
		return o.Metric == "lost" && o.Finding == m.Finding && o.Better == m.Better
	})
}

// fewFindings fit a sentence; the table has all.
const fewFindings = 4

// found are the findings of a kind, for the better or for the worse, in words.
func (s *SideBySide) found(kind Finding, better bool) []string {
	var parts []string
	eachContrast(s.Settings, func(of *Comparison, c *Contrast) {
		if c.Finding == kind && c.Better == better && !of.saidByLost(c) {
			parts = append(parts, fmt.Sprintf("%s with %s from %s to %s", c.Metric, of.Old, c.Value(c.Old.Median), c.Value(c.New.Median)))
		}
	})
	if more := len(parts) - fewFindings; more > 0 {
		parts = append(parts[:fewFindings], fmt.Sprintf("and %d more", more))
	}
	return parts
}

// Value writes a value of the metric with its unit.
func (c *Contrast) Value(v float64) string {
	switch {
	case Endless(v) && c.Unit == unitRatio:
		return "∞×"
	case Endless(v):
		return "no end"
	case c.Unit == "ns":
		return Duration(time.Duration(v))
	case c.Unit == "calls/s":
		return whole(v) + "/s"
	case c.Unit == unitRatio:
		return strconv.FormatFloat(v, 'f', 3, 64) + "×"
	}
	return whole(v)
}
