package main

import (
	"strings"
	"testing"
)

// TestDecimal: a number means what people read, and what is another form is refused with its flag.
func TestDecimal(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"storm agi://127.0.0.1 -n 0x10", `agistorm: calls "0x10": want a whole number`},
		{"storm agi://127.0.0.1 -n 010", `agistorm: calls "010": want a whole number`},
		{"storm agi://127.0.0.1 -n 1_0", `agistorm: calls "1_0": want a whole number`},
		{"storm agi://127.0.0.1 --seed 0b1", `agistorm: seed "0b1": want a whole number`},
		{"sweep --repeats 0o7", `agistorm: repeats "0o7": want a whole number`},
		{"sweep --calls 99999999999999999999", `agistorm: calls "99999999999999999999": the number is too large`},
	} {
		code, _, stderr := play(t, strings.Fields(c.args)...)
		if code != exitUsage || strings.TrimSpace(stderr) != c.want {
			t.Errorf("%s: exit code %d, %q, want %q", c.args, code, stderr, c.want)
		}
	}
}
