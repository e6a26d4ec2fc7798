package calllog

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// collector takes the lines of a log in turn.
type collector struct {
	layout
	rule   rule
	window window
	max    int
	// heading is the first line, where it names the columns.
	heading string
	// calls, and while there is none of them the times of all lines.
	calls, all times
	seen       connections
	skipped    Skipped
	// zoned is whether the first time has a zone; nil before it.
	zoned *bool
	// first and last of all times on the log's own clock.
	first, last time.Duration
}

// times in the order of the file.
type times struct {
	at         []time.Duration
	resolution time.Duration
}

func (t *times) add(s stamp) {
	switch {
	case t.resolution == 0:
		t.resolution = max(s.unit, time.Second)
	case s.unit < time.Minute && t.resolution == time.Minute:
		t.resolution = time.Second
	}
	for s.at%t.resolution != 0 {
		t.resolution = max(1, min(t.resolution/10, time.Second))
	}
	t.at = append(t.at, s.at)
}

// newCollector finds the layout from the beginning of the log.
func newCollector(s *sample, o Options) (*collector, error) {
	if len(s.lines) == 0 {
		return nil, s.noTimes(nil, o.Column)
	}
	c := &collector{max: o.Max, rule: ruleOf(s.lines)}
	calls := c.rule.callsOf(s)
	var err error
	if c.layout, err = calls.find(o.Column); err != nil {
		return nil, err
	}
	if text, ok := c.text(s.lines[0]); ok && c.column > 0 && isHeading(text) {
		if _, isTime := c.layout.stamp(text); !isTime {
			c.heading = s.lines[0]
		}
	}
	c.window, err = newWindow(o.From, o.To, c.form, o.USDates)
	return c, err
}

// take keeps the time of a line that is a call, and counts every other line.
func (c *collector) take(line string) error {
	if line == c.heading {
		return nil
	}
	v := verdict{call: true}
	if c.rule.verdict != nil {
		v = c.rule.verdict(line)
	}
	if !v.call {
		c.skipped.Other++
		if c.rule.want != "" || len(c.calls.at) > 0 {
			return nil
		}
	}
	at, ok, err := c.read(line)
	if !ok || err != nil {
		return err
	}
	switch {
	case !c.window.holds(at):
		c.skipped.Outside++
	case v.again || v.connection != "" && c.seen.again(v.connection, at.at):
		c.skipped.Retransmitted++
	case v.call:
		c.calls.add(at)
		c.all = times{}
	case len(c.all.at) <= c.max:
		c.all.add(at)
	}
	if len(c.calls.at) > c.max {
		return c.tooMany()
	}
	return nil
}

func (c *collector) tooMany() error {
	return fmt.Errorf("more than %d calls; take a part of them: from T to T", c.max)
}

// read returns the time of a line; false where the line has none and may lack it.
func (c *collector) read(line string) (at stamp, ok bool, err error) {
	text, there := c.text(line)
	if !there {
		return at, false, fmt.Errorf("columns: %d, want at least %d", c.width(line), c.column)
	}
	if isEmpty(text) {
		c.skipped.Empty++
		return at, false, nil
	}
	at, ok = c.layout.stamp(text)
	switch {
	case !ok && c.column == 0:
		c.skipped.NoTime++
		return at, false, nil
	case !ok:
		return at, false, c.noTime(text)
	case c.zoned == nil:
		c.zoned, c.first, c.last = &at.zoned, at.wall, at.wall
		if err := c.window.checkZone(at.zoned); err != nil {
			return at, false, err
		}
	case at.zoned != *c.zoned:
		return at, false, fmt.Errorf("%s: want a zone in all times, or in none", quoted(text))
	}
	c.first, c.last = min(c.first, at.wall), max(c.last, at.wall)
	return at, true, nil
}

// noTime says what is wrong with a cell among others that are times.
func (c *collector) noTime(text string) error {
	if _, _, end := c.form.find(text, !c.us); end > 0 && !c.us {
		return fmt.Errorf("column %d, %s: the second number is no month; add us-dates if the month comes first",
			c.column, quoted(text))
	}
	return fmt.Errorf("column %d, %s: want %s, as in the other lines", c.column, quoted(text), c.form.name)
}

// log returns what was collected.
func (c *collector) log() (*Log, error) {
	l := &Log{Absolute: c.form.absolute, Skipped: c.skipped}
	kept := c.calls
	if len(kept.at) == 0 && len(c.all.at) > 0 {
		if len(c.all.at) > c.max {
			return nil, c.tooMany()
		}
		kept, l.AllLines, l.Skipped.Other = c.all, true, 0
	}
	switch {
	case len(kept.at) > 0:
	case c.skipped.Outside > 0:
		return nil, c.window.nothing(c.form, c.first, c.last)
	case c.skipped.Other > 0:
		return nil, fmt.Errorf("no call in %d lines; want %s", c.skipped.Other, c.rule.want)
	default:
		return nil, errors.New("there is no time in it; want " + anyTime)
	}
	if l.Times = kept.at; !c.form.exact {
		l.Resolution = kept.resolution
	}
	unwrap(l.Times, c.form.period)
	if c.form.rank == isDate && !*c.zoned {
		l.RepeatedHour = addRepeatedHour(l.Times, c.form.period > 0)
	}
	slices.Sort(l.Times)
	return l, nil
}
