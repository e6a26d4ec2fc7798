package summary

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis"
	"agistorm/analysis/comparison"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
	"agistorm/scenarios/axis"
)

// valued is a cell with values on further axes.
func valued(somaxconn int, values map[string]string, calls int) record.Cell {
	c := tuned(somaxconn)
	c.ID += fmt.Sprint(values)
	c.Values, c.Calls = values, calls
	return c
}

// TestLabelsOfAxes: every axis on which cells differ is in their labels, and none on which they do not.
func TestLabelsOfAxes(t *testing.T) {
	got := analysis.Labels([]record.Cell{
		valued(
			128,
			map[string]string{"handlers": "4", "work": "5ms"},
			0,
		), valued(128, map[string]string{"handlers": "8", "work": "5ms"}, 0),
	})
	if diff := cmp.Diff([]string{"somaxconn 128 + handlers 4", "somaxconn 128 + handlers 8"}, got); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
}

// TestAxesOfOldRecords: what 0.1.0 recorded in fields is the same axis as what is recorded by name.
func TestAxesOfOldRecords(t *testing.T) {
	old := tuned(big)
	old.Client, old.Sysctls = "single-write", map[string]string{
		"net.ipv4.tcp_syncookies": "0",
		"net.core.somaxconn":      "2147483647",
	}
	want := map[string]string{
		"somaxconn":               "max",
		"backlog":                 "max",
		"client":                  "single-write",
		"net.ipv4.tcp_syncookies": "0",
	}
	if diff := cmp.Diff(want, old.Axes()); diff != "" {
		t.Errorf("axes (-want +got):\n%s", diff)
	}
	now := valued(big, map[string]string{"client": "single-write"}, 0)
	now.Sysctls = old.Sysctls
	if len(axis.Differing(old.Axes(), now.Axes())) > 0 {
		t.Errorf("%v is not %v", old.Axes(), now.Axes())
	}
}

// TestOnlyQueuesAreRecommended: settings that differ in their handlers only give no reason for a longer
// queue.
func TestOnlyQueuesAreRecommended(t *testing.T) {
	lossy, clean := made{calls: 100, timeout: 40, peak: 129, limit: 128}, made{calls: 100, peak: 10, limit: 128}
	run, all := madeRun(
		cellOf{valued(128, map[string]string{"handlers": "4"}, 0), storms(lossy, lossy, lossy)},
		cellOf{valued(128, map[string]string{"handlers": "8"}, 0), storms(clean, clean, clean)},
	)
	s := New(run, all)
	if s.Recommendation != nil {
		t.Errorf("recommended: %+v", s.Recommendation)
	}
	if len(s.Comparisons) != 1 || s.Comparisons[0].Differs != "handlers" {
		t.Errorf("compared: %+v", s.Comparisons)
	}
}

// TestCallsOfACell: each cell is held against its own number of calls, and compared by its share of them.
func TestCallsOfACell(t *testing.T) {
	few, many := made{calls: 100, timeout: 10}, made{calls: 200, timeout: 20}
	run, all := madeRun(
		cellOf{valued(128, map[string]string{"calls": "100"}, 100), storms(few, few, few)},
		cellOf{valued(128, map[string]string{"calls": "200"}, 200), storms(many, many, many)},
	)
	s := New(run, all)
	if len(s.Doubts) != 0 {
		t.Errorf("doubts: %+v", s.Doubts)
	}
	for i := range s.Cells {
		for _, r := range s.Cells[i].Repeats {
			for _, b := range r.Checks {
				if b.Rule == finding.RulePlanned && b.Residual != 0 {
					t.Errorf("%s: %d calls more than planned", s.Cells[i].Label, b.Residual)
				}
			}
		}
	}
	lost := s.Comparisons[0].Contrast[0]
	if lost.Metric != "lost" || lost.Unit != "%" || lost.Old.Median != 10 || lost.New.Median != 10 {
		t.Errorf("%+v, want 10 %% of each", lost)
	}
}

// TestNothingLostOfCells: where settings differ in their calls, no number of calls is that of a storm.
func TestNothingLostOfCells(t *testing.T) {
	run, all := madeRun(
		cellOf{valued(128, map[string]string{"calls": "100"}, 100), storms(made{calls: 100, peak: 9})},
		cellOf{valued(128, map[string]string{"calls": "200"}, 200), storms(made{calls: 200, peak: 9})},
	)
	if s := New(run, all); !hasFact(s.Answer, finding.NothingLost{Storms: 2, Late: true}) {
		t.Error(asText(s.Answer))
	}
}

// TestVaries: what is an axis of both runs is no difference of the runs.
func TestVaries(t *testing.T) {
	served := func(behaviour string) record.Scenario {
		return record.Scenario{Server: &record.Server{Behaviour: behaviour, Work: "5ms"}}
	}
	swept := &analysis.Summary{
		Run: &record.Run{
			Scenario: served("pool:4"),
			Cells:    []record.Cell{valued(128, map[string]string{"handlers": "4"}, 0)},
		},
	}
	other := &analysis.Summary{
		Run: &record.Run{
			Scenario: served("pool:8"),
			Cells:    []record.Cell{valued(128, map[string]string{"handlers": "8"}, 0)},
		},
	}
	if got := comparison.Compare("a", swept, "b", other, comparison.DefaultLeast).Differs; len(got) != 0 {
		t.Errorf("%+v", got)
	}
	other.Run.Cells[0].Values = nil
	if got := comparison.Compare("a", swept, "b", other, comparison.DefaultLeast).Differs; len(got) != 1 ||
		got[0].Name != "behaviour" {
		t.Errorf("%+v, want the behaviour", got)
	}
}
