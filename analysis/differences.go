package analysis

import (
	"slices"
	"time"

	"agistorm/analysis/finding"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/analysis/stats"
	"agistorm/scenarios/axis"
)

// Least is the least difference that matters. What is smaller is no reason to change a setting, however sure it is.
type Least struct {
	// Calls is the part of the calls of a storm by which lost and late ones must differ, 0 to 1; it is never less than one call.
	Calls float64
	// Relative is the part of the old latency or rate; a latency must differ by a tick of most kernels, 4 ms, at least.
	Relative float64
}

// DefaultLeast is 1 of 100 calls, and a twentieth of a latency or rate.
var DefaultLeast = Least{Calls: 0.01, Relative: 0.05}

// leastStep is a tick of most kernels.
const leastStep = float64(4 * time.Millisecond)

// Comparison sets two samples of storms beside each other, metric by metric: two settings of one run, or one setting of two runs.
type Comparison struct {
	// Old and New name the two.
	Old string `json:"old"`
	New string `json:"new"`
	// Cell is the ID of the setting in the new run, where both are of one setting.
	Cell string `json:"cell,omitempty"`
	// Differs says in what they differ, e.g. "net.core.somaxconn".
	Differs string `json:"differs,omitempty"`
	// RatioTo is the setting that the numbers of both are divided by; empty for the numbers themselves.
	RatioTo string `json:"ratio_to,omitempty"`
	// Doubted are the doubts of one of the two, for which nothing is claimed of the metrics that they concern.
	Doubted  []RunDoubt `json:"doubted,omitempty"`
	Contrast []Contrast `json:"metrics"`
}

// RunDoubt is a doubt of one of two runs, or of two settings of a run.
type RunDoubt struct {
	// Of which of them, by its name.
	Of    string          `json:"of"`
	Doubt finding.Finding `json:"doubt"`
}

// Contrast is one metric of a Comparison.
type Contrast struct {
	// Metric is its name in the registry of package metric, such as "lost" or "p99(connect)".
	Metric string `json:"metric"`
	// Unit of the values, of package metric, or "ratio"; "%" of its own calls where one of the two offers more than the other. Latencies are those of all offered calls; a bound of 1e300 ns, or a good part of it, stands
	// for lost calls, whose wait has no end.
	Unit string `json:"unit"`
	stats.Difference
	// Least difference of the medians that matters, in Unit.
	Least float64 `json:"least"`
	// Finding says what may be claimed.
	Finding Finding `json:"finding"`
	// Better tells of a difference, one that is Undecided too, whether the new one is the better.
	Better bool `json:"better,omitempty"`
	// Reference is what a ratio is divided by; nil for a number itself.
	Reference *Divisor `json:"reference,omitempty"`
	// against tells that the number itself did not go where its ratio went.
	against bool
}

// Divisor is the medians of the reference setting in both runs.
type Divisor struct {
	Unit string  `json:"unit"`
	Old  float64 `json:"old"`
	New  float64 `json:"new"`
}

// Finding is what a Contrast shows.
type Finding string

const (
	// Differs is a difference that is significant and not below the least one that matters.
	Differs Finding = "different"
	// Slight is a significant difference that is too small to matter.
	Slight Finding = "too-small"
	// NotShown is what storms of these numbers may differ by without a cause.
	NotShown Finding = "not-shown"
	// TooFew storms for any claim (stats.LeastCompared).
	TooFew Finding = "too-few-storms"
	// Undecided is what would be a difference if it were the only number that was compared, and among so many may be chance: more storms
	// would decide it.
	Undecided Finding = "undecided"
	// Reference is a ratio that differs though the number itself did not go that way: what it is divided by did.
	Reference Finding = "only-reference"
	// OneSided is a number that only one of the two has.
	OneSided Finding = "one-sided"
	// Withheld is said of runs and settings that must not be compared; see SideBySide.Withheld and Comparison.Doubted.
	Withheld Finding = "withheld"
)

const lostOrLate = "lost-or-late"

