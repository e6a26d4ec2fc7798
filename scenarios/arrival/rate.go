package arrival

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Rate is Calls in every Per.
type Rate struct {
	// Calls, 1 to 1,000,000,000, and at most one in a nanosecond: times have no finer unit.
	Calls int
	// Per is 1 µs to 24 h.
	Per time.Duration
}

const maxRate = 1_000_000_000

func (r Rate) perSecond() float64 { return float64(r.Calls) / r.Per.Seconds() }

// String returns what ParseRate reads: "500/s", "50/100ms".
func (r Rate) String() string {
	unit := map[time.Duration]string{time.Second: "s", time.Minute: "m", time.Hour: "h"}[r.Per]
	return fmt.Sprintf("%d/%s", r.Calls, cmp.Or(unit, r.Per.String()))
}

// ParseRate reads a number, a slash and a unit: s, m, h or a Go duration ("50/100ms"). A number alone is that in a
// second.
func ParseRate(s string) (Rate, error) {
	number, per, ok := strings.Cut(s, "/")
	if !ok {
		per = "s"
	}
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > maxRate {
		return Rate{}, fmt.Errorf("rate %q: want a number from 1 to %d, and a unit after a slash, such as "+
			"500/s", s, maxRate)
	}
	if per != "" && (per[0] < '0' || per[0] > '9') {
		per = "1" + per
	}
	period, err := time.ParseDuration(per)
	if err != nil || period < time.Microsecond || period > 24*time.Hour {
		return Rate{}, fmt.Errorf("rate %q: the unit is s, m, h or a duration from 1µs to 24h", s)
	}
	if time.Duration(n) > period {
		return Rate{}, fmt.Errorf("rate %q: want at most one call in a nanosecond", s)
	}
	return Rate{n, period}, nil
}
