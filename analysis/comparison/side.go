package comparison

import (
	"slices"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
	"agistorm/scenarios/axis"
)

// SideBySide is two runs beside each other: before and after a change, two kernels, two machines
// (comparison.json).
type SideBySide struct {
	Format int `json:"format"`
	// Answer is what the comparison shows: differences first, then what is not known.
	Answer []finding.Finding `json:"answer"`
	Old    Side              `json:"old"`
	New    Side              `json:"new"`
	// Differs are the things in which the two runs differ, beside what they measured.
	Differs []RunDiff `json:"differs,omitempty"`
	// Withheld are the reasons why no difference is claimed; empty where differences may be claimed.
	Withheld []finding.Finding `json:"withheld,omitempty"`
	// Settings that both runs have.
	Settings []analysis.Comparison `json:"settings"`
	// Unmatched settings are in one of the runs only.
	Unmatched []Unmatched `json:"unmatched,omitempty"`

	// unsure are the differences that only a doubt keeps from being claimed.
	unsure []finding.Change
}

// Unmatched is a setting that only one of two runs has.
type Unmatched struct {
	Setting string `json:"setting"`
	// Run that has it, by its name, and whether that is the old one.
	Run string `json:"run"`
	Old bool   `json:"old"`
}

// Side is one of the two runs.
type Side struct {
	// Name is what the user called it: its directory.
	Name       string    `json:"name"`
	Started    time.Time `json:"started"`
	Conclusive bool      `json:"conclusive"`
	// Simulated: no kernel was measured.
	Simulated bool `json:"simulated,omitempty"`
	// Partial is why not every planned storm of it counts here; nil where all do.
	Partial *finding.Partial `json:"partial,omitempty"`
	// Damage is what of its record is missing or broken.
	Damage []finding.Finding `json:"damage,omitempty"`
	// Answer and Doubts are those of its Summary.
	Answer  []finding.Finding `json:"answer"`
	Doubts  []finding.Finding `json:"doubts,omitempty"`
	Summary *analysis.Summary `json:"-"`

	// unproven are the doubts of the run as a whole; those of some of its settings are not among them.
	unproven []finding.Finding
}

// Compare sets a new run beside an old one, by the names that the user gave them. A difference is
// claimed only between runs of the same storm, neither in doubt as a whole, that differ in one kind of
// thing at most: else its cause is not known. A setting that is in doubt in either of them is not
// compared.
func Compare(oldName string, old *analysis.Summary, newName string, new *analysis.Summary, least Least) *SideBySide {
	s := newSideBySide(oldName, old, newName, new)
	s.Withheld = withheld(s)
	s.match(old, new, func(a, b *analysis.Cell) []analysis.Contrast { return compareCells(a, b, least) })
	s.conclude()
	return s
}

// conclude finds what the settings that were matched show.
func (s *SideBySide) conclude() {
	findDifferences(s.Settings)
	seen := s.differing()
	withhold(s.Settings, len(s.Withheld) > 0)
	sure := s.differing()
	if s.onlyDoubts() {
		s.unsure = slices.DeleteFunc(seen, func(c finding.Change) bool { return slices.Contains(sure, c) })
	}
	s.Answer = s.answer()
}

// differing are the differences that are shown, those for the worse first.
func (s *SideBySide) differing() []finding.Change {
	return append(s.changes(analysis.Differs, false), s.changes(analysis.Differs, true)...)
}

// onlyDoubts reports whether nothing but a doubt of a run keeps them from being compared.
func (s *SideBySide) onlyDoubts() bool {
	return !slices.ContainsFunc(s.Withheld, func(f finding.Finding) bool {
		_, is := f.Fact.(finding.RunInDoubt)
		return !is
	})
}

func newSideBySide(oldName string, old *analysis.Summary, newName string, new *analysis.Summary) *SideBySide {
	return &SideBySide{
		Format: analysis.SummaryFormat,
		Old:    side(oldName, old), New: side(newName, new),
		Differs:  runDiffs(old, new),
		Settings: []analysis.Comparison{},
	}
}

func side(name string, s *analysis.Summary) Side {
	return Side{Name: name, Started: s.Run.Started, Conclusive: s.Conclusive, Simulated: s.Run.Simulated != nil,
		Partial: s.Partial, Damage: damage(s),
		Answer: s.Answer, Doubts: s.Doubts, Summary: s,
		unproven: s.RunDoubts()}
}

// damage is those of the warnings that state what is missing or broken.
func damage(s *analysis.Summary) []finding.Finding {
	return slices.DeleteFunc(slices.Clone(s.Warnings), func(f finding.Finding) bool {
		switch f.Fact.(type) {
		case finding.Damaged, finding.StormsMissing:
			return false
		}
		return true
	})
}

// match compares the settings of the same values that both runs have stormed.
func (s *SideBySide) match(old, new *analysis.Summary, compare func(a, b *analysis.Cell) []analysis.Contrast) {
	for a := range analysis.Each(old.Cells) {
		if b := twin(new, a); b != nil {
			c := analysis.Comparison{Old: a.Label, New: b.Label, Cell: b.ID, Contrast: compare(a, b)}
			noteDoubts(&c, s.Old.Name, old, a)
			noteDoubts(&c, s.New.Name, new, b)
			s.Settings = append(s.Settings, c)
		}
	}
	s.Unmatched = append(unmatched(old, new, s.Old.Name, true), unmatched(new, old, s.New.Name, false)...)
}

// twin is the stormed setting of the same values in another run; nil without one, and for a setting that was
// not stormed itself.
func twin(other *analysis.Summary, c *analysis.Cell) *analysis.Cell {
	for o := range analysis.Each(other.Cells) {
		if len(c.Repeats) > 0 && len(o.Repeats) > 0 && sameSetting(c.Cell, o.Cell) {
			return o
		}
	}
	return nil
}

// unmatched returns the stormed settings that the other run has not, given the name of their run.
func unmatched(s, other *analysis.Summary, name string, old bool) (all []Unmatched) {
	for c := range analysis.Each(s.Cells) {
		if len(c.Repeats) > 0 && twin(other, c) == nil {
			all = append(all, Unmatched{c.Label, name, old})
		}
	}
	return all
}

func sameSetting(a, b record.Cell) bool { return len(axis.Differing(a.Axes(), b.Axes())) == 0 }
