package spec

import (
	"fmt"
	"strings"
	"time"
)

// MaxDisturbance is the longest stall or restart, and the latest.
const MaxDisturbance = 10 * time.Minute

// Disturbance is something that happens to a server: for a time For, at the time At after its begin.
type Disturbance struct{ For, At time.Duration }

// ParseDisturbance takes "2s@5s": for two seconds, after five. Both are at most MaxDisturbance; the first
// is at least 1 ms.
func ParseDisturbance(s string) (Disturbance, error) {
	length, at, ok := strings.Cut(s, "@")
	d := Disturbance{}
	err, atErr := error(nil), error(nil)
	d.For, err = time.ParseDuration(length)
	d.At, atErr = time.ParseDuration(at)
	if !ok || err != nil || atErr != nil || d.For < time.Millisecond || d.For > MaxDisturbance || d.At < 0 ||
		d.At > MaxDisturbance {
		return Disturbance{}, fmt.Errorf(
			"%q: want FOR@AFTER, such as 2s@5s for two seconds after five, each at most %v", s, MaxDisturbance)
	}
	return d, nil
}

// String is what ParseDisturbance takes.
func (d Disturbance) String() string { return d.For.String() + "@" + d.At.String() }

// ParseDisturbances takes several of them.
func ParseDisturbances(texts []string) ([]Disturbance, error) {
	var list []Disturbance
	for _, text := range texts {
		d, err := ParseDisturbance(text)
		if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	return list, nil
}
