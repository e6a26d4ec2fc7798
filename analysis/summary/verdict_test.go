package summary

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// big is somaxconn max.
const big = 2147483647

var update = flag.Bool("update", false, "write testdata/answers anew")

// TestAnswers holds what is found in the cases against testdata/answers: codes, settings and arguments.
func TestAnswers(t *testing.T) {
	for name, cases := range verdictCases {
		t.Run(name, func(t *testing.T) { holdAnswers(t, "testdata/answers/"+name+".golden", cases) })
	}
}

func holdAnswers(t *testing.T, golden string, cases []verdictCase) {
	var b strings.Builder
	for _, tt := range cases {
		run, all := madeRun(tt.cells...)
		if tt.edit != nil {
			tt.edit(run)
		}
		s := New(run, all)
		fmt.Fprintf(&b, "%s\n  %s\n", tt.name, strings.Join(inShort(s.Answer), "\n  "))
		for _, doubt := range inShort(s.Doubts) {
			fmt.Fprintf(&b, "  doubt: %s\n", doubt)
		}
		if diff := cmp.Diff(tt.rec, s.Recommendation, cmpopts.EquateApprox(0, 1e-12)); diff != "" {
			t.Errorf("%s: recommendation (-want +got):\n%s", tt.name, diff)
		}
		if s.Conclusive == tt.inconclusive {
			t.Errorf("%s: conclusive is %t with doubts %v", tt.name, s.Conclusive, inShort(s.Doubts))
		}
	}
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if diff := cmp.Diff(string(want), b.String()); diff != "" || err != nil {
		t.Errorf("%s (%v): run with -update and review (-want +got):\n%s", golden, err, diff)
	}
}

// inShort writes findings in short: "calls-lost [somaxconn-128] {"calls":{…},"of":2000}".
func inShort(all []finding.Finding) (lines []string) {
	for _, f := range all {
		args, err := json.Marshal(f.Fact)
		if err != nil {
			panic(err)
		}
		lines = append(lines, fmt.Sprint(f.Code(), " ", f.Settings, " ", string(args)))
	}
	return lines
}

// asText is inShort as one text.
func asText(all []finding.Finding) string { return strings.Join(inShort(all), "\n") }

// hasFact reports whether findings have a fact about just these settings.
func hasFact(all []finding.Finding, fact finding.Fact, settings ...string) bool {
	return slices.ContainsFunc(all, func(f finding.Finding) bool {
		return reflect.DeepEqual(f.Fact, fact) && slices.Equal(f.Settings, settings)
	})
}

// factsLike are the facts of one kind.
func factsLike[F finding.Fact](all []finding.Finding) (facts []F) {
	for _, f := range all {
		if fact, ok := f.Fact.(F); ok {
			facts = append(facts, fact)
		}
	}
	return facts
}

// TestApplicationsOfManyAxes: of every combination of four things an application is held against the settings
// that are like it in all else, and stated once.
func TestApplicationsOfManyAxes(t *testing.T) {
	const abort = "net.ipv4.tcp_abort_on_overflow"
	var cells []cellOf
	for _, client := range []string{"single-write", "asterisk"} {
		for _, value := range []string{"0", "1"} {
			worse := len(client) + len(value) // asterisk loses less
			for _, cell := range []cellOf{
				{tuned(64), thrice(made{timeout: 300 + worse, peak: 65})}, {tuned(4096), thrice(made{peak: 600})},
				{fixed(32, 64), thrice(made{timeout: 400 + worse, peak: 33})},
				{fixed(32, 4096), thrice(made{timeout: 410 + worse, peak: 33})},
			} {
				cell.cell = with(cell.cell, abort, value)
				cell.cell.Client, cell.cell.ID = client, cell.cell.ID+value+client
				cells = append(cells, cell)
			}
		}
	}
	got := New(madeRun(cells...)).Answer
	want := []finding.ApplicationBacklog{{Backlog: 32, Least: 413, Most: 423, SomaxconnFrom: 64, SomaxconnTo: 4096}}
	if diff := cmp.Diff(want, factsLike[finding.ApplicationBacklog](got)); diff != "" {
		t.Errorf("applications (-want +got):\n%s", diff)
	}
	if alone := factsLike[finding.SysctlNotEnough](got); len(alone) != 1 || alone[0].Helped {
		t.Errorf("the sysctl alone: %+v", alone)
	}
}

// The answer is the same in whichever order the scenario names its settings.
func TestVerdictOrder(t *testing.T) {
	for _, tt := range lengthCases {
		cells := slices.Clone(tt.cells)
		want := asText(New(madeRun(cells...)).Answer)
		slices.Reverse(cells)
		if got := asText(New(madeRun(cells...)).Answer); got != want {
			t.Errorf("%s: reversed cells give\n%s\nwant\n%s", tt.name, got, want)
		}
	}
}

