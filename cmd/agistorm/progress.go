package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"agistorm/scenarios/lab"
)

// progress shows on stderr how far a verb is: lines that are overwritten on a terminal, elsewhere a plain
// line every 10 s. Several goroutines may use it.
type progress struct {
	w        io.Writer
	terminal bool
	quiet    bool
	width    int

	mutex sync.Mutex
	// lines on the terminal now.
	lines int
	// next is when a plain line is due.
	next time.Duration
}

// sparse is the least time between two plain lines: a log is read afterwards.
const sparse = 10 * time.Second

// assumedWidth is that of a terminal whose width is not known.
const assumedWidth = 80

// newProgress returns one whose first plain line is due after a time.
func newProgress(e *env, quiet bool, first time.Duration) *progress {
	width := cmp.Or(e.stderrWidth, assumedWidth)
	return &progress{w: e.stderr, terminal: e.stderrTerminal, quiet: quiet, width: width, next: first}
}

// show puts lines in the place of those before them, on a terminal. Elsewhere it prints the plain one, where
// one is due and it is not empty.
func (p *progress) show(elapsed time.Duration, plain string, lines ...string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	switch {
	case p.quiet:
	case p.terminal:
		p.replace(lines)
	case elapsed >= p.next && plain != "":
		p.next = elapsed + sparse
		fmt.Fprintln(p.w, plain)
	}
}

// replace overwrites the lines of the last call. None is wider than the terminal, where it would wrap.
func (p *progress) replace(lines []string) {
	text := ""
	if p.lines > 0 {
		text = fmt.Sprintf("\x1b[%dA\r\x1b[J", p.lines)
	}
	for _, line := range lines {
		cells := []rune(strings.TrimRight(line, " "))
		text += string(cells[:min(len(cells), p.width-1)]) + "\n"
	}
	p.lines = len(lines)
	fmt.Fprint(p.w, text)
}

// clear removes the lines before anything else is printed.
func (p *progress) clear() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.replace(nil)
}

// say prints lines that stay, also when quiet: the user must know them.
func (p *progress) say(lines ...string) {
	p.clear()
	for _, line := range lines {
		fmt.Fprintln(p.w, line)
	}
}

// sweep shows the progress of a sweep.
func (p *progress) sweep(l lab.Progress) {
	if l.Setting != "" {
		text := progressText(l)
		p.show(l.Elapsed, text, text)
	}
}

// live shows the state of a storm; it is called several times a second.
func (p *progress) live(l lab.Live) { p.show(l.Elapsed, liveLine(l), liveBlock(l)...) }

// progressText returns "[ 4/18] somaxconn 128, backlog max, repeat 1 of 3, about 41 s left".
func progressText(p lab.Progress) string {
	kind, n, of := "repeat", p.Repeat, p.Repeats
	if n < 1 {
		kind, n, of = "warm-up", n+p.Warmups, p.Warmups
	}
	text := fmt.Sprintf("[%*d/%d] %s, %s %d of "+
		"%d", len(fmt.Sprint(p.Storms)), p.Done+1, p.Storms, p.Setting, kind, n, of)
	if p.Left != nil {
		text += fmt.Sprintf(", about %v left", p.Left.Round(time.Second))
	}
	return text
}
