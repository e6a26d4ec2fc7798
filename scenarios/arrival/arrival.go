// Package arrival is the contract "when": schedules of the offsets from the storm's
// start at which each attempt is meant to begin. A schedule is a pure function
// of the attempt's index; it has no clock, waits for nothing and never adapts to
// the server, which is what makes a storm an open loop.
package arrival

import (
	"fmt"
	"math"
	"math/bits"
	"time"
)

// MaxCalls bounds one storm.
const MaxCalls = 10_000_000

// Schedule holds when each attempt starts.
type Schedule interface {
	// Len returns the number of attempts.
	Len() int
	// At returns the intended start of attempt i, 0 ≤ i < Len, as an offset from the
	// storm's start. It never decreases with i.
	At(i int) time.Duration
	// String returns the schedule in words, e.g. "2000 at once".
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
func (b Bursts) At(i int) time.Duration { return share(i/b.Size, b.Every, 1) }

func (b Bursts) String() string {
	return fmt.Sprintf("%d, %d at once every %v", b.Calls, b.Size, b.Every)
}

// Constant starts calls evenly, the first at once.
type Constant struct {
	Calls int
	Rate  Rate
}

// Len implements Schedule.
func (c Constant) Len() int { return c.Calls }

// At implements Schedule.
func (c Constant) At(i int) time.Duration { return share(i, c.Rate.Per, c.Rate.Calls) }

func (c Constant) String() string { return fmt.Sprintf("%d at %s", c.Calls, c.Rate) }

// share returns n·per/of, rounded down. The product of MaxCalls and a day needs more than 64 bits; a result
// that does (292 years) stays at the largest duration, so that times never decrease.
func share(n int, per time.Duration, of int) time.Duration {
	high, low := bits.Mul64(uint64(n), uint64(per))
	if high >= uint64(of) {
		return math.MaxInt64
	}
	quotient, _ := bits.Div64(high, low, uint64(of))
	return time.Duration(min(quotient, math.MaxInt64))
}
