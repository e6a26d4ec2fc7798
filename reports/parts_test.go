package reports

import (
	"strings"
	"testing"
	"time"

	"agistorm/analysis/finding"
	"agistorm/analysis/record"
	"agistorm/reports/words"
)

// TestShareIsSaid: every form says before its numbers that they are those of a share only.
func TestShareIsSaid(t *testing.T) {
	s := alien()
	s.Run.Scenario.Calls = 6000
	s.Run.Share = &record.Share{K: 1, N: 3, Calls: 2000, StartAt: time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)}
	want := "This run is share 1/3 of a storm of 6,000 calls: merge it with the others (agistorm report DIR…)."
	for _, f := range forms {
		if f.name == "json" {
			continue
		}
		got := visible(render(t, f.write, s))
		if at := strings.Index(got, want); at < 0 || strings.Contains(got[:at], "1,995") {
			t.Errorf("%s does not say near its top that it is a share: %s", f.name, got)
		}
	}
	got := render(t, Markdown, s)
	for _, want := range []string{
		"- share: 1/3, 2,000 of 6,000 calls; it started at 2026-11-23 07:00:00 UTC by this machine's clock",
		"1 storm each of 2,000 calls",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

func TestMergedIsSaid(t *testing.T) {
	const want = "Merged from 3 shares of one storm: 0/3 on amber (667 calls), 1/3 on birch (667 calls), 2/3 on " +
		"cedar (666 calls)."
	for _, f := range forms {
		if got := visible(render(t, f.write, joined())); f.name != "json" && !strings.Contains(got, want) {
			t.Errorf("%s does not name its machines", f.name)
		}
	}
	page := visible(render(t, writeHTML, joined()))
	for _, want := range []string{"share 2/3cedar: 666 calls; system linux/amd64; CPU 2 × unknown CPU", "1/3 on birch",
		"192.0.2.8:4573 answered"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	run := &record.Run{Merged: make([]record.Share, 8)}
	if got := words.MergedFrom(run); strings.Count(got, "an unnamed machine") != 6 ||
		!strings.HasSuffix(got, ", and 2 more.") {
		t.Errorf("many machines: %q", got)
	}
}

// TestPartOfTheOnlyStorm: where no storm is missing but a part of one, none is counted.
func TestPartOfTheOnlyStorm(t *testing.T) {
	s := joined()
	s.Partial = &finding.Partial{Failure: "share 1/3 is missing"}
	if got, want := words.Partial(s.Partial), "The run is partial: share 1/3 is missing."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestConnectOnlyIsNotAnswered: no form of a run that only connected speaks of answered calls but to explain
// the word.
func TestConnectOnlyIsNotAnswered(t *testing.T) {
	s := connectOnly()
	for _, f := range forms[:3] {
		if got := render(t, f.write, s); strings.Contains(got, "answered") || !strings.Contains(got, "connected") {
			t.Errorf("%s: %s", f.name, got)
		}
	}
	cols := columns(s)
	if got := cols[0].heading().Title() + " " + cols[0].of(&s.Cells[0]).String(); got != "connected 1,995" {
		t.Errorf("the first column of calls is %q", got)
	}
	for _, r := range callRows(&s.Cells[0], record.Connected).Rows {
		if r[0].Text == "answered" {
			t.Error("a row for answered calls of a client that only connects")
		}
	}
	page := visible(render(t, writeHTML, s))
	for _, want := range []string{"A call is one TCP connection, without FastAGI", "lateConnected, but only",
		"Only a storm with a FastAGI client shows"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

// TestLegendOfBounds: a lower bound is explained where one is shown, and nowhere else.
func TestLegendOfBounds(t *testing.T) {
	const legend = "≥ so many at least: more are not known."
	for bound, shown := range map[int]bool{-1: false, 0: false, 7: true} {
		s := alien()
		if bound >= 0 {
			s.Cells[0].Repeats[0].PhantomsAtLeast = &bound
		}
		got := render(t, Markdown, s)
		if strings.Contains(got, "≥ 7") != shown || strings.Contains(got, legend) != shown {
			t.Errorf("at least %d: want a bound %t, and the legend only with it: %s", bound, shown, got)
		}
	}
}
