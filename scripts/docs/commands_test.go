//go:build linux

package main

import (
	"slices"
	"testing"
)

func TestCommandsOfADocument(t *testing.T) {
	const document = "Run `agistorm sweep gate`; `agistorm verify` and `make build` are names.\n```\n" +
		"agistorm sweep -o before --repeats 7   # first\n" +
		"# a comment\nagistorm storm agi://127.0.0.1/q \\\n    -n 2000\nsomaxconn 128 loses 3\nscripts/gates/check\n```\n" +
		"`agistorm sweep -o before --repeats 7`\n"
	want := []command{
		{"a.md", "agistorm sweep gate"}, {"a.md", "agistorm sweep -o before --repeats 7"},
		{"a.md", "agistorm storm agi://127.0.0.1/q -n 2000"}, {"a.md", "scripts/gates/check"},
	}
	if got := unique(commandsOf("a.md", document)); !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestHereIsShort(t *testing.T) {
	for text, want := range map[string]string{
		"agistorm sweep -o before --repeats 7":         "agistorm sweep -o before --repeats 1",
		"agistorm storm HOST -n 100000":                "agistorm storm agi://127.0.0.1/q -n 60",
		"agistorm report RUN --export FORM":            "agistorm report before --export csv",
		"agistorm inspect 4573 --for 10s":              "agistorm inspect 4573 --for 1s",
		"agistorm storm agi://127.0.0.1/q -n 20 --q 7": "agistorm storm agi://127.0.0.1/q -n 20 --q 7",
	} {
		if got := here(text); got != want {
			t.Errorf("%s is run as %s, want %s", text, got, want)
		}
	}
}
