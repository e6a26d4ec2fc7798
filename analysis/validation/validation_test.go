package validation

import (
	"cmp"
	"slices"
	"strconv"
	"testing"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
)

// setting is a cell of a made grid: what its storms lost of 100 calls each, and what is predicted of every storm.
type setting struct {
	behaviour        string
	lost             []int
	actual, planned  int
	doubted          bool
	storms, position int
}

// grid makes a validation of settings, each with the ID of its place. It has 7 storms of each, unless it says otherwise.
func grid(settings ...setting) Input {
	run := &record.Run{Isolation: record.Isolation{Mode: record.IsolationUser}}
	in := Input{
		Measured: &analysis.Summary{Run: run}, Actual: &analysis.Summary{Run: run}, Planned: &analysis.Summary{Run: run},
		Given: map[string]map[string]string{},
	}
	for i := range settings {
		s, id := &settings[i], strconv.Itoa(i)
		in.Grid = append(in.Grid, id)
		add := func(to *analysis.Summary, lost ...int) {
			c := analysis.Cell{Cell: record.Cell{ID: id, Values: map[string]string{"behaviour": s.behaviour}}}
			for n := range cmp.Or(s.storms, 7) {
				c.Repeats = append(c.Repeats, analysis.Repeat{
					N: n + 1, Storm: metric.Storm{Offered: 100, Lost: lost[n%len(lost)]}, Raw: &record.Repeat{},
				})
			}
			to.Cells = append(to.Cells, c)
		}
		add(in.Measured, s.lost...)
		add(in.Actual, s.actual)
		add(in.Planned, s.planned)
		if s.doubted {
			in.Measured.Doubts = append(in.Measured.Doubts, finding.Finding{Settings: []string{id}, Fact: finding.StartLag{}})
		}
	}
	return in
}

// predicted is a setting with what is predicted from the actual and from the planned starts, and what was lost.
func predicted(behaviour string, actual, planned int, lost ...int) setting {
	return setting{behaviour: behaviour, lost: lost, actual: actual, planned: planned}
}

// exact is a setting that is predicted as it was measured.
func exact(behaviour string, lost int) setting { return predicted(behaviour, lost, lost, lost) }

// doubted is a setting that is in doubt.
func doubted(s setting) setting {
	s.doubted = true
	return s
}

// whole is a grid of 36 settings: 20 of pools and 16 of others, all right; half of them lose half of their calls.
func whole(change ...setting) []setting {
	var all []setting
	for i := range LeastCells {
		behaviour := "pool:16"
		if i >= 20 {
			behaviour = "thread"
		}
		all = append(all, exact(behaviour, 50*(i%2)))
	}
	for _, s := range change {
		all[s.position] = s
	}
	return all
}

// TestCells: a prediction is right within 5 points of the median, or within a range of more than 10.
func TestCells(t *testing.T) {
	for name, c := range map[string]struct {
		setting
		right bool
		error float64
		why   []Reason
	}{
		"exact":                {exact("pool:4", 40), true, 0, nil},
		"5 points off":         {predicted("pool:4", 45, 40, 40), true, 5, nil},
		"6 points off":         {predicted("pool:4", 34, 40, 40), false, -6, nil},
		"within a wide range":  {predicted("loop", 49, 40, 30, 40, 50), true, 9, nil},
		"within a small range": {predicted("loop", 46, 40, 36, 40, 46), false, 6, []Reason{CPUDecides}},
		"beyond a wide range": {predicted("prefork:4", 51, 51, 30, 40, 50), false, 11,
			[]Reason{OwnRange}},
		"late starts": {predicted("pool:4", 40, 60, 40), true, 0, []Reason{LateStarts}},
		"measured in doubt": {
			doubted(predicted("pool:4", 60, 60, 40)), false, 20, []Reason{InDoubt},
		},
	} {
		cell := New(grid(c.setting)).Cells[0]
		if cell.Actual.Right != c.right || cell.Actual.Error != c.error || !slices.Equal(cell.Why, c.why) {
			t.Errorf("%s: %+v for %v, want right %t, error %v for "+
				"%v", name, cell.Actual, cell.Why, c.right, c.error, c.why)
		}
	}
}

