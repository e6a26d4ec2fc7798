package words

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
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

// Amount writes n with its noun: "1 call", "1,532 calls".
func Amount[N ~int | ~int64 | ~uint32 | ~uint64](n N, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Count(n) + " " + many
}

// Percent writes a share, 0 to 1, as "62 %".
func Percent(share float64) string {
	if share > 0 && share < 0.01 {
		return "less than 1 %"
	}
	return fmt.Sprintf("%.0f %%", 100*share)
}

// List joins words as prose: "a", "a and b", "a, b and c".
func List(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// upperFirst makes a clause begin a sentence.
func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
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
