package reports

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"agistorm/analysis"
	"agistorm/analysis/comparison"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
	"agistorm/analysis/stats"
)

// sideSample is two runs in which one setting became worse and one better, and of which a third is in one only.
func sideSample() *comparison.SideBySide {
	contrast := func(metric, unit string, old, new float64, finding analysis.Finding, better bool) analysis.Contrast {
		return analysis.Contrast{
			Metric: metric, Unit: unit, Finding: finding, Better: better, Least: 20,
			Difference: stats.Difference{
				Old: stats.Spread{
					N:      6,
					Median: old,
					Low:    ptr(old * 0.9),
					High:   ptr(old * 1.1),
				}, New: stats.Spread{N: 5, Median: new},
				P: 0.002, Q: 0.008, Enough: true, Significant: finding == analysis.Differs,
			},
		}
	}
	return &comparison.SideBySide{
		Answer: []finding.Finding{
			{Fact: finding.Changed{Run: "new", Changes: []finding.Change{{
				Metric: "lost", Setting: "somaxconn 128", Unit: "calls", Old: 1000, New: 1200,
			}}}},
			{Fact: finding.Changed{Run: "new", Better: true, Changes: []finding.Change{{
				Metric: "p99(connect)", Setting: "somaxconn 4096", Unit: "ns", Old: 1.04e9, New: 12e6,
			}}}},
		},
		Old:     comparison.Side{Name: "old", Conclusive: true, Summary: noStorm()},
		New:     comparison.Side{Name: "new", Conclusive: true, Summary: noStorm()},
		Differs: []comparison.RunDiff{{Kind: "target", Name: "target", Old: "pool of 16", New: ""}},
		Settings: []analysis.Comparison{
			{Old: "somaxconn 128", Contrast: []analysis.Contrast{
				contrast(
					"lost",
					"calls",
					1000,
					1200,
					analysis.Differs,
					false,
				), contrast("lost-or-late", "calls", 1000, 1007, analysis.NotShown, false)}},
			{
				Old:      "somaxconn 4096",
				Contrast: []analysis.Contrast{contrast("p99(connect)", "ns", 1.04e9, 12e6, analysis.Differs, true)},
			},
		},
		Unmatched: []comparison.Unmatched{{Setting: "somaxconn 64", Run: "old", Old: true}},
	}
}

// noStorm is a run without one.
func noStorm() *analysis.Summary {
	return &analysis.Summary{Run: &record.Run{}, Answer: []finding.Finding{{Fact: finding.NoStorm{}}}}
}

var sideForms = map[string]func(io.Writer, *comparison.SideBySide) error{
	"text": func(w io.Writer, s *comparison.SideBySide) error { return SideText(w, s, TextOptions{Width: 100}) },
	"md":   SideMarkdown, "json": SideJSON, "html": SideHTML,
}

func renderSide(t *testing.T, write func(io.Writer, *comparison.SideBySide) error, s *comparison.SideBySide) string {
	t.Helper()
	var b strings.Builder
	if err := write(&b, s); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestSideGolden(t *testing.T) {
	for name, write := range sideForms {
		if name == "html" {
			continue // TestBlocks has its parts
		}
		goldenText(t, filepath.Join("testdata", "comparison."+name+".golden"), renderSide(t, write, sideSample()))
	}
}

func TestSideHostile(t *testing.T) {
	const evil = "</script><script>alert(1)</script>|\n# \x1b[31m"
	s := sideSample()
	s.Old.Name, s.Settings[0].Old = evil, evil
	s.Unmatched = []comparison.Unmatched{{Setting: evil, Run: evil}}
	s.Differs[0].Old = evil
	for _, name := range []string{"html", "md", "text"} {
		got := renderSide(t, sideForms[name], s)
		if name == "html" {
			got = withoutScript(t, got)
		}
		if name != "html" && strings.Contains(got, "\x1b[31m") || name != "text" && strings.Contains(got, "<script>") {
			t.Errorf("%s lets it through", name)
		}
	}
}

func TestSideStatus(t *testing.T) {
	s := sideSample()
	for _, want := range []string{"Worse and better", "Better", "Too few storms", "No difference shown",
		"Not comparable"} {
		if got := sideStatus(s).Words; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		switch want { // the worst goes, one after another
		case "Worse and better":
			s.Settings = s.Settings[1:]
		case "Better":
			for j := range s.Settings[0].Contrast {
				s.Settings[0].Contrast[j].Finding = analysis.NotShown
			}
			s.Settings[0].Contrast[0].Finding = analysis.Undecided
		case "Too few storms":
			s.Settings[0].Contrast[0].Finding = analysis.NotShown
		case "No difference shown":
			s.Withheld = []finding.Finding{{Fact: finding.StormsDiffer{Names: []string{"arrival"}}}}
		}
	}
}

func TestWriteSide(t *testing.T) {
	dir := t.TempDir()
	if err := WriteSide(dir, sideSample()); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if want := []string{"comparison.html", "comparison.json", "comparison.md"}; err != nil || !slices.Equal(names, want) {
		t.Errorf("files %v, %v, want %v", names, err, want)
	}
	if err := WriteSide(filepath.Join(dir, "gone"), sideSample()); err == nil ||
		!strings.Contains(err.Error(), "comparison.md: ") {
		t.Errorf("into a folder that is not there: %v", err)
	}
}
