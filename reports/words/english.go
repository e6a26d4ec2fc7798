package words

import (
	"cmp"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"agistorm/analysis/finding"
	"agistorm/analysis/record"
	"agistorm/reports/lists"
)

// Count writes a number of things with a comma between thousands: "1,532".
func Count[N ~int | ~int64 | ~uint32 | ~uint64](n N) string {
	digits := strconv.FormatInt(int64(n), 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return sign + digits
}

// Whole writes a median as a whole number; halves go up.
func Whole(v float64) string { return Count(int(math.Round(v))) }

// AtLeast writes a number of which only the lower bound is known.
func AtLeast(number string) string { return "≥ " + number }

// Amount writes n with its noun: "1 call", "1,532 calls".
func Amount[N ~int | ~int64 | ~uint32 | ~uint64](n N, one, many string) string {
	return Count(n) + " " + verb(int(n), one, many)
}

// verb chooses the form that goes with a number.
func verb(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// Percent writes a share, 0 to 1, as "62 %"; what is less than one is not called none.
func Percent(share float64) string {
	if share > 0 && share < 0.01 {
		return "less than 1 %"
	}
	return fmt.Sprintf("%.0f %%", math.Round(100*share))
}

// most is a share that is not exceeded: "up to 62 %".
func most(share float64) string {
	if share < 0.01 {
		return Percent(share)
	}
	return "up to " + Percent(share)
}

// List joins words as prose: "a", "a and b", "a, b and c".
func List(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// Duration writes d to three significant digits in the unit that reads best: "812 µs", "23.4 ms", "1.04 s". From 10
// minutes on it writes whole minutes.
func Duration(d time.Duration) string {
	if d < 0 && d != math.MinInt64 {
		return "-" + Duration(-d)
	}
	switch seconds := d.Seconds(); {
	case d == 0:
		return "0 s"
	case d < time.Microsecond:
		return strconv.FormatInt(int64(d), 10) + " ns"
	case seconds < 999.5e-6:
		return threeDigits(seconds*1e6) + " µs"
	case seconds < 999.5e-3:
		return threeDigits(seconds*1e3) + " ms"
	case d < 10*time.Minute:
		return threeDigits(seconds) + " s"
	default:
		return Count(int(math.Round(d.Minutes()))) + " min"
	}
}

// threeDigits writes a value from 1 up to below 1000.
func threeDigits(v float64) string {
	decimals := 2
	switch {
	case v >= 99.95:
		decimals = 0
	case v >= 9.995:
		decimals = 1
	}
	return strconv.FormatFloat(v, 'f', decimals, 64)
}

// Backlog writes a backlog or somaxconn, the greatest as "max".
func Backlog(n int) string {
	if n >= record.MaxBacklog {
		return record.BacklogMax
	}
	return Count(n)
}

// typed writes a backlog or somaxconn as a setting has it.
func typed(n int) string { return strings.ReplaceAll(Backlog(n), ",", "") }

// median writes the median of a range, or the most where that is 0.
func median(r finding.Range) string {
	if r.Max > 0 && math.Round(r.Median) == 0 {
		return "up to " + Whole(r.Max)
	}
	return Whole(r.Median)
}

// storms say over how many storms a range is, and how far it goes.
func storms(r finding.Range) string {
	switch {
	case r.Storms == 1:
		return "one storm"
	case r.Min == r.Max:
		return fmt.Sprintf("in each of %d storms", r.Storms)
	case math.Round(r.Median) == 0:
		return fmt.Sprintf("median 0 of %d storms", r.Storms)
	}
	return fmt.Sprintf("median of %d storms, %s", r.Storms, between(r))
}

// between are the ends of a range.
func between(r finding.Range) string {
	if r.Min == r.Max {
		return Whole(r.Min)
	}
	return Whole(r.Min) + " to " + Whole(r.Max)
}

// outcomes are "10 connect-timeout, 2 reset".
func outcomes(counts []finding.Count) string {
	return strings.Join(lists.Map(counts, func(c finding.Count) string {
		return Count(c.Calls) + " " + cmp.Or(c.Outcome, "of unknown outcome")
	}), ", ")
}

// rows write ascending numbers, each row of three or more by its ends: "1, 3 to 5".
func rows(numbers []int) string {
	var parts []string
	for first := 0; first < len(numbers); {
		last := first
		for last+1 < len(numbers) && numbers[last+1] == numbers[last]+1 {
			last++
		}
		if last < first+2 {
			last = first
			parts = append(parts, strconv.Itoa(numbers[first]))
		} else {
			parts = append(parts, fmt.Sprintf("%d to %d", numbers[first], numbers[last]))
		}
		first = last + 1
	}
	return strings.Join(parts, ", ")
}

// value is what a pointer points to.
func value(p any) any { return reflect.Indirect(reflect.ValueOf(p)).Interface() }

// wholeSentence begins text of another source with a capital letter, unless that is a name such as
// net.core.somaxconn,
// and ends it with a stop.
func wholeSentence(text string) string {
	if word, _, _ := strings.Cut(text, " "); strings.ContainsAny(strings.TrimSuffix(word, "."), "./_") {
		return stop(text)
	}
	return stop(Capital(text))
}

// Capital lets a text begin with a capital letter.
func Capital(text string) string {
	_, size := utf8.DecodeRuneInString(text)
	return strings.ToUpper(text[:size]) + text[size:]
}

// stop ends text of another source with a stop.
func stop(text string) string { return strings.TrimSuffix(text, ".") + "." }

// clause lets a sentence follow a colon: it begins with a small letter, unless its first word is an abbreviation.
func clause(sentence string) string {
	_, size := utf8.DecodeRuneInString(sentence)
	second, _ := utf8.DecodeRuneInString(sentence[size:])
	if unicode.IsUpper(second) {
		return sentence
	}
	return strings.ToLower(sentence[:size]) + sentence[size:]
}