// of is the least difference of a metric that matters, given the old median and the calls of a storm.
func (l Least) of(m *metric.Metric, old, calls float64) float64 {
	switch m.Unit {
	case metric.Calls:
		return max(calls*l.Calls, 1)
	case metric.Time:
		return max(old*l.Relative, leastStep)
	}
	return old * l.Relative
}

// compared are the metrics in which two samples of storms are held against each other.
func compared() []*metric.Metric {
	return metric.Select(func(m *metric.Metric) bool { return m.Compared })
}

// compareCells contrasts all metrics that either cell knows; findDifferences says what they show.
func compareCells(old, new *Cell, least Least) []Contrast {
	var all []Contrast
	calls := old.Offered().Median
	for _, m := range compared() {
		a, b := old.values(m), new.values(m)
		if len(a)+len(b) == 0 {
			continue
		}
		matters, others := least.of(m, stats.MedianOf(a).Median, calls), new.Offered().Median
		inPercent := m.Unit == metric.Calls && old.Calls != new.Calls && calls != others && calls*others > 0
		if inPercent {
			matters = 100 * least.Calls
			scale(a, 100/calls)
			scale(b, 100/others)
		}
		c := newContrast(m, a, b, matters)
		if inPercent {
			c.Unit = string(metric.Percent)
		}
		// A wait without an end is that of a lost call, and lost calls have a row of their own.
		if !metric.Endless(c.Old.Median) && !metric.Endless(c.New.Median) {
			all = append(all, c)
		}
	}
	return all
}

// scale multiplies all values.
func scale(values []float64, by float64) {
	for i := range values {
		values[i] *= by
	}
}

func newContrast(m *metric.Metric, old, new []float64, least float64) Contrast {
	c := Contrast{Metric: m.Name, Unit: string(m.Unit), Difference: stats.Compare(old, new), Least: least}
	c.Better = (c.New.Median > c.Old.Median) == (m.Better == metric.More)
	return c
}

// findDifferences says what may be claimed of comparisons that stand in one table. Each metric asks a question of its own, in as many
// settings as there are, and is corrected for these: the numbers of one storm hang together, so that a setting which breaks breaks most of
// them, and would have to break more to be seen the more are measured.
func findDifferences(all []Comparison) {
	for _, m := range compared() {
		var together []*Contrast
		eachContrast(all, func(_ *Comparison, c *Contrast) {
			if c.Metric == m.Name {
				together = append(together, c)
			}
		})
		correct(together)
	}
	eachContrast(all, func(_ *Comparison, c *Contrast) { c.find() })
}

func correct(together []*Contrast) {
	var all []*stats.Difference
	for _, c := range together {
		all = append(all, &c.Difference)
	}
	stats.Correct(all)
}

func eachContrast(all []Comparison, visit func(*Comparison, *Contrast)) {
	for i := range all {
		for j := range all[i].Contrast {
			visit(&all[i], &all[i].Contrast[j])
		}
	}
}

func (c *Contrast) find() {
	switch step := c.New.Median - c.Old.Median; {
	case c.Old.N == 0 || c.New.N == 0:
		c.Finding = OneSided
	case !c.Enough:
		c.Finding = TooFew
	case !c.Significant && !c.Suspected:
		c.Finding = NotShown
	case max(step, -step) < c.Least && c.Significant:
		c.Finding = Slight
	case max(step, -step) < c.Least:
		c.Finding = NotShown
	case c.against:
		c.Finding = Reference
	case c.Suspected:
		c.Finding = Undecided
	default:
		c.Finding = Differs
	}
	c.Better = c.Better && (c.Finding == Differs || c.Finding == Undecided)
}

// withhold claims nothing of any.
func withhold(all []Comparison) {
	for i := range all {
		all[i].withhold()
	}
}

// withhold claims nothing of the comparison.
func (c *Comparison) withhold() {
	for i := range c.Contrast {
		c.Contrast[i].withhold()
	}
}

func (c *Contrast) withhold() { c.Finding, c.Better = Withheld, false }

