package main

import (
	"strings"
	"testing"
	"time"

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

func TestProgressLine(t *testing.T) {
	terminal := progressOf(true, false)
	if n := strings.Count(terminal, "\x1b[1A\r\x1b[J"); n != 4 || strings.Count(terminal, "\n") != 5 {
		t.Errorf("on a terminal one line is written over for each storm: %q", terminal)
	}
	plain := progressOf(false, false)
	if n := strings.Count(plain, "["); n != 2 || strings.ContainsAny(plain, "\r\x1b") {
		t.Errorf("elsewhere a plain line at 0 s and at 12 s: %q", plain)
	}
	if quiet := progressOf(false, true); quiet != "Notice.\n" {
		t.Errorf("quiet shows only what the user must know: %q", quiet)
	}
}
