// Package expr reads the conditions of gates, such as "lost == 0" or "somaxconn=128: p99(connect) < 50ms". It
// knows the metrics of analysis/metric, and nothing of runs.
package expr

import (
	"cmp"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"agistorm/analysis/metric"
)

// Condition is one gate: what must hold, and for which settings.
type Condition struct {
	// Source as it was written, without blanks around it.
	Source string
	// Select names the settings; none stands for all of them.
	Select []Selector
	// Median: it must hold for the median of a setting's storms; else in every one of them.
	Median bool
	// Metric by its name in the registry.
	Metric string
	Op     Op
	// Limit in the unit that it was written with: a number, percent, nanoseconds, or a number a second.
	Limit float64
	Unit  Unit
}

// Selector is an axis and the value that a setting must have on it.
type Selector struct{ Axis, Value string }

// Op compares a measured value with the limit.
type Op string

// ops in the order in which they are tried: the longer ones first.
var ops = []Op{"==", "!=", "<=", ">=", "<", ">"}

// holds has how the value may compare with the limit: it is less (-1), equal (0) or greater (1).
var holds = map[Op][]int{"==": {0}, "!=": {-1, 1}, "<=": {-1, 0}, ">=": {0, 1}, "<": {-1}, ">": {1}}

// Holds reports whether value meets the operator.
func (o Op) Holds(value, limit float64) bool {
	return slices.Contains(holds[o], cmp.Compare(value, limit))
}

// Unit of a limit.
type Unit string

// The units.
const (
	Number  Unit = ""   // a plain number
	Percent Unit = "%"  // of the calls, or of what a queue holds
	Time    Unit = "ns" // a Go duration
	Rate    Unit = "/s" // calls/s
)

// Error is what is wrong with a condition, and where.
type Error struct {
	Source string
	// At is the place in Source, in bytes from 0.
	At   int
	What string
}

func (e *Error) Error() string {
	return "gate " + strconv.Quote(e.Source) + ", at " + strconv.Itoa(e.At+1) + ": " + e.What
}

// Same reports whether two conditions mean the same, however they are written.
func (c Condition) Same(o Condition) bool {
	o.Source = c.Source
	return reflect.DeepEqual(c, o)
}

// Parse reads "[AXIS=VALUE[, …]:] [median] METRIC OP LIMIT". The error is an *Error.
func Parse(source string) (Condition, error) { return parse(source, nil) }

// ParseListener reads a condition about a listening socket: its metrics are those of metric.OfListeners.
func ParseListener(source string) (Condition, error) { return parse(source, metric.OfListeners()) }

func parse(source string, metrics []*metric.Metric) (Condition, error) {
	p := &parser{source: strings.TrimSpace(source), metrics: metrics}
	p.rest = p.source
	c := Condition{Source: p.source}
	for _, read := range []func(*Condition) error{p.selectors, p.metric, p.operator, p.limit} {
		if err := read(&c); err != nil {
			return Condition{}, err
		}
	}
	return c, nil
}

// parser eats source from the left.
type parser struct {
	source, rest string
	// metrics that there are; nil for those of storms.
	metrics []*metric.Metric
}

func (p *parser) fail(what string) error {
	return &Error{Source: p.source, At: len(p.source) - len(p.rest), What: what}
}

func (p *parser) blanks() { p.rest = strings.TrimLeft(p.rest, " \t") }

// selectors are what stands before the last colon: a metric and its limit have none.
func (p *parser) selectors(c *Condition) error {
	end := strings.LastIndexByte(p.rest, ':')
	if end < 0 {
		return nil
	}
	for part := range strings.SplitSeq(p.rest[:end], ",") {
		axis, value, found := strings.Cut(part, "=")
		axis, value = strings.TrimSpace(axis), strings.TrimSpace(value)
		if rest, ok := strings.CutPrefix(axis, "median "); ok {
			return p.fail("want median after the colon, before the metric, and " +
				strings.TrimSpace(rest) + "=" + value + " before it")
		}
		if !found || axis == "" || value == "" {
			return p.fail("want AXIS=VALUE before the colon, such as somaxconn=128, got " +
				strconv.Quote(strings.TrimSpace(part)))
		}
		c.Select = append(c.Select, Selector{axis, value})
	}
	p.rest = p.rest[end+1:]
	p.blanks()
	return nil
}

// loose takes the blanks out that a function may have around its parentheses.
var loose = strings.NewReplacer(" (", "(", "( ", "(", " )", ")")

// metric is a name, or FUNCTION(NAME).
func (p *parser) metric(c *Condition) error {
	if rest, ok := strings.CutPrefix(p.rest, "median "); ok {
		c.Median, p.rest = true, rest
		p.blanks()
	}
	end := strings.IndexAny(p.rest, "=!<>")
	if end < 0 {
		end = len(p.rest)
	}
	m := p.lookUp(loose.Replace(oneLine(p.rest[:end])))
	if m == nil {
		return p.fail(p.unknownMetric(oneLine(p.rest[:end])))
	}
	c.Metric, p.rest = m.Name, p.rest[end:]
	return nil
}

func (p *parser) operator(c *Condition) error {
	for _, op := range ops {
		if rest, ok := strings.CutPrefix(p.rest, string(op)); ok {
			c.Op, p.rest = op, rest
			p.blanks()
			return nil
		}
	}
	return p.fail("want an operator, one of ==, !=, <, <=, > and >=")
}

func (p *parser) limit(c *Condition) error {
	value, unit, ok := quantity(p.rest)
	switch {
	case !ok || value < 0:
		return p.fail("want a limit in " + unitWords(c.Measured()) + ", got " + strconv.Quote(p.rest))
	case !slices.Contains(units(c.Measured()), unit):
		return p.fail(c.Metric + " is measured in " + unitWords(c.Measured()) + ", not in " + unitWord[unit])
	}
	c.Limit, c.Unit = value, unit
	if what := c.certain(math.Inf(1)); what != "" {
		return p.fail(what + ", whatever is measured: " + wantedLimit)
	}
	return nil
}

// quantity reads a number with its unit.
func quantity(s string) (float64, Unit, bool) {
	for _, unit := range []Unit{Percent, Rate} {
		if number, ok := strings.CutSuffix(s, string(unit)); ok {
			v, ok := number64(number)
			return v, unit, ok
		}
	}
	if v, ok := number64(s); ok {
		return v, Number, true
	}
	if !durations.MatchString(s) {
		return 0, Time, false
	}
	d, err := time.ParseDuration(strings.ReplaceAll(s, " ", ""))
	return float64(d), Time, err == nil
}

// durations are those of Go, and as reports write them: "50 ms", "1 m 5.5 s".
var durations = regexp.MustCompile(`^[\d.]+ ?\pL+( ?[\d.]+ ?\pL+)*$`)

// thousands are numbers as reports write them, such as 1,710.
var thousands = regexp.MustCompile(`^\d{1,3}(,\d{3})+(\.\d*)?$`)

// number64 reads plain decimals only: no exponent, no infinity.
func number64(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	if thousands.MatchString(s) {
		s = strings.ReplaceAll(s, ",", "")
	}
	if strings.Trim(s, "0123456789.") != "" {
		return 0, false
	}
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil
}
