// Package validation holds what the simulator of the listen queue predicts against what a kernel did. It is pure:
// numbers in, numbers out.
package validation

import (
	"math"
	"slices"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/analysis/stats"
)

// The goal. Shares are of cells, points are percent of a storm's calls.
const (
	// Tolerance is by how many points predicted and measured median may differ.
	Tolerance = 5.0
	// WideRange of the kernel's own storms, in points: beyond it a prediction within that range is right, too.
	WideRange = 10.0
	// GoalPools is the share of the pool and prefork cells that must be right.
	GoalPools = 0.95
	// GoalAll is that of all cells.
	GoalAll = 0.90
	// MostMedianError is the largest median of all errors, in points.
	MostMedianError = 1.0
	// GoalLosing is the share of the cells that must lose between LeastLosing and MostLosing percent of their
	// calls: others are easy to predict.
	GoalLosing = 0.5
	// LeastLosing is where they begin, and MostLosing where they end.
	LeastLosing = 5.0
	MostLosing  = 95.0
	// LeastStorms of a cell are needed for a verdict; of a part of a grid LeastPartStorms.
	LeastStorms     = 7
	LeastPartStorms = 3
	// LeastCells of a grid are needed.
	LeastCells = 36
)

// HeldOut reports whether a setting of the built-in grid, by its position from 0, was held out while the simulator
// was tuned: every third one, from the third.
func HeldOut(position int) bool { return position%3 == 2 }

// Input is a measured run with its predictions: the same cells, and for each storm a simulated one.
type Input struct {
	Measured *analysis.Summary
	// Actual is fed with the starts of the recorded storms, Planned with those of their schedule. Both are nil for a run
	// whose settings could not be tried.
	Actual, Planned *analysis.Summary
	// Given are the values that each setting gives, by the ID of its cell.
	Given map[string]map[string]string
	// Grid has the cells' IDs in the order of the built-in grid.
	Grid []string
	// Part is a few cells of it: only what they lose is judged.
	Part bool
}

// Status is what a validation comes to.
type Status string

// The statuses.
const (
	Passed       Status = "passed"
	Failed       Status = "failed"
	Inconclusive Status = "inconclusive"
)

// Report is a validation (validation.json).
type Report struct {
	Status Status `json:"status"`
	// Doubts are why it cannot be judged; empty where it can.
	Doubts []Doubt `json:"doubts,omitempty"`
	Part   bool    `json:"part,omitempty"`
	// All cells, those of pools and prefork servers, and those of both that were held out.
	All          Totals `json:"all"`
	Pools        Totals `json:"pool_and_prefork"`
	HeldOut      Totals `json:"held_out"`
	HeldOutPools Totals `json:"held_out_pool_and_prefork"`
	// Losing cells lose between 5 and 95 % of their calls; LosingGoal is how many must.
	Losing     int    `json:"losing"`
	LosingGoal int    `json:"losing_goal"`
	Cells      []Cell `json:"cells"`
	// Host on which it was measured, and what the simulator assumed.
	Host      record.Host       `json:"host"`
	Simulated *record.Simulated `json:"simulated,omitempty"`
}

// Totals of some cells.
type Totals struct {
	Cells int `json:"cells"`
	// Right predictions from the actual starts, and Goal of how many; WithPlanned are right from the planned ones.
	Right       int `json:"right"`
	Goal        int `json:"goal"`
	WithPlanned int `json:"right_with_planned_starts"`
	// MedianError of both, in points; 0 without cells.
	MedianError        float64 `json:"median_error"`
	PlannedMedianError float64 `json:"median_error_with_planned_starts"`
}

// Doubt is why a validation cannot be judged.
type Doubt struct {
	Code DoubtCode `json:"code"`
	Have int       `json:"have,omitempty"`
	Want int       `json:"want,omitempty"`
}

// DoubtCode names one.
type DoubtCode string

// The doubts.
const (
	// NoNamespaces: the storms shared a network namespace with the host, where most settings cannot be tried.
	NoNamespaces DoubtCode = "no-namespaces"
	// FewStorms: a cell has Have, and a verdict wants Want.
	FewStorms DoubtCode = "few-storms"
	// FewCells: there are Have, and a verdict wants Want.
	FewCells DoubtCode = "few-cells"
	// DoubtedCells: without Have cells that are in doubt themselves the goal may be met.
	DoubtedCells DoubtCode = "doubted-cells"
)

