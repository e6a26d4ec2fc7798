package calllog

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// candidates lists what fits in the column that is asked for, in the order in which it is meant: tables, the first date
// in a line, words. Dates at a word are meant only where its number is given.
func (s *sample) candidates(column string) (list []candidate) {
	columns := func(separator byte, find func(l layout) (candidate, bool)) {
		for i := range s.width(separator) {
			l := layout{separator: separator, column: i + 1}
			if !s.isAsked(l, column) {
				continue
			}
			if c, ok := find(l); ok {
				list = append(list, c)
			}
		}
	}
	decimal := s.hasCommaFractions()
	for _, separator := range []byte(separators) {
		commas := separator == ','
		if commas && decimal || !commas && !decimal && s.width(separator) == 1 {
			continue
		}
		columns(separator, s.inColumn)
	}
	if column == "" {
		if c, ok := s.bestForm(s.place(layout{}), isDated); ok {
			list = append(list, c)
		}
	}
	columns(' ', func(l layout) (candidate, bool) {
		return s.bestForm(s.place(l), func(f *form) bool { return column != "" || !f.dated })
	})
	return list
}

// isAsked reports whether a column is the one that is asked for, by its number or its name; any where none is.
func (s *sample) isAsked(l layout, column string) bool {
	if column == "" {
		return l.column <= maxColumns
	}
	if n, err := strconv.Atoi(column); err == nil {
		return l.column == n
	}
	heading, _ := cell(s.lines[0], l.separator, l.column)
	return l.separator != ' ' && strings.EqualFold(trimCell(heading), column)
}

func isDated(f *form) bool { return f.dated }

// inColumn finds the time in a column of a table, or its date there and its time of day in the next one.
func (s *sample) inColumn(l layout) (candidate, bool) {
	c, ok := s.bestForm(s.place(l), func(*form) bool { return true })
	if !ok || c.rank == isNumber {
		l.joined = true
		if both, ok := s.bestForm(s.place(l), isDated); ok {
			return both, true
		}
	}
	return c, ok
}

// commaFraction is a time with a decimal comma and nothing else behind it in the line, or a word.
var commaFraction = regexp.MustCompile(`^\W{0,2}\d[^,]*\d:\d\d,(?:\d{3}|\d{6}|\d{9})(?:[^0-9,:.;|].*)?$`)

// hasCommaFractions reports whether the commas of the sample are decimal ones: what follows the seconds differs and
// grows with the time from the first line on, where a table would have a header, or numbers in any order.
func (s *sample) hasCommaFractions() bool {
	last, fractions := "", map[string]bool{}
	for _, line := range s.lines {
		line = strings.TrimSpace(line)
		comma := strings.IndexByte(line, ',')
		if !commaFraction.MatchString(line) || line[:comma+4] < last {
			return false
		}
		last = line[:comma+4]
		fractions[last[comma+1:]] = true
	}
	return len(fractions) > 1 || fractions["000"]
}

// timeNames are columns of starts in the exports of switches, databases and packet filters, the surest first.
var timeNames = []string{
	"calldate", "start", "starttime", "startdate", "callstart", "callstarttime", "callstartdate", "startstamp",
	"begin", "begintime", "setuptime", "frametimeepoch", "frametime", "eventtime", "eventdate", "timestamp", "datetime",
	"calldatetime", "date", "time", "created", "createdat", "ts", "epoch", "unixtime", "wscoltime", "frametimerelative",
}

// idNames are columns of ids that begin with the second of the call.
var idNames = []string{"uniqueid", "linkedid", "callid", "peeruniqueid"}

// plainName drops what names of one thing differ in.
func plainName(name string) string {
	return strings.NewReplacer(" ", "", "_", "", "-", "", ".", "", "@", "").Replace(strings.ToLower(name))
}

// find returns what is asked for: a column by number or name, or the surest where none is.
func (s *sample) find(column string) (candidate, error) {
	var times, ids []candidate
	for _, c := range s.candidates(column) {
		switch {
		case column == "" && !s.isMeant(&c):
		case c.ids:
			ids = append(ids, c)
		default:
			times = append(times, c)
		}
	}
	if len(times) > 0 {
		return s.chooseSurest(times, column)
	}
	if len(ids) > 0 {
		return candidate{}, s.idsError(&ids[0])
	}
	return candidate{}, s.noTimes(column)
}

// chooseSurest returns the first of the surest rank, by name the first of timeNames.
func (s *sample) chooseSurest(list []candidate, column string) (candidate, error) {
	slices.SortStableFunc(list, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.named, b.named))
	})
	c := preferFilled(list)
	if c.form.ambiguous || c.rank == isClock { // which may be the second half of a date
		if american := s.withUSDates(column); american != nil && (c.rank == isClock || american.times > c.times) {
			return candidate{}, s.wantsUSDates(american)
		}
	}
	return c, nil
}

// preferFilled returns the first candidate, or one of the same table with twice as many times: the times of a column
// that is mostly empty are those of something else, such as the answer.
func preferFilled(list []candidate) candidate {
	c := list[0]
	for _, other := range list {
		if c.rank != byName && other.rank == c.rank && other.separator == c.separator && other.times > 2*c.times {
			c = other
		}
	}
	return c
}

// isMeant reports whether a candidate may be taken where no column is asked for: a number alone is no time unless the
// line has nothing else, and a time of day within a line may be half of a date.
func (s *sample) isMeant(c *candidate) bool {
	if c.separator == ' ' && c.rank == isClock && c.column > 1 && !s.packets {
		return false
	}
	return c.rank < isNumber || s.width(c.separator) == 1
}

func (s *sample) idsError(c *candidate) error {
	text, _ := c.text(s.lines[len(s.lines)-1])
	return fmt.Errorf("line %d: column %d, %s: the number behind the dot is a counter, as in Asterisk's uniqueid; "+
		"want the column of the calls' start", s.last(), c.column, quote(firstWord(text)))
}
