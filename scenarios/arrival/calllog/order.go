package calllog

import (
	"slices"
	"time"
)

// unwrap adds a period where a clock has begun again: a step by more than half of it is one the other way.
func unwrap(times []time.Duration, period time.Duration) {
	if period == 0 {
		return
	}
	turns := time.Duration(0)
	for i, last := 0, times[0]; i < len(times); i++ {
		now := times[i]
		switch step := now - last; {
		case step < -period/2:
			turns += period
		case step > period/2:
			turns -= period
		}
		times[i] += turns
		last = now
	}
}

// A clock that is set back shows an hour twice: its times step back by about an hour, and go on from there. The time
// between two calls, and the order of a log by the calls' ends, make the step smaller or larger.
const (
	hourShift = time.Hour
	leastBack = 25 * time.Minute
	mostBack  = 65 * time.Minute
	// followingLines is how many lines decide, by the most of them, whether the second hour has begun or a long call
	// has ended.
	followingLines = 9
	// longCall is how long a call of the first hour may go on in the second, in a log by the calls' ends.
	longCall = 5 * time.Minute
)

// addRepeatedHour moves what follows a clock that was set back by an hour, and reports whether one was. The times are
// in the order of the file, which may be the reverse. Where the year is unknown, so is the weekday.
func addRepeatedHour(times []time.Duration, anyWeekday bool) (found bool) {
	if isDescending(times) {
		slices.Reverse(times)
	}
	var shift, setBack time.Duration
	last := times[0]
	for i := 1; i < len(times); i++ {
		now := times[i] + shift
		switch {
		case isSetBack(last-now) && canEndSummer(last-shift, anyWeekday) &&
			areBehind(times[i:min(i+followingLines, len(times))], last-shift):
			shift, setBack, found = shift+hourShift, last, true
			now += hourShift
		case found && isSetBack(now-last) && (now-hourShift-setBack).Abs() < longCall:
			now -= hourShift // a call of the first hour
		}
		times[i], last = now, now
	}
	return found
}

// areBehind reports whether most of the times are about an hour before another.
func areBehind(times []time.Duration, last time.Duration) bool {
	behind := 0
	for _, t := range times {
		if isSetBack(last - t) {
			behind++
		}
	}
	return 2*behind > len(times)
}

// isDescending reports whether a log has its last call first. Steps of a clock that is set back do not count.
func isDescending(times []time.Duration) bool {
	up := 0
	for i := 1; i < len(times); i++ {
		switch step := times[i] - times[i-1]; {
		case step > 0:
			up++
		case step < 0 && !isSetBack(-step):
			up--
		}
	}
	return up < 0
}

func isSetBack(step time.Duration) bool { return step >= leastBack && step <= mostBack }

// canEndSummer: clocks are set back in the night to a Sunday, in spring or autumn, before four o'clock.
func canEndSummer(at time.Duration, anyWeekday bool) bool {
	t := time.Unix(0, int64(at)).UTC()
	switch t.Month() {
	case time.March, time.April, time.September, time.October, time.November:
		return t.Hour() < 4 && (anyWeekday || t.Weekday() == time.Sunday)
	default:
		return false
	}
}
