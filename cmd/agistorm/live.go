package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"agistorm/analysis/record"
	"agistorm/reports/words"
	"agistorm/scenarios/lab"
)

// liveView shows the progress of a storm: a block of lines that is overwritten on a terminal, else a plain
// line every 10 s.
type liveView struct {
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

// firstLine is when the first plain line is due: a short storm needs none.
const firstLine = time.Second

// assumedWidth is that of a terminal whose width is not known.
const assumedWidth = 80

func newLiveView(e *env, quiet bool) *liveView {
	width := cmp.Or(e.stderrWidth, assumedWidth)
	return &liveView{w: e.stderr, terminal: e.stderrTerminal, quiet: quiet, width: width, next: firstLine}
}

// show is called several times a second, perhaps by several goroutines.
func (v *liveView) show(l lab.Live) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	switch {
	case v.quiet:
	case v.terminal:
		v.draw(liveBlock(l, v.width))
	case l.Elapsed >= v.next:
		v.next = l.Elapsed + sparse
		fmt.Fprintln(v.w, liveLine(l))
	}
}

// draw overwrites the lines of the last call.
func (v *liveView) draw(lines []string) {
	text := v.wiped()
	for _, line := range lines {
		text += line + "\n"
	}
	v.lines = len(lines)
	fmt.Fprint(v.w, text)
}

// wiped returns what moves to the first line and clears from there.
func (v *liveView) wiped() string {
	if v.lines == 0 {
		return ""
	}
	return fmt.Sprintf("\x1b[%dA\r\x1b[J", v.lines)
}

// clear removes the block before the result is printed.
func (v *liveView) clear() {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if v.terminal && !v.quiet {
		fmt.Fprint(v.w, v.wiped())
	}
	v.lines = 0
}

// liveBlock returns the storm at a glance, no line wider than width.
func liveBlock(l lab.Live, width int) []string {
	head := fmt.Sprintf("%8s  %s  %s of %s offered", words.Duration(max(l.Elapsed, 0)), bar(l.Offered, l.Calls),
		words.Count(l.Offered), words.Count(l.Calls))
	lines := []string{
		head,
		"          " + strings.Join(liveCounts(l), "   "),
		"          " + strings.Join(liveTimes(l), "   "),
		"          " + strings.Join(lostSoFar(l), "   "), // a line of its own, which 80 columns do not cut
	}
	for i, line := range lines {
		cells := []rune(strings.TrimRight(line, " "))
		lines[i] = string(cells[:min(len(cells), width-1)])
	}
	return lines
}

// liveLine returns the same in one line.
func liveLine(l lab.Live) string {
	parts := []string{fmt.Sprintf("%s of %s offered", words.Count(l.Offered), words.Count(l.Calls))}
	parts = slices.Concat(parts, liveCounts(l), lostSoFar(l), liveTimes(l))
	return words.Duration(l.Elapsed) + ": " + strings.Join(parts, ", ")
}

// liveCounts returns how many calls are in which state now.
func liveCounts(l lab.Live) []string {
	served, name := l.Outcomes[record.Answered], "answered"
	if n := l.Outcomes[record.Connected]; n > 0 {
		served, name = n, "connected"
	}
	return []string{
		words.Count(l.Connecting()) + " connecting",
		words.Count(l.Open) + " open",
		words.Count(served) + " " + name,
	}
}

// lostSoFar returns the outcomes that are no success, the generator's own too.
func lostSoFar(l lab.Live) (parts []string) {
	for _, o := range record.Outcomes {
		if n := l.Outcomes[o]; n > 0 && !o.Served() {
			parts = append(parts, words.Count(n)+" "+string(o))
		}
	}
	return parts
}

// liveTimes returns the latencies so far, and the queue where it is known.
func liveTimes(l lab.Live) (parts []string) {
	if p50, ok := l.Quantile(0.5); ok {
		p99, _ := l.Quantile(0.99)
		parts = append(parts, fmt.Sprintf("connect p50 %s, p99 %s so far", words.Duration(p50), words.Duration(p99)))
	}
	if q := l.Queue; q != nil {
		depth, capacity := words.Count(q.Depth), words.Count(int(q.Limit)+1)
		parts = append(parts, fmt.Sprintf("accept queue %s of %s", depth, capacity))
	}
	return parts
}

// barWidth in cells.
const barWidth = 20

func bar(n, of int) string {
	full := min(n*barWidth/max(of, 1), barWidth)
	return strings.Repeat("█", full) + strings.Repeat("░", barWidth-full)
}
