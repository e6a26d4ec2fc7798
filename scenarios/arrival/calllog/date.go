package calllog

import (
	"maps"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Dates as regular expressions: the names of their groups say what they are.
const (
	clock = `(?P<h>\d\d?):(?P<m>\d\d)(?::(?P<s>\d\d)(?:[.,](?P<f>\d{1,9})\d*)?)?(?: ?(?P<ampm>[AaPp])\.?[Mm]\b\.?)?`
	zone  = `(?: ?(?P<z>Z\b|UTC\b|GMT\b|[+-]\d\d:?\d\d\b)|(?P<z>[+-]\d\d\b)| [A-Z]{3,5}\b)?`
	week  = `(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? +)?`

	yearFirst = `\b(?P<Y>\d{4})[-/.](?P<M>\d\d?)[-/.](?P<D>\d\d?)(?:[T_]|,? +)` + clock + zone
	dayFirst  = `\b(?P<D>\d\d?)[-/.](?P<M>\d\d?)[-/.](?P<Y>\d{4}|\d\d)(?:T|,? +)` + clock + zone
	dayMonth  = week + `\b(?P<D>\d\d?)[-/ ](?P<B>[A-Za-z]{3})[a-z]*[-/ ](?P<Y>\d{4})(?:[:T]|,? +)` + clock + zone
	monthDay  = week + `\b(?P<B>[A-Z][a-z]{2})[a-z]* +(?P<D>\d\d?)(?:,? +(?P<Y>\d{4}),?)? +` + clock + zone +
		`(?: (?P<Y>\d{4})\b)?`
	monthOnly = week + `\b(?P<B>[A-Z][a-z]{2}) +(?P<D>\d\d?) +` + clock
	compact   = `\b(?P<Y>20\d\d)(?P<M>\d\d)(?P<D>\d\d)[T -]?(?P<h>\d\d):?(?P<m>\d\d):?` +
		`(?P<s>\d\d)(?:[.,](?P<f>\d{1,9}))?` +
		zone
	clockOnly = `\b` + clock
)

// dateForm reads what an expression finds; one whose times have a period needs no year, or no date.
func dateForm(name, expression string, anywhere bool, period time.Duration) *form {
	re := regexp.MustCompile(expression)
	groups := map[string][]int{}
	for i, group := range re.SubexpNames() {
		groups[group] = append(groups[group], i)
	}
	swapped, ambiguous := maps.Clone(groups), expression == dayFirst
	if ambiguous {
		swapped["D"], swapped["M"] = groups["M"], groups["D"]
	}
	kind := isDate
	if expression == clockOnly {
		kind = isClock
	}
	return &form{
		name: name, rank: kind, dated: anywhere, absolute: true, ambiguous: ambiguous, period: period,
		find: func(text string, us bool) (stamp, int, int) {
			if expression != compact && strings.IndexByte(text, ':') < 0 {
				return stamp{}, 0, 0
			}
			m := re.FindStringSubmatchIndex(text)
			if m == nil {
				return stamp{}, 0, 0
			}
			p := parts{groups, text, m}
			if us {
				p.groups = swapped
			}
			at, ok := p.stamp()
			if !ok || period == 0 && p.get("Y") == "" {
				return stamp{}, 0, 0
			}
			return at, m[0], m[1]
		},
	}
}

// parts of a date, by the names of the expression's groups.
type parts struct {
	groups map[string][]int
	text   string
	match  []int
}

// get returns a part, "" where it was not there.
func (p parts) get(name string) string {
	for _, group := range p.groups[name] {
		if begin := p.match[2*group]; begin >= 0 {
			return p.text[begin:p.match[2*group+1]]
		}
	}
	return ""
}

// number returns a part, or another number where there is none.
func (p parts) number(name string, otherwise int) int {
	if n, err := strconv.Atoi(p.get(name)); err == nil {
		return n
	}
	return otherwise
}

const months = "janfebmaraprmayjunjulaugsepoctnovdec"

// month returns 0 for a name that is none.
func (p parts) month() int {
	name := p.get("B")
	if name == "" {
		return p.number("M", 1)
	}
	if i := strings.Index(months, strings.ToLower(name)); i%3 == 0 {
		return i/3 + 1
	}
	return 0
}

// hour counts to 23, also where the clock has a.m. and p.m.; it is -1 for one that no clock shows.
func (p parts) hour() int {
	h, half := p.number("h", 0), strings.ToLower(p.get("ampm"))
	switch {
	case half == "" && h < 24:
		return h
	case half == "" || h < 1 || h > 12:
		return -1
	case half == "p":
		return h%12 + 12
	}
	return h % 12
}

// stamp is false for what no calendar has.
func (p parts) stamp() (stamp, bool) {
	year, month, dayOf := p.number("Y", leapYear), p.month(), p.number("D", 1)
	if year < 100 {
		year += 2000
	}
	hour, minute, second := p.hour(), p.number("m", 0), p.number("s", 0)
	date := time.Date(year, time.Month(month), dayOf, 0, 0, 0, 0, time.UTC)
	if year < 1970 || year > 2261 || int(date.Month()) != month || date.Day() != dayOf ||
		hour < 0 || minute > 59 || second > 60 {
		return stamp{}, false
	}
	sinceMidnight := time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute +
		time.Duration(second)*time.Second
	wall := time.Duration(date.UnixNano()) + sinceMidnight + nanos(p.get("f"))
	unit := time.Minute
	if p.get("s") != "" {
		unit = time.Second / pow10(len(p.get("f")))
	}
	offset, zoned := p.offset()
	return stamp{at: wall - offset, wall: wall, unit: unit, zoned: zoned}, true
}

// offset of the zone to UTC. A name such as CEST is none.
func (p parts) offset() (d time.Duration, zoned bool) {
	z := p.get("z")
	if z == "" {
		return 0, false
	}
	if z[0] != '+' && z[0] != '-' {
		return 0, true
	}
	digits := strings.ReplaceAll(z[1:], ":", "") + "00"
	hours, _ := strconv.Atoi(digits[:2])
	minutes, _ := strconv.Atoi(digits[2:4])
	d = time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if z[0] == '-' {
		d = -d
	}
	return d, true
}
