package arrival

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		spec  string
		calls int
		words string
		// at holds the index of an attempt and its intended start, worked out by hand.
		at map[int]time.Duration
	}{
		{"burst", 2000, "2000 at once", map[int]time.Duration{0: 0, 1999: 0}},
		{"burst 500 every 1s", 1200, "1200, 500 at once every 1s",
			map[int]time.Duration{0: 0, 499: 0, 500: time.Second, 1199: 2 * time.Second}},
		{"constant 500/s", 1000, "1000 at 500/s",
			map[int]time.Duration{0: 0, 1: 2 * time.Millisecond, 500: time.Second, 999: 1998 * time.Millisecond}},
		{"constant 500", 501, "501 at 500/s", map[int]time.Duration{1: 2 * time.Millisecond, 500: time.Second}},
		{"constant 3/s", 4, "4 at 3/s", map[int]time.Duration{1: 333333333, 2: 666666666, 3: time.Second}},
		{"constant 50/100ms", 51, "51 at 50/100ms", map[int]time.Duration{50: 100 * time.Millisecond}},
		// 292 years are the largest duration.
		{"constant 1/h", MaxCalls, "10000000 at 1/h",
			map[int]time.Duration{2: 2 * time.Hour, 2562047: 2562047 * time.Hour, 2562048: math.MaxInt64}},
		{"constant 200000/24h", 200_000, "200000 at 200000/24h0m0s",
			map[int]time.Duration{199_999: 24*time.Hour - 432*time.Millisecond}},
		{"constant 1000000000/h", MaxCalls, "10000000 at 1000000000/h",
			map[int]time.Duration{9_999_999: 35_999_996_400}},
	} {
		s, err := Parse(c.spec, Options{Calls: c.calls, Seed: 1})
		if err != nil {
			t.Errorf("Parse(%q): %v", c.spec, err)
			continue
		}
		if s.Len() != c.calls {
			t.Errorf("%q: Len = %d, want %d", c.spec, s.Len(), c.calls)
		}
		if s.String() != c.words {
			t.Errorf("%q: String = %q, want %q", c.spec, s.String(), c.words)
		}
		for i, want := range c.at {
			if got := s.At(i); got != want {
				t.Errorf("%q: At(%d) = %v, want %v", c.spec, i, got, want)
			}
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct {
		spec  string
		calls int
		want  string
	}{
		{"burst", -1, "1 to 10000000"},
		{"burst", 0, "say how many calls, or for how long"},
		{"trace calls.log column 0", 1, "the column is a number from 1, or a name, not \"0\""},
		{"trace calls.log", 1, "a trace cannot be read here"},
		{"burst", MaxCalls + 1, "1 to 10000000"},
		{"", 1, `want "burst"`},
		{"bursts", 1, `want "burst"`},
		{"burst 0 every 1s", 1, "size of a burst is a number from 1, not \"0\""},
		{"burst 5 every x", 1, "\"x\" is not a time"},
		{"burst 5 every 0s", 1, "\"0s\" is not a time"},
		{"constant x", 1, "a unit after a slash"},
		{"constant 500/", 1, "the unit is s, m, h"},
		{"constant 0/s", 1, "a number from 1"},
		{"constant 2000000000/s", 1, "a number from 1"},
		{"constant 5/y", 1, "the unit is s, m, h"},
		{"ramp 10/s to x/s in 1s", 1, "rate \"x/s\": want a number"},
		{"ramp 1/s to 1/s in 99999h", 1, "is not a time"},
		{"ramp 10/s to 1/s in 1s", 1000, "the rate has fallen to 0 before call"},
		{"sine 10/s amp 10/s every 1s", 1, "amplitude 10/s must be less than the mean 10/s"},
		{"poisson 1/h", 1000, "would come after more than 24h"},
		{"constant 5/1ns", 1, "the unit is s, m, h"},
		{"constant 1001/1µs", 1, "at most one call in a nanosecond"},
	} {
		_, err := Parse(c.spec, Options{Calls: c.calls, Seed: 1})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Parse(%q, %d) = %v, want an error with %q", c.spec, c.calls, err, c.want)
		}
	}
}

