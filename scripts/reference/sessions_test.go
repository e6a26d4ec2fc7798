//go:build linux

package reference

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
)

// contest is one comparison: calls open at once, rounds a turn, and turns.
type contest struct {
	open, rounds, turns int
	options             []string
}

// singleWrite is the exchange of other clients than Asterisk: one write for 23.
var singleWrite = []string{"--single-write"}

// BenchmarkSessions compares whole sessions: sessions per second, CPU and memory.
func BenchmarkSessions(b *testing.B) {
	for _, c := range []contest{
		{10, 200, 7, nil}, // 0.2 to 0.3 s for each: many short turns bear a neighbour better than few long ones
		{10, 400, 7, singleWrite},
		{1_000, 2, 7, nil},
		{1_000, 4, 7, singleWrite},
		{10_000, 1, 5, nil},
		{10_000, 1, 5, singleWrite},
	} {
		b.Run(c.name(), func(b *testing.B) {
			skipIfShort(b, c.open > 1_000)
			port := startServer(b)
			load := loadAverage()
			var turns []turn
			for b.Loop() {
				for range fewerIfShort(c.turns) {
					turns = append(turns, c.play(b, port))
				}
			}
			report(b, c.table(load, turns), c.targets(turns))
		})
	}
}

// fewerIfShort is the number of turns: with -short one, which shows that it runs, and no more.
func fewerIfShort(turns int) int {
	if testing.Short() {
		return 1
	}
	return turns
}

// skipIfShort leaves a large contest out with -short, where a small one shows the same: that it runs.
func skipIfShort(b *testing.B, large bool) {
	if large && testing.Short() {
		b.Skip("large: left out with -short")
	}
}

func (c contest) name() string {
	name := fmt.Sprintf("open=%d", c.open)
	for _, option := range c.options {
		name += "/" + strings.TrimLeft(option, "-")
	}
	return name
}

// contestants take turns. sendmmsg(2) has nothing to put together where there is one write.
func (c contest) contestants() []string {
	if len(c.options) > 0 {
		return []string{inC, agistorm, dialer}
	}
	return []string{inC, agistorm, inCBatched, dialer}
}

// play gives each contestant its turn.
func (c contest) play(b *testing.B, port string) turn {
	b.Helper()
	t := turn{}
	for _, name := range c.contestants() {
		t[name] = play(b, name, port, c.open, c.rounds, c.options...)
	}
	return t
}

// targets are what agistorm promises. The dialer spreads its work over all processors: where the
// kernel's part of the work is large, as it is with 23 writes, the plain client in C does not
// outrun it by much either, and so its ratio stands in the table.
func (c contest) targets(turns []turn) []target {
	targets := []target{
		{"agistorm / C, sessions per second", "rate/C", ratio(turns, perSecond, agistorm, inC), 0.95, true},
		{"agistorm / C, CPU per session", "cpu/C", ratio(turns, cpuMicros, agistorm, inC), 1.05, false},
	}
	if c.open < 10_000 {
		return targets
	}
	return append(
		targets,
		target{
			"agistorm / dialer, sessions per second",
			"rate/dialer",
			ratio(turns, perSecond, agistorm, dialer),
			1.4,
			true,
		},
		target{"agistorm, heap bytes per attempt", "B/attempt", median(turns, heapOfAgistorm), 512, false},
	)
}

// heapOfAgistorm is NaN where it was not measured.
func heapOfAgistorm(t turn) float64 {
	if bytes := t[agistorm].HeapPerAttempt; bytes != nil {
		return *bytes
	}
	return math.NaN()
}

func (c contest) table(load string, turns []turn) string {
	var table strings.Builder
	fmt.Fprintf(&table, "%d open at once, medians of %d turns; load average before: %s; C / dialer: %.2f\n",
		c.open, len(turns), load, ratio(turns, perSecond, inC, dialer))
	fmt.Fprintf(&table, "%-18s %12s %14s %10s %14s\n", "", "sessions/s", "CPU µs/session", "CPU/wall", "resident MiB")
	for _, name := range c.contestants() {
		fmt.Fprintf(&table, "%-18s %12.0f %14.1f %10.2f %14.1f\n", name,
			median(turns, func(t turn) float64 { return perSecond(t[name]) }),
			median(turns, func(t turn) float64 { return cpuMicros(t[name]) }),
			median(turns, func(t turn) float64 { return float64(t[name].CPUNS) / float64(t[name].WallNS) }),
			median(turns, func(t turn) float64 { return mebibytes(t[name]) }))
	}
	return table.String()
}

// loadAverage is what else the machine had to do in the last minute.
func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "not known"
	}
	first, _, _ := strings.Cut(string(text), " ")
	return first
}
