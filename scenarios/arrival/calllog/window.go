package calllog

import (
	"fmt"
	"time"
)

// window is the part of a log that is kept.
type window struct{ from, to edge }

// edge is a bound; the zero value is none.
type edge struct {
	word, text string
	stamp
	form *form
	// yearless: it is given without the year, as the log's times are.
	yearless bool
}

// newWindow reads both edges in the way in which the log's form writes times.
func newWindow(from, to string, log *form, us bool) (w window, err error) {
	if w.from, err = newEdge("from", from, log, us); err != nil {
		return w, err
	}
	if w.to, err = newEdge("to", to, log, us); err != nil {
		return w, err
	}
	if f, t := w.from, w.to; f.form != nil && t.form != nil {
		switch {
		case (f.form.period == day) != (t.form.period == day) || f.zoned != t.zoned:
			return w, fmt.Errorf("from %q to %q: want both with a date, or none; both with a zone, or none", from, to)
		case f.at == t.at || f.at > t.at && f.form.period != day:
			return w, fmt.Errorf("from %q to %q: want a later end", from, to)
		}
	}
	return w, nil
}

func newEdge(word, text string, log *form, us bool) (edge, error) {
	if text == "" {
		return edge{}, nil
	}
	for _, suffix := range []string{"", " 00:00"} { // a date alone is its midnight
		for _, f := range forms {
			at, begin, end := f.find(text+suffix, us)
			if begin != 0 || end == 0 || end != len(text+suffix) || !isComparable(f, log) {
				continue
			}
			e := edge{word: word, text: text, stamp: at, form: f, yearless: log.period > day}
			if e.yearless {
				e.wall = withoutYear(e.wall)
				e.at = e.wall
			}
			return e, nil
		}
	}
	if log == instants {
		return edge{}, fmt.Errorf("%s %s: want %s", word, quote(text), log.name)
	}
	return edge{}, fmt.Errorf("%s %s: want %s, as in the log", word, quote(text), log.name)
}

// isComparable reports whether a bound of one form can be held against times of another.
func isComparable(bound, log *form) bool {
	if !log.absolute {
		return !bound.absolute
	}
	return bound.absolute &&
		(bound.period == 0 && log.period != day || bound.period == day || bound.period == log.period)
}

// withoutYear puts a time into the year of times that have none.
func withoutYear(at time.Duration) time.Duration {
	t := time.Unix(0, int64(at)).UTC()
	moved := time.Date(leapYear, t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	return at - time.Duration(t.UnixNano()) + time.Duration(moved.UnixNano())
}

// holds reports whether a time is kept. From a later time of day to an earlier one is over midnight.
func (w window) holds(at stamp) bool {
	if w.from.form != nil && w.to.form != nil && w.from.form.period == day && w.from.at > w.to.at {
		return !w.from.isAfter(at) || w.to.isAfter(at)
	}
	return (w.from.form == nil || !w.from.isAfter(at)) && (w.to.form == nil || w.to.isAfter(at))
}

// isAfter reports whether the edge is later than a time: by their instants where the edge has a zone, else by the log's
// clock, and by that of every day where the edge has no date.
func (e edge) isAfter(at stamp) bool {
	switch {
	case e.form.period == day:
		return e.wall%day > at.wall%day
	case e.zoned || e.form.rank == isEpoch:
		return e.at > at.at
	}
	return e.wall > at.wall
}

// checkZone refuses a bound with a zone for a log without.
func (w window) checkZone(zoned bool) error {
	for _, e := range []edge{w.from, w.to} {
		if e.zoned && !zoned {
			return fmt.Errorf("%s %q: the log's times have no zone; leave it out", e.word, e.text)
		}
	}
	return nil
}

// emptyError says that no time is in the window, and where the times are.
func (w window) emptyError(log *form, first, last time.Duration) error {
	text := ""
	for _, e := range []edge{w.from, w.to} {
		if e.form != nil {
			text += " " + e.word + " " + e.text
		}
	}
	return fmt.Errorf("no call%s; the log goes from %s to %s", text, log.format(first), log.format(last))
}

// format writes a time of the log's clock.
func (f *form) format(wall time.Duration) string {
	layout := "2006-01-02 15:04:05"
	switch {
	case !f.absolute:
		return wall.String()
	case f.period == day:
		layout = "15:04:05"
	case f.period > day:
		layout = "Jan _2 15:04:05"
	}
	return time.Unix(0, int64(wall)).UTC().Format(layout)
}
