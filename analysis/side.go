package analysis

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"agistorm/analysis/record"
	"agistorm/analysis/stats"
)

// SideBySide is two runs beside each other: before and after a change, two kernels, two machines (comparison.json).
type SideBySide struct {
	Format int `json:"format"`
	// Verdict in plain words.
	Verdict string `json:"verdict"`
	Old     Side   `json:"old"`
	New     Side   `json:"new"`
	// Differs are the things in which the two runs differ, beside what they measured.
	Differs []Unlike `json:"differs,omitempty"`
	// Withheld says why no difference is claimed, one line each; empty where differences may be claimed.
	Withheld []string `json:"withheld,omitempty"`
	// Settings that both runs have.
	Settings []Comparison `json:"settings"`
	// Unmatched settings are in one of the runs only.
	Unmatched []string `json:"unmatched,omitempty"`
	// MissingNew are the labels of those that only the old run has.
	MissingNew []string `json:"-"`
}

// Side is one of the two runs.
type Side struct {
	// Name is what the user called it: its directory.
	Name       string    `json:"name"`
	Started    time.Time `json:"started"`
	Conclusive bool      `json:"conclusive"`
	Verdict    string    `json:"verdict"`
}

// Unlike is one thing in which two runs differ.
type Unlike struct {
	// Kind of thing, e.g. KindMachine.
	Kind string `json:"kind"`
	Name string `json:"name"`
	Old  string `json:"old"`
	New  string `json:"new"`
}

// The kinds of things in which runs differ.
const (
	KindMachine = "machine"
	KindKernel  = "kernel"
	KindTool    = "agistorm"
	KindStorm   = "storm"
	KindTarget  = "target"
	KindSysctls = "sysctls"
)

// Compare sets a new run beside an old one, by the names that the user gave them. A difference is claimed only between runs of the
// same storm, both conclusive, that differ in one kind of thing at most: else nobody can say what made it.
func Compare(oldName string, old *Summary, newName string, new *Summary, least Least) *SideBySide {
	s := beside(oldName, old, newName, new)
	s.Withheld = withheld(s)
	s.match(old, new, func(a, b *Cell) []Contrast { return compareCells(a, b, least) })
	if findDifferences(s.Settings); len(s.Withheld) > 0 {
		s.withhold()
	}
	s.Verdict = s.verdict()
	return s
}

func beside(oldName string, old *Summary, newName string, new *Summary) *SideBySide {
	return &SideBySide{
		Format: summaryFormat,
		Old:    side(oldName, old), New: side(newName, new),
		Differs:  unlike(old.Run, new.Run),
		Settings: []Comparison{},
	}
}

func side(name string, s *Summary) Side {
	return Side{Name: name, Started: s.Run.Started, Conclusive: s.Conclusive, Verdict: s.Verdict}
}

// match compares the settings of the same values that both runs have stormed.
func (s *SideBySide) match(old, new *Summary, compare func(a, b *Cell) []Contrast) {
	for i := range old.Cells {
		a := &old.Cells[i]
		if b := twin(new, a); b != nil {
			s.Settings = append(s.Settings, Comparison{Old: a.Label, New: b.Label, Cell: b.ID, Contrast: compare(a, b)})
		}
	}
	s.MissingNew = alone(old, new)
	for _, label := range s.MissingNew {
		s.Unmatched = append(s.Unmatched, label+" (only in "+s.Old.Name+")")
	}
	for _, label := range alone(new, old) {
		s.Unmatched = append(s.Unmatched, label+" (only in "+s.New.Name+")")
	}
}

// twin is the stormed setting of the same values in another run; nil without one, and for a setting that was not stormed itself.
func twin(other *Summary, c *Cell) *Cell {
	for i := range other.Cells {
		o := &other.Cells[i]
		if len(c.Repeats) > 0 && len(o.Repeats) > 0 && sameSetting(c.Cell, o.Cell) {
			return o
		}
	}
	return nil
}

// alone are the stormed settings that the other run has not.
func alone(s, other *Summary) (labels []string) {
	for i := range s.Cells {
		if c := &s.Cells[i]; len(c.Repeats) > 0 && twin(other, c) == nil {
			labels = append(labels, c.Label)
		}
	}
	return labels
}

// withhold claims nothing.
func (s *SideBySide) withhold() {
	for i := range s.Settings {
		for j := range s.Settings[i].Contrast {
			c := &s.Settings[i].Contrast[j]
			c.Finding, c.Better = Withheld, false
		}
	}
}

func sameSetting(a, b record.Cell) bool { return len(differences(axes(&a), axes(&b))) == 0 }

// withheld says why no difference may be claimed.
func withheld(s *SideBySide) []string {
	var lines []string
	for _, run := range []Side{s.Old, s.New} {
		if !run.Conclusive {
			lines = append(lines, run.Name+" is inconclusive: it proves nothing")
		}
	}
	kinds := kindsOf(s.Differs)
	if slices.Contains(kinds, KindStorm) {
		lines = append(lines, "the storms differ ("+namesOf(s.Differs, KindStorm)+"): other calls are no comparison")
	} else if len(kinds) > 1 {
		lines = append(lines, fmt.Sprintf("the runs differ in %d things (%s): which of them made a difference cannot be said", len(kinds), list(kinds)))
	}
	return lines
}

