package stats

import (
	"encoding/json"
	"math"
)

// NoEnd is a number that is greater than any: the wait of a call that was lost, or the ratio of some to
// none.
const NoEnd = 1e300

// Endless reports whether a number is NoEnd, or lies between it and another.
func Endless(v float64) bool { return v > NoEnd/1e6 }

// Number is null in JSON where it is Endless, or less than nothing by as much.
type Number float64

// MarshalJSON writes it.
func (n Number) MarshalJSON() ([]byte, error) {
	if Endless(math.Abs(float64(n))) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}