// TestNeverDecreases holds every schedule to the contract that engines rely on.
func TestNeverDecreases(t *testing.T) {
	for _, spec := range []string{"burst", "burst 7 every 3ms", "constant 7/s", "constant 999999999/s",
		"constant 1/1µs",
		"poisson 700/s", "ramp 10/s to 500/s in 30s", "ramp 500/s to 499/s in 30s", "sine 100/s amp 99/s every 1s",
		"burst in 200ms", "burst in 1ns", "burst in 24h", "asterisk 1", "asterisk 4", "asterisk 1000",
	} {
		s, err := Parse(spec, Options{Calls: 10_000, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		neverDecreases(t, s)
	}
	// The largest products: they overflow 64 bits.
	for _, s := range []Schedule{
		Constant{MaxCalls, Rate{1, 24 * time.Hour}}, Constant{MaxCalls, Rate{maxRate, 24 * time.Hour}},
		Constant{MaxCalls, Rate{200_000, 24 * time.Hour}}, Bursts{MaxCalls, 1, 24 * time.Hour},
	} {
		neverDecreases(t, s)
	}
}

func neverDecreases(t *testing.T, s Schedule) {
	t.Helper()
	last := time.Duration(0)
	step := 1 + s.Len()/200_000 // all of them would take seconds with -race
	for i := 0; i < s.Len(); i += step {
		at := s.At(i)
		if at < last {
			t.Fatalf("%s: At(%d) = %v is before At(%d) = %v", s, i, at, i-step, last)
		}
		last = at
	}
}

// FuzzParse: whatever is said, there is a schedule that keeps the contract and its bounds, or an error of one
// line.
func FuzzParse(f *testing.F) {
	for _, spec := range []string{"burst", "burst 7 every 3ms", "burst 5 every 24h", "constant 1/24h",
		"constant 999999999/h",
		"poisson 700/s", "ramp 10/s to 1/m in 2s", "ramp 1/24h to 9/s in 1s", "sine 100/s amp 99/s every 1s",
		"sine 1000000000/s amp 999999999/s every 1ns", "trace calls.log", `trace "my calls.csv" column 2`, `trace "`,
		`trace testdata/logs/master.csv from 09:00 to "2026-10-05 09:00:02" times 3 exact`,
		"trace testdata/logs/dst.csv column start busiest 10s us-dates",
		`trace ""`,
		"burst in 200ms", "burst in 3ns", "asterisk 1", "asterisk 4", "asterisk 1000", "asterisk 1001",
	} {
		f.Add(spec, uint16(0), int64(time.Second))
		f.Add(spec, uint16(100), int64(0))
		f.Add(spec, uint16(100), int64(5*time.Hour))
	}
	f.Fuzz(func(t *testing.T, spec string, calls uint16, duration int64) {
		o := Options{Calls: int(calls % 2000), Duration: time.Duration(duration), Seed: 1, Open: logs}
		if o.Calls == 0 {
			o.Duration %= 10 * time.Microsecond // at most 10,000 calls, or few bursts
		}
		s, err := Parse(spec, o)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("%q: %q is more than a line", spec, err)
			}
			return
		}
		if s.Len() < 1 || o.Calls > 0 && s.Len() > o.Calls || o.Duration > 0 && s.At(s.Len()-1) >= o.Duration {
			t.Errorf("%q, %+v: %s, the last at %v", spec, o, s, s.At(s.Len()-1))
		}
		neverDecreases(t, s)
	})
}

// count is how many calls a schedule has before t.
func count(s Schedule, t time.Duration) int {
	n := 0
	for i := range s.Len() {
		if s.At(i) < t {
			n++
		}
	}
	return n
}

// TestPaced compares calls so far with the integral of the rate, worked out by hand.
func TestPaced(t *testing.T) {
	for _, c := range []struct {
		spec string
		at   time.Duration
		want int
	}{
		// 10/s to 500/s in 30 s: 10 t + 490/60 t²: 10·10 + 8.1667·100 = 917; 10·30 + 8.1667·900 = 7650.
		{"ramp 10/s to 500/s in 30s", 10 * time.Second, 917},
		{"ramp 10/s to 500/s in 30s", 30 * time.Second, 7650},
		// 100/s ± 80/s every 10 s: whole periods have the mean; half of one has 80·10/π = 255 more.
		{"sine 100/s amp 80/s every 10s", 10 * time.Second, 1000},
		{"sine 100/s amp 80/s every 10s", 5 * time.Second, 755},
	} {
		s, err := Parse(c.spec, Options{Calls: 10_000, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		if got := count(s, c.at); got < c.want-2 || got > c.want+2 {
			t.Errorf("%s: %d calls in %v, want %d", c.spec, got, c.at, c.want)
		}
	}
}

// TestPoisson: the mean gap is 1/rate and its deviation as large, as an exponential's must be; the seed
// decides all.
func TestPoisson(t *testing.T) {
	const calls = 100_000
	s, err := Parse("poisson 1000/s", Options{Calls: calls, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	var sum, squares float64
	last := time.Duration(0)
	for i := range calls {
		gap := (s.At(i) - last).Seconds() * 1000
		sum, squares, last = sum+gap, squares+gap*gap, s.At(i)
	}
	mean := sum / calls
	if variance := squares/calls - mean*mean; mean < 0.98 || mean > 1.02 || variance < 0.95 || variance > 1.05 {
		t.Errorf("gaps of 1 ms: mean %.3f ms, variance %.3f; want 1 and 1", mean, variance)
	}
	same, _ := Parse("poisson 1000/s", Options{Calls: calls, Seed: 7})
	other, _ := Parse("poisson 1000/s", Options{Calls: calls, Seed: 8})
	if s.At(calls-1) != same.At(calls-1) || s.At(calls-1) == other.At(calls-1) {
		t.Error("the seed does not decide the schedule")
	}
}

// TestRateRoundTrip: what String says, ParseRate reads.
func TestRateRoundTrip(t *testing.T) {
	for _, r := range []Rate{{500, time.Second}, {1, time.Hour}, {7, time.Minute}, {50, 100 * time.Millisecond},
		{3, 90 * time.Second}} {
		if got, err := ParseRate(r.String()); err != nil || got != r {
			t.Errorf("%s: %+v, %v; want %+v", r, got, err, r)
		}
	}
}
