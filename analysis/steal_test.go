package analysis

import (
	"slices"
	"strings"
	"testing"
	"time"

	"agistorm/analysis/record"
)

// stealing makes a run of storms of 1 s on 2 CPUs, of whose 2 s so much was stolen.
func stealing(cell record.Cell, m made, stolen ...time.Duration) *Summary {
	run, all := madeRun(cellOf{cell, slices.Repeat([]*made{&m}, len(stolen))})
	for i, taken := range stolen {
		all[cell.ID][i].Storm.Workers = []record.Worker{{Share: "0/1", Wall: time.Second, Steal: &record.Steal{Time: taken, CPUs: 2}}}
	}
	return Summarise(run, all)
}

func TestStealWarnings(t *testing.T) {
	const sweep, storm = "a hypervisor gave more than 10 % of this machine's CPU time to others in ", "a hypervisor gave more than 10 % of the generator's machine's CPU time to others in "
	for name, tt := range map[string]struct {
		got  *Summary
		want string
	}{
		"none":           {stealing(tuned(4), made{calls: 10}, 0, 0), ""},
		"at the limit":   {stealing(tuned(4), made{calls: 10}, 200*ms, 0), ""},
		"in some":        {stealing(tuned(4), made{calls: 10}, 210*ms, 0, 940*ms), sweep + "2 of 3 storms, up to 47.0 % (steal): server and generator were slower for it"},
		"all, and more":  {stealing(tuned(4), made{calls: 10}, 3*time.Second), sweep + "the storm, up to 100.0 % (steal): "},
		"of the client":  {stealing(record.Cell{ID: "storm"}, made{calls: 10}, 940*ms), storm + "the storm, up to 47.0 % (steal): it was slower for it, so latencies are partly"},
		"is not counted": {func() *Summary { run, all := madeRun(cellOf{tuned(4), storms(made{})}); return Summarise(run, all) }(), ""},
	} {
		lines := stealWarnings(tt.got)
		if tt.want == "" && len(lines) > 0 || tt.want != "" && (len(lines) != 1 || !strings.HasPrefix(lines[0], tt.want) || !slices.Contains(tt.got.Warnings, lines[0])) {
			t.Errorf("%s: %q, want %q", name, lines, tt.want)
		}
	}
}

// A server is not called slow for what others took from it.
func TestStolenIsNotSlow(t *testing.T) {
	const taken = "a hypervisor took up to 47 % of its machine's CPU time meanwhile"
	for _, tt := range []struct {
		cell   record.Cell
		stolen time.Duration
		want   string
	}{
		{tuned(4), 100 * ms, "the server is slower than its calls come."},
		{tuned(4), 940 * ms, taken + "."},
		{record.Cell{ID: "storm"}, 940 * ms, "the server is slower than its calls come."},
	} {
		run, all := madeRun(cellOf{tt.cell, storms(made{calls: 10})})
		raw := all[tt.cell.ID][0]
		raw.Storm.Workers = []record.Worker{{Share: "0/1", Wall: time.Second, Steal: &record.Steal{Time: tt.stolen, CPUs: 2}}}
		raw.Attempts[3].FirstCommand = ptr(*raw.Attempts[3].Connected + 1500*ms)
		if got := Summarise(run, all).Verdict; !strings.HasSuffix(got, tt.want) {
			t.Errorf("%+v, %v stolen: %s; want it to end with %q", tt.cell, tt.stolen, got, tt.want)
		}
	}
}
