package target

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"agistorm/target/agi"
	"agistorm/target/spec"
	"agistorm/target/work"
)

// Config is what a server does. Start from DefaultConfig: no zero means "the default".
type Config struct {
	Behaviour spec.Behaviour
	// Work is how long a handler is busy with a session, after the environment and before the first
	// command. It costs time, not CPU: so does a script that waits for its database.
	Work work.Work
	// Seed of the work.
	Seed uint64
	// Script is the commands of every session, without their line feeds.
	Script []string
	Limits Limits
	// Stalls are times in which the server accepts nothing, as in a GC pause or a deployment; sessions that
	// are open go on. Restarts close the listener, and open it again.
	Stalls, Restarts []spec.Disturbance
	// Drain is how long sessions may go on once the server stops.
	Drain time.Duration
	// Logged is how many peers are logged, the first ones; later ones are only counted.
	// Memory for all of them is taken at the start, about 64 bytes each.
	Logged int
	// Engine that serves: one of Engines.
	Engine string
}

// Engines by name.
const (
	Auto     = spec.EngineAuto
	Epoll    = spec.EngineEpoll
	Portable = spec.EnginePortable
)

// Limits bound what one client, or all of them, may take. A session over a limit ends with
// the fate OverLimit.
type Limits struct {
	// LineBytes is the longest line of an environment.
	LineBytes int
	// EnvLines is the most lines of an environment.
	EnvLines int
	// EnvTime is how long an environment may take.
	EnvTime time.Duration
	// ScriptTime is how long all the commands and their replies may take.
	ScriptTime time.Duration
	// Sessions is how many may be open at once, unless the behaviour limits it; at the limit, the server
	// does not accept, and connections wait in the kernel.
	Sessions int
}

// DefaultConfig is a pool of 16 handlers with 5 ms of work for each call.
func DefaultConfig() Config {
	return Config{
		Behaviour: spec.DefaultBehaviour(),
		Work:      work.Constant(spec.DefaultWork),
		Seed:      1,
		Script:    spec.DefaultScript(),
		Limits: Limits{
			LineBytes:  agi.MaxEnvLine,
			EnvLines:   agi.MaxEnvLines,
			EnvTime:    10 * time.Second,
			ScriptTime: 10 * time.Second,
			Sessions:   10_000,
		},
		Drain:  time.Second,
		Logged: 1 << 16,
		Engine: Auto,
	}
}

// Check returns what is wrong with the configuration; nil for one with which NewServer makes a server.
func (c *Config) Check() error {
	for _, limit := range []struct {
		name     string
		n, least int64
	}{
		{"limit of line bytes", int64(c.Limits.LineBytes), 1},
		{"limit of environment lines", int64(c.Limits.EnvLines), 1},
		{"limit of environment time", int64(c.Limits.EnvTime), 1},
		{"limit of script time", int64(c.Limits.ScriptTime), 1},
		{"limit of sessions", int64(c.Limits.Sessions), 1},
		{"drain", int64(c.Drain), 0},
		{"logged peers", int64(c.Logged), 0},
	} {
		if limit.n < limit.least {
			return fmt.Errorf("server: %s: %d is less than %d", limit.name, limit.n, limit.least)
		}
	}
	if err := cmp.Or(c.Behaviour.Check(), checkEngine(c.Engine), spec.CheckScript(c.Script)); err != nil {
		return fmt.Errorf("server: %w", err)
	}
	return nil
}

func checkEngine(name string) error {
	if slices.Contains([]string{Auto, Epoll, Portable}, name) {
		return nil
	}
	return fmt.Errorf("engine %q: want %s, %s or %s", name, Auto, Epoll, Portable)
}