// kindsOf are the kinds of things that differ; another machine has a kernel and sysctls of its own.
func kindsOf(all []Unlike) []string {
	kinds := map[string]bool{}
	for _, d := range all {
		kinds[d.Kind] = true
	}
	if kinds[KindMachine] {
		delete(kinds, KindKernel)
		delete(kinds, KindSysctls)
	}
	return sortedKeys(kinds)
}

func namesOf(all []Unlike, kind string) string {
	var names []string
	for _, d := range all {
		if d.Kind == kind {
			names = append(names, d.Name)
		}
	}
	return list(names)
}

// unlike lists what differs between two runs and may matter. The seed, the number of storms and the paths do not; nor does the host's
// own somaxconn, which every setting replaces.
func unlike(old, new *record.Run) []Unlike {
	var all []Unlike
	add := func(kind, name, a, b string) {
		if a != b {
			all = append(all, Unlike{kind, name, a, b})
		}
	}
	add(KindMachine, "host", old.Host.Name, new.Host.Name)
	add(KindMachine, "CPU", old.Host.CPU, new.Host.CPU)
	add(KindMachine, "CPUs", strconv.Itoa(old.Host.CPUs), strconv.Itoa(new.Host.CPUs))
	add(KindMachine, "system", old.Host.OS+"/"+old.Host.Arch, new.Host.OS+"/"+new.Host.Arch)
	add(KindKernel, "kernel", old.Host.Kernel, new.Host.Kernel)
	add(KindTool, "version", old.Version, new.Version)
	a, b := &old.Scenario, &new.Scenario
	add(KindStorm, "calls", Count(old.Calls()), Count(new.Calls()))
	add(KindStorm, "arrival", a.Arrival, b.Arrival)
	add(KindStorm, "client", a.Client, b.Client)
	add(KindStorm, "link", a.Link, b.Link)
	add(KindStorm, "connect limit", a.ConnectLimit.String(), b.ConnectLimit.String())
	add(KindStorm, "first-command limit", a.FirstCommandLimit.String(), b.FirstCommandLimit.String())
	add(KindStorm, "session limit", a.SessionLimit.String(), b.SessionLimit.String())
	add(KindStorm, "isolation", old.Isolation.Mode, new.Isolation.Mode)
	add(KindTarget, "target", a.Target, b.Target)
	for _, name := range differences(hostSysctls(old), hostSysctls(new)) {
		add(KindSysctls, name, old.Host.Sysctls[name], new.Host.Sysctls[name])
	}
	return all
}

func hostSysctls(run *record.Run) map[string]string {
	all := maps.Clone(run.Host.Sysctls)
	delete(all, somaxconnSysctl)
	return all
}

// verdict says first whether calls are lost otherwise, then what else differs.
func (s *SideBySide) verdict() string {
	switch {
	case len(s.Settings) == 0:
		return fmt.Sprintf("%s and %s have no setting in common: there is nothing to compare.", s.Old.Name, s.New.Name)
	case len(s.Withheld) > 0:
		return "No difference is claimed: " + strings.Join(s.Withheld, "; ") + "."
	}
	worse, better := s.shown(false), s.shown(true)
	switch {
	case len(worse)+len(better) > 0:
		return strings.Join(append(sentenceOf(s.New.Name+" is worse: ", worse), sentenceOf(s.New.Name+" is better: ", better)...), " ") + s.unmatched()
	case s.TooFew():
		return fmt.Sprintf("Too few storms to show a difference: at least %d of a setting on both sides are needed (sweep --repeats %[1]d).", stats.LeastCompared)
	default:
		return fmt.Sprintf("No difference shown between %s and %s in %s.", s.Old.Name, s.New.Name, amount(len(s.Settings), "setting", "settings")) + s.unmatched()
	}
}

// unmatched says how many settings could not be compared; empty where all could.
func (s *SideBySide) unmatched() string {
	n := len(s.Unmatched)
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" Not compared: %s that only one of them has.", amount(n, "setting", "settings"))
}

func sentenceOf(opening string, parts []string) []string {
	if len(parts) == 0 {
		return nil
	}
	return []string{opening + strings.Join(parts, "; ") + "."}
}

// fewFindings fit a sentence; the table has all.
const fewFindings = 4

// shown are the differences for the better or for the worse, in words.
func (s *SideBySide) shown(better bool) []string {
	var parts []string
	for i := range s.Settings {
		for _, m := range s.Settings[i].Shown() {
			if m.Better == better {
				parts = append(parts, fmt.Sprintf("%s with %s from %s to %s", m.Metric, s.Settings[i].Old, m.Value(m.Old.Median), m.Value(m.New.Median)))
			}
		}
	}
	if more := len(parts) - fewFindings; more > 0 {
		parts = append(parts[:fewFindings], fmt.Sprintf("and %d more", more))
	}
	return parts
}

// TooFew tells of a comparison that shows nothing for want of storms.
func (s *SideBySide) TooFew() bool {
	for i := range s.Settings {
		for _, m := range s.Settings[i].Contrast {
			if m.Finding != TooFew && m.Finding != OneSided {
				return false
			}
		}
	}
	return true
}

// Value writes a value of the metric with its unit.
func (c *Contrast) Value(v float64) string {
	switch c.Unit {
	case "ns":
		if Endless(v) {
			return "no end"
		}
		return Duration(time.Duration(v))
	case "calls/s":
		return whole(v) + "/s"
	case unitRatio:
		return strconv.FormatFloat(v, 'f', 3, 64) + "×"
	default:
		return whole(v)
	}
}
