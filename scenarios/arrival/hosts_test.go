package arrival

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
)

const ms = time.Millisecond

// TestPace compares the fastest, the middle and the slowest host with what was measured, and with the last
// stretch.
func TestPace(t *testing.T) {
	for _, c := range []struct {
		pace  pace
		calls int
		want  time.Duration
	}{
		{0, 0, 0}, {0, 250, 105 * ms}, {0, 500, 210 * ms}, {0, 1000, 450 * ms}, {0, 2000, 1600 * ms},
		{0.5, 500, 255 * ms}, {0.5, 1000, 645 * ms}, {0.5, 2000, 2300 * ms},
		{1, 500, 300 * ms}, {1, 750, 570 * ms}, {1, 1000, 840 * ms}, {1, 2000, 3000 * ms},
		// The last stretch is 1,000 calls in 1,150 ms, 1,655 ms and 2,160 ms.
		{0, 3000, 2750 * ms}, {0.5, 4000, 5610 * ms}, {1, 2500, 4080 * ms},
	} {
		if got := c.pace.reached(c.calls); got != c.want {
			t.Errorf("pace %v: %d calls in %v, want %v", c.pace, c.calls, got, c.want)
		}
	}
}

// TestAsterisk: every host has fired its first 500 calls within the measured range, and 1,000 and 2,000 too.
func TestAsterisk(t *testing.T) {
	for seed := range uint64(50) {
		s := parsed(t, "asterisk 1", Options{Calls: 2500, Seed: seed})
		for _, m := range milestones[1:] {
			if n := count(s, m.fastest); n > m.calls {
				t.Errorf("seed %d: %d calls in %v, the fastest host has %d", seed, n, m.fastest, m.calls)
			}
			if n := count(s, m.slowest); n < m.calls {
				t.Errorf("seed %d: %d calls in %v, the slowest host has %d", seed, n, m.slowest, m.calls)
			}
		}
	}
}

// TestHostsShareTheCalls: hosts fire together what each of them fires alone, and no two are the same.
func TestHostsShareTheCalls(t *testing.T) {
	four := parsed(t, "asterisk 4", Options{Calls: 2002, Seed: 3})
	last := four.At(2001)
	want := fmt.Sprintf("2,002 from 4 Asterisk hosts within %d ms", last.Round(ms).Milliseconds())
	if got := four.String(); got != want || four.Len() != 2002 {
		t.Errorf("%q, %d calls, want %q", got, four.Len(), want)
	}
	// 501, 501, 500 and 500 calls, the last of them after 0.3 s and one slot of the second stretch.
	if last < 210*ms || last > 302*ms {
		t.Errorf("the last of about 500 calls of each host comes at %v", last)
	}
	one := parsed(t, "asterisk 1", Options{Calls: 501, Seed: 3})
	known := map[time.Duration]int{}
	for i := range four.Len() {
		known[four.At(i)]++
	}
	for i := range one.Len() {
		if known[one.At(i)] == 0 {
			t.Fatalf("call %d of host 0 comes at %v alone, and at no such time beside others", i, one.At(i))
		}
	}
	if len(known) < 2000 {
		t.Errorf("%d different times of 2,002: hosts fire in step", len(known))
	}
}

// TestAsteriskForATime: without a number of calls each host fires for as long as is asked.
func TestAsteriskForATime(t *testing.T) {
	const duration = 5 * time.Second
	s := parsed(t, "asterisk 3", Options{Duration: duration, Seed: 1})
	// The fastest host has 2,000 + 3,400/1,150 of 1,000 calls in 5 s, the slowest 2,000 + 2,000/2,160 of
	// 1,000.
	if n := s.Len(); n < 3*2925 || n > 3*4957 {
		t.Errorf("%d calls in %v", n, duration)
	}
	cut := parsed(t, "asterisk 3", Options{Duration: 100 * ms, Calls: 3000, Seed: 1})
	if n := count(parsed(t, "asterisk 3", Options{Calls: 3000, Seed: 1}), 100*ms); cut.Len() != n {
		t.Errorf("%d of 3,000 calls in 100 ms, want %d", cut.Len(), n)
	}
}