// doubt notes what is in doubt of a cell that is compared, by a name for it.
func (c *Comparison) doubt(name string, s *Summary, cell *Cell) {
	for _, f := range s.Doubts {
		if f.Concerns(cell.ID) {
			c.Doubted = append(c.Doubted, RunDoubt{name, f})
		}
	}
}

// withholdDoubted claims nothing of a metric that is in doubt in one of the settings.
func withholdDoubted(all []Comparison) {
	eachContrast(all, func(of *Comparison, c *Contrast) {
		for i := range of.Doubted {
			if of.Doubted[i].Doubt.ConcernsMetric(c.Metric) {
				c.withhold()
			}
		}
	})
}

// doubtedAll reports whether nothing at all is claimed of the two.
func (c *Comparison) doubtedAll() bool {
	return slices.ContainsFunc(c.Doubted, func(d RunDoubt) bool { return len(d.Doubt.Metrics) == 0 })
}

// repeatsNeeded are enough storms on both sides to decide what is Undecided or TooFew in comparisons that stand in one table: at the worst
// every setting counts, and only one of them differs.
func repeatsNeeded(all []Comparison) int { return stats.Needed(len(all)) }

// compareSettings sets each setting beside its neighbour on each axis: two that differ in one thing,
// with no other between them. Settings that differ in more are never compared: nobody could say which
// of it made the difference. An inconclusive run proves no difference, and a setting in doubt none
// from its neighbours.
func compareSettings(s *Summary) []Comparison {
	var all []Comparison
	for i := range s.Cells {
		for j := range s.Cells {
			axis := neighbours(s.Cells, i, j)
			if axis == "" || len(s.Cells[i].Repeats) == 0 || len(s.Cells[j].Repeats) == 0 {
				continue
			}
			c := Comparison{
				Old: s.Cells[i].Label, New: s.Cells[j].Label, Differs: axis,
				Contrast: compareCells(&s.Cells[i], &s.Cells[j], DefaultLeast),
			}
			c.doubt(c.Old, s, &s.Cells[i])
			c.doubt(c.New, s, &s.Cells[j])
			all = append(all, c)
		}
	}
	findDifferences(all)
	withholdDoubted(all)
	return all
}

// oneAxis names the only axis on which two cells differ; empty where they differ on none, or on more than one.
func oneAxis(a, b *record.Cell) string {
	differing := axis.Differing(a.Axes(), b.Axes())
	if len(differing) != 1 {
		return ""
	}
	return differing[0]
}

// differences are the names whose values differ, sorted; a missing value is an empty one.
func differences(a, b map[string]string) []string {
	names := map[string]bool{}
	for name, value := range a {
		if !axis.Same(value, b[name]) {
			names[name] = true
		}
	}
	for name, value := range b {
		if !axis.Same(value, a[name]) {
			names[name] = true
		}
	}
	return sortedKeys(names)
}

// neighbours names the axis on which cell j comes next after cell i; empty where it does not.
func neighbours(cells []Cell, i, j int) string {
	name := oneAxis(&cells[i].Cell, &cells[j].Cell)
	if name == "" || !before(&cells[i].Cell, &cells[j].Cell, name, i, j) {
		return ""
	}
	between := func(k int) bool {
		return oneAxis(&cells[i].Cell, &cells[k].Cell) == name && before(&cells[i].Cell, &cells[k].Cell, name, i, k) &&
			before(&cells[k].Cell, &cells[j].Cell, name, k, j)
	}
	for k := range cells {
		if k != i && k != j && between(k) {
			return ""
		}
	}
	return name
}

// before orders two cells on an axis: by their numbers, or where those are none or the same by their places in the run.
func before(a, b *record.Cell, name string, i, j int) bool {
	x, xNumber := axis.Size(a.Axes()[name])
	y, yNumber := axis.Size(b.Axes()[name])
	if !xNumber || !yNumber || x == y {
		return i < j
	}
	return x < y
}

// Shown are the contrasts of a comparison in which a difference was shown.
func (c *Comparison) Shown() []Contrast {
	return slices.DeleteFunc(slices.Clone(c.Contrast), func(m Contrast) bool { return m.Finding != Differs })
}
