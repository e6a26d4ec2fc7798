package main

import (
	"os"
	"slices"
	"strings"
	"testing"
)

func TestCommandsOf(t *testing.T) {
	for name, tt := range map[string]struct {
		kind, file string
		want       []string
		err        string
	}{
		"github": {"github", "jobs:\n  a:\n    steps:\n" +
			"      - uses: x\n      - run: |\n          one\n          two\n      - run: three\n",
			[]string{"one\ntwo", "three"}, ""},
		"gitlab": {"gitlab", "a:\n  before_script: [one]\n  script:\n    - two\n", []string{"one", "two"}, ""},
		"none":   {"gitlab", "b:\n  script: [one]\n", nil, `job "a" has no command`},
		"other":  {"jenkins", "", nil, `"jenkins": want github or gitlab`},
		"broken": {"github", "jobs: [", nil, "["},
	} {
		got, err := commandsOf(tt.kind, []byte(tt.file), "a")
		if !slices.Equal(got, tt.want) || (err == nil) != (tt.err == "") ||
			err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: %q, %v, want %q, %q", name, got, err, tt.want, tt.err)
		}
	}
}

// The pieces that are shipped have commands that storm.
func TestPieces(t *testing.T) {
	for _, kind := range []string{"github", "gitlab"} {
		data, err := os.ReadFile("../" + kind + ".yml")
		if err != nil {
			t.Fatal(err)
		}
		commands, err := commandsOf(kind, data, "storm")
		if err != nil ||
			!strings.Contains(strings.Join(commands, "\n"), "agistorm/bin/agistorm sweep \"$SCENARIO\" -o storm") {
			t.Errorf("%s: %q, %v", kind, commands, err)
		}
		if own, err := commandsOf(kind, data, "own"); err != nil ||
			!strings.Contains(strings.Join(own, "\n"), "agistorm/scripts/gates/pre-deploy \"$URL\" \"$CALLS\" -- $SERVER") {
			t.Errorf("%s, the user's own server: %q, %v", kind, own, err)
		}
	}
}
