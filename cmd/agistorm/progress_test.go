package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis/record"
	"agistorm/scenarios/lab"
)

func TestProgressText(t *testing.T) {
	left := 41499 * time.Millisecond
	for _, c := range []struct {
		p    lab.Progress
		want string
	}{
		{
			lab.Progress{Storms: 18, Setting: "somaxconn 128, backlog max", Repeat: 1, Repeats: 3},
			"[ 1/18] somaxconn 128, backlog max, repeat 1 of 3",
		},
		{
			lab.Progress{Done: 9, Storms: 18, Setting: "somaxconn max, backlog 128", Repeat: 2, Repeats: 3, Left: &left},
			"[10/18] somaxconn max, backlog 128, repeat 2 of 3, about 41s left",
		},
	} {
		if got := progressText(c.p); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestSweepBlock(t *testing.T) {
	left := 40 * time.Second
	p := lab.Progress{Done: 5, Storms: 20, Setting: "somaxconn 128", Repeat: 2, Repeats: 3, Elapsed: 10 * time.Second,
		Left: &left}
	for since, want := range map[time.Duration][]string{
		0: {
			"[ 6/20] somaxconn 128, repeat 2 of 3",
			"█████░░░░░░░░░░░░░░░  10s, about 40s left; lost so far: 1,402 of 8,000 calls",
		},
		2 * time.Second: { // no further than the storm that is played
			"[ 6/20] somaxconn 128, repeat 2 of 3",
			"█████░░░░░░░░░░░░░░░  12s, about 38s left; lost so far: 1,402 of 8,000 calls",
		},
		time.Minute: {
			"[ 6/20] somaxconn 128, repeat 2 of 3",
			"██████░░░░░░░░░░░░░░  1m10s, about 0s left; lost so far: 1,402 of 8,000 calls",
		},
	} {
		if diff := cmp.Diff(want, sweepBlock(p, since, 8000, 1402)); diff != "" {
			t.Errorf("%v later (-want +got):\n%s", since, diff)
		}
	}
	first := sweepBlock(lab.Progress{Storms: 20, Setting: "a", Repeat: 1, Repeats: 3}, 0, 0, 0)
	if want := "░░░░░░░░░░░░░░░░░░░░  0s"; len(first) != 2 || first[1] != want {
		t.Errorf("before the first storm ended: %q, want %q", first, want)
	}
}

// TestWriting: a terminal shows that the report is written, until that is there; elsewhere nothing is.
func TestWriting(t *testing.T) {
	for terminal, want := range map[bool]string{
		true: "Writing the report.\n\x1b[1A\r\x1b[JInterrupted: writing the report of what ended. " +
			"A second Ctrl-C ends at once.\n\x1b[1A\r\x1b[J",
		false: "",
	} {
		var out strings.Builder
		p := newProgress(&env{stderr: &out, stderrTerminal: terminal, stderrWidth: 100}, false, 0)
		p.writing(nil)
		p.writing(fmt.Errorf("a storm: %w", context.Canceled))
		p.clear()
		if got := out.String(); got != want {
			t.Errorf("terminal %v: %q, want %q", terminal, got, want)
		}
	}
}

func TestLeftover(t *testing.T) {
	var l leftover
	if got, want := l.String(), "agistorm: ended at once; nothing was measured"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	dir := t.TempDir()
	l.is(record.Dir(dir))
	empty := "agistorm: ended at once; " + dir + " holds no finished storm and can be removed"
	if got, want := l.String(), empty; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	for _, name := range []string{"a/repeat-1", "a/repeat-2.part", "a/warmup-1", "b/repeat-1"} {
		if err := os.MkdirAll(filepath.Join(dir, "cells", name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	want := "agistorm: ended at once; " + dir + " keeps 2 storms that had ended; agistorm report " + dir +
		" writes the report"
	if got := l.String(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// progressOf shows four storms, 6 s apart, and the end.
func progressOf(terminal, quiet bool) string {
	var out strings.Builder
	line := newProgress(&env{stderr: &out, stderrTerminal: terminal}, quiet, 0)
	for i := range 4 {
		line.sweep(lab.Progress{Done: i, Storms: 4, Setting: "a", Elapsed: time.Duration(i) * 6 * time.Second})
	}
	line.sweep(lab.Progress{Done: 4, Storms: 4})
	line.say("Notice.")
	return out.String()
}

// TestSayFits: a terminal gets a long notice broken between words; a log gets it whole.
func TestSayFits(t *testing.T) {
	const notice = "The command keeps a backlog of its own."
	for _, c := range []struct {
		terminal bool
		want     string
	}{
		{true, "The command keeps a\nbacklog of its own.\n"},
		{false, notice + "\n"},
	} {
		var out strings.Builder
		newProgress(&env{stderr: &out, stderrTerminal: c.terminal, stderrWidth: 20}, false, 0).say(notice)
		if got := out.String(); got != c.want {
			t.Errorf("terminal %t: %q, want %q", c.terminal, got, c.want)
		}
	}
}

func TestProgressLine(t *testing.T) {
	terminal := progressOf(true, false)
	if n := strings.Count(terminal, "\x1b[2A\r\x1b[J"); n != 4 || strings.Count(terminal, "\n") != 9 {
		t.Errorf("on a terminal two lines are written over for each storm: %q", terminal)
	}
	plain := progressOf(false, false)
	if n := strings.Count(plain, "["); n != 2 || strings.ContainsAny(plain, "\r\x1b") {
		t.Errorf("elsewhere a plain line at 0 s and at 12 s: %q", plain)
	}
	if quiet := progressOf(false, true); quiet != "Notice.\n" {
		t.Errorf("quiet shows only what the user must know: %q", quiet)
	}
}
