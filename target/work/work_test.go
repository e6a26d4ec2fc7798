package work

import (
	"errors"
	"io"
	"io/fs"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

// files opens these, and nothing else.
func files(all map[string]string) Open {
	return func(path string) (io.ReadCloser, error) {
		text, ok := all[path]
		if !ok {
			return nil, fs.ErrNotExist
		}
		return io.NopCloser(strings.NewReader(text)), nil
	}
}

// draw gives the sorted work of many calls.
func draw(w Work, seed uint64, calls int) []time.Duration {
	all := make([]time.Duration, calls)
	for i := range all {
		all[i] = w.At(seed, uint64(i))
	}
	slices.Sort(all)
	return all
}

// TestDistributions: the quantiles of 100,000 calls, against those of the distribution.
func TestDistributions(t *testing.T) {
	open := files(map[string]string{"calls.txt": "# a day's work\n10ms\n\n 30ms \n20ms\n1s\n"})
	for text, want := range map[string]map[float64]time.Duration{
		"7ms":                     {0.5: 7 * time.Millisecond, 0.99: 7 * time.Millisecond},
		"exponential 10ms":        {0.5: 6931 * time.Microsecond, 0.99: 46052 * time.Microsecond}, // ln 2, ln 100
		"lognormal 5ms p99 200ms": {0.5: 5 * time.Millisecond, 0.99: 200 * time.Millisecond},
		"lognormal 5ms p99 5ms":   {0.5: 5 * time.Millisecond, 0.99: 5 * time.Millisecond},
		"file calls.txt": {0.1: 10 * time.Millisecond, 0.4: 20 * time.Millisecond,
			0.6: 30 * time.Millisecond, 0.9: time.Second},
	} {
		w, err := Parse(text, open)
		if err != nil || w.String() != text {
			t.Fatalf("%s: %v, %v", text, w, err)
		}
		all := draw(w, 1, 100_000)
		for share, d := range want {
			got := all[int(share*float64(len(all)))]
			if math.Abs(float64(got-d)) > 0.05*float64(d) {
				t.Errorf("%s: quantile %v is %v, want %v", text, share, got, d)
			}
		}
	}
}

// TestSeed: the same seed gives the same calls, another one others, and neighbours have nothing in common.
func TestSeed(t *testing.T) {
	w, err := Parse("exponential 1s", nil)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(draw(w, 7, 1000), draw(w, 7, 1000)) {
		t.Error("the same seed, other work")
	}
	same := 0
	for i := range uint64(1000) {
		if w.At(7, i) == w.At(8, i) || w.At(7, i) == w.At(7, i+1) || w.At(7, i+1) == w.At(8, i) {
			same++
		}
	}
	if same > 0 {
		t.Errorf("%d of 1000 calls have the work of another", same)
	}
}

func TestNone(t *testing.T) {
	for text, want := range map[string]bool{"0s": true, "exponential 0s": true, "1ns": false, "exponential 1ms": false} {
		if w, err := Parse(text, nil); err != nil || w.None() != want {
			t.Errorf("%s: %v, %v", text, w.None(), err)
		}
	}
	if w := (Work{}); !w.None() || w.At(1, 1) != 0 || w.String() != "0s" {
		t.Error("the zero value works")
	}
}

// TestUniform: a share of all calls is never all of them, for the seed that comes nearest.
func TestUniform(t *testing.T) {
	if u := uniform(11993361802833972287, 0); u <= 0 || u >= 1 {
		t.Errorf("%v", u)
	}
}

func TestLongWorkIsCut(t *testing.T) {
	w, err := Parse("lognormal 9m p99 10m", nil)
	if err != nil {
		t.Fatal(err)
	}
	if all := draw(w, 1, 10_000); all[len(all)-1] != Max || all[0] <= 0 {
		t.Errorf("from %v to %v", all[0], all[len(all)-1])
	}
}

func TestParseErrors(t *testing.T) {
	open := files(map[string]string{"bad.txt": "1ms\nsoon\n", "empty.txt": "# nothing\n", "negative.txt": "-1ms"})
	for text, want := range map[string]string{
		"":                        `work "": want a time`,
		"soon":                    `work "soon": want a time`,
		"-1ms":                    `work "-1ms": -1ms: want a time from 0s to 10m0s`,
		"11m":                     `work "11m": 11m: want a time from 0s to 10m0s`,
		"normal 5ms":              `work "normal 5ms": want a time`,
		"exponential":             `work "exponential": want a time`,
		"exponential x":           "x: want a time from 0s to 10m0s",
		"exponential 5ms 6ms":     "want a time",
		"lognormal 5ms p99 x":     "x: want a time",
		"lognormal x p99 5ms":     "x: want a time",
		"lognormal 5ms p95 200ms": "want a time",
		"lognormal 5ms p99 4ms":   "a 99th percentile that is no less",
		"lognormal 0s p99 4ms":    "a median above 0s",
		"file missing.txt":        "file does not exist",
		"file bad.txt":            "bad.txt:2: soon: want a time",
		"file empty.txt":          "empty.txt: no duration in it",
		"file negative.txt":       "negative.txt:1: -1ms",
	} {
		_, err := Parse(text, open)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
	if _, err := Parse("file x", nil); err == nil {
		t.Error("a file without a way to open it: no error")
	}
	if _, err := Read(broken{}); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a broken file: %v", err)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func BenchmarkAt(b *testing.B) {
	w, err := Parse("lognormal 5ms p99 200ms", nil)
	if err != nil {
		b.Fatal(err)
	}
	for i := uint64(0); b.Loop(); i++ {
		w.At(1, i)
	}
}