// TestSpread: each call comes within its own slot, not at its begin, and all slots are equal.
func TestSpread(t *testing.T) {
	const calls, slot = 500, 400 * time.Microsecond
	s := parsed(t, "burst in 200ms", Options{Calls: calls, Seed: 1})
	if got, want := s.String(), "500 within 200 ms"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	sum := 0.0
	for i := range calls {
		at := s.At(i) - time.Duration(i)*slot
		if at < 0 || at >= slot {
			t.Fatalf("call %d comes %v after its slot's begin", i, at)
		}
		sum += float64(at) / float64(slot)
	}
	// The mean of 500 uniform numbers: its deviation is 1/sqrt(12·500) = 0.013.
	if mean := sum / calls; math.Abs(mean-0.5) > 0.05 {
		t.Errorf("calls come after %.3f of their slots, want 0.5", mean)
	}
}

// TestSeedsReproduce: the same seed gives the same schedule, another one another.
func TestSeedsReproduce(t *testing.T) {
	for _, spec := range []string{"burst in 200ms", "asterisk 1", "asterisk 4"} {
		seven, again, eight := ofSeed(t, spec, 7), ofSeed(t, spec, 7), ofSeed(t, spec, 8)
		differ := 0
		for i := range seven.Len() {
			if seven.At(i) != again.At(i) {
				t.Fatalf("%s: call %d comes at different times with one seed", spec, i)
			}
			if seven.At(i) != eight.At(i) {
				differ++
			}
		}
		if differ < 990 {
			t.Errorf("%s: only %d of 1,000 calls come at other times with another seed", spec, differ)
		}
	}
}

// TestSuggestions: an error shows the forms of the word that was meant.
func TestSuggestions(t *testing.T) {
	near := func(word string, candidates []string) string {
		for _, c := range candidates {
			if c[:3] == word[:min(3, len(word))] {
				return c
			}
		}
		return ""
	}
	for spec, want := range map[string]string{
		"asterix 4":   `arrival "asterix 4": did you mean "asterisk HOSTS"?`,
		"bursts":      `arrival "bursts": did you mean "burst", "burst in TIME" or "burst SIZE every TIME"?`,
		"asterisk":    `arrival "asterisk": want "asterisk HOSTS"`,
		"burst 200ms": `arrival "burst 200ms": want "burst", "burst in TIME" or "burst SIZE every TIME"`,
		"slowly":      `arrival "slowly": want ` + Forms(),
	} {
		if _, err := Parse(spec, Options{Calls: 1, Near: near}); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestHostErrors(t *testing.T) {
	for spec, want := range map[string]string{
		"asterisk 0":    "the number of Asterisk hosts is 1 to 1,000, not \"0\"",
		"asterisk 1001": "the number of Asterisk hosts is 1 to 1,000, not \"1001\"",
		"asterisk four": "not \"four\"",
		"asterisk 5":    "5 hosts share 3 calls: want at least one call for each host",
		"burst in 200":  "\"200\" is not a time such as 250ms",
		"burst in 0s":   "\"0s\" is not a time",
	} {
		if _, err := Parse(spec, Options{Calls: 3}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", spec, err, want)
		}
	}
	_, err := Parse("burst in 1s", Options{Duration: time.Second})
	if err == nil || !strings.Contains(err.Error(), "say how many calls") {
		t.Errorf("burst in 1s without calls: %v", err)
	}
	// 1,000 hosts at 463 to 870 calls/s.
	want := "more than 10000000 calls come within 24h0m0s"
	if _, err := Parse("asterisk 1000", Options{Duration: longest}); err == nil ||
		!strings.Contains(err.Error(), want) {
		t.Errorf("1,000 hosts for a day: %v, want %q", err, want)
	}
}

// TestHostWords: numbers and times as people write them.
func TestHostWords(t *testing.T) {
	for _, c := range []struct {
		spec  string
		calls int
		want  string
	}{
		{"asterisk 1", 1, "1 from 1 Asterisk host within 0 s"},
		{"asterisk 1000", 1000, "1,000 from 1,000 Asterisk hosts within 1 ms"},
		{"burst in 1.5s", 1001, "1,001 within 1.5 s"},
		{"burst in 90s", 12, "12 within 1m30s"},
		{"burst in 5us", 3, "3 within 5 µs"},
	} {
		if got := parsed(t, c.spec, Options{Calls: c.calls}).String(); got != c.want {
			t.Errorf("%s: %q, want %q", c.spec, got, c.want)
		}
	}
}

// ofSeed is a schedule of 1,000 calls.
func ofSeed(t *testing.T, spec string, seed uint64) Schedule {
	t.Helper()
	return parsed(t, spec, Options{Calls: 1000, Seed: seed})
}

func parsed(t *testing.T, spec string, o Options) Schedule {
	t.Helper()
	s, err := Parse(spec, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