// New judges the predictions of a run.
func New(in Input) *Report {
	r := &Report{Part: in.Part, Host: in.Measured.Run.Host, Cells: []Cell{}}
	if in.Actual != nil {
		r.Simulated = in.Actual.Run.Simulated
		r.addCells(&in)
	}
	r.All = totals(r.Cells, GoalAll, func(*Cell) bool { return true })
	r.Pools = totals(r.Cells, GoalPools, pooled)
	r.HeldOut = totals(r.Cells, GoalAll, func(c *Cell) bool { return c.HeldOut })
	r.HeldOutPools = totals(r.Cells, GoalPools, func(c *Cell) bool { return c.HeldOut && pooled(c) })
	r.Losing = count(r.Cells, (*Cell).losing)
	r.LosingGoal = goalOf(len(r.Cells), GoalLosing)
	r.Doubts = doubts(&in, r.Cells)
	r.judge()
	return r
}

func (r *Report) addCells(in *Input) {
	for c := range analysis.Each(in.Measured.Cells) {
		if len(c.Repeats) > 0 {
			r.Cells = append(r.Cells, newCell(in, c))
		}
	}
}

func pooled(c *Cell) bool { return c.Class == Pool }

func count(cells []Cell, is func(*Cell) bool) (n int) {
	for c := range analysis.Each(cells) {
		if is(c) {
			n++
		}
	}
	return n
}

// goalOf is the least number of n that is no less than a share of it; rounding must not add one.
func goalOf(n int, share float64) int { return int(math.Ceil(float64(n)*share - 1e-9)) }

func totals(cells []Cell, goal float64, of func(*Cell) bool) Totals {
	some := slices.DeleteFunc(slices.Clone(cells), func(c Cell) bool { return !of(&c) })
	var actual, planned []float64
	for c := range analysis.Each(some) {
		actual, planned = append(actual, math.Abs(c.Actual.Error)), append(planned, math.Abs(c.Planned.Error))
	}
	return Totals{
		Cells: len(some), Goal: goalOf(len(some), goal),
		Right:       count(some, func(c *Cell) bool { return c.Actual.Right }),
		WithPlanned: count(some, func(c *Cell) bool { return c.Planned.Right }),
		MedianError: stats.SpreadOf(actual).Median, PlannedMedianError: stats.SpreadOf(planned).Median,
	}
}

// doubts are why a run of these cells cannot be judged.
func doubts(in *Input, cells []Cell) (all []Doubt) {
	if !in.Measured.Run.Isolation.Own() {
		all = append(all, Doubt{Code: NoNamespaces})
	}
	storms, least := LeastStorms, LeastCells
	if in.Part {
		storms, least = LeastPartStorms, 1
	}
	if len(cells) < least {
		all = append(all, Doubt{Code: FewCells, Have: len(cells), Want: least})
	}
	if few := slices.IndexFunc(cells, func(c Cell) bool { return c.Storms < storms }); few >= 0 {
		all = append(all, Doubt{Code: FewStorms, Have: cells[few].Storms, Want: storms})
	}
	return all
}

// judge holds the totals against the goal. Where cells that are in doubt decide, nothing is decided.
func (r *Report) judge() {
	forgiven := count(r.Cells, func(c *Cell) bool { return !c.Actual.Right && c.doubted() })
	pools := count(r.Cells, func(c *Cell) bool { return !c.Actual.Right && c.doubted() && pooled(c) })
	switch {
	case len(r.Doubts) > 0:
		r.Status = Inconclusive
	case r.meets(0, 0):
		r.Status = Passed
	case r.meets(forgiven, pools):
		r.Status, r.Doubts = Inconclusive, []Doubt{{Code: DoubtedCells, Have: forgiven}}
	default:
		r.Status = Failed
	}
}

// meets reports whether the goal is met with so many more cells right.
func (r *Report) meets(cells, pools int) bool {
	if r.All.Right+cells < r.All.Goal || r.Pools.Right+pools < r.Pools.Goal {
		return false
	}
	return r.Part || r.All.MedianError <= MostMedianError && r.Losing >= r.LosingGoal
}

// PartPositions of the built-in grid, from 0, are the settings of a quick check: what they lose is decided by
// arithmetic, not by who is first within microseconds, and none was held out.
var PartPositions = []int{4, 7, 10, 25, 28, 45}
