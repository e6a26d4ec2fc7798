package target

import (
	"math"
	"strings"
	"testing"
	"time"
)

// TestMaxBacklog locks the number: the largest that C's int holds, not one more, not one less.
func TestMaxBacklog(t *testing.T) {
	if int64(MaxBacklog) != 2147483647 || MaxBacklog != math.MaxInt32 {
		t.Errorf("MaxBacklog = %d", int64(MaxBacklog))
	}
}

func TestParseBacklog(t *testing.T) {
	for s, want := range map[string]Backlog{"max": 2147483647, "0": 0, "128": 128, "2147483646": 2147483646, "2147483647": 2147483647} {
		got, err := ParseBacklog(s)
		if err != nil || got != want {
			t.Errorf("%s: got %d, %v, want %d", s, got, err, want)
		}
		if s != "2147483647" && got.String() != s {
			t.Errorf("%s becomes %s", s, got)
		}
	}
	const tooLarge = `the largest is 2147483647 (INT_MAX), or "max"`
	for s, want := range map[string]string{
		"2147483648":           "backlog 2147483648: " + tooLarge,
		"99999999999999999999": "backlog 99999999999999999999: " + tooLarge,
		"-1":                   `backlog "-1": want a number from 0 to 2147483647, or "max"`,
		"":                     `backlog "": want a number from 0 to 2147483647, or "max"`,
		"MAX":                  `backlog "MAX": want a number from 0 to 2147483647, or "max"`,
		"1k":                   `backlog "1k": want a number from 0 to 2147483647, or "max"`,
	} {
		if _, err := ParseBacklog(s); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", s, err, want)
		}
	}
}

func TestParseBehaviour(t *testing.T) {
	for s, want := range map[string]struct {
		behaviour Behaviour
		words     string
	}{
		"pool:16":     {Pool(16), "pool of 16 handlers"},
		"pool:1":      {Pool(1), "pool of 1 handler"},
		"pool:100000": {Pool(100000), "pool of 100000 handlers"},
		"thread":      {Thread(), "a thread for each connection"},
	} {
		got, err := ParseBehaviour(s)
		if err != nil || got != want.behaviour || got.String() != s || got.Words() != want.words {
			t.Errorf("%s: got %v, %q, %v", s, got, got.Words(), err)
		}
	}
	for s, want := range map[string]string{
		"":            `want "pool:N"`,
		"pool":        `want "pool:N"`,
		"threads":     `want "pool:N"`,
		"pool:":       "from 1 to 100000",
		"pool:0":      "from 1 to 100000",
		"pool:-1":     "from 1 to 100000",
		"pool:100001": "from 1 to 100000",
		"pool:many":   "from 1 to 100000",
	} {
		if _, err := ParseBehaviour(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", s, err, want)
		}
	}
}

func TestConfigCheck(t *testing.T) {
	good := DefaultConfig()
	if err := good.check(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Config){
		"line bytes":    func(c *Config) { c.Limits.LineBytes = 0 },
		"lines":         func(c *Config) { c.Limits.EnvLines = -1 },
		"env time":      func(c *Config) { c.Limits.EnvTime = 0 },
		"script time":   func(c *Config) { c.Limits.ScriptTime = -time.Second },
		"sessions":      func(c *Config) { c.Limits.Sessions = 0 },
		"work":          func(c *Config) { c.Work = -1 },
		"drain":         func(c *Config) { c.Drain = -1 },
		"logged":        func(c *Config) { c.Logged = -1 },
		"pool":          func(c *Config) { c.Behaviour = Pool(-1) },
		"huge pool":     func(c *Config) { c.Behaviour = Pool(MaxHandlers + 1) },
		"empty command": func(c *Config) { c.Script = []string{"NOOP", ""} },
		"line feed":     func(c *Config) { c.Script = []string{"NOOP\nNOOP"} },
		"endless":       func(c *Config) { c.Script = []string{strings.Repeat("x", 8192)} },
	} {
		c := DefaultConfig()
		spoil(&c)
		if err := c.check(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
