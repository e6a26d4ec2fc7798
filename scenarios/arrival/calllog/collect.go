package calllog

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"agistorm/scenarios/arrival/seen"
)

// collector takes the lines of a log in turn.
type collector struct {
	layout
	rule   rule
	window window
	max    int
	// heading is the first line, where it names the columns.
	heading string
	// calls, and while there is none of them all other lines.
	calls, others pile
	seen          *seen.Connections[string]
	// zoned is whether the first time has a zone; nil before it.
	zoned *bool
	// first and last of all times on the log's own clock.
	first, last time.Duration
}

// pile holds times in the order of the file, and counts the lines without.
type pile struct {
	times      []time.Duration
	resolution time.Duration
	skipped    Skipped
}

// addIn keeps a time that is in the window.
func (p *pile) addIn(w window, s stamp) {
	switch {
	case !w.holds(s):
		p.skipped.Outside++
		return
	case p.resolution == 0:
		p.resolution = max(s.unit, time.Second)
	case s.unit < time.Minute && p.resolution == time.Minute:
		p.resolution = time.Second
	}
	for s.at%p.resolution != 0 {
		p.resolution = max(1, min(p.resolution/10, time.Second))
	}
	p.times = append(p.times, s.at)
}

// newCollector finds the layout from the beginning of the log.
func newCollector(s *sample, o Options) (*collector, error) {
	if len(s.lines) == 0 {
		return nil, s.noTimes(o.Column)
	}
	c := &collector{max: o.Max, rule: ruleOf(s.lines), seen: seen.NewConnections[string](0)}
	calls := c.rule.callsOf(s)
	found, err := calls.find(o.Column)
	if err != nil {
		return nil, err
	}
	c.layout = found.layout
	if text, ok := c.text(s.lines[0]); ok && c.column > 0 && isHeading(text) {
		if _, isTime := c.stamp(text); !isTime {
			c.heading = s.lines[0]
		}
	}
	c.window, err = newWindow(o.From, o.To, c.form, o.USDates)
	return c, err
}

// take keeps the time of a line that is a call, and counts every other line. While no line is a call, the times of the
// others are kept too.
func (c *collector) take(line string) error {
	v := verdict{call: true}
	if c.rule.verdict != nil {
		v = c.rule.verdict(line)
	}
	switch {
	case line == c.heading:
		return nil
	case v.call:
		return c.keep(line, v)
	}
	c.calls.skipped.Other++
	if c.rule.want == "" && len(c.calls.times) == 0 && len(c.others.times) <= c.max {
		if at, ok, err := c.read(line, &c.others.skipped); err != nil {
			c.others.skipped.NoTime++
		} else if ok {
			c.others.addIn(c.window, at)
		}
	}
	return nil
}

// keep takes a call.
func (c *collector) keep(line string, v verdict) error {
	at, ok, err := c.read(line, &c.calls.skipped)
	switch {
	case !ok || err != nil:
		return err
	case v.repeat || v.connection != "" && c.seen.Before(v.connection, at.at) > 0:
		c.calls.skipped.Retransmitted++
	default:
		c.calls.addIn(c.window, at)
	}
	switch n := len(c.calls.times); {
	case n > c.max:
		return c.tooMany()
	case n > 0:
		c.others = pile{}
	}
	return nil
}

func (c *collector) tooMany() error {
	return fmt.Errorf("more than %d calls; take a part of them: from T to T", c.max)
}

// read returns the time of a line; false where the line has none and may lack it.
func (c *collector) read(line string, skipped *Skipped) (at stamp, ok bool, err error) {
	text, there := c.text(line)
	if !there {
		return at, false, fmt.Errorf("columns: %d, want at least %d", c.width(line), c.column)
	}
	if isEmpty(text) {
		skipped.Empty++
		return at, false, nil
	}
	at, ok = c.stamp(text)
	switch {
	case !ok && c.column == 0:
		skipped.NoTime++
		return at, false, nil
	case !ok:
		return at, false, c.noTime(text)
	case c.zoned == nil:
		c.zoned, c.first, c.last = &at.zoned, at.wall, at.wall
		if err := c.window.checkZone(at.zoned); err != nil {
			return at, false, err
		}
	case at.zoned != *c.zoned:
		return at, false, fmt.Errorf("%s: want a zone in all times, or in none", quote(text))
	}
	c.first, c.last = min(c.first, at.wall), max(c.last, at.wall)
	return at, true, nil
}

// noTime says what is wrong with a cell among others that are times.
func (c *collector) noTime(text string) error {
	if _, _, end := c.form.find(text, !c.us); end > 0 && !c.us {
		return fmt.Errorf("column %d, %s: the second number is no month; add us-dates if the month comes first",
			c.column, quote(text))
	}
	return fmt.Errorf("column %d, %s: want %s, as in the other lines", c.column, quote(text), c.form.name)
}

// log returns what was collected.
func (c *collector) log() (*Log, error) {
	kept := c.calls
	allLines := len(kept.times) == 0 && len(c.others.times) > 0
	if allLines {
		kept = c.others
	}
	switch skipped := kept.skipped; {
	case len(kept.times) > c.max:
		return nil, c.tooMany()
	case len(kept.times) > 0:
	case skipped.Outside+c.others.skipped.Outside > 0:
		return nil, c.window.emptyError(c.form, c.first, c.last)
	case skipped.Other > 0:
		return nil, fmt.Errorf("no call in %d lines; want %s", skipped.Other, cmp.Or(c.rule.want, anyTime))
	default:
		return nil, errors.New("there is no time in it; want " + anyTime)
	}
	l := &Log{Times: kept.times, Absolute: c.form.absolute, Skipped: kept.skipped, AllLines: allLines}
	if !c.form.exact {
		l.Resolution = kept.resolution
	}
	unwrap(l.Times, c.form.period)
	if c.form.rank == isDate && !*c.zoned {
		l.RepeatedHour = addRepeatedHour(l.Times, c.form.period > 0)
	}
	slices.Sort(l.Times)
	return l, nil
}
