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

// quiet settings vary as README's storms of a quiet machine, 490 to 509 lost; busy ones as on a machine of 2 CPUs with
// a load of 10.
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
	swamped  = []drawnSetting{{lost: 700, late: 640, served: 800, wait: 1035 * ms, calls: 250, part: 0.2}}
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

// TestPairsOfUnchangedSweeps: at the default least differences 10 storms let pairs of a quiet machine pass, and seldom
// let pass what is worse by four standard deviations, or too varied. Where half of the storms are worse, two of ten at most
// are so in one sweep of 18, which no test of the shift sees.
func TestPairsOfUnchangedSweeps(t *testing.T) {
	const drawn = 40
	for name, c := range map[string]struct {
		was, is []drawnSetting
		more    float64
		passed  [2]float64 // parts of the pairs, least and most
		failed  [2]float64
	}{
		"quiet":                          {quiet, quiet, 0, [2]float64{50.0 / 56, 1}, [2]float64{0, 0.05}},
		"quiet, 32 calls worse":          {quiet[:1], quiet[:1], 32, [2]float64{0, 0.05}, [2]float64{0.6, 1}},
		"quiet, 48 calls worse":          {quiet, quiet, 48, [2]float64{0, 0}, [2]float64{0.98, 1}},
		"busy":                           {busy, busy, 0, [2]float64{50.0 / 56, 1}, [2]float64{0, 0.05}},
		"busy, 300 calls worse":          {busy, busy, 300, [2]float64{0, 0}, [2]float64{0.98, 1}},
		"swamped":                        {swamped, swamped, 0, [2]float64{0, 0.1}, [2]float64{0, 0.1}},
		"two clusters on both sides":     {clusters, clusters, 0, [2]float64{0, 1}, [2]float64{0, 0.1}},
		"two clusters around the median": {steady, clusters, 0, [2]float64{0, 0.1}, [2]float64{0, 0.15}},
		"half of the storms are worse":   {steady, halved, 0, [2]float64{0, 0.1}, [2]float64{0.2, 1}},
	} {
		random := rand.New(rand.NewPCG(5, uint64(len(name))))
		sum := map[Status]float64{}
		for range drawn {
			old, now := sweep(random, c.was, 10, 0), sweep(random, c.is, 10, c.more)
			sum[Baseline{Least: comparison.BetweenRuns}.Against("old", old, "new", now).Status] += 1.0 / drawn
		}
		t.Logf("%s: %v", name, sum)
		for status, want := range map[Status][2]float64{Passed: c.passed, Failed: c.failed} {
			if n := sum[status]; n < want[0] || n > want[1]+1e-9 {
				t.Errorf("%s: %.3f %s, want %.3f to %.3f", name, n, status, want[0], want[1])
			}
		}
	}
}
