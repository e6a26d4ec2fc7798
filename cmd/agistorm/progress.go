package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"agistorm/reports/lists"
	"agistorm/reports/words"
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
	// last of a sweep that was shown, and when; calls of the storms that are recorded, and those of them that were lost.
	last        lab.Progress
	lastAt      time.Time
	calls, lost int
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

// clear removes the lines before anything else is printed; it does nothing where there is no progress.
func (p *progress) clear() {
	if p == nil {
		return
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.replace(nil)
}

// say prints lines that stay, also when quiet: the user must know them. A terminal would break them within words.
func (p *progress) say(lines ...string) {
	p.clear()
	for _, line := range lines {
		fmt.Fprintln(p.w, strings.Join(p.fitted(line), "\n"))
	}
}

// fitted breaks a line between words for the terminal; elsewhere it stays whole, for grep.
func (p *progress) fitted(line string) []string {
	if !p.terminal {
		return []string{line}
	}
	return lists.Wrap(strings.Split(line, " "), func(part string, _ int) bool {
		return utf8.RuneCountInString(part) <= p.width
	})
}

// sweep shows the progress of a sweep.
func (p *progress) sweep(l lab.Progress) {
	if l.Setting == "" {
		return
	}
	p.mutex.Lock()
	p.last, p.lastAt = l, time.Now()
	lines := p.sweepBlock()
	p.mutex.Unlock()
	p.show(l.Elapsed, progressText(l), lines...)
}

// counter is nil where nobody sees what it counts: it reads every record.
func (p *progress) counter() func(calls, lost int) {
	if !p.terminal || p.quiet {
		return nil
	}
	return p.recorded
}

// recorded takes in what became of the calls of a storm.
func (p *progress) recorded(calls, lost int) {
	p.mutex.Lock()
	p.calls, p.lost = p.calls+calls, p.lost+lost
	p.mutex.Unlock()
	p.again()
}

// sweepBlock is what is shown of a sweep now; the mutex is held.
func (p *progress) sweepBlock() []string {
	return sweepBlock(p.last, time.Since(p.lastAt), p.calls, p.lost)
}

// tick is how often the progress of a sweep is drawn again: its time goes on while a storm is played.
const tick = 500 * time.Millisecond

// ticking draws the progress of a sweep again and again on a terminal, until stop is called.
func (p *progress) ticking() (stop func()) {
	if !p.terminal || p.quiet {
		return func() {}
	}
	over, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(tick)
		defer ticker.Stop()
		for {
			select {
			case <-over:
				return
			case <-ticker.C:
				p.again()
			}
		}
	}()
	return func() {
		close(over)
		<-done
	}
}

// again draws what a sweep has come to, as of now.
func (p *progress) again() {
	p.mutex.Lock()
	shown, lines := p.last.Setting != "", p.sweepBlock()
	p.mutex.Unlock()
	if shown {
		p.show(0, "", lines...)
	}
}

// writing says on a terminal that the storms are over and the report is written; failure is what ended them early,
// if anything did.
func (p *progress) writing(failure error) {
	if p == nil {
		return
	}
	text := "Writing the report."
	if errors.Is(failure, context.Canceled) {
		text = "Interrupted: writing the report of what ended. A second Ctrl-C ends at once."
	}
	p.show(0, "", text)
}

// sweepBlock returns a sweep at a glance, some time after its last storm began: the setting, a bar, the time left and
// the calls lost so far.
func sweepBlock(l lab.Progress, since time.Duration, calls, lost int) []string {
	elapsed, left := l.Elapsed+since, ""
	part := float64(l.Done) / float64(max(l.Storms, 1))
	if l.Left != nil {
		rest := max(*l.Left-since, 0)
		left = fmt.Sprintf(", about %v left", rest.Round(time.Second))
		part = max(part, min(float64(elapsed)/float64(max(elapsed+rest, 1)), float64(l.Done+1)/float64(l.Storms)))
	}
	second := fmt.Sprintf("%s  %v%s", bar(int(part*1000), 1000), elapsed.Round(time.Second), left)
	if calls > 0 {
		second += fmt.Sprintf("; lost so far: %s of %s calls", words.Count(lost), words.Count(calls))
	}
	l.Left = nil // it is in the second line
	return []string{progressText(l), second}
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
