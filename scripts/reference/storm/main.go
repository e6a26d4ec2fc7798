//go:build linux

// Command storm plays what ../client.c plays with agistorm's own generator; it takes the same
// arguments and prints the same line.
//
//	storm [--single-write] ADDRESS PORT OPEN ROUNDS
package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"time"

	"agistorm/analysis/record"
	"agistorm/loadgen"
	"agistorm/scenarios/arrival"
	"agistorm/scripts/reference/measure"
)

func main() { measure.Main("storm", play) }

func play(o measure.Options) (measure.Result, error) {
	result := measure.Result{Sessions: o.Open * o.Rounds}
	if o.Connects != "" {
		return result, errors.New("agistorm's record has the connects: see the command storm of agistorm itself")
	}
	for round := range o.Rounds {
		if err := playRound(o, uint64(round), &result); err != nil {
			return result, err
		}
	}
	return result, nil
}

// playRound plays one burst. What it prepares counts as little as it does in client.c; the
// attempts' record is made when the storm is over.
func playRound(o measure.Options, seed uint64, result *measure.Result) error {
	client := loadgen.Client{Name: loadgen.Asterisk}
	if o.SingleWrite {
		client.Name = loadgen.SingleWrite
	}
	storm, err := loadgen.Prepare(loadgen.Config{
		Addresses: []netip.AddrPort{o.Server},
		Script:    "reference",
		Schedule:  arrival.Burst{Calls: o.Open},
		Limits:    loadgen.DefaultLimits(),
		Client:    client,
		Engine:    loadgen.Epoll,
		Seed:      seed,
	})
	if err != nil {
		return err
	}
	account, attempts := storm.Run(context.Background(), time.Now())
	if account.CPU == nil {
		return errors.New("this system does not tell what a process costs")
	}
	result.WallNS += account.Wall.Nanoseconds()
	result.CPUNS += account.CPU.Nanoseconds()
	other := 0
	for a := range attempts {
		if a.Outcome == record.Answered {
			result.Answered++
		} else if other++; other == 1 {
			fmt.Fprintf(os.Stderr, "storm: call %d: %s\n", a.Seq, a.Outcome)
		}
	}
	return storm.Close()
}
