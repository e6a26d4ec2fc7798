// Package arrival is the contract "when": schedules that say at which offset from
// the storm's start each attempt is meant to begin. A schedule is a pure function
// of the attempt's index; it has no clock, waits for nothing and never adapts to
// the server, which is what makes a storm an open loop.
package arrival

import (
	"fmt"
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

// Constant starts calls evenly, the first at once.
type Constant struct {
	Calls int
	Rate  Rate
}

// Len implements Schedule.
func (c Constant) Len() int { return c.Calls }

// At implements Schedule. Whole periods and their rest are computed apart, so that
// the product cannot overflow.
func (c Constant) At(i int) time.Duration {
	whole, rest := i/c.Rate.Calls, i%c.Rate.Calls
	return time.Duration(whole)*c.Rate.Per + time.Duration(rest)*c.Rate.Per/time.Duration(c.Rate.Calls)
}

func (c Constant) String() string { return fmt.Sprintf("%d at %s", c.Calls, c.Rate) }
