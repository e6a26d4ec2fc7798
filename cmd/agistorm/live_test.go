package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis/record"
	"agistorm/loadgen"
	"agistorm/scenarios/lab"
	"agistorm/target/probe"
)

// midway is a storm of which 1,500 of 2,000 calls were offered, 300 wait, 100 talk and 1,100 have ended.
func midway(elapsed time.Duration) lab.Live {
	connects := make([]uint32, 200)
	connects[bracketOf10ms] = 99
	connects[bracketOf10ms+16] = 1
	return lab.Live{
		Calls: 2000, Elapsed: elapsed,
		Progress: loadgen.Progress{
			Offered: 1500, Connected: 1100, Open: 100, Connects: connects,
			Outcomes: map[record.Outcome]int{record.Answered: 980, record.Reset: 12, record.ConnectTimeout: 108},
		},
		Queue: &probe.QueueState{Depth: 129, Limit: 128},
	}
}

// bracketOf10ms ends at 10.24 ms: 16 brackets to each power of two, of microseconds.
const bracketOf10ms = 16*9 + 20 - 1

func TestLiveBlock(t *testing.T) {
	want := []string{
		"  1.20 s  ███████████████░░░░░  1,500 of 2,000 offered",
		"          300 connecting   100 open   980 answered",
		"          connect p50 10.2 ms, p99 10.2 ms so far   accept queue 129 of 129",
		"          108 connect-timeout   12 reset",
	}
	if diff := cmp.Diff(want, liveBlock(midway(1200*time.Millisecond))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	first := liveBlock(lab.Live{Calls: 5, Elapsed: -time.Millisecond})
	const start = "     0 s  ░░░░░░░░░░░░░░░░░░░░  0 of 5 offered"
	if len(first) != 4 || first[0] != start || strings.TrimSpace(first[2]+first[3]) != "" {
		t.Errorf("before the first instant: %q, want %q", first, start)
	}
}

func TestLiveLine(t *testing.T) {
	const want = "1.20 s: 1,500 of 2,000 offered, 300 connecting, 100 open, 980 answered, 108 connect-timeout, 12 " +
		"reset, " +
		"connect p50 10.2 ms, p99 10.2 ms so far, accept queue 129 of 129"
	if got := liveLine(midway(1200 * time.Millisecond)); got != want {
		t.Errorf("%q\nwant %q", got, want)
	}
	only := lab.Live{Calls: 9, Progress: loadgen.Progress{
		Offered: 4, Connected: 4, Outcomes: map[record.Outcome]int{record.Connected: 4},
	}}
	if got := liveLine(only); !strings.Contains(got, "4 connected") || strings.Contains(got, "answered") {
		t.Errorf("%q, want connected and not answered", got)
	}
}

// TestLiveOnTerminal: each block takes the place of the one before it, and at the end nothing is left.
func TestLiveOnTerminal(t *testing.T) {
	var out bytes.Buffer
	v := newProgress(&env{stderr: &out, stderrTerminal: true, stderrWidth: 100}, false, firstLive)
	v.live(midway(time.Second))
	v.live(midway(2 * time.Second))
	v.clear()
	v.clear()
	block := func(elapsed time.Duration) string {
		return strings.Join(liveBlock(midway(elapsed)), "\n") + "\n"
	}
	const up = "\x1b[4A\r\x1b[J"
	if want := block(time.Second) + up + block(2*time.Second) + up; out.String() != want {
		t.Errorf("%q\nwant %q", out.String(), want)
	}
	out.Reset()
	newProgress(&env{stderr: &out, stderrTerminal: true, stderrWidth: 30}, false, firstLive).live(midway(time.Second))
	for line := range strings.Lines(out.String()) {
		if n := utf8.RuneCountInString(line) - 1; n >= 30 {
			t.Errorf("%q has %d cells in a terminal of 30: it would wrap", line, n)
		}
	}
}

// TestLiveElsewhere: the first plain line after a second, then one every ten.
func TestLiveElsewhere(t *testing.T) {
	var out bytes.Buffer
	v := newProgress(&env{stderr: &out}, false, firstLive)
	for at := time.Duration(0); at <= 25*time.Second; at += 200 * time.Millisecond {
		v.live(midway(at))
	}
	v.clear()
	var starts []string
	for line := range strings.Lines(out.String()) {
		start, _, _ := strings.Cut(line, ":")
		starts = append(starts, start)
	}
	if diff := cmp.Diff([]string{"1.00 s", "11.0 s", "21.0 s"}, starts); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	out.Reset()
	quiet := newProgress(&env{stderr: &out, stderrTerminal: true}, true, firstLive)
	quiet.live(midway(time.Minute))
	quiet.clear()
	if out.Len() > 0 {
		t.Errorf("quiet said %q", out.String())
	}
}
