//go:build linux

package reference

import (
	"math"
	"strings"
	"testing"
	"time"

	"agistorm/scripts/reference/measure"
)

// lagged is a storm of 2,000 calls with the longest lag, the sum of all lags and the handlers' time
// in milliseconds.
func lagged(answered, slow, longest, sum, handlers int) storm {
	ms := time.Millisecond
	sessions := time.Duration(handlers) * ms
	return storm{
		measure.Result{
			Sessions: 2_000, Answered: answered, Slow: &slow,
			Outcomes: map[string]int{"answered": answered, "silent": 2_000 - answered},
			ReplyLag: &measure.Lag{
				Count: 2 * answered,
				Sum:   time.Duration(sum) * ms,
				Max:   time.Duration(longest) * ms,
				P99:   ms,
			},
		},
		serverAccount{Accepted: answered, Served: answered, SessionTime: &sessions},
	}
}

// TestCallersTargets: medians of lag and share, the worst turn's slow calls, and outcomes by the
// threads' range.
func TestCallersTargets(t *testing.T) {
	turns := []stormTurn{
		{agistorm: lagged(2_000, 0, 9, 500, 10_000), threads: lagged(2_000, 0, 35, 900, 10_000)},
		{agistorm: lagged(2_000, 1, 11, 1_500, 10_000), threads: lagged(1_990, 0, 35, 900, 10_000)},
		{agistorm: lagged(2_000, 0, 8, 600, 10_000), threads: lagged(2_000, 0, 35, 900, 10_000)},
	}
	got := callers{calls: 2_000, backlog: 4096}.targets(turns)
	want := []struct {
		value, want float64
		missed      bool
	}{{9, 10, false}, {6, 10, false}, {2_000, 1_990, false}, {1, 0, true}}
	for i, w := range want {
		if got[i].value != w.value || got[i].want != w.want || got[i].missed() != w.missed {
			t.Errorf("%v; want %v, bound %v, missed %v", got[i], w.value, w.want, w.missed)
		}
	}
	if len(got) != len(want) || len(callers{calls: 500}.targets(turns)) != len(want)-1 {
		t.Errorf("%d targets, want %d, and one fewer where the calls are not 2,000", len(got), len(want))
	}
}

// TestCallersTargetsOfAnOverflow: what is answered lies within the threads' range, or one of the
// bounds is missed.
func TestCallersTargetsOfAnOverflow(t *testing.T) {
	for answered, missed := range map[int][2]bool{289: {true, false}, 290: {}, 400: {}, 523: {}, 524: {false, true}} {
		turns := []stormTurn{
			{agistorm: lagged(answered, 0, 9, 500, 10_000), threads: lagged(523, 0, 35, 900, 10_000)},
			{agistorm: lagged(answered, 0, 9, 500, 10_000), threads: lagged(290, 0, 35, 900, 10_000)},
		}
		got := callers{calls: 2_000, backlog: 128, overflows: true}.targets(turns)
		if len(got) != 2 || got[0].missed() != missed[0] || got[1].missed() != missed[1] {
			t.Errorf("%d answered: %v; want missed %v", answered, got, missed)
		}
	}
}

// TestNotMeasured: what a storm lacks is not 0, and no target is held by it.
func TestNotMeasured(t *testing.T) {
	var none storm
	for name, figure := range map[string]func(storm) float64{
		"max": lagMax, "p99": lagP99, "share": lagShare, "slow": slowCalls,
	} {
		if got := figure(none); !math.IsNaN(got) {
			t.Errorf("%s of a storm without a measurement is %v, want NaN", name, got)
		}
	}
	whole := lagged(2_000, 0, 9, 500, 10_000)
	whole.server.SessionTime = nil
	if got := lagShare(whole); !math.IsNaN(got) {
		t.Errorf("share of handler time that was not counted is %v, want NaN", got)
	}
	turns := []stormTurn{{agistorm: none, threads: lagged(2_000, 0, 35, 900, 10_000)}}
	for _, target := range (callers{calls: 2_000, backlog: 4096}).targets(turns) {
		if !target.missed() {
			t.Errorf("%v, although nothing was measured", target)
		}
	}
}

func TestCallersTable(t *testing.T) {
	turns := []stormTurn{{
		agistorm: lagged(2_000, 0, 9, 500, 10_000),
		threads:  lagged(1_990, 3, 35, 900, 10_000),
		inC:      lagged(2_000, 0, 4, 200, 10_000),
	}}
	table := callers{calls: 2_000, backlog: 4096}.table("0.50", turns)
	for _, line := range []string{
		"2000 calls, backlog 4096, medians of 1 turns; load average before: 0.50",
		"threads        1990 (1990 to 1990)       3   1.00 ms  35.00 ms    9.0 %   0.00 s",
		"threads    answered 1990, silent 10",
	} {
		if !strings.Contains(table, line+"\n") {
			t.Errorf("no line %q in\n%s", line, table)
		}
	}
}

func TestParseResult(t *testing.T) {
	for line, says := range map[string]string{
		`{"sessions":8,"answered":5,"outcomes":{"answered":5,"silent":3}}`: "",
		`{"sessions":8,"answered":5}`:                                      "", // the dialer counts no outcomes
		`{"sessions":7,"answered":5,"outcomes":{"answered":5,"silent":2}}`: "7 sessions, want 8",
		`{"sessions":8,"answered":5,"outcomes":{"answered":5,"silent":2}}`: "want 8 in all",
		`{"sessions":8,"answered":5,"outcomes":{"answered":4,"silent":4}}`: "and 5 answered",
		`sessions: 8`: "printed",
	} {
		_, err := parseResult([]byte(line), 8)
		if (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%s: error %v, want one that says %q", line, err, says)
		}
	}
}

func TestParseAccount(t *testing.T) {
	got, err := parseAccount([]byte(`{"accepted": 3, "served": 2, "session_time_ns": 15000000, "wall_ns": 7}`))
	if err != nil || got.Accepted != 3 || got.Served != 2 || got.SessionTime == nil ||
		*got.SessionTime != 15*time.Millisecond {
		t.Errorf("%+v, %v; want 3, 2 and 15 ms", got, err)
	}
	if got, err := parseAccount([]byte(`{"accepted": 3}`)); err != nil || got.SessionTime != nil {
		t.Errorf("%+v, %v; want no session time", got, err)
	}
	if _, err := parseAccount([]byte("Accepted 3, served 2.")); err == nil {
		t.Error("text is not the JSON of a summary")
	}
}