func TestDoubts(t *testing.T) {
	ordinary := func() (*record.Run, Storms) {
		return madeRun(
			cellOf{tuned(128), thrice(made{calls: 20, timeout: 15, peak: 129})},
			cellOf{tuned(4096), thrice(made{calls: 20, peak: 15})})
	}
	tests := []struct {
		name string
		edit func(*record.Run, Storms)
		want []string
	}{
		{"none", func(*record.Run, Storms) {}, nil},
		{"lag of exactly a quarter passes", func(_ *record.Run, s Storms) {
			*s["somaxconn-128"][1].Attempts[19].Started = 500e6
		}, nil},
		{"effective backlog", func(_ *record.Run, s Storms) {
			s["somaxconn-4096"][1].Target = &record.Target{Effective: ptr(128)}
		}, []string{`not-in-force [somaxconn-4096] {"name":"effective backlog","want":"4096","got":"128","storm":2}`}},
		{"somaxconn", func(_ *record.Run, s Storms) {
			s["somaxconn-4096"][0].Kernel = &record.Kernel{Sysctls: map[string]string{"net.core.somaxconn": "128"}}
		}, []string{`not-in-force [somaxconn-4096] {"name":"net.core.somaxconn","want":"4096","got":"128","storm":1}`}},
		{"another sysctl", func(r *record.Run, s Storms) {
			r.Cells[0].Sysctls = map[string]string{
				"net.ipv4.ip_local_port_range": "1024 65535",
				"net.ipv4.tcp_syncookies":      "0",
			}
			s["somaxconn-128"][2].Kernel = &record.Kernel{Sysctls: map[string]string{
				"net.ipv4.ip_local_port_range": "1024\t65535", "net.ipv4.tcp_syncookies": "1"}}
		}, []string{`not-in-force [somaxconn-128] {"name":"net.ipv4.tcp_syncookies","want":"0","got":"1","storm":3}`}},
		{"attempts cut off", func(_ *record.Run, s Storms) {
			s["somaxconn-128"][0].Attempts = s["somaxconn-128"][0].Attempts[:12]
			s["somaxconn-4096"][0].Attempts = s["somaxconn-4096"][0].Attempts[:19]
		}, []string{`incomplete [somaxconn-128 somaxconn-4096] {"have":31,"of":40,"storms":2}`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			run, all := ordinary()
			tt.edit(run, all)
			if diff := cmp.Diff(tt.want, inShort(New(run, all).Doubts)); diff != "" {
				t.Errorf("doubts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLabels(t *testing.T) {
	cells := []record.Cell{
		tuned(128), tuned(big), fixed(128, 4096), fixed(8192, 4096), fixed(big, 512), {ID: "storm"},
	}
	want := []string{
		"somaxconn 128", "somaxconn max", "backlog 128 (somaxconn 4096)", "backlog 8192 (somaxconn " +
			"4096)", "somaxconn 512",
		"storm",
	}
	if diff := cmp.Diff(want, analysis.Labels(cells)); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
}

// Sysctls that all cells share are no part of a label, whatever way they are written.
func TestLabelsSysctls(t *testing.T) {
	a, b := tuned(128), tuned(4096)
	a.Sysctls = map[string]string{
		"net.core.somaxconn":           "128",
		"net.ipv4.tcp_syncookies":      "1",
		"net.ipv4.ip_local_port_range": "1 2",
	}
	b.Sysctls = map[string]string{
		"net.core.somaxconn":           "4096",
		"net.ipv4.tcp_syncookies":      "0",
		"net.ipv4.ip_local_port_range": "1\t2",
	}
	want := []string{"somaxconn 128 + tcp_syncookies 1", "somaxconn 4096 + tcp_syncookies 0"}
	if diff := cmp.Diff(want, analysis.Labels([]record.Cell{a, b})); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
}

// Sysctls that end alike are distinguished.
func TestLabelsAlike(t *testing.T) {
	a, b := tuned(128), tuned(128)
	a.Sysctls = map[string]string{"net.ipv4.conf.all.x": "1", "net.ipv4.conf.lo.x": "0"}
	b.Sysctls = map[string]string{"net.ipv4.conf.all.x": "0", "net.ipv4.conf.lo.x": "1"}
	want := []string{"somaxconn 128 + conf.all.x 1 + conf.lo.x 0", "somaxconn 128 + conf.all.x 0 + conf.lo.x 1"}
	if diff := cmp.Diff(want, analysis.Labels([]record.Cell{a, b})); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
}

// TestUnseenQueue: of a queue that cannot be seen the answer states that, and why, whatever became of the
// calls.
func TestUnseenQueue(t *testing.T) {
	why := record.Note{Words: "192.0.2.9 is not an address of this host"}
	for want, m := range map[finding.QueueHidden]made{
		{Why: why}:                           {calls: 40},
		{Why: why, Reset: 7}:                 {calls: 40, reset: 7},
		{Why: why, DroppedSYNs: 9, Reset: 7}: {calls: 40, late: 9, reset: 7},
	} {
		run, all := madeRun(cellOf{record.Cell{ID: "storm"}, storms(m)})
		run.Unwatched = &record.Note{Words: why.Words}
		if s := New(run, all); !hasFact(s.Answer, want, "storm") {
			t.Errorf("%s, want %+v", asText(s.Answer), want)
		}
	}
}

// TestUnwatchedTarget: why the built-in target's queue was not watched is one warning.
func TestUnwatchedTarget(t *testing.T) {
	run, all := madeRun(cellOf{tuned(128), thrice(made{calls: 4})})
	for _, raw := range all["somaxconn-128"][:2] {
		raw.Target = &record.Target{Unwatched: &record.Note{Words: "unsupported operation"}}
	}
	want := finding.QueueUnwatched{Storms: 2, Why: record.Note{Words: "unsupported operation"}}
	if s := New(run, all); !hasFact(s.Warnings, want, "somaxconn-128") {
		t.Errorf("warnings %s", asText(s.Warnings))
	}
}
