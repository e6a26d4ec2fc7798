// Package loadgen is the storm: it plays Asterisk towards a FastAGI server, one
// attempt a call, by a schedule that never waits for the server, and says of every
// attempt what became of it.
package loadgen

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"agistorm/analysis/record"
	"agistorm/loadgen/engine"
	"agistorm/loadgen/engine/epoll"
	"agistorm/loadgen/engine/portable"
	"agistorm/scenarios/arrival"
)

// Asterisk is the client that storms are played as: it writes line by line with Nagle on,
// gives up a connect after its limit and never tries the same address twice (res_agi.c).
const Asterisk = "asterisk"

// Limits of one attempt. Connect counts from connect(2), the others from the connection.
type Limits struct {
	Connect, FirstCommand, Session time.Duration
}

// DefaultLimits are Asterisk's 2 s for the connect (MAX_AGI_CONNECT), and for the rest,
// where Asterisk waits for ever, what a caller may be expected to bear.
func DefaultLimits() Limits {
	return Limits{Connect: 2 * time.Second, FirstCommand: 10 * time.Second, Session: 30 * time.Second}
}

// Check tells which limit is outside 1 ms to 10 min.
func (l Limits) Check() error {
	for _, limit := range []struct {
		name string
		d    time.Duration
	}{{"connect", l.Connect}, {"first-command", l.FirstCommand}, {"session", l.Session}} {
		if limit.d < time.Millisecond || limit.d > 10*time.Minute {
			return fmt.Errorf("%s limit %v: want 1ms to 10m", limit.name, limit.d)
		}
	}
	return nil
}

// Engines by name.
const (
	// Auto is the best engine that this system has.
	Auto = "auto"
	// Epoll is one thread and one epoll instance; Linux only.
	Epoll = "epoll"
	// Portable is package net with a goroutine per attempt.
	Portable = "portable"
)

// ParseEngine reads an engine's name.
func ParseEngine(s string) (string, error) {
	switch s {
	case Auto, Epoll, Portable:
		return s, nil
	}
	return "", fmt.Errorf("engine %q: want %s, %s or %s", s, Auto, Epoll, Portable)
}

// Config is one storm.
type Config struct {
	Address netip.AddrPort
	// Host as it stands in agi_request; the address where empty.
	Host string
	// Script is the path and query of the URL, without the leading slash.
	Script   string
	Schedule arrival.Schedule
	Limits   Limits
	// Engine is Auto, Epoll or Portable; empty is Auto.
	Engine string
	// Seed makes the callers' identities.
	Seed uint64
}

// Storm is a storm whose sockets and words are ready.
type Storm struct {
	config Config
	name   string
	engine engine.Engine
}

// Prepare makes all that the storm needs, so that its first instant finds it ready.
func Prepare(c Config) (*Storm, error) {
	plan := engine.Plan{
		Address:           c.Address,
		Schedule:          c.Schedule,
		Talk:              newTalk(c),
		LineByLine:        true,
		ConnectLimit:      c.Limits.Connect,
		FirstCommandLimit: c.Limits.FirstCommand,
		SessionLimit:      c.Limits.Session,
		NotOfferedAfter:   notOfferedAfter(c.Limits),
	}
	s := &Storm{config: c}
	var err error
	s.engine, s.name, err = newEngine(c.Engine, plan)
	return s, err
}

// notOfferedAfter is the start lag beyond which an attempt would no longer belong to
// its instant: a quarter of the time that the connect itself may take.
func notOfferedAfter(l Limits) time.Duration { return l.Connect / 4 }

func newEngine(name string, plan engine.Plan) (engine.Engine, string, error) {
	if name != Portable {
		e, err := epoll.New(plan)
		if err == nil {
			return e, Epoll, nil
		}
		if name == Epoll || !errors.Is(err, errors.ErrUnsupported) {
			return nil, Epoll, fmt.Errorf("preparing the storm: %w", err)
		}
	}
	e, err := portable.New(plan)
	return e, Portable, err
}

// Run plays the storm that starts at epoch. When ctx is done it returns early, with
// the attempts that had ended by then.
func (s *Storm) Run(ctx context.Context, epoch time.Time) (*record.Storm, []record.Attempt) {
	before := ProcessCPU()
	flows := s.engine.Run(ctx, epoch)
	account := &record.Storm{
		Engine:          s.name,
		Start:           epoch.Round(0).UTC(),
		Address:         s.config.Address.String(),
		Wall:            time.Since(epoch),
		CPU:             spent(before, ProcessCPU()),
		NotOfferedAfter: notOfferedAfter(s.config.Limits),
	}
	if s.name == Portable {
		account.Lacks = []string{record.LacksTCPInfo}
	}
	return account, attempts(s.config.Schedule, flows)
}

// Close gives back what was prepared.
func (s *Storm) Close() error { return s.engine.Close() }

func spent(before, after *time.Duration) *time.Duration {
	if before == nil || after == nil {
		return nil
	}
	d := *after - *before
	return &d
}

// attempts turns the flows that have ended into the record's terms.
func attempts(s arrival.Schedule, flows []engine.Flow) []record.Attempt {
	list := make([]record.Attempt, 0, len(flows))
	for i := range flows {
		if flows[i].Cause == engine.Running {
			continue
		}
		a := attemptOf(&flows[i])
		a.Seq, a.Intended = uint64(i), s.At(i)
		list = append(list, a)
	}
	return list
}
