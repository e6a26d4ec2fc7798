package lab

import (
	"context"
	"net/netip"
	"time"

	"agistorm/analysis/record"
	"agistorm/loadgen"
	"agistorm/loadgen/caller"
	"agistorm/scenarios"
	"agistorm/scenarios/arrival"
	"agistorm/target/probe"
)

// Load says which storm to play, in words that can be sent to a process.
type Load struct {
	// Addresses of the server, tried in turn; Host as it stands in agi_request, the first address where
	// empty.
	Addresses []netip.AddrPort
	Host      string
	// Script is the path and query of the URL, without the leading slash.
	Script string
	// Arrival as arrival.Parse reads it, with Calls and Duration; 0 is "not said".
	Arrival  string
	Calls    int
	Duration time.Duration
	// Seed of all that is random: callers and arrivals. Repeat makes other callers, at the same times.
	Seed    uint64
	Repeat  int
	Limits  caller.Limits
	Client  caller.Client
	Sources loadgen.Sources
	// Engine is loadgen.Auto, Epoll or Portable.
	Engine string
	// Share of the storm that is played here; the zero value is all of it.
	Share loadgen.Share

	// schedule is what Schedule has read: a long call log is read once in a process.
	schedule arrival.Schedule
}

// Schedule of the whole storm. What it depends on is not changed afterwards.
func (l *Load) Schedule() (s arrival.Schedule, err error) {
	if l.schedule == nil {
		l.schedule, err = scenarios.ParseArrival(l.Arrival, l.Calls, l.Duration, l.Seed)
	}
	return l.schedule, err
}

func (o *stormOrder) prepare() (*loadgen.Storm, error) {
	l := &o.Load
	schedule, err := l.Schedule()
	if err != nil {
		return nil, err
	}
	return loadgen.Prepare(loadgen.Config{
		Addresses: l.Addresses, Host: l.Host, Script: l.Script,
		Schedule: schedule, Share: l.Share,
		Limits: l.Limits, Client: l.Client, Sources: l.Sources, Engine: l.Engine, Seed: l.Seed + uint64(l.Repeat),
		Watched: o.Watch,
	})
}

// stormOrder says which storm to play, and where its record belongs.
type stormOrder struct {
	Load
	Dir record.RepeatDir
	// Watch asks for the progress while it is played.
	Watch bool
}

// epochOrder has when the storm began, or is to begin, by probe.Monotonic; or that it is to end now.
type epochOrder struct {
	Epoch time.Duration
	Stop  bool
}

// stormRole prepares, waits for the epoch, plays, answers, and writes its half of the record. Any
// order while it plays ends the storm early.
func stormRole(p *parent) error {
	var order stormOrder
	if err := p.order(&order); err != nil {
		return err
	}
	storm, err := order.prepare()
	if err != nil {
		return err
	}
	defer storm.Close()
	var start epochOrder
	if err := p.next(&start); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	if start.Stop {
		stop()
	}
	p.endWithParent(stop)
	if order.Watch {
		// A parent that is gone ends this process anyway.
		go storm.Watch(ctx, func(so loadgen.Progress) error { return p.send(answer{Live: &so}) })
	}
	stops := watchStops()
	account, attempts := storm.Run(ctx, probe.WallAt(start.Epoch))
	account.Workers[0].Stops = stops()
	account.Workers[0].Priority = ownPriority()
	return inTurn(p.done, func() error { return order.Dir.WriteStorm(account, attempts) }, p.lastAnswer)
}
