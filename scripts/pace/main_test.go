package main

import (
	"io"
	"math"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/scenarios"
	"agistorm/scripts/internal/program"
)

func asterisk() *baseline { return &baselines[0] }

func served(backlog int, calls float64) result {
	return result{measured: measured{backlog: backlog, served: calls}}
}

// TestMisses: 10 % of 69, 193 and 418 are 6.9, 19.3 and 41.8 calls.
func TestMisses(t *testing.T) {
	for _, c := range []struct {
		results []result
		want    []string
	}{
		{[]result{served(5, 69), served(50, 193), served(128, 418)}, nil},
		{[]result{served(5, 75), served(50, 174), served(128, 459)}, nil},
		{[]result{served(5, 76), served(50, 173), served(128, 460)}, []string{
			"backlog 5 serves 76 calls, Asterisk 22.11 69: +10 %, want at most 10 %",
			"backlog 50 serves 173 calls, Asterisk 22.11 193: -10 %, want at most 10 %",
			"backlog 128 serves 460 calls, Asterisk 22.11 418: +10 %, want at most 10 %",
		}},
		{[]result{served(5, 69), served(128, 418)}, []string{"backlog 50 was not played"}},
	} {
		if got := asterisk().misses(c.results); strings.Join(got, "\n") != strings.Join(c.want, "\n") {
			t.Errorf("%v: %q, want %q", c.results, got, c.want)
		}
	}
	if got := baselines[1].misses([]result{served(5, 500)}); got != nil {
		t.Errorf("%q, though only asterisk 1 has a bar", got)
	}
}

// TestMisplaced compares shares that were worked out by hand.
func TestMisplaced(t *testing.T) {
	for _, c := range []struct {
		got, want losses
		share     float64
	}{
		{losses{timeout: 136, silent: 299}, losses{timeout: 136, silent: 299}, 0},
		{losses{silent: 400}, losses{timeout: 100, silent: 300}, 0.25},
		{losses{timeout: 10, silent: 30}, losses{timeout: 300, silent: 100}, 0.5},
		{losses{silent: 10}, losses{timeout: 10}, 1},
		{losses{timeout: 1, silent: 2, other: 1}, losses{timeout: 1, silent: 3}, 0.25},
		{losses{}, losses{timeout: 10}, 0},
		{losses{silent: 10}, losses{}, 0},
	} {
		if got := c.got.misplacedShare(c.want); math.Abs(got-c.share) > 1e-9 {
			t.Errorf("%+v beside %+v: %v, want %v", c.got, c.want, got, c.share)
		}
	}
}

// TestRead takes medians of the storms, and the server's time of the calls that it served.
func TestRead(t *testing.T) {
	peer := func(at, done time.Duration, fate string) record.Peer {
		return record.Peer{At: at, Done: done, Fate: fate}
	}
	storm := func(d metric.Dialplan, peers ...record.Peer) analysis.Repeat {
		return analysis.Repeat{
			Storm: metric.Storm{Dialplan: &d},
			Raw:   &record.Repeat{Target: &record.Target{Peers: peers}},
		}
	}
	s := &analysis.Summary{Cells: []analysis.Cell{{
		Cell: record.Cell{Effective: 50},
		Repeats: []analysis.Repeat{
			storm(metric.Dialplan{Success: 490, Unserved: 290, Failure: 10},
				peer(0, 5, record.PeerServed), peer(0, 99, "gone")),
			storm(
				metric.Dialplan{Success: 430, Unserved: 220, Failure: 60, Hangup: 10},
				peer(1, 8, record.PeerServed),
			),
			storm(metric.Dialplan{Success: 480, Unserved: 290, Failure: 20}, peer(2, 11, record.PeerServed)),
		},
	}}}
	want := result{measured{50, 200, losses{timeout: 20, silent: 290}}, 190, 210, 7}
	if got := read(s); len(got) != 1 || got[0] != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestTable(t *testing.T) {
	r := result{measured{5, 76, losses{timeout: 4, silent: 400, other: 20}}, 70, 90, 5190 * time.Microsecond}
	want := `asterisk 1 beside Asterisk 22.11: served / connect timeout / no script
| backlog | Asterisk 22.11 | agistorm | served in | difference | losses in another class | time per call |
|--:|--:|--:|--:|--:|--:|--:|
| 5 | 69 / 136 / 299 | 76 / 4 / 400 (and 20 others) | 70 to 90 | +10 % | 30 % | 5.2 ms |
`
	if got := asterisk().table([]result{r, served(7, 1)}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestReport: what is inconclusive is no result, and the table is printed all the same.
func TestReport(t *testing.T) {
	for _, c := range []struct {
		b       *baseline
		summary analysis.Summary
		code    int
		stderr  string
	}{
		{asterisk(), analysis.Summary{Conclusive: true}, program.Missed, "pace: backlog 5 was not played"},
		{asterisk(), analysis.Summary{Doubts: []finding.Finding{{Fact: finding.NoStorm{}}}}, program.NoResult,
			"pace: asterisk 1: no result: Not sure, because no storm was recorded."},
		{&baselines[2], analysis.Summary{Doubts: []finding.Finding{{Fact: finding.NoStorm{}}}}, program.Met, ""},
	} {
		var stdout, stderr strings.Builder
		work := func(_ []string, stdout io.Writer) ([]string, error) { return report(c.b, &c.summary, stdout) }
		got := program.Run("pace", work, nil, &stdout, &stderr)
		if got != c.code || !strings.Contains(stderr.String(), c.stderr) {
			t.Errorf("exit code %d, %q, want %d and %q", got, stderr.String(), c.code, c.stderr)
		}
		if !strings.Contains(stdout.String(), c.b.caller) {
			t.Errorf("no table: %q", stdout.String())
		}
	}
}

// TestScenario: what is played is what was measured: a serial server with 5 ms of work, and all backlogs; and
// the reply time that was fitted to it.
func TestScenario(t *testing.T) {
	s, err := scenarios.Load(scenario)
	if err != nil {
		t.Fatal(err)
	}
	if s.Storm.Calls != 500 || s.Storm.Arrival != asterisk().arrival || s.Link != "loopback" || s.Linked() ||
		s.Target.Behaviour != "pool:1" || s.Target.Work != "5ms" || s.Storm.Think != 2200*time.Microsecond ||
		s.Repeats != 5 {
		t.Errorf("%+v", s)
	}
	for _, b := range baselines {
		for i, row := range b.rows {
			cell, err := s.Cell(s.Settings[i])
			if err != nil {
				t.Fatal(err)
			}
			if _, asked, err := cell.Limits(); err != nil || asked != row.backlog {
				t.Errorf("%s: setting %d has backlog %d (%v), want %d", b.arrival, i, asked, err, row.backlog)
			}
		}
	}
}

func TestUsage(t *testing.T) {
	var stderr strings.Builder
	code := program.Run("pace", run, nil, &stderr, &stderr)
	if code != program.NoResult || !strings.Contains(stderr.String(), "usage: pace AGISTORM") {
		t.Errorf("%d, %q", code, stderr.String())
	}
}

// TestNoRun: a binary that plays nothing is no result, and what it said is passed on.
func TestNoRun(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the binary is a shell script")
	}
	var stdout, stderr strings.Builder
	code := program.Run("pace", run, []string{filepath.Join("testdata", "refuse")}, &stdout, &stderr)
	if code != program.NoResult || !strings.Contains(stderr.String(), "pace: asterisk 1: exit status 1") ||
		!strings.Contains(stderr.String(), "no namespace here") {
		t.Errorf("exit code %d, %q", code, stderr.String())
	}
}
