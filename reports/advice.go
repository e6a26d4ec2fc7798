package reports

import (
	"slices"
	"strconv"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/reports/words"
)

const somaxconn = "net.core.somaxconn"

// advice is what to do, in the words that every form shares.
type advice struct {
	// DropIn is the file for the Line; empty where that is no sysctl.
	DropIn string
	// Line is the setting as it is typed; Note says what it is worth, empty where there is nothing to weigh.
	Line, Note string
	// Typed is the Line where it is typed as it is, and worth a button that copies it.
	Typed string
	// Steps in their order.
	Steps []words.Prose
	// Brief are the steps for a glance.
	Brief []words.Prose
	// Seen is what the storms showed of it.
	Seen []words.Prose
	// Files are ready to copy.
	Files []dropIn
}

// advise is nil where there is nothing to recommend.
func advise(s *analysis.Summary) *advice {
	rec := s.Recommendation
	if rec == nil {
		return nil
	}
	of := words.Advice{Recommendation: rec, DropIn: sysctlPath, Longer: longer(s, rec.Backlog)}
	if p := runOf(s).ServerProcess; p != nil {
		of.Servers = p.Kinds
	}
	if n, known := hostSomaxconn(s); known {
		of.Host = &n
	}
	a := adviceOf(of)
	a.Files = dropIns(s)
	return a
}

// adviceOf has the words of a recommendation.
func adviceOf(of words.Advice) *advice {
	a := &advice{Note: of.Note(), Steps: of.Steps(), Brief: of.Brief(), Seen: of.Seen()}
	switch {
	case of.Change == analysis.ChangeApplication:
		a.Line, a.Typed = of.ListenLine(), of.ListenLine()
	case of.Enough(): // nothing to type: a line with less would lower what the host has
		a.Line = words.EnoughHere.With(struct {
			Name      string
			Want, Has int
		}{somaxconn, of.Somaxconn, *of.Host})
	default:
		a.DropIn, a.Line, a.Typed = sysctlPath, sysctlLine(of.Somaxconn), sysctlLine(of.Somaxconn)
	}
	return a
}

// longer is the least effective backlog above one; 0 where there is none that can be set, or a storm lost
// calls with it.
func longer(s *analysis.Summary, backlog int) int {
	next, lossFree := largest, false
	for _, c := range s.Cells {
		if c.Effective <= backlog || c.Effective > next || len(c.Repeats) == 0 {
			continue
		}
		lossFree = c.Lost.Max == 0 && (lossFree || c.Effective < next)
		next = c.Effective
	}
	if next == largest || !lossFree {
		return 0
	}
	return next
}

func sysctlLine(n int) string { return somaxconn + " = " + strconv.Itoa(n) }

// status sorts the verdict, with words beside the colour.
type status struct {
	Class string
	Words string
}

func statusOf(s *analysis.Summary) status {
	seen := seenIn(s)
	if !s.Conclusive {
		return status{"doubt", words.StatusUnsure + seen.Words}
	}
	return status{seen.Class, words.StatusSure + seen.Words}
}

// seenIn sorts what was seen, whatever the doubts.
func seenIn(s *analysis.Summary) status {
	switch {
	case slices.ContainsFunc(s.Answer, func(f finding.Finding) bool { return f.Code() == "no-storm" }):
		return status{"doubt", words.StatusNothing}
	case s.Recommendation != nil && s.Recommendation.From == 0:
		return status{"good", words.StatusHelped}
	}
	for _, bad := range impaired {
		if anyCell(s, bad.is) {
			return bad.status
		}
	}
	return status{"good", words.StatusGood}
}

// impaired are what can be wrong with a setting, the gravest first.
var impaired = []struct {
	is func(*analysis.Cell) bool
	status
}{
	{func(c *analysis.Cell) bool { return c.Lost.Max > 0 }, status{"bad", words.StatusLost}},
	{func(c *analysis.Cell) bool { return slow(c) && c.Lagging() }, status{"doubt", words.StatusWaited}},
	{slow, status{"doubt", words.StatusTooSlow}},
	{func(c *analysis.Cell) bool { return c.Late.Max > 0 }, status{"doubt", words.StatusLate}},
}

// doubts are those to list: a single one is in the verdict, and not said twice.
func doubts(s *analysis.Summary) []string {
	if all := words.Doubts(s); len(all) > 1 {
		return all
	}
	return nil
}

// doubtsTitle distinguishes a run that is in doubt as a whole from one whose answer rests on settings that are.
func doubtsTitle(s *analysis.Summary) string {
	if len(s.RunDoubts()) == 0 && len(s.Doubts) > 0 {
		return words.DoubtsOfSettings
	}
	return words.DoubtsOfRun
}

// inDoubt reports whether the run is not sure of the setting, though of others it is. The verdict says why.
func inDoubt(s *analysis.Summary, c *analysis.Cell) bool {
	return len(s.DoubtsOf(c.ID, "")) > 0 && len(s.RunDoubts()) == 0
}

// warnings are those of the run.
func warnings(s *analysis.Summary) []string { return words.LabelsOf(s).Sentences(s.Warnings) }

// remark is a warning of one storm of one cell.
type remark struct {
	Cell   string
	Repeat int
	Text   string
}

func (r remark) String() string { return words.RemarkOf.With(r) }

// remarks are the warnings of all storms of some settings.
func remarks(cells ...analysis.Cell) (all []remark) {
	for c, r := range (&analysis.Summary{Cells: cells}).Storms() {
		for _, w := range r.Warnings {
			all = append(all, remark{c.Label, r.N, words.Labels{}.Sentence(w)})
		}
	}
	return all
}
