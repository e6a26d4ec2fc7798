package validation

import (
	"slices"
	"strings"

	"agistorm/analysis"
	"agistorm/analysis/metric"
	"agistorm/analysis/stats"
)

// Cell is one setting, measured and predicted.
type Cell struct {
	ID string `json:"id"`
	// Given are the values that the setting gives, by axis; the others are those of the scenario.
	Given map[string]string `json:"given"`
	// Position is its place in the built-in grid, from 1; 0 for one that is not there.
	Position int   `json:"position,omitempty"`
	HeldOut  bool  `json:"held_out"`
	Class    Class `json:"class"`
	// Calls of a storm, and Storms that were measured.
	Calls  float64 `json:"calls"`
	Storms int     `json:"storms"`
	// Numbers by their metrics, in the order of Metrics; those that the kernel's storms do not know are left out.
	Numbers []Number `json:"numbers"`
	// Share of the calls that were lost, and Range from the storm that lost fewest to that which lost most, in points.
	Share float64 `json:"measured_lost_percent"`
	Range float64 `json:"measured_range_points"`
	// Actual is predicted from the actual starts, Planned from the planned ones.
	Actual  Verdict  `json:"actual_starts"`
	Planned Verdict  `json:"planned_starts"`
	Why     []Reason `json:"why,omitempty"`
}

// Class of a server.
type Class string

// The classes.
const (
	// Pool has a fixed number of handlers: pool and prefork.
	Pool Class = "pool"
	// Other servers are all the rest.
	Other Class = "other"
)

// Number is one metric of a cell.
type Number struct {
	Metric string `json:"metric"`
	// Measured, and predicted from the Actual and from the Planned starts, over the storms.
	Measured stats.Spread `json:"measured"`
	Actual   stats.Spread `json:"actual_starts"`
	Planned  stats.Spread `json:"planned_starts"`
}

// Verdict is how far a prediction of the lost calls is off.
type Verdict struct {
	// Error is the predicted median less the measured one, in points.
	Error float64 `json:"error_points"`
	Right bool    `json:"right"`
}

// Reason why a prediction is not right.
type Reason string

// The reasons.
const (
	// CPUDecides: who wins between a burst's connects and the accept loop is decided within tens of microseconds.
	CPUDecides Reason = "cpu-decides"
	// OwnRange: the kernel's own storms range over more than WideRange, and the prediction is beyond.
	OwnRange Reason = "own-range"
	// LateStarts: it is right with the actual starts, which the generator delayed, and not with the planned ones.
	LateStarts Reason = "late-starts"
	// InDoubt: the measured storms are in doubt themselves.
	InDoubt Reason = "in-doubt"
)

// Metrics that are held against each other.
var Metrics = []string{"lost", "late", "phantom", "max(queue)", "p99(first-command)"}

func newCell(in *Input, measured *analysis.Cell) Cell {
	actual, planned := twin(in.Actual, measured.ID), twin(in.Planned, measured.ID)
	c := Cell{
		ID: measured.ID, Given: in.Given[measured.ID], Position: slices.Index(in.Grid, measured.ID) + 1,
		Class: classOf(in.Measured, measured), Calls: measured.Offered().Median, Storms: len(measured.Repeats),
	}
	c.HeldOut = c.Position > 0 && HeldOut(c.Position-1)
	number := func(m *metric.Metric) Number {
		of := func(c *analysis.Cell) stats.Spread { return stats.SpreadOf(c.Values(m)) }
		return Number{m.Name, of(measured), of(actual), of(planned)}
	}
	for _, name := range Metrics {
		if n := number(metric.Named(name)); n.Measured.N > 0 {
			c.Numbers = append(c.Numbers, n)
		}
	}
	lost := number(metric.Named("lost"))
	c.Share, c.Range = c.points(lost.Measured.Median), c.points(lost.Measured.Max-lost.Measured.Min)
	c.Actual, c.Planned = c.verdict(lost.Measured, lost.Actual), c.verdict(lost.Measured, lost.Planned)
	c.Why = c.reasons(in.Measured, kindOf(in.Measured, measured))
	return c
}

// twin is the cell of that ID in a prediction, which has all.
func twin(s *analysis.Summary, id string) *analysis.Cell {
	return &s.Cells[slices.IndexFunc(s.Cells, func(c analysis.Cell) bool { return c.ID == id })]
}

// points are calls in percent of a storm's.
func (c *Cell) points(calls float64) float64 { return 100 * calls / max(c.Calls, 1) }

func (c *Cell) verdict(measured, predicted stats.Spread) Verdict {
	v := Verdict{Error: c.points(predicted.Median - measured.Median)}
	within := measured.Min <= predicted.Median && predicted.Median <= measured.Max
	v.Right = predicted.N > 0 && (abs(v.Error) <= Tolerance || c.Range > WideRange && within)
	return v
}

// losing cells lose some of their calls, and not nearly all.
func (c *Cell) losing() bool { return c.Share >= LeastLosing && c.Share <= MostLosing }

// doubted cells were not measured well.
func (c *Cell) doubted() bool { return slices.Contains(c.Why, InDoubt) }

// kindOf is the kind of server of a cell: "pool", "thread".
func kindOf(s *analysis.Summary, c *analysis.Cell) string {
	behaviour, own := c.Axes()["behaviour"]
	if !own && s.Run.Scenario.Server != nil {
		behaviour = s.Run.Scenario.Server.Behaviour
	}
	return behaviour[:strings.IndexAny(behaviour+":", ":,")]
}

func classOf(s *analysis.Summary, c *analysis.Cell) Class {
	if slices.Contains([]string{"pool", "prefork"}, kindOf(s, c)) {
		return Pool
	}
	return Other
}

// racing servers accept as fast as a CPU lets them: what a burst finds in the queue depends on that.
var racing = []string{"thread", "loop", "async", "reuseport", "env-in-accept"}

// reasons are why a prediction is not right; none for one that is with both starts.
func (c *Cell) reasons(s *analysis.Summary, kind string) (why []Reason) {
	add := func(is bool, r Reason) {
		if is {
			why = append(why, r)
		}
	}
	add(c.Actual.Right && !c.Planned.Right, LateStarts)
	if !c.Actual.Right {
		add(slices.Contains(racing, kind), CPUDecides)
		add(c.Range > WideRange, OwnRange)
		add(len(s.DoubtsOf(c.ID, "lost")) > 0, InDoubt)
	}
	return why
}
