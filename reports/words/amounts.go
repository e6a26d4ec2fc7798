package words

import (
	"strconv"
	"strings"
	"time"

	"agistorm/analysis/capacity"
)

// Hundredths writes a part of 1 in percent, with two digits that count.
func Hundredths(part float64) string {
	if v := 100 * part; v != 0 && v < 1 {
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return strings.TrimSuffix(strconv.FormatFloat(100*part, 'f', 1, 64), ".0")
}

// Portion is the same with its sign; what is less than 0.01 % is not called none.
func Portion(part float64) string {
	if part > 0 && part < 0.00005 {
		return "less than 0.01 %"
	}
	text := Hundredths(part)
	if strings.Contains(text, ".") {
		text = strings.TrimSuffix(text, "0")
	}
	return text + " %"
}

// Bytes writes an amount of memory: "812 KiB", "1.4 MiB".
func Bytes(n float64) string {
	units := []string{"B", "KiB", "MiB", "GiB"}
	for ; n >= 1000 && len(units) > 1; units = units[1:] {
		n /= 1 << 10
	}
	if n < 9.95 && units[0] != "B" {
		return strconv.FormatFloat(n, 'f', 1, 64) + " " + units[0]
	}
	return Whole(n) + " " + units[0]
}

// bareBytes writes a small amount as it was measured: "2,861 B".
func bareBytes(n float64) string { return Whole(n) + " B" }

// Rate writes calls per second.
func Rate(v float64) string {
	if v < 1000 {
		return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0") + " calls/s"
	}
	return Whole(v) + " calls/s"
}

// PlanSetting names a setting: "32 handlers, backlog 512".
func PlanSetting(s capacity.Setting) string {
	backlog := "backlog " + Backlog(s.Backlog)
	if s.Handlers == 0 {
		return backlog
	}
	return Amount(s.Handlers, "handler", "handlers") + ", " + backlog
}

// callsOf names so many calls and when they come: "5,000 calls in 10 s".
func callsOf(n int, span time.Duration) string {
	if span == 0 {
		return Amount(n, "call", "calls") + " at once"
	}
	return Amount(n, "call", "calls") + " in " + Timeout(span)
}
