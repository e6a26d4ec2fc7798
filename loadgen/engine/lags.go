package engine

import (
	"math/bits"
	"time"
)

// Lags is the distribution of the reply lag: from the arrival of a command at the client's socket, plus the
// think time, to the write of its reply. It is the delay that the engine itself adds to every session. A
// wait that the server or the caller ends counts up to that end. The zero value is empty.
type Lags struct {
	Counts   [Brackets]uint32
	Count    int
	Sum, Max time.Duration
}

// Add counts a lag; one below 0 is 0.
func (l *Lags) Add(lag time.Duration) {
	lag = max(lag, 0)
	l.Counts[Bracket(lag)]++
	l.Count++
	l.Sum += lag
	l.Max = max(l.Max, lag)
}

// Merge adds another distribution.
func (l *Lags) Merge(o *Lags) {
	for i, n := range o.Counts {
		l.Counts[i] += n
	}
	l.Count += o.Count
	l.Sum += o.Sum
	l.Max = max(l.Max, o.Max)
}

// Brackets of times: microseconds, 16 brackets to each power of two, up to nine hours (2^35 µs).
const (
	perOctave = 16
	octaves   = 32
	Brackets  = perOctave * octaves
)

// Bracket is the place of a time among the brackets.
func Bracket(d time.Duration) int {
	us := uint64(max(d, 0) / time.Microsecond)
	if us < perOctave {
		return int(us)
	}
	shift := bits.Len64(us) - bits.Len64(perOctave)
	return min(shift*perOctave+int(us>>shift), Brackets-1)
}

// BracketEnd is the shortest time beyond bracket i; it exceeds every time of the bracket by at most a
// sixteenth, or 1 µs.
func BracketEnd(i int) time.Duration {
	if i < perOctave {
		return time.Duration(i+1) * time.Microsecond
	}
	shift := i/perOctave - 1
	return time.Duration(i%perOctave+perOctave+1) << shift * time.Microsecond
}
