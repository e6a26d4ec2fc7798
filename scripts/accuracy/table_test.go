package main

import (
	"strings"
	"testing"
	"time"
)

func TestFigures(t *testing.T) {
	// 99 connects off by 1 to 99 µs, above and below by turns, and one off by 1 ms.
	j := joined{leftOut: 2, early: 3, pairs: []pair{{2 * time.Millisecond, time.Millisecond}}}
	for i := range time.Duration(99) {
		seen := 200 * us
		reported := seen + (i+1)*us
		if i%2 == 0 {
			reported = seen - (i+1)*us
		}
		j.pairs = append(j.pairs, pair{reported, seen})
	}
	got := j.figures()
	want := figures{
		connects: 100, leftOut: 2, early: 3,
		// 50 of the 99 say less than 200 µs: 101, 103 … 199 µs.
		reportedP50: 199 * us, reportedP99: 298 * us, seenP50: 200 * us, seenP99: 200 * us,
		offP50: 50 * us, offP99: 99 * us, offMax: time.Millisecond,
	}
	if got != want {
		t.Errorf("%+v\nwant %+v", got, want)
	}
}

func TestMisses(t *testing.T) {
	good := figures{connects: 100, leftOut: 1, offP50: 5 * us, offP99: 50 * us, offMax: 35 * time.Millisecond}
	change := func(by func(*figures)) figures {
		f := good
		by(&f)
		return f
	}
	tests := map[string]struct {
		row  int
		f    figures
		says string // the one miss; empty: none
	}{
		"handshake, just met": {0, good, ""},
		"handshake p50": {
			0,
			change(func(f *figures) { f.offP50++ }),
			"off by 5.00 µs at p50, want 5.00 µs or less",
		},
		"handshake p99": {
			0,
			change(func(f *figures) { f.offP99 = 51 * us }),
			"off by 51.0 µs at p99, want 50.0 µs or less",
		},
		"retransmitted, just met": {1, good, ""},
		"retransmitted max": {
			1,
			change(func(f *figures) { f.offMax = 36 * time.Millisecond }),
			"off by 36.0 ms at max, want 35.0 ms or less",
		},
		"connect, just met": {2, good, ""},
		"connect too short": {2, change(func(f *figures) { f.early = 1 }), "1 connects were shorter"},
		"connect, SYN lost": {3, change(func(f *figures) { f.early = 2 }), "2 connects were shorter"},
		"the dialer has no target": {
			4,
			change(func(f *figures) { f.early, f.offP50, f.leftOut = 9, time.Second, 50 }),
			"",
		},
		"too few connects": {
			1,
			change(func(f *figures) { f.connects, f.leftOut = 99, 0 }),
			"only 99 connects, want 100",
		},
		"too many that are not there": {
			0,
			change(func(f *figures) { f.leftOut = 2 }),
			"2 of 102 connects cannot be compared",
		},
	}
	for name, test := range tests {
		misses := strings.Join(rows[test.row].misses(test.f), "\n")
		if !strings.Contains(misses, test.says) || (test.says == "") != (misses == "") {
			t.Errorf("%s: %q, want %q", name, misses, test.says)
		}
	}
}

// Three runs: the medians, the worst in brackets, the counts summed.
func TestTable(t *testing.T) {
	var runs [][]figures
	for _, n := range []time.Duration{3, 1, 2} {
		one := figures{
			connects:    10_000,
			early:       int(n),
			reportedP50: n * us,
			reportedP99: n * 10 * us,
			seenP50:     n * us,
			seenP99:     n * 100 * us,
			offP50:      n * us,
			offP99:      n * time.Millisecond,
			offMax:      n * time.Second,
		}
		runs = append(runs, []figures{one, one, one, one, one})
	}
	got := strings.Split(table(runs), "\n")
	for n, want := range map[int]string{
		2: "| agistorm, `handshake` | 30,000 | 2.00 µs | 20.0 µs | 2.00 µs | 200 µs | " +
			"2.00 µs (3.00 µs) | 2.00 ms (3.00 ms) | 2.00 s (3.00 s) | – | p50 ≤ 5.00 µs, p99 ≤ 50.0 µs |",
		4: "| agistorm, `connect` | 30,000 | 2.00 µs | 20.0 µs | 2.00 µs | 200 µs | " +
			"2.00 µs (3.00 µs) | 2.00 ms (3.00 ms) | 2.00 s (3.00 s) | 6 | none too short |",
		6: "| goroutine and net.Dialer per call | 30,000 | 2.00 µs | 20.0 µs | 2.00 µs | 200 µs | " +
			"2.00 µs (3.00 µs) | 2.00 ms (3.00 ms) | 2.00 s (3.00 s) | – | – |",
	} {
		if got[n] != want {
			t.Errorf("line %d:\n%s\nwant\n%s", n, got[n], want)
		}
	}
	if one := table(runs[:1]); strings.Contains(one, "(") {
		t.Errorf("one run has no worst:\n%s", one)
	}
}
