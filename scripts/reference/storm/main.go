//go:build linux

// Command storm plays what ../client.c plays with agistorm's own generator; it takes the same
// arguments and prints the same line.
//
//	storm [--single-write] [--first-command-timeout MS] ADDRESS PORT OPEN ROUNDS
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/netip"
	"os"
	"runtime"
	"time"

	"agistorm/analysis/record"
	"agistorm/loadgen"
	"agistorm/loadgen/caller"
	"agistorm/scenarios/arrival"
	"agistorm/scripts/reference/measure"
)

func main() { measure.Main("storm", play) }

// tally is what the rounds have come to so far.
type tally struct {
	result measure.Result
	lag    *record.Lag
}

func play(o measure.Options) (measure.Result, error) {
	slow := 0
	t := tally{result: measure.Result{Sessions: o.Open * o.Rounds, Outcomes: map[string]int{}, Slow: &slow}}
	if o.Connects != "" {
		return t.result, errors.New("agistorm's record has the connects: see the command storm of agistorm itself")
	}
	for round := range o.Rounds {
		if err := t.playRound(o, uint64(round)); err != nil {
			return t.result, err
		}
	}
	t.result.ReplyLag = lagOf(t.lag)
	return t.result, nil
}

// playRound plays one burst. What it prepares counts as little as it does in client.c; the
// attempts' record is made when the storm is over. Only the first round measures the heap: that collects
// garbage, which would cool the caches for the short rounds of few calls.
func (t *tally) playRound(o measure.Options, seed uint64) error {
	measured := t.result.HeapPerAttempt == nil
	before := int64(0)
	if measured {
		before = heapBytes()
	}
	storm, err := loadgen.Prepare(config(o, seed))
	if err != nil {
		return err
	}
	account, attempts := storm.Run(context.Background(), time.Time{})
	if account.CPU == nil {
		return errors.New("this system does not report the CPU time of a process")
	}
	t.result.WallNS += account.Wall.Nanoseconds()
	t.result.CPUNS += account.CPU.Nanoseconds()
	if measured {
		perAttempt := float64(heapBytes()-before) / float64(o.Open)
		t.result.HeapPerAttempt = &perAttempt
	}
	t.addAttempts(attempts)
	for _, w := range account.Workers {
		t.lag = record.MergeLags(t.lag, w.ReplyLag)
	}
	return storm.Close()
}

// config has the first-command timeout of the options, and else agistorm's defaults.
func config(o measure.Options, seed uint64) loadgen.Config {
	client := caller.Client{Name: caller.Asterisk}
	if o.SingleWrite {
		client.Name = caller.SingleWrite
	}
	limits := caller.DefaultLimits()
	limits.FirstCommand = cmp.Or(o.FirstCommandTimeout, limits.FirstCommand)
	return loadgen.Config{
		Addresses: []netip.AddrPort{o.Server},
		Script:    "reference",
		Schedule:  arrival.Burst{Calls: o.Open},
		Limits:    limits,
		Client:    client,
		Engine:    loadgen.Epoll,
		Seed:      seed,
	}
}

// heapBytes returns what is alive on the heap.
func heapBytes() int64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// addAttempts counts the outcomes. Of the attempts that were not answered it prints the first.
func (t *tally) addAttempts(attempts iter.Seq[record.Attempt]) {
	other := 0
	for a := range attempts {
		t.result.Outcomes[string(a.Outcome)]++
		if a.Outcome != record.Answered {
			if other++; other == 1 {
				fmt.Fprintf(os.Stderr, "storm: call %d: %s\n", a.Seq, a.Outcome)
			}
			continue
		}
		t.result.Answered++
		if a.Connected != nil && a.FirstCommand != nil && *a.FirstCommand-*a.Connected >= measure.SlowAfter {
			*t.result.Slow++
		}
	}
}

// lagOf is nil where no lag was measured.
func lagOf(l *record.Lag) *measure.Lag {
	p50, ok := l.Quantile(0.5)
	if !ok {
		return nil
	}
	p99, _ := l.Quantile(0.99)
	return &measure.Lag{Count: l.Count, Sum: l.Sum, Max: l.Max, P50: p50, P99: p99}
}