// TestVerdict: the goal is 95 % of the pools, 90 % of all, a median error of 1 point, and half of the cells between 5
// and 95 %.
func TestVerdict(t *testing.T) {
	wrong := func(position int, behaviour string) setting {
		s := exact(behaviour, 50*(position%2))
		s.position, s.actual = position, s.lost[0]+20
		return s
	}
	easy := make([]setting, LeastCells)
	for i := range easy {
		easy[i] = exact("pool:1", 100*(i%2))
	}
	off := whole()
	for i := range off {
		off[i].actual += 2
	}
	var loops []setting
	for i := range 4 {
		loops = append(loops, wrong(20+i, "loop"))
	}
	few := whole()
	few[7].storms = 6
	for name, c := range map[string]struct {
		settings []setting
		want     Status
		doubt    DoubtCode
	}{
		"all right":                     {whole(), Passed, ""},
		"1 of 20 pools and 2 others":    {whole(wrong(0, "pool:4"), wrong(20, "loop"), wrong(21, "loop")), Passed, ""},
		"2 of 20 pools":                 {whole(wrong(0, "pool:4"), wrong(1, "prefork:4")), Failed, ""},
		"4 of 36":                       {whole(loops...), Failed, ""},
		"a median error of 2 points":    {off, Failed, ""},
		"none loses between 5 and 95 %": {easy, Failed, ""},
		"a cell of 6 storms":            {few, Inconclusive, FewStorms},
		"35 cells":                      {whole()[1:], Inconclusive, FewCells},
		"a doubted cell " +
			"decides": {whole(wrong(0, "pool:4"), doubted(wrong(1, "pool:4"))), Inconclusive, DoubtedCells},
	} {
		r := New(grid(c.settings...))
		if r.Status != c.want || (c.doubt != "") != (len(r.Doubts) == 1) || c.doubt != "" && r.Doubts[0].Code != c.doubt {
			t.Errorf("%s: %s for %v, want %s for %q", name, r.Status, r.Doubts, c.want, c.doubt)
		}
	}
}

// TestTotals: the settings that were held out are counted by themselves.
func TestTotals(t *testing.T) {
	wrong := exact("pool:4", 50)
	wrong.position, wrong.actual, wrong.planned = 5, 70, 52
	r := New(grid(whole(wrong)...))
	if want := (Totals{Cells: 36, Right: 35, Goal: 33, WithPlanned: 36}); r.All != want {
		t.Errorf("all %+v, want %+v", r.All, want)
	}
	if want := (Totals{Cells: 20, Right: 19, Goal: 19, WithPlanned: 20}); r.Pools != want {
		t.Errorf("pools %+v, want %+v", r.Pools, want)
	}
	if want := (Totals{Cells: 12, Right: 11, Goal: 11, WithPlanned: 12}); r.HeldOut != want {
		t.Errorf("held out %+v, want %+v", r.HeldOut, want)
	}
	if want := (Totals{Cells: 6, Right: 5, Goal: 6, WithPlanned: 6}); r.HeldOutPools != want {
		t.Errorf("held out pools %+v, want %+v", r.HeldOutPools, want)
	}
	if r.Losing != 18 || r.LosingGoal != 18 {
		t.Errorf("%d lose, goal %d, want 18 and 18", r.Losing, r.LosingGoal)
	}
}

// TestPart: of a part three storms of each are enough, and only what they lose is judged.
func TestPart(t *testing.T) {
	a, b := exact("pool:4", 0), exact("pool:1", 100)
	a.storms, b.storms, a.actual = 3, 3, 4
	in := grid(a, b)
	in.Part = true
	if r := New(in); r.Status != Passed {
		t.Errorf("%s for %v, want passed", r.Status, r.Doubts)
	}
	a.actual = 6
	in = grid(a, b)
	in.Part = true
	if r := New(in); r.Status != Failed {
		t.Errorf("%s, want failed", r.Status)
	}
	for _, i := range PartPositions {
		if HeldOut(i) {
			t.Errorf("setting %d of the part was held out", i)
		}
	}
}

// TestOnHost: without namespaces nothing is judged.
func TestOnHost(t *testing.T) {
	host := &analysis.Summary{Run: &record.Run{Isolation: record.Isolation{Mode: record.IsolationHost}}}
	r := New(Input{Measured: host})
	if r.Status != Inconclusive || r.Doubts[0].Code != NoNamespaces {
		t.Errorf("%s for %v", r.Status, r.Doubts)
	}
}
