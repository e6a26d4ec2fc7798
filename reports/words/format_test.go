package words

import (
	"math"
	"testing"
	"time"
)

func TestCount(t *testing.T) {
	for n, want := range map[int]string{
		0: "0", 7: "7", 999: "999", 1000: "1,000", 1532: "1,532", 28232: "28,232", 1000000: "1,000,000",
		-1: "-1", -999: "-999", -1532: "-1,532", math.MinInt64: "-9,223,372,036,854,775,808",
	} {
		if got := Count(n); got != want {
			t.Errorf("Count(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                        "0 s",
		812:                      "812 ns",
		time.Microsecond:         "1.00 µs",
		812 * time.Microsecond:   "812 µs",
		999499 * time.Nanosecond: "999 µs",
		999500 * time.Nanosecond: "1.00 ms",
		9994 * time.Microsecond:  "9.99 ms",
		9995 * time.Microsecond:  "10.0 ms",
		23400 * time.Microsecond: "23.4 ms",
		99950 * time.Microsecond: "100 ms",
		1040 * time.Millisecond:  "1.04 s",
		2 * time.Second:          "2.00 s",
		134 * time.Second:        "134 s",
		10 * time.Minute:         "10 min",
		-1040 * time.Millisecond: "-1.04 s",
		2000 * time.Minute:       "2,000 min",
	} {
		if got := Duration(d); got != want {
			t.Errorf("Duration(%d ns) = %q, want %q", int64(d), got, want)
		}
	}
}
