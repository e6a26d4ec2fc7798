package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"agistorm/reports/words"
	"agistorm/scripts/internal/quantile"
)

// target is what one line of the table has to keep to; 0 is no limit.
type target struct {
	p50, p99, max time.Duration // of what the client's figure is off by
	never         bool          // no connect may be shorter than the packets allow
}

// limit is the most that one quantile may be off by.
type limit struct {
	name string
	of   func(figures) time.Duration
	want time.Duration
}

// limits lists those that the target has.
func (t target) limits() []limit {
	return slices.DeleteFunc([]limit{
		{"p50", func(f figures) time.Duration { return f.offP50 }, t.p50},
		{"p99", func(f figures) time.Duration { return f.offP99 }, t.p99},
		{"max", func(f figures) time.Duration { return f.offMax }, t.max},
	}, func(l limit) bool { return l.want == 0 })
}

// row is one line of the table.
type row struct {
	name   string
	target target
}

// rows in the order of the table, and of what measure returns.
var rows = []row{
	{"agistorm, `handshake`", target{p50: 5 * time.Microsecond, p99: 50 * time.Microsecond}},
	{"agistorm, `handshake`, SYN lost", target{max: 35 * time.Millisecond}},
	{"agistorm, `connect`", target{never: true}},
	{"agistorm, `connect`, SYN lost", target{never: true}},
	{"goroutine and net.Dialer per call", target{}},
}

// figures of one row in one run.
type figures struct {
	connects, leftOut, early int
	reportedP50, reportedP99 time.Duration
	seenP50, seenP99         time.Duration
	offP50, offP99, offMax   time.Duration
}

// measure reads a run and works out its rows.
func measure(folder string) ([]figures, error) {
	burst, server, err := readStorm(filepath.Join(folder, burstFolder))
	if err != nil {
		return nil, err
	}
	overflow, _, err := readStorm(filepath.Join(folder, overflowFolder))
	if err != nil {
		return nil, err
	}
	dialer, err := readDialer(filepath.Join(folder, dialerFolder), server)
	if err != nil {
		return nil, err
	}
	return []figures{
		burst.handshakes(false).figures(),
		overflow.handshakes(true).figures(),
		burst.connects(false).figures(),
		overflow.connects(true).figures(),
		dialer.figures(),
	}, nil
}

// figures returns the quantiles. Off is how far reported and seen of one and the same connect
// are apart, in either direction.
func (j joined) figures() figures {
	var reported, seen, off []time.Duration
	for _, p := range j.pairs {
		reported, seen, off = append(reported, p.reported), append(seen, p.seen), append(off, (p.reported-p.seen).Abs())
	}
	return figures{
		connects: len(j.pairs), leftOut: j.leftOut, early: j.early,
		reportedP50: quantile.Median(reported), reportedP99: quantile.Of(reported, 0.99),
		seenP50: quantile.Median(seen), seenP99: quantile.Of(seen, 0.99),
		offP50: quantile.Median(off), offP99: quantile.Of(off, 0.99), offMax: quantile.Of(off, 1),
	}
}

// What a row must have been worked out from: its p99 is nothing below a hundred connects, and
// connects that are left out could be just those that do not fit.
const (
	leastConnects = 100
	mostLeftOut   = 0.01
)

// misses lists the targets that the figures miss, and why they could be worth nothing. The dialer's row has
// no target to miss, and its ports serve twice as they come: some of its calls end before others begin.
func (r row) misses(f figures) (misses []string) {
	miss := func(format string, a ...any) { misses = append(misses, fmt.Sprintf(format, a...)) }
	if f.connects < leastConnects {
		miss("only %d connects, want %d or more", f.connects, leastConnects)
	}
	if all := f.connects + f.leftOut; r.target != (target{}) && float64(f.leftOut) > mostLeftOut*float64(all) {
		miss("%d of %d connects cannot be compared (their port served twice, or lo dropped a SYN before the capture), "+
			"want %g%% or fewer", f.leftOut, all, 100*mostLeftOut)
	}
	for _, limit := range r.target.limits() {
		if got := limit.of(f); got > limit.want {
			miss("off by %s at %s, want %s or less", words.Duration(got), limit.name, words.Duration(limit.want))
		}
	}
	if r.target.never && f.early > 0 {
		miss("%d connects were shorter than their packets allow, want none", f.early)
	}
	return misses
}
