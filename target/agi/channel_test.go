package agi_test

import (
	"fmt"
	"strings"
	"testing"

	"agistorm/target/agi"
)

// TestSetVariables: what a script sets it can read again, the last value of a name wins, and
// what the call had from its beginning is hidden by it.
func TestSetVariables(t *testing.T) {
	ch := agi.Channel{Variable: func(name []byte) (string, bool) { return "first", string(name) == "A" }}
	for _, c := range []struct{ command, want string }{
		{"GET VARIABLE A", "200 result=1 (first)\n"},
		{"GET VARIABLE B", "200 result=0\n"},
		{"SET VARIABLE A second", "200 result=1\n"},
		{"GET VARIABLE A", "200 result=1 (second)\n"},
		{`SET VARIABLE B "two words"`, "200 result=1\n"},
		{"SET VARIABLE A third", "200 result=1\n"},
		{"GET FULL VARIABLE ${A}", "200 result=1 (third)\n"},
		{"GET VARIABLE B", "200 result=1 (two words)\n"},
		{"SET VARIABLE C", "200 result=1\n"},
		{"GET VARIABLE C", "200 result=0\n"},
		{`SET VARIABLE D ""`, "200 result=1\n"},
		{"GET VARIABLE D", "200 result=1 ()\n"},
	} {
		if got := string(ch.AppendReply(nil, []byte(c.command))); got != c.want {
			t.Errorf("%s: %q, want %q", c.command, got, c.want)
		}
	}
}

// TestSetVariablesAreBounded: a script that never stops setting cannot fill the memory.
func TestSetVariablesAreBounded(t *testing.T) {
	var ch agi.Channel
	for i := range 1000 {
		ch.AppendReply(nil, fmt.Appendf(nil, "SET VARIABLE V%d %s", i, strings.Repeat("x", 100)))
	}
	if len(ch.Set) > agi.MaxSet {
		t.Errorf("%d bytes are kept, want %d at most", len(ch.Set), agi.MaxSet)
	}
	if got := string(ch.AppendReply(nil, []byte("GET VARIABLE V0"))); !strings.HasPrefix(got, "200 result=1 (xxx") {
		t.Errorf("V0 was forgotten: %q", got)
	}
}
