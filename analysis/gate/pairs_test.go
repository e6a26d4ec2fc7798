package gate

import (
	"math/rand/v2"
	"testing"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/comparison"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
)

// drawnSetting is what a storm of 2,000 calls of one setting shows, and how much the storms of a sweep vary: standard
// deviations.
type drawnSetting struct {
	lost, late, served float64
	wait               time.Duration
	// Of lost and late calls; of the wait and the rate, as a part of them.
	calls, part float64
	// split: half of the storms lose so many more.
	split float64
}

// quiet settings vary as README's storms of a quiet machine, 490 to 509 lost; busy ones as on a machine of 2 CPUs with a
// load of 10.
var (
	quiet = []drawnSetting{
		{lost: 497, late: 640, served: 1100, wait: 1035 * ms, calls: 8, part: 0.01},
		{late: 326, served: 1500, wait: 1033 * ms, calls: 8, part: 0.01},
		{served: 2700, wait: 500 * ms, part: 0.015},
	}
	busy = []drawnSetting{
		{lost: 490, late: 700, served: 1100, wait: 1035 * ms, calls: 75, part: 0.05},
		{late: 340, served: 1500, wait: 1033 * ms, calls: 60, part: 0.02},
		{served: 2700, wait: 500 * ms, part: 0.05},
	}
	steady   = []drawnSetting{{lost: 470, served: 1100, wait: 1035 * ms, calls: 8, part: 0.01}}
	clusters = []drawnSetting{{lost: 290, served: 1100, wait: 1035 * ms, calls: 8, part: 0.01, split: 360}}
	halved   = []drawnSetting{{lost: 470, served: 1100, wait: 1035 * ms, calls: 8, part: 0.01, split: 360}}
)

// sweep draws a run of so many storms a setting, each of which loses so many more calls.
func sweep(random *rand.Rand, settings []drawnSetting, storms int, more float64) *analysis.Summary {
	s := &analysis.Summary{Run: &record.Run{Repeats: storms, Scenario: record.Scenario{Calls: 2000}}, Conclusive: true}
	for i, d := range settings {
		c := analysis.Cell{
			Cell:  record.Cell{ID: string(rune('a' + i)), Backlog: "max", Somaxconn: 128 << i, Effective: 128 << i},
			Label: string(rune('a' + i)),
		}
		for n := range storms {
			c.Repeats = append(c.Repeats, d.storm(random, n+1, more))
		}
		c.Measure()
		s.Run.Cells, s.Cells = append(s.Run.Cells, c.Cell), append(s.Cells, c)
	}
	return s
}

func (d *drawnSetting) storm(random *rand.Rand, n int, more float64) analysis.Repeat {
	luck := random.NormFloat64() // a storm that loses more takes longer
	around := func(v, by float64) float64 { return max(v+by*(0.7*luck+0.7*random.NormFloat64()), 0) }
	lost := around(d.lost, d.calls) + more + d.split*float64(random.IntN(2))
	if d.lost == 0 {
		lost = more
	}
	late := d.late
	if late > 0 { // of its own: a call that is lost is not late
		late += d.calls * random.NormFloat64()
	}
	wait := latency(time.Duration(around(float64(d.wait), d.part*float64(d.wait)/4)))
	return analysis.Repeat{N: n, Raw: &record.Repeat{}, Storm: metric.Storm{
		Offered: 2000, Lost: int(lost), Late: int(late), SYNRetransmits: ptr(uint64(late)),
		Outcomes:   map[record.Outcome]int{record.ConnectTimeout: int(lost), record.Answered: 2000 - int(lost)},
		Latencies:  metric.Latencies{Connect: wait, FirstCommand: wait},
		ServedRate: ptr(around(d.served, -d.part*d.served)),
		Dialplan:   &metric.Dialplan{},
	}}
}

// pairs holds each of 8 sweeps against each of 8 others but one: of 56 so many of each status.
func pairs(random *rand.Rand, was, is []drawnSetting, storms int, more float64) map[Status]int {
	all := map[Status]int{}
	var old, now []*analysis.Summary
	for range 8 {
		old = append(old, sweep(random, was, storms, 0))
		now = append(now, sweep(random, is, storms, more))
	}
	for i := range old {
		for j := range now {
			if i != j {
				all[Baseline{Least: comparison.DefaultLeast}.Against("old", old[i], "new", now[j]).Status]++
			}
		}
	}
	return all
}

// TestPairsOfUnchangedSweeps: at the default least differences 10 storms let pairs of a quiet machine pass, and seldom
// let pass what is worse by the least difference or too varied. Where half of the storms are worse, at most two of ten
// are so in one sweep of 18, which no test of the shift sees.
func TestPairsOfUnchangedSweeps(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	const times = 3
	for name, c := range map[string]struct {
		was, is []drawnSetting
		more    float64
		passed  [2]int // of 56, least and most on average
		failed  [2]int
	}{
		"quiet":                          {quiet, quiet, 0, [2]int{50, 56}, [2]int{0, 3}},
		"quiet, 20 calls worse":          {quiet[:1], quiet[:1], 20, [2]int{0, 3}, [2]int{20, 56}},
		"quiet, 40 calls worse":          {quiet, quiet, 40, [2]int{0, 0}, [2]int{54, 56}},
		"busy":                           {busy, busy, 0, [2]int{0, 6}, [2]int{0, 6}},
		"two clusters on both sides":     {clusters, clusters, 0, [2]int{0, 56}, [2]int{0, 3}},
		"two clusters around the median": {steady, clusters, 0, [2]int{0, 8}, [2]int{0, 6}},
		"half of the storms are worse":   {steady, halved, 0, [2]int{0, 4}, [2]int{0, 56}},
	} {
		sum := map[Status]int{}
		for range times {
			for status, n := range pairs(random, c.was, c.is, 10, c.more) {
				sum[status] += n
			}
		}
		t.Logf("%s: of %d pairs %v", name, 56*times, sum)
		for status, want := range map[Status][2]int{Passed: c.passed, Failed: c.failed} {
			if n := sum[status]; n < want[0]*times || n > want[1]*times {
				t.Errorf("%s: of %d pairs %d %s, want %d to %d of 56", name, 56*times, n, status, want[0], want[1])
			}
		}
	}
}
