package target

import (
	"fmt"
	"strings"
	"time"

	"agistorm/target/agi"
)

// Config is what a server does. Start from DefaultConfig: no zero means "the default".
type Config struct {
	Behaviour Behaviour
	// Work is how long a handler is busy with a session, after the environment and before the first
	// command. It costs time, not CPU: so does a script that waits for its database.
	Work time.Duration
	// Script is the commands of every session, without their line feeds.
	Script []string
	Limits Limits
	// Drain is how long sessions may go on once the server was told to stop.
	Drain time.Duration
	// Logged is how many peers are logged, the first ones; later ones are only counted.
	// Memory for all of them is taken at the start, about 64 bytes each.
	Logged int
}

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
	// Sessions is how many may be open at once with the behaviour Thread; at the limit, the
	// server does not accept, and connections wait in the kernel.
	Sessions int
}

// DefaultConfig is a pool of 16 handlers with 5 ms of work for each call.
func DefaultConfig() Config {
	return Config{
		Behaviour: Pool(16),
		Work:      5 * time.Millisecond,
		Script:    []string{`VERBOSE "agistorm" 1`, "SET VARIABLE AGISTORM 1"},
		Limits: Limits{
			LineBytes:  agi.MaxEnvLine,
			EnvLines:   agi.MaxEnvLines,
			EnvTime:    10 * time.Second,
			ScriptTime: 10 * time.Second,
			Sessions:   10_000,
		},
		Drain:  time.Second,
		Logged: 1 << 16,
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
	for name, n := range map[string]int64{"work": int64(c.Work), "drain": int64(c.Drain), "logged peers": int64(c.Logged)} {
		if n < 0 {
			return fmt.Errorf("server: %s: %d is less than 0", name, n)
		}
	}
	if h := c.Behaviour.Handlers; h < 0 || h > MaxHandlers {
		return fmt.Errorf("server: pool of %d: from 1 to %d", h, MaxHandlers)
	}
	return checkScript(c.Script)
}

func checkScript(script []string) error {
	for _, line := range script {
		if line == "" || strings.ContainsAny(line, "\n\x00") || len(line) > agi.MaxCommand {
			return fmt.Errorf("server: command %.40q: want 1 to %d bytes without line feed and NUL", line, agi.MaxCommand)
		}
	}
	return nil
}
