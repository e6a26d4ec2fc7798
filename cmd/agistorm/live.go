package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/scenarios/lab"
)

// liveView shows a storm while it is played: a block of lines that is written over on a terminal, now
// and then a plain line elsewhere.
type liveView struct {
	w        io.Writer
	terminal bool
	quiet    bool
	width    int

	mutex sync.Mutex
	// lines that stand on the terminal.
	lines int
	// next is when a plain line is due.
	next time.Duration
}

// firstLine is when the first plain line is due: a short storm needs none.
const firstLine = time.Second

// assumedWidth is that of a terminal that does not tell.
const assumedWidth = 80

func newLiveView(e *env, quiet bool) *liveView {
	v := &liveView{w: e.stderr, terminal: e.stderrTerminal, quiet: quiet, width: e.stderrWidth, next: firstLine}
	if v.width <= 0 {
		v.width = assumedWidth
	}
	return v
}

// show is called some times a second, perhaps by several goroutines.
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

// draw writes the lines over those that stand there.
func (v *liveView) draw(lines []string) {
	text := v.wiped()
	for _, line := range lines {
		text += line + "\n"
	}
	v.lines = len(lines)
	fmt.Fprint(v.w, text)
}

// wiped moves to the first line and clears from there.
func (v *liveView) wiped() string {
	if v.lines == 0 {
		return ""
	}
	return fmt.Sprintf("\x1b[%dA\r\x1b[J", v.lines)
}

// clear takes the block away: the result takes its place.
func (v *liveView) clear() {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if v.terminal && !v.quiet {
		fmt.Fprint(v.w, v.wiped())
	}
	v.lines = 0
}

// liveBlock is the storm at a glance, no line wider than width.
func liveBlock(l lab.Live, width int) []string {
	head := fmt.Sprintf("%8s  %s  %s of %s offered", analysis.Duration(max(l.Elapsed, 0)), bar(l.Offered, l.Calls),
		analysis.Count(l.Offered), analysis.Count(l.Calls))
	lines := []string{
		head,
		"          " + strings.Join(liveCounts(l), "   "),
		"          " + strings.Join(liveTimes(l), "   "),
		"          " + strings.Join(lostSoFar(l), "   "), // a line of its own: what matters is not cut at 80 columns
	}
	for i, line := range lines {
		if cells := []rune(strings.TrimRight(line, " ")); len(cells) >= width {
			lines[i] = string(cells[:width-1])
		} else {
			lines[i] = string(cells)
		}
	}
	return lines
}

// liveLine is the same in one line.
func liveLine(l lab.Live) string {
	words := append([]string{fmt.Sprintf("%s of %s offered", analysis.Count(l.Offered), analysis.Count(l.Calls))}, liveCounts(l)...)
	words = append(words, lostSoFar(l)...)
	for _, w := range liveTimes(l) {
		if w != "" {
			words = append(words, w)
		}
	}
	return analysis.Duration(l.Elapsed) + ": " + strings.Join(words, ", ")
}

// liveCounts are where the calls are now.
func liveCounts(l lab.Live) []string {
	served, name := l.Outcomes[record.Answered], "answered"
	if n := l.Outcomes[record.Connected]; n > 0 {
		served, name = n, "connected"
	}
	return []string{
		analysis.Count(l.Connecting()) + " connecting",
		analysis.Count(l.Open) + " open",
		analysis.Count(served) + " " + name,
	}
}

// lostSoFar names the outcomes that are no success, the generator's own too.
func lostSoFar(l lab.Live) (words []string) {
	for _, o := range record.Outcomes {
		if n := l.Outcomes[o]; n > 0 && !o.Served() {
			words = append(words, analysis.Count(n)+" "+string(o))
		}
	}
	return words
}

// liveTimes are the latencies so far, and the queue where it can be seen.
func liveTimes(l lab.Live) (words []string) {
	if p50, ok := l.Quantile(0.5); ok {
		p99, _ := l.Quantile(0.99)
		words = append(words, fmt.Sprintf("connect p50 %s, p99 %s so far", analysis.Duration(p50), analysis.Duration(p99)))
	}
	if q := l.Queue; q != nil {
		words = append(words, fmt.Sprintf("accept queue %s of %s", analysis.Count(int(q.Depth)), analysis.Count(int(q.Limit)+1)))
	}
	return words
}

// barWidth in cells.
const barWidth = 20

func bar(n, of int) string {
	full := 0
	if of > 0 {
		full = min(n*barWidth/of, barWidth)
	}
	return strings.Repeat("█", full) + strings.Repeat("░", barWidth-full)
}
