package comparison

import (
	"slices"
	"testing"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/analysis/stats"
	"agistorm/scenarios/axis"
)

// Half a millisecond is no reason to change a setting, were it half of the latency.
func TestLeastDifferences(t *testing.T) {
	const tick, second = float64(4 * time.Millisecond), float64(time.Second)
	for _, tt := range []struct {
		metric           string
		old, calls, want float64
	}{
		{"lost", 0, 2000, 20}, {"lost", 0, 50, 1}, {"lost-or-late", 0, 2000, 20},
		{"p99(connect)", second, 0, 0.05 * second}, {"p99(connect)", tick / 2, 0, tick}, {"served", 200, 0, 10},
	} {
		if got := DefaultLeast.relevant(metric.Named(tt.metric), []float64{tt.old}, tt.calls); got != tt.want {
			t.Errorf("%+v: got %v", tt, got)
		}
	}
}

// Between runs it is three standard deviations of the old storms, from 1 % to 10 % of the calls, or from 5 % to 25 %.
func TestLeastDifferenceOfVaryingStorms(t *testing.T) {
	const second = float64(time.Second)
	for _, tt := range []struct {
		metric string
		old    []float64
		want   float64
	}{
		{"lost", []float64{500, 500, 500}, 20}, {"lost", []float64{460, 500, 540}, 120},
		{"lost", []float64{100, 500, 900}, 200}, {"p99(connect)", []float64{second, second, stats.NoEnd}, 0.25 * second},
		{"served", []float64{190, 200, 210}, 30}, {"served", []float64{199, 200, 201}, 10},
	} {
		if got := BetweenRuns.relevant(metric.Named(tt.metric), tt.old, 2000); got != tt.want {
			t.Errorf("%+v: got %v", tt, got)
		}
	}
}

func TestBefore(t *testing.T) {
	cell := func(backlog string) *record.Cell { return &record.Cell{Backlog: backlog} }
	for _, tt := range []struct {
		a, b string
		want bool
	}{{"128", "1024", true}, {"1024", "128", false}, {"1024", record.BacklogMax, true}, {"sysctl", "128", true}} {
		if got := before(cell(tt.a), cell(tt.b), "backlog", 0, 1); got != tt.want {
			t.Errorf("%s before %s: %v", tt.a, tt.b, got)
		}
	}
}

func TestRatiosNeedTheSameRound(t *testing.T) {
	lost := metric.Named("lost")
	cell := func(n ...int) *analysis.Cell {
		c := &analysis.Cell{}
		for _, n := range n {
			c.Repeats = append(c.Repeats, analysis.Repeat{N: n, Storm: metric.Storm{Lost: 10 * n}})
		}
		return c
	}
	if got := ratios(lost, cell(1, 2, 4), cell(0, 2, 4, 5)); !slices.Equal(got, []float64{1, 1}) {
		t.Errorf("%v, want those of rounds 2 and 4", got)
	}
	if got := ratios(lost, cell(1), cell(0)); got != nil {
		t.Errorf("%v without a common round", got)
	}
}

func TestRatio(t *testing.T) {
	for _, tt := range []struct{ v, by, want float64 }{
		{1, 2, 0.5}, {0, 2, 0}, {0, 0, 1}, {3, 0, stats.NoEnd}, {stats.NoEnd, 5, stats.NoEnd},
		{stats.NoEnd, stats.NoEnd, 1}, {stats.NoEnd, 0.9 * stats.NoEnd, 1}, {5, stats.NoEnd, 0},
	} {
		if got := ratio(tt.v, tt.by); got != tt.want {
			t.Errorf("%v of %v: %v, want %v", tt.v, tt.by, got, tt.want)
		}
	}
}

func TestUnlike(t *testing.T) {
	old := &record.Run{
		Host: record.Host{
			Name:    "a",
			Sysctls: map[string]string{axis.SomaxconnSysctl: "128", "net.core.netdev_max_backlog": "1000"},
		},
		Seed: 1,
	}
	new := &record.Run{
		Host: record.Host{
			Name:    "a",
			Sysctls: map[string]string{axis.SomaxconnSysctl: "4096", "net.core.netdev_max_backlog": "5000"},
		},
		Seed: 2,
	}
	new.Scenario.ConnectLimit, new.Scenario.SessionLimit = time.Second, time.Minute
	new.Scenario.Load, new.Scenario.Commands = map[string]string{"think": "50ms"}, []string{"ANSWER", "HANGUP"}
	new.Host.Name, new.Host.CPUs = "b", 2
	want := []RunDiff{
		{KindName, "host", "a", "b"},
		{KindMachine, "CPUs", "0", "2"},
		{KindStorm, "connect_timeout", "0s", "1s"},
		{KindStorm, "session_timeout", "0s", "1m0s"},
		{KindStorm, "think", "", "50ms"},
		{KindTarget, "commands", "", "ANSWER; HANGUP"},
		{KindSysctls, "net.core.netdev_max_backlog", "1000", "5000"},
	}
	if got := diffsOfRuns(old, new); !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if old.Host.Sysctls[axis.SomaxconnSysctl] != "128" {
		t.Error("the run's sysctls were changed")
	}
}
