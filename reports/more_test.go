package reports

import (
	"testing"

	"agistorm/analysis"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/analysis/stats"
)

func TestProportion(t *testing.T) {
	if got, want := proportion(stats.Wilson(0, 2000)).String(), "0 % (0–0.19 %)"; got != want {
		t.Errorf("none of 2,000: %s, want %s", got, want)
	}
	if got := proportion(stats.Wilson(0, 0)).Text; got != unknown {
		t.Errorf("none of none: %s", got)
	}
}

// A number that no setting knows has no column.
func TestMoreColumns(t *testing.T) {
	s := &analysis.Summary{
		Run:   &record.Run{},
		Cells: []analysis.Cell{{}, {Metrics: map[string]analysis.Spread{"served": {N: 1, Median: 7, Min: 7, Max: 7}}}},
	}
	cols := moreColumns(s)
	if len(cols) != 1 || cols[0].heading().Title() != "served" {
		t.Errorf("columns %+v, want the one that a setting knows", cols)
	}
	if got := cols[0].of(&s.Cells[0]).Text + ", " + cols[0].of(&s.Cells[1]).Text; got != unknown+", 7/s" {
		t.Errorf("rows %s", got)
	}
	if all := moreColumns(sample()); len(all) != 8 {
		t.Errorf("%d columns of a sample that knows everything, want 8", len(all))
	}
}

// TestWritten: a range that reads the same is none, and a wait without an end is that of lost calls.
func TestWritten(t *testing.T) {
	for _, tt := range []struct {
		s    *analysis.Spread
		want string
	}{
		{nil, unknown},
		{&analysis.Spread{N: 1, Median: 1.5e9, Min: 1.5e9, Max: 1.5e9}, "1.50 s"},
		{&analysis.Spread{N: 2, Median: 1.5e9, Min: 1e9, Max: 2e9}, "1.50 s (1.00 s–2.00 s)"},
		{&analysis.Spread{N: 2, Median: 1.5e9, Min: 1.5e9, Max: 1.5e9 + 1}, "1.50 s"},
		{&analysis.Spread{N: 3, Median: 1.5e9, Min: 1e9, Max: stats.NoEnd}, "1.50 s (1.00 s–lost)"},
		{&analysis.Spread{N: 2, Median: stats.NoEnd / 2, Min: stats.NoEnd, Max: stats.NoEnd}, "lost"},
	} {
		if got := written(tt.s, writers[metric.Time]).String(); got != tt.want {
			t.Errorf("%+v: %s, want %s", tt.s, got, tt.want)
		}
	}
}

func TestUnservedCallsAreBad(t *testing.T) {
	if got := unserved(&analysis.Cell{Dialplan: &metric.Dialplan{Success: 9, Unserved: 2}}); got.Mark != bad ||
		got.Text != "2 of 9" {
		t.Errorf("%+v", got)
	}
	if got := unserved(&analysis.Cell{Dialplan: &metric.Dialplan{Success: 9}}); got.Mark != neutral {
		t.Errorf("%+v", got)
	}
}
