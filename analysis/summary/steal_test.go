package summary

import (
	"slices"
	"testing"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// stealing makes a run of storms of 1 s on 2 CPUs, of whose 2 s so much was stolen.
func stealing(cell record.Cell, m made, stolen ...time.Duration) *analysis.Summary {
	run, all := madeRun(cellOf{cell, slices.Repeat([]*made{&m}, len(stolen))})
	for i, taken := range stolen {
		all[cell.ID][i].Storm.Workers = []record.Worker{
			{Share: "0/1", Wall: time.Second, Steal: &record.Steal{Time: taken, CPUs: 2}},
		}
	}
	return New(run, all)
}

func TestStealWarnings(t *testing.T) {
	for name, tt := range map[string]struct {
		got  *analysis.Summary
		want []finding.Steal
	}{
		"none":         {stealing(tuned(4), made{calls: 10}, 0, 0), nil},
		"at the limit": {stealing(tuned(4), made{calls: 10}, 200*ms, 0), nil},
		"in some": {stealing(tuned(4), made{calls: 10}, 210*ms, 0, 940*ms),
			[]finding.Steal{{Storms: 2, Of: 3, Most: 0.47, Server: true}}},
		"all, and more": {stealing(tuned(4), made{calls: 10}, 3*time.Second),
			[]finding.Steal{{Storms: 1, Of: 1, Most: 1, Server: true}}},
		"of the client": {stealing(record.Cell{ID: "storm"}, made{calls: 10}, 940*ms),
			[]finding.Steal{{Storms: 1, Of: 1, Most: 0.47}}},
		"is not counted": {New(madeRun(cellOf{tuned(4), storms(made{})})), nil},
	} {
		if got := factsLike[finding.Steal](tt.got.Warnings); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %+v, want %+v", name, got, tt.want)
		}
	}
}

// A server is not called slow for what others took from it.
func TestStolenIsNotSlow(t *testing.T) {
	for _, tt := range []struct {
		cell   record.Cell
		stolen time.Duration
		want   finding.Blame
	}{
		{tuned(4), 100 * ms, finding.BlameServer},
		{tuned(4), 940 * ms, finding.BlameHypervisor},
		{record.Cell{ID: "storm"}, 940 * ms, finding.BlameServer},
	} {
		run, all := madeRun(cellOf{tt.cell, storms(made{calls: 10})})
		raw := all[tt.cell.ID][0]
		raw.Storm.Workers = []record.Worker{
			{Share: "0/1", Wall: time.Second, Steal: &record.Steal{Time: tt.stolen, CPUs: 2}},
		}
		raw.Attempts[3].FirstCommand = ptr(*raw.Attempts[3].Connected + 1500*ms)
		if got := factsLike[finding.SlowCalls](New(run, all).Answer); len(got) != 1 || got[0].Blame != tt.want {
			t.Errorf("%+v, %v stolen: %+v; want it to blame %q", tt.cell, tt.stolen, got, tt.want)
		}
	}
}
