// Package arrival is the contract "when": schedules that say at which offset from
// the storm's start each attempt is meant to begin. A schedule is a pure function
// of the attempt's index; it has no clock, waits for nothing and never adapts to
// the server, which is what makes a storm an open loop.
package arrival

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// MaxCalls bounds one storm.
const MaxCalls = 10_000_000

// Schedule says when each attempt starts.
type Schedule interface {
	// Len is the number of attempts.
	Len() int
	// At is the intended start of attempt i, 0 ≤ i < Len, as an offset from the
	// storm's start. It never decreases with i.
	At(i int) time.Duration
	// String is the schedule in words, e.g. "2000 at once".
	String() string
}

// Burst starts all calls at once.
type Burst struct{ Calls int }

// Len implements Schedule.
func (b Burst) Len() int { return b.Calls }

// At implements Schedule.
func (Burst) At(int) time.Duration { return 0 }

func (b Burst) String() string { return fmt.Sprintf("%d at once", b.Calls) }

// Bursts starts Size calls at once, and again every Every, until Calls were started.
type Bursts struct {
	Calls int
	// Size of one burst, ≥ 1.
	Size  int
	Every time.Duration
}

// Len implements Schedule.
func (b Bursts) Len() int { return b.Calls }

// At implements Schedule.
func (b Bursts) At(i int) time.Duration { return time.Duration(i/b.Size) * b.Every }

func (b Bursts) String() string {
	return fmt.Sprintf("%d, %d at once every %v", b.Calls, b.Size, b.Every)
}

// Constant starts calls evenly: Rate of them in every Per.
type Constant struct {
	Calls int
	Rate  int
	Per   time.Duration
}

// Len implements Schedule.
func (c Constant) Len() int { return c.Calls }

// At implements Schedule. Whole periods and their rest are computed apart, so that
// the product cannot overflow.
func (c Constant) At(i int) time.Duration {
	whole, rest := i/c.Rate, i%c.Rate
	return time.Duration(whole)*c.Per + time.Duration(rest)*c.Per/time.Duration(c.Rate)
}

func (c Constant) String() string {
	return fmt.Sprintf("%d at %d/%s", c.Calls, c.Rate, unit(c.Per))
}

// unit is a period as Parse reads it back: "s", "m", "h" or a duration.
func unit(per time.Duration) string {
	switch per {
	case time.Second:
		return "s"
	case time.Minute:
		return "m"
	case time.Hour:
		return "h"
	}
	return per.String()
}

// forms is what Parse understands, for its errors.
const forms = `"burst", "burst 500 every 1s" or "constant 500/s"`

// Parse reads a schedule of calls attempts, 1 to MaxCalls: "burst", "burst SIZE every D" or
// "constant RATE/UNIT" with a unit of s, m, h or a Go duration ("50/100ms").
func Parse(spec string, calls int) (Schedule, error) {
	if calls < 1 || calls > MaxCalls {
		return nil, fmt.Errorf("%d calls: a storm has 1 to %d", calls, MaxCalls)
	}
	words := strings.Fields(spec)
	switch {
	case len(words) == 1 && words[0] == "burst":
		return Burst{Calls: calls}, nil
	case len(words) == 4 && words[0] == "burst" && words[2] == "every":
		return parseBursts(spec, words, calls)
	case len(words) == 2 && words[0] == "constant":
		return parseConstant(spec, words[1], calls)
	}
	return nil, fmt.Errorf("arrival %q: want %s", spec, forms)
}

func parseBursts(spec string, words []string, calls int) (Schedule, error) {
	size, err := strconv.Atoi(words[1])
	if err != nil || size < 1 {
		return nil, fmt.Errorf("arrival %q: the size of a burst is a number from 1", spec)
	}
	every, err := time.ParseDuration(words[3])
	if err != nil || every <= 0 {
		return nil, fmt.Errorf("arrival %q: %q is not a time between bursts such as 1s or 250ms", spec, words[3])
	}
	return Bursts{Calls: calls, Size: size, Every: every}, nil
}

// maxRate keeps one call's share of the period at 1 ns or more.
const maxRate = 1_000_000_000

func parseConstant(spec, rate string, calls int) (Schedule, error) {
	number, per, ok := strings.Cut(rate, "/")
	n, err := strconv.Atoi(number)
	if !ok || err != nil || n < 1 || n > maxRate {
		return nil, fmt.Errorf("arrival %q: a rate is a number from 1 to %d, a slash and a unit, such as 500/s", spec, maxRate)
	}
	if per != "" && (per[0] < '0' || per[0] > '9') {
		per = "1" + per
	}
	period, err := time.ParseDuration(per)
	if err != nil || period < time.Microsecond || period > 24*time.Hour {
		return nil, fmt.Errorf("arrival %q: the unit of a rate is s, m, h or a duration from 1µs to 24h", spec)
	}
	return Constant{Calls: calls, Rate: n, Per: period}, nil
}
