// Package loadgen is the storm: it plays Asterisk towards a FastAGI server, one attempt a call, by a
// schedule that never waits for the server, and reports the outcome of every attempt.
package loadgen

import (
	"context"
	"fmt"
	"iter"
	"net/netip"
	"time"

	"agistorm/analysis/record"
	"agistorm/loadgen/caller"
	"agistorm/loadgen/engine"
	"agistorm/scenarios/arrival"
)

// Config is one storm, or one worker's share of it.
type Config struct {
	// Addresses of the server, 1 to MaxAddresses, tried in turn.
	Addresses []netip.AddrPort
	// Host as it stands in agi_request; the first address where empty.
	Host string
	// Script is the path and query of the URL, without the leading slash.
	Script string
	// Schedule of the whole storm, of which Share is played.
	Schedule arrival.Schedule
	Share    Share
	Limits   caller.Limits
	Client   caller.Client
	Sources  Sources
	// Engine is Auto, Epoll or Portable; empty is Auto.
	Engine string
	// Seed makes the callers' identities.
	Seed uint64
	// Watched storms report their Progress.
	Watched bool
}

// MaxAddresses of one server.
const MaxAddresses = 16

// Share is the K-th of N parts of a storm, 0 ≤ K < N; the zero value is all of it.
type Share struct{ K, N int }

// Of is part k of n of this share.
func (s Share) Of(k, n int) Share { return Share{s.K + k*max(1, s.N), max(1, s.N) * n} }

// Part is the share of a schedule.
func (s Share) Part(whole arrival.Schedule) arrival.Part {
	return arrival.Part{Schedule: whole, K: s.K, N: max(1, s.N)}
}

// Check reports whether the share is one of N.
func (s Share) Check() error {
	if s.N < 1 || s.N > MaxShares || s.K < 0 || s.K >= s.N {
		return fmt.Errorf("share %d/%d: want K/N with K from 0 to N-1 and N from 1 to %d", s.K, s.N, MaxShares)
	}
	return nil
}

// HeapPerAttempt is how many bytes of the heap an attempt takes at most, by its test.
const HeapPerAttempt = 512

// MaxShares of one storm.
const MaxShares = record.MaxShares

func (c Config) part() arrival.Part { return c.Share.Part(c.Schedule) }

// Storm is a storm whose sockets and words are ready.
type Storm struct {
	config Config
	name   string
	engine engine.Engine
	tally  *tally
}

// Prepare makes all that the storm needs, so that its first instant finds it ready.
func Prepare(c Config) (*Storm, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	s := &Storm{config: c}
	plan := c.plan()
	if c.Watched {
		s.tally = &tally{speaks: c.Client.Kind().SpeaksAGI}
		plan.Observer = s.tally
	}
	var err error
	s.engine, s.name, err = newEngine(c.Engine, plan)
	return s, err
}

func (c Config) check() error {
	if n := len(c.Addresses); n < 1 || n > MaxAddresses {
		return fmt.Errorf("%d addresses: want 1 to %d", n, MaxAddresses)
	}
	if err := c.Sources.Fit(c.Addresses); err != nil {
		return err
	}
	if err := c.Client.Check(); err != nil {
		return err
	}
	return c.Client.Fit(c.Limits)
}

func (c Config) plan() engine.Plan {
	plan := engine.Plan{
		Addresses:         c.Addresses,
		Sources:           engine.Sources(c.Sources),
		Schedule:          c.part(),
		Host:              arrival.HostsOf(c.part()),
		LineByLine:        c.Client.Kind().LineByLine,
		NoDelay:           c.Client.Kind().NoDelay,
		ConnectLimit:      c.Limits.Connect,
		FirstCommandLimit: c.Limits.FirstCommand,
		SessionLimit:      c.Limits.Session,
		NotOfferedAfter:   notOfferedAfter(c.Limits),
		Think:             c.Client.Think,
		HangUpAfter:       c.Client.Stay(c.Limits),
	}
	if c.Client.Kind().SpeaksAGI {
		plan.Talk = newTalk(c)
	}
	return plan
}

// notOfferedAfter is the start lag beyond which an attempt would no longer belong to
// its instant: a quarter of the time that the connect itself may take.
func notOfferedAfter(l caller.Limits) time.Duration { return l.Connect / 4 }

// Progress is what a watched storm has come to so far; it may be called during Run.
func (s *Storm) Progress() Progress {
	if s.tally == nil {
		return Progress{}
	}
	return s.tally.progress()
}

// WatchEvery is the time between two reports of Watch.
const WatchEvery = 200 * time.Millisecond

// Watch reports the progress of a watched storm, until ctx is done or report fails.
func (s *Storm) Watch(ctx context.Context, report func(Progress) error) {
	every := time.NewTicker(WatchEvery)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
			if report(s.Progress()) != nil {
				return
			}
		}
	}
}

// Run plays the storm that starts at epoch; at once for the zero time. When ctx is done it returns early,
// with the attempts that had ended by then.
func (s *Storm) Run(ctx context.Context, epoch time.Time) (*record.Storm, iter.Seq[record.Attempt]) {
	// The CPU is read last: what the other readings take is not the storm's.
	taken, pauses, cpu := stolen(), gcPauses(), ProcessCPU()
	if epoch.IsZero() {
		epoch = time.Now()
	}
	flows := s.engine.Run(ctx, epoch)
	wall, used := time.Since(epoch), difference(cpu, ProcessCPU())
	return s.account(epoch, record.Worker{
		Wall: wall, CPU: used, Thread: (*record.Thread)(s.engine.Thread()), Pauses: pausesBetween(pauses, gcPauses()),
		Steal: stolenBetween(taken, stolen()),
	}), s.attempts(flows)
}

// account describes the storm, and its generator's health.
func (s *Storm) account(epoch time.Time, w record.Worker) *record.Storm {
	part := s.config.part()
	w.Share = fmt.Sprintf("%d/%d", part.K, part.N)
	w.Attempts = part.Len()
	account := &record.Storm{
		Engine:          s.name,
		Start:           epoch.Round(0).UTC(),
		Address:         s.config.Addresses[0].String(),
		Wall:            w.Wall,
		CPU:             w.CPU,
		NotOfferedAfter: notOfferedAfter(s.config.Limits),
	}
	if s.name == Portable {
		account.Lacks = []string{record.LacksTCPInfo}
	}
	lags, fromArrival := s.engine.ReplyLags()
	if w.ReplyLag = lagOf(lags); w.ReplyLag != nil && !fromArrival {
		account.Lacks = append(account.Lacks, record.LacksArrivalStamps)
	}
	account.Workers = []record.Worker{w}
	return account
}

// Close gives back what was prepared.
func (s *Storm) Close() error { return s.engine.Close() }

// attempts turns the flows that have ended into the record's terms, one after another: a table
// of them all would be larger than that of the flows.
func (s *Storm) attempts(flows []engine.Flow) iter.Seq[record.Attempt] {
	return func(yield func(record.Attempt) bool) {
		part := s.config.part()
		speaks := s.config.Client.Kind().SpeaksAGI
		for i := range flows {
			if flows[i].Cause == engine.Running {
				continue
			}
			a := attemptOf(&flows[i], speaks)
			a.Seq, a.Intended = uint64(part.Global(i)), part.At(i)
			if len(s.config.Addresses) > 1 && flows[i].HasStarted {
				a.Address = s.config.Addresses[flows[i].Address].String()
			}
			if !yield(a) {
				return
			}
		}
	}
}
