package arrival

import (
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
		{"constant 3/s", 4, "4 at 3/s", map[int]time.Duration{1: 333333333, 2: 666666666, 3: time.Second}},
		{"constant 50/100ms", 51, "51 at 50/100ms", map[int]time.Duration{50: 100 * time.Millisecond}},
		{"constant 1/h", MaxCalls, "10000000 at 1/h", map[int]time.Duration{2: 2 * time.Hour}},
	} {
		s, err := Parse(c.spec, c.calls)
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
		{"burst", 0, "1 to 10000000"},
		{"burst", MaxCalls + 1, "1 to 10000000"},
		{"", 1, `want "burst"`},
		{"bursts", 1, `want "burst"`},
		{"burst 0 every 1s", 1, "size of a burst"},
		{"burst 5 every x", 1, "time between bursts"},
		{"burst 5 every 0s", 1, "time between bursts"},
		{"constant 500", 1, "a slash and a unit"},
		{"constant 0/s", 1, "a number from 1"},
		{"constant 2000000000/s", 1, "a number from 1"},
		{"constant 5/y", 1, "unit of a rate"},
		{"constant 5/1ns", 1, "unit of a rate"},
	} {
		_, err := Parse(c.spec, c.calls)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Parse(%q, %d) = %v, want an error with %q", c.spec, c.calls, err, c.want)
		}
	}
}

// TestNeverDecreases holds every schedule to the contract that engines rely on.
func TestNeverDecreases(t *testing.T) {
	for _, spec := range []string{"burst", "burst 7 every 3ms", "constant 7/s", "constant 999999999/s", "constant 1/1µs"} {
		s, err := Parse(spec, 10_000)
		if err != nil {
			t.Fatal(err)
		}
		for i := 1; i < s.Len(); i++ {
			if s.At(i) < s.At(i-1) {
				t.Fatalf("%q: At(%d) = %v is before At(%d) = %v", spec, i, s.At(i), i-1, s.At(i-1))
			}
		}
	}
}
