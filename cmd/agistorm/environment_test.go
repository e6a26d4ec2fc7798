package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// verbOf returns a verb of a fresh command line, which has this environment, and what it prints on stderr.
func verbOf(t *testing.T, name string, environ ...string) (*env, *cobra.Command, *bytes.Buffer) {
	t.Helper()
	var stderr bytes.Buffer
	e := &env{stdout: &bytes.Buffer{}, stderr: &stderr, environ: func() []string { return environ }}
	c, _, err := newRoot(e).Find([]string{name})
	if err != nil || c.Name() != name {
		t.Fatalf("%s: %v, %v", name, c, err)
	}
	return e, c, &stderr
}

func TestEnvironment(t *testing.T) {
	const ignored = "agistorm: ignoring unknown variable AGISTORM_CALS; did you mean AGISTORM_CALLS?\n"
	for name, tt := range map[string]struct {
		environ            []string
		err, calls, stderr string
		used               []string
	}{
		"a flag": {
			environ: []string{"AGISTORM_CALLS=7", "HOME=/root"}, calls: "7", used: []string{"AGISTORM_CALLS"},
		},
		"empty is none":  {environ: []string{"AGISTORM_CALLS=", "AGISTORM_CALS="}, calls: "0"},
		"another verb's": {environ: []string{"AGISTORM_LISTEN=127.0.0.1:1"}, calls: "0"},
		"unknown": {
			environ: []string{"AGISTORM_CALS=7", "AGISTORM_CALLS=8"}, calls: "8", stderr: ignored,
			used: []string{"AGISTORM_CALLS"},
		},
		"unknown, and like none": {
			environ: []string{"AGISTORM_SERVICE_HOST=10.0.0.1"}, calls: "0",
			stderr: "agistorm: ignoring unknown variable AGISTORM_SERVICE_HOST\n",
		},
		"two words": {
			environ: []string{"AGISTORM_CONNECT_TIMEOUT=3s"}, calls: "0", used: []string{"AGISTORM_CONNECT_TIMEOUT"},
		},
		"an earlier name": {
			environ: []string{"AGISTORM_CONNECT_LIMIT=3s"}, calls: "0", used: []string{"AGISTORM_CONNECT_LIMIT"},
		},
		"not one of ours": {environ: []string{"XAGISTORM_CALS=7", "AGISTORM=7"}, calls: "0"},
		"a value that is bad": {
			environ: []string{"AGISTORM_CALLS=many"}, calls: "0", used: []string{"AGISTORM_CALLS"},
			err: `calls "many": want a whole number (from the environment: AGISTORM_CALLS)`,
		},
	} {
		e, c, stderr := verbOf(t, "sweep", tt.environ...)
		got := ""
		used, err := e.readEnvironment(c)
		if err != nil {
			got = err.Error()
		}
		calls := c.Flags().Lookup("calls").Value.String()
		if got != tt.err || calls != tt.calls || !slices.Equal(used, tt.used) {
			t.Errorf("%s: error %q, calls %s, used %q, want %q, %s and "+
				"%q", name, got, calls, used, tt.err, tt.calls, tt.used)
		}
		if stderr.String() != tt.stderr {
			t.Errorf("%s: stderr %q, want %q", name, stderr, tt.stderr)
		}
	}
	e, c, _ := verbOf(t, "sweep", "AGISTORM_CALLS=7")
	if err := c.ParseFlags([]string{"--calls=3"}); err != nil {
		t.Fatal(err)
	}
	if _, err := e.readEnvironment(c); err != nil || c.Flags().Lookup("calls").Value.String() != "3" {
		t.Errorf("a flag must win over the environment: %v, %v", c.Flags().Lookup("calls").Value, err)
	}
}

func TestRepeatable(t *testing.T) {
	e, c, _ := verbOf(t, "storm", "AGISTORM_CONNECT_LIMIT=3s", "AGISTORM_OUTPUT=there")
	args := []string{
		"agi://127.0.0.1/x", "-n", "50", "-o", "here", "--quiet", "--start-at", "+1s",
		"--sources", "127.0.0.2,127.0.0.3", "--session-limit=9s", "--gate", "lost == 0", "--gate", "late < 3",
	}
	if err := c.ParseFlags(args); err != nil {
		t.Fatal(err)
	}
	if _, err := e.readEnvironment(c); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"agistorm", "storm", "agi://127.0.0.1/x", "--calls=50", "--connect-timeout=3s", "--gate=late < 3",
		"--gate=lost == 0", "--session-timeout=9s", "--sources=127.0.0.2,127.0.0.3",
	}
	got := repeatable(c)
	slices.Sort(got[3:])
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	_, again, _ := verbOf(t, "storm")
	if err := again.ParseFlags(got[2:]); err != nil || strings.Join(again.Flags().Args(), " ") != "agi://127.0.0.1/x" {
		t.Errorf("it cannot be typed again: %v", err)
	}
}
