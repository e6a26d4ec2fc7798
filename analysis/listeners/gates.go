package listeners

import (
	"fmt"
	"math"
	"slices"

	"agistorm/analysis/finding"
	"agistorm/analysis/gate"
	"agistorm/analysis/gate/expr"
)

// measures of the metrics of listeners, by their names; false where one is not known.
var measures = map[string]func(*Listener) (float64, bool){
	"drops": func(l *Listener) (float64, bool) {
		n := l.Dropped()
		return float64(number(n)), n != nil
	},
	"depth":   func(l *Listener) (float64, bool) { return float64(l.Depth), true },
	"backlog": func(l *Listener) (float64, bool) { return float64(l.Backlog), true },
}

// ParseGate reads a condition about listeners, such as "drops == 0" or "port=4573: depth < 80%".
func ParseGate(source string) (expr.Condition, error) {
	c, err := expr.ParseListener(source)
	if err == nil && c.Median {
		err = fmt.Errorf("gate %q: a median is of storms, and there is none: want the metric alone", c.Source)
	}
	return c, err
}

// Hold holds every condition against every listener that it selects: with a result for each that fails or is not known,
// or for the one that comes nearest to the limit. A condition that selects none is a *gate.NothingSelected.
func (r *Report) Hold(conditions []expr.Condition) error {
	v := &gate.Verdict{Scenario: "inspect", Status: gate.Passed, Results: []gate.Result{}}
	var axes []map[string]string
	for i := range r.Listeners {
		axes = append(axes, r.Listeners[i].Axes())
	}
	for i := range conditions {
		results := r.hold(&conditions[i], axes)
		if len(results) == 0 {
			return &gate.NothingSelected{Condition: conditions[i], Settings: axes}
		}
		v.Results = append(v.Results, results...)
	}
	for _, status := range []gate.Status{gate.Inconclusive, gate.Failed} {
		if slices.ContainsFunc(v.Results, func(r gate.Result) bool { return r.Status == status }) {
			v.Status = status
		}
	}
	r.Gates = v
	return nil
}

func (r *Report) hold(c *expr.Condition, axes []map[string]string) (bad []gate.Result) {
	var nearest []gate.Result
	least := math.Inf(1)
	for i := range r.Listeners {
		if !c.Selects(axes[i]) {
			continue
		}
		result, distance := r.Listeners[i].hold(c)
		switch {
		case result.Status != gate.Passed:
			bad = append(bad, result)
		case distance < least:
			least, nearest = distance, []gate.Result{result}
		}
	}
	if len(bad) > 0 {
		return bad
	}
	return nearest
}

// hold judges one listener, and says how far from the limit it is.
func (l *Listener) hold(c *expr.Condition) (gate.Result, float64) {
	value, known := measures[c.Metric](l)
	if c.Unit == expr.Percent {
		value = 100 * value / float64(l.Holds())
	}
	r := gate.Result{
		Gate: c.Source, Cell: l.Netns + " " + l.Endpoint(), Setting: l.Label(), Status: gate.Passed,
		Limit: &c.Limit, Unit: string(c.Unit),
	}
	switch {
	case !known:
		r.Status, r.Why = gate.Inconclusive, &finding.Finding{Fact: finding.DropsUnknown{}}
		return r, 0
	case !c.Op.Holds(value, c.Limit):
		r.Status = gate.Failed
	}
	r.Value = &value
	r.Measured = &finding.Finding{Fact: finding.Measured{Value: &value, Unit: string(c.Unit), Storms: 1}}
	return r, math.Abs(value - c.Limit)
}

// Label names a listener: its address, the process, and its network namespace where that is not the host's.
func (l *Listener) Label() string {
	label := l.Endpoint()
	if l.Process != "" {
		label += " " + l.Process
	}
	switch {
	case l.Container != nil:
		label += " in " + l.Container.Short()
	case l.Netns != Host:
		label += " in netns " + l.Netns
	}
	if l.Sockets > 0 {
		label += fmt.Sprintf(" (socket %d of %d)", l.Socket, l.Sockets)
	}
	return label
}
