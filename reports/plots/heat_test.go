package plots

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis"
	"agistorm/analysis/record"
)

// product has every combination of somaxconn and tcp_syncookies, the last somaxconn first.
func product() []analysis.Cell {
	var cells []analysis.Cell
	for _, somaxconn := range []int{math.MaxInt32, 4096, 128} {
		for _, cookies := range []string{"1", "0"} {
			cells = append(cells, analysis.Cell{Cell: record.Cell{Backlog: record.BacklogMax, Somaxconn: somaxconn,
				Sysctls: map[string]string{"net.ipv4.tcp_syncookies": cookies, "net.ipv4.tcp_fastopen": "0"}}})
		}
	}
	return cells
}

func TestHeatGrid(t *testing.T) {
	cells := product()
	g, ok := newHeatGrid(cells)
	if !ok {
		t.Fatal("a product has no grid")
	}
	got := []string{g.rows.name, strings.Join(g.rows.values, " "), g.columns.name, strings.Join(g.columns.values, " ")}
	if diff := cmp.Diff([]string{"somaxconn", "128 4096 max", "tcp_syncookies", "0 1"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if g.cells[0][0] != &cells[5] || g.cells[2][1] != &cells[0] {
		t.Error("a cell is not in its field")
	}
}

// TestAxesThatEndAlike have the names that labels have.
func TestAxesThatEndAlike(t *testing.T) {
	var cells []analysis.Cell
	for _, all := range []string{"0", "1"} {
		for _, lo := range []string{"0", "1"} {
			sysctls := map[string]string{"net.ipv4.conf.all.rp_filter": all, "net.ipv4.conf.lo.rp_filter": lo}
			cells = append(cells, analysis.Cell{Cell: record.Cell{Backlog: record.BacklogMax, Somaxconn: 16, Sysctls: sysctls}})
		}
	}
	if g, ok := newHeatGrid(cells); !ok || g.rows.name != "conf.all.rp_filter" || g.columns.name != "conf.lo.rp_filter" {
		t.Errorf("rows of %q, columns of %q", g.rows.name, g.columns.name)
	}
}

func TestNoGridOfWhatIsNoProduct(t *testing.T) {
	cells := product()
	twice := product()
	twice[5] = twice[4]
	third := product()
	third[0].Client = "single-write"
	tied := product()
	for i := range tied {
		tied[i].Client = "client " + tied[i].Sysctls["net.ipv4.tcp_syncookies"]
	}
	for name, cells := range map[string][]analysis.Cell{
		"no cell": nil, "one axis": {cells[0], cells[2], cells[4]}, "one missing": cells[:5],
		"one twice": append(twice, twice[0])[:6], "three axes": third, "two axes are one": tied, "one setting": cells[:1],
	} {
		if _, ok := newHeatGrid(cells); ok {
			t.Errorf("%s: has a grid", name)
		}
	}
}

// TestManyColumnsBecomeRows: there is more room downwards.
func TestManyColumnsBecomeRows(t *testing.T) {
	var cells []analysis.Cell
	for somaxconn := range 2 {
		for _, backlog := range strings.Fields("1 2 3 4 5 6 7 8 9 10") {
			cells = append(cells, analysis.Cell{Cell: record.Cell{Somaxconn: somaxconn, Backlog: backlog}})
		}
	}
	if g, ok := newHeatGrid(cells); !ok || g.rows.name != "backlog" || len(g.columns.values) != 2 {
		t.Errorf("rows of %s, %d columns", g.rows.name, len(g.columns.values))
	}
}

func TestHeatField(t *testing.T) {
	lost := func(median, most float64) *analysis.Cell {
		return &analysis.Cell{Repeats: offeredTwice(2000), Lost: analysis.Spread{N: 2, Median: median, Max: most}}
	}
	for _, c := range []struct {
		cell *analysis.Cell
		want heatField
	}{
		{&analysis.Cell{}, heatField{text: "no storm"}},
		{&analysis.Cell{Repeats: offeredTwice(0)}, heatField{text: "no call"}},
		{lost(0, 0), heatField{known: true, text: "none lost"}},
		{lost(0, 7), heatField{known: true, text: "0 %", small: "0 of 2,000"}},
		{lost(1, 1), heatField{share: 0.0005, known: true, text: "1 %", small: "1 of 2,000"}},
		{lost(1710, 1800), heatField{share: 0.855, known: true, text: "86 %", small: "1,710 of 2,000"}},
		{lost(3000, 3000), heatField{share: 1, known: true, text: "100 %", small: "3,000 of 2,000"}},
	} {
		if diff := cmp.Diff(c.want, newHeatField(c.cell), cmp.AllowUnexported(heatField{}), nearly); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	if (heatField{known: true, small: "0 of 9"}).ground(light) == (heatField{known: true}).ground(light) {
		t.Error("a setting that lost calls in one storm is drawn as one that lost none")
	}
}

// TestHeatSaysEveryNumber: the alternative text has them all.
func TestHeatSaysEveryNumber(t *testing.T) {
	s := &analysis.Summary{Cells: product()}
	s.Cells[5].Repeats = offeredTwice(10)
	s.Cells[5].Lost = analysis.Spread{N: 2, Median: 4, Max: 4}
	p := written(heatFigure(s))
	for _, want := range []string{"somaxconn 128, tcp_syncookies 0: 40 % 4 of 10.",
		"somaxconn max, tcp_syncookies 1: no storm."} {
		if !strings.Contains(p.alt, want) {
			t.Errorf("no %q in %q", want, p.alt)
		}
	}
}
