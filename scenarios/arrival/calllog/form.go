package calllog

import (
	"strconv"
	"strings"
	"time"
)

// stamp is a time as a cell has it.
type stamp struct {
	// at counts from 1970 in UTC, or from the zero of its form.
	at time.Duration
	// wall is the same on the log's own clock.
	wall time.Duration
	// unit is what the last digit counts, at most a minute.
	unit  time.Duration
	zoned bool
}

// numberStamp is the stamp of a number.
func numberStamp(at, unit time.Duration) stamp { return stamp{at: at, wall: at, unit: unit} }

// rank orders forms by how surely a cell of that form is a time.
type rank int

const (
	byName rank = iota // whatever the form, the header names a time
	isDate
	isEpoch
	isClock
	isNumber // as likely a number of something else
)

// form is one way to write a time.
type form struct {
	name string
	rank rank
	// find returns the first time in a text and its place; end is 0 where there is none.
	find func(text string, us bool) (at stamp, begin, end int)
	// dated: it has a date, so that it is found anywhere in a line.
	dated bool
	// absolute: all times count from the earliest.
	absolute bool
	// exact: a schedule that was written by hand, which is not rounded to a resolution.
	exact bool
	// ambiguous: which of two numbers is the month depends on the country.
	ambiguous bool
	// period after which its times begin again, 0 for never.
	period time.Duration
}

const (
	day = 24 * time.Hour
	// leapYear is the one that times without a year are given: it has a 29 February.
	leapYear = 2000
)

// forms are all; the earlier is meant where a column has as many times of both.
var forms = []*form{
	dateForm("a date such as 2026-10-05 09:00:00", yearFirst, true, 0),
	dateForm("a date such as 05/10/2026 09:00:00", dayFirst, true, 0),
	dateForm("a date such as 05/Oct/2026:09:00:00 +0200", dayMonth, true, 0),
	dateForm("a date such as Mon Oct  5 09:00:00 2026", monthDay, true, 0),
	dateForm("a date such as Oct  5 09:00:00", monthOnly, true, 366*day),
	dateForm("a date such as 20261005090000", compact, false, 0),
	numberForm("seconds since 1970, such as 1759654800", isEpoch, time.Second, firstUnix, maxSeconds),
	numberForm("milliseconds since 1970, such as "+
		"1759654800000", isEpoch, time.Millisecond, firstUnix*1e3, maxSeconds*1e3),
	numberForm("microseconds since 1970, such as 1759654800000000", isEpoch, time.Microsecond,
		firstUnix*1e6, maxSeconds*1e6),
	numberForm("nanoseconds since 1970, such as 1759654800000000000", isEpoch, 1, firstUnix*1e9, maxSeconds*1e9),
	dateForm("a time of day such as 09:00:00.5", clockOnly, false, day),
	{name: "a time such as 250ms", rank: isClock, find: findDuration, exact: true},
	numberForm("seconds such as 0.25", isNumber, time.Second, 0, maxSeconds),
}

const (
	// firstUnix is where numbers begin to be seconds since 1970: as an offset 1e8 s are three years.
	firstUnix = 100_000_000
	// maxSeconds keeps durations from overflowing, until the year 2261.
	maxSeconds = 9_200_000_000
)

// numberForm reads numbers from least to most of a unit, with or without a fraction.
func numberForm(name string, r rank, unit time.Duration, least, most uint64) *form {
	return &form{name: name, rank: r, absolute: r == isEpoch, find: func(text string, _ bool) (stamp, int, int) {
		word := firstWord(text)
		whole, fraction, _ := strings.Cut(word, ".")
		n, err := strconv.ParseUint(whole, 10, 64)
		if err != nil || n < least || n > most || len(fraction) > 18 || strings.Trim(fraction, "0123456789") != "" {
			return stamp{}, 0, 0
		}
		at := time.Duration(n)*unit + nanos(fraction)/(time.Second/unit)
		return numberStamp(at, max(1, unit/pow10(len(fraction)))), 0, len(word)
	}}
}

func findDuration(text string, _ bool) (stamp, int, int) {
	word := firstWord(text)
	d, err := time.ParseDuration(word)
	if err != nil || d < 0 {
		return stamp{}, 0, 0
	}
	return numberStamp(d, 1), 0, len(word)
}

// firstWord ends at a blank or a bracket.
func firstWord(text string) string {
	if end := strings.IndexAny(text, " \t]"); end >= 0 {
		return text[:end]
	}
	return text
}

// nanos returns a decimal fraction of a second; digits beyond the ninth are dropped.
func nanos(fraction string) time.Duration {
	n, _ := strconv.Atoi((fraction + "000000000")[:9])
	return time.Duration(n)
}

// pow10 returns 10 to the power of the smaller of n and 9.
func pow10(n int) time.Duration {
	power := time.Duration(1)
	for range min(n, 9) {
		power *= 10
	}
	return power
}
