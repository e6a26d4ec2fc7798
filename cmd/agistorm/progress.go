package main

import (
	"fmt"
	"io"
	"time"

	"agistorm/scenarios/lab"
)

// progressLine shows the progress of a sweep: one line that is overwritten on a terminal, else a plain line
// every 10 s.
type progressLine struct {
	w        io.Writer
	terminal bool
	quiet    bool
	// shown is how long the sweep had run at the last plain line.
	shown *time.Duration
}

// sparse is the least time between two plain lines: a log is read afterwards.
const sparse = 10 * time.Second

func newProgressLine(e *env, quiet bool) *progressLine {
	return &progressLine{w: e.stderr, terminal: e.stderrTerminal, quiet: quiet}
}

func (l *progressLine) show(p lab.Progress) {
	if l.quiet || p.Setting == "" {
		return
	}
	text := progressText(p)
	if l.terminal {
		l.overwrite(text)
	} else if l.shown == nil || p.Elapsed-*l.shown >= sparse {
		l.shown = &p.Elapsed
		fmt.Fprintln(l.w, text)
	}
}

// progressText returns "[ 4/18] somaxconn 128, backlog max, repeat 1 of 3, about 41 s left".
func progressText(p lab.Progress) string {
	text := fmt.Sprintf("[%*d/%d] %s, repeat %d of %d",
		len(fmt.Sprint(p.Storms)), p.Done+1, p.Storms, p.Setting, p.Repeat, p.Repeats)
	if p.Left != nil {
		text += fmt.Sprintf(", about %v left", p.Left.Round(time.Second))
	}
	return text
}

// say prints a line of its own, also when quiet: the user must know it.
func (l *progressLine) say(text string) {
	l.clear()
	fmt.Fprintln(l.w, text)
}

func (l *progressLine) clear() { l.overwrite("") }

// overwrite puts a text in the place of the line, on a terminal only.
func (l *progressLine) overwrite(text string) {
	if l.terminal && !l.quiet {
		fmt.Fprintf(l.w, "\r\x1b[K%s", text)
	}
}
