package arrival

import (
	"fmt"
	"time"
)

// Part is the K-th of N shares of a schedule, 0 ≤ K < N: its attempts K, K + N, K + 2N …
// All shares together are the schedule, each attempt once.
type Part struct {
	Schedule
	K, N int
}

// Len implements Schedule.
func (p Part) Len() int { return max(0, (p.Schedule.Len()-p.K+p.N-1)/p.N) }

// At implements Schedule.
func (p Part) At(i int) time.Duration { return p.Schedule.At(p.Global(i)) }

// Global is the number in the whole schedule of the share's attempt i.
func (p Part) Global(i int) int { return p.K + i*p.N }

func (p Part) String() string {
	if p.N == 1 {
		return p.Schedule.String()
	}
	return fmt.Sprintf("%s, share %d of 0 to %d", p.Schedule, p.K, p.N-1)
}
