package target

import (
	"fmt"
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
	// Stalls are times in which the server accepts nothing, as in a collector's pause or a deployment;
	// sessions that are open go on. Restarts close the listener, and open it again.
	Stalls, Restarts []spec.Disturbance
	// Drain is how long sessions may go on once the server was told to stop.
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
	// Sessions is how many may be open at once, unless the behaviour says it; at the limit, the
	// server does not accept, and connections wait in the kernel.
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

func (c *Config) check() error {
	for name, n := range map[string]int64{
		"line bytes": int64(c.Limits.LineBytes), "environment lines": int64(c.Limits.EnvLines),
		"environment time": int64(c.Limits.EnvTime), "script time": int64(c.Limits.ScriptTime),
		"sessions": int64(c.Limits.Sessions),
	} {
		if n < 1 {
			return fmt.Errorf("server: limit of %s: %d is less than 1", name, n)
		}
	}
	for name, n := range map[string]int64{"drain": int64(c.Drain), "logged peers": int64(c.Logged)} {
		if n < 0 {
			return fmt.Errorf("server: %s: %d is less than 0", name, n)
		}
	}
	if err := c.Behaviour.Check(); err != nil {
		return err
	}
	if err := checkEngine(c.Engine); err != nil {
		return err
	}
	if err := spec.CheckScript(c.Script); err != nil {
		return fmt.Errorf("server: %w", err)
	}
	return nil
}

func checkEngine(name string) error {
	switch name {
	case Auto, Epoll, Portable:
		return nil
	}
	return fmt.Errorf("engine %q: want %s, %s or %s", name, Auto, Epoll, Portable)
}
