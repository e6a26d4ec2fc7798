package summary

import (
	"slices"
	"testing"

	"agistorm/analysis"
	"agistorm/analysis/comparison"
	"agistorm/analysis/record"
)

// losing are storms that lost so many calls each.
func losing(lost ...int) []*made {
	var all []*made
	for _, n := range lost {
		all = append(all, &made{timeout: n})
	}
	return all
}

func findingOf(t *testing.T, c *analysis.Comparison, metric string) analysis.Contrast {
	t.Helper()
	i := slices.IndexFunc(c.Contrast, func(m analysis.Contrast) bool { return m.Metric == metric })
	if i < 0 {
		t.Fatalf("%s to %s has no metric %q", c.Old, c.New, metric)
	}
	return c.Contrast[i]
}

func TestFindings(t *testing.T) {
	for name, tt := range map[string]struct {
		old, new []*made
		finding  analysis.Finding
		better   bool
	}{
		"fewer are lost":        {losing(500, 510, 520, 530, 540), losing(0, 0, 0, 1, 2), analysis.Differs, true},
		"more are lost":         {losing(0, 0, 0, 1, 2), losing(500, 510, 520, 530, 540), analysis.Differs, false},
		"three are too few":     {losing(500, 510, 520), losing(0, 0, 0, 0), analysis.TooFew, false},
		"less than 20 of 2,000": {losing(100, 101, 102, 103, 104), losing(110, 111, 112, 113, 114), analysis.Slight, false},
		"they overlap":          {losing(100, 300, 500, 700), losing(200, 400, 600, 800), analysis.NotShown, false},
		"none in either":        {losing(0, 0, 0, 0), losing(0, 0, 0, 0), analysis.NotShown, false},
	} {
		run, all := madeRun(cellOf{tuned(128), tt.old}, cellOf{tuned(4096), tt.new})
		s := New(run, all)
		if len(s.Comparisons) != 1 || s.Comparisons[0].Differs != "somaxconn" {
			t.Fatalf("%s: %+v", name, s.Comparisons)
		}
		c := s.Comparisons[0]
		if got := findingOf(t, &c, "lost"); got.Finding != tt.finding || got.Better != tt.better || got.Least != 20 {
			t.Errorf("%s: %+v, want %q (better %v)", name, got, tt.finding, tt.better)
		}
		if shown := slices.ContainsFunc(comparison.Shown(&c),
			func(m analysis.Contrast) bool { return m.Metric == "lost" }); shown != (tt.finding == analysis.Differs) {
			t.Errorf("%s: shown %v", name, shown)
		}
	}
}

// A setting that loses fewer calls is not worse for answering more of them late.
func TestFewerLostAndMoreLate(t *testing.T) {
	var old, new []*made
	for i := range 5 {
		old, new = append(old, &made{timeout: 1700 + i, late: 100}), append(new, &made{timeout: 900 + i, late: 500})
	}
	run, all := madeRun(cellOf{tuned(128), old}, cellOf{tuned(4096), new})
	c := New(run, all).Comparisons[0]
	for _, name := range []string{"lost", "lost-or-late"} {
		if got := findingOf(t, &c, name); got.Finding != analysis.Differs || !got.Better {
			t.Errorf("%s: %+v, want it better", name, got)
		}
	}
}

// Only neighbours that differ in one thing are compared.
func TestCompareSettings(t *testing.T) {
	abort := func(c record.Cell, value string) record.Cell {
		c.ID += "-abort-" + value
		c.Sysctls = map[string]string{"net.ipv4.tcp_abort_on_overflow": value}
		return c
	}
	two := losing(1, 2)
	run, all := madeRun(
		cellOf{abort(tuned(4096), "0"), two},
		cellOf{abort(tuned(128), "0"), two},
		cellOf{abort(tuned(512), "0"), two},
		cellOf{abort(tuned(128), "1"), two},
		cellOf{abort(tuned(512), "1"), nil},
	)
	var got []string
	for _, c := range New(run, all).Comparisons {
		got = append(got, c.Old+" | "+c.New+" | "+c.Differs)
	}
	want := []string{
		"somaxconn 128 + tcp_abort_on_overflow 0 | somaxconn 512 + tcp_abort_on_overflow 0 | somaxconn",
		"somaxconn 128 + tcp_abort_on_overflow 0 | somaxconn 128 + tcp_abort_on_overflow 1 | net.ipv4.tcp_abort_on_overflow",
		"somaxconn 512 + tcp_abort_on_overflow 0 | somaxconn 4096 + tcp_abort_on_overflow 0 | somaxconn",
	}
	if !slices.Equal(got, want) {
		t.Errorf("compared:\n%q\nwant:\n%q", got, want)
	}
}
