package target

import (
	"strings"
	"testing"
	"time"

	"agistorm/target/spec"
)

func TestConfigCheck(t *testing.T) {
	good := DefaultConfig()
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Config){
		"line bytes":    func(c *Config) { c.Limits.LineBytes = 0 },
		"lines":         func(c *Config) { c.Limits.EnvLines = -1 },
		"env time":      func(c *Config) { c.Limits.EnvTime = 0 },
		"script time":   func(c *Config) { c.Limits.ScriptTime = -time.Second },
		"sessions":      func(c *Config) { c.Limits.Sessions = 0 },
		"drain":         func(c *Config) { c.Drain = -1 },
		"logged":        func(c *Config) { c.Logged = -1 },
		"pool":          func(c *Config) { c.Behaviour = spec.Pool(-1) },
		"huge pool":     func(c *Config) { c.Behaviour = spec.Pool(spec.MaxHandlers + 1) },
		"no behaviour":  func(c *Config) { c.Behaviour = spec.Behaviour{} },
		"engine":        func(c *Config) { c.Engine = "steam" },
		"empty command": func(c *Config) { c.Script = []string{"NOOP", ""} },
		"line feed":     func(c *Config) { c.Script = []string{"NOOP\nNOOP"} },
		"endless":       func(c *Config) { c.Script = []string{strings.Repeat("x", 8192)} },
	} {
		c := DefaultConfig()
		spoil(&c)
		if err := c.Check(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
