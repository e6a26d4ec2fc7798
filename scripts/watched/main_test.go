package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"agistorm/analysis/record"
	"agistorm/target/netns"
)

// Variables that make this program the test in a namespace of its own, with the program to test.
const apart = "WATCHED_TEST_AGISTORM"

// TestFiveStorms in a network namespace of its own: five of the storms that `make watched` plays.
func TestFiveStorms(t *testing.T) {
	if agistorm := os.Getenv(apart); agistorm != "" {
		if err := netns.LoopbackUp(); err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		misses, err := run(t.Context(), []string{"-storms", "5", agistorm}, &out)
		if err != nil || len(misses) > 0 {
			t.Errorf("%v, %v\n%s", err, misses, out.String())
		}
		return
	}
	agistorm := filepath.Join(t.TempDir(), "agistorm")
	if out, err := exec.Command("go", "build", "-o", agistorm, "agistorm/cmd/agistorm").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	mode := netns.Net
	if os.Geteuid() != 0 {
		mode = netns.User
	}
	child := exec.Command(os.Args[0], "-test.run=^TestFiveStorms$", "-test.v")
	child.Env = append(os.Environ(), apart+"="+agistorm)
	child.SysProcAttr = netns.Attributes(mode)
	out, err := child.CombinedOutput()
	if err != nil && len(out) == 0 {
		if exec.Command("unshare", "--user", "--map-root-user", "--net", "true").Run() != nil {
			t.Skipf("this machine refuses the namespace to unshare(1) too: %v", err)
		}
	}
	if err != nil || !strings.Contains(string(out), "--- PASS") {
		t.Errorf("in the namespace: %v\n%s", err, out)
	}
}

// TestMiss: 2 % or 5 connections are allowed, less where it is said, more never; and drops are exact.
func TestMiss(t *testing.T) {
	for _, c := range []struct {
		was, target seen
		want        string
	}{
		{seen{peak: 100, drops: 7}, seen{peak: 105, drops: 7}, ""},
		{seen{peak: 1000}, seen{peak: 1020}, ""},
		{seen{peak: 99}, seen{peak: 105}, "peak 99, the target's own is 105"},
		{seen{peak: 9, atLeast: true}, seen{peak: 105}, ""},
		{seen{peak: 111, atLeast: true}, seen{peak: 105}, "peak at least 111, the target's own is 105"},
		{seen{peak: 5, drops: 6}, seen{peak: 5, drops: 7}, "6 drops, the target's own are 7"},
	} {
		if got := (&pair{was: c.was, target: c.target}).miss(); got != c.want {
			t.Errorf("%+v and %+v: %q, want %q", c.was, c.target, got, c.want)
		}
	}
}

// TestOwn: what dropped was full, also where no sample shows it.
func TestOwn(t *testing.T) {
	drops := func(n uint32) *uint32 { return &n }
	got, err := own([]record.QueueSample{
		{Limit: 16, Drops: drops(0)}, {Depth: 9, Limit: 16, Drops: drops(4)}, {Limit: 16, Drops: drops(4)},
	})
	if want := (seen{peak: 17, drops: 4}); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := own(nil); err == nil {
		t.Error("no samples are an account")
	}
}

// TestFind: the listener of this namespace, by its address.
func TestFind(t *testing.T) {
	const report = `{"listeners": [
		{"address": "127.0.0.1", "port": 80, "netns": "4026532252", "peak": {"depth": 1}, "drops_seen": 0},
		{"address": "127.0.0.1", "port": 80, "netns": "host", "peak": {"depth": 7, "at_least": true}, "drops_seen": 3},
		{"address": "127.0.0.1", "port": 81, "netns": "host", "peak": {"depth": 7}, "drops_seen": null}]}`
	got, err := find([]byte(report), "127.0.0.1:80")
	if want := (seen{peak: 7, drops: 3, atLeast: true}); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	for _, address := range []string{"127.0.0.1:81", "127.0.0.1:82"} {
		if got, err := find([]byte(report), address); err == nil {
			t.Errorf("%s: %+v", address, got)
		}
	}
}

// TestStorms: of 100 in turn each is another.
func TestStorms(t *testing.T) {
	all := map[string]bool{}
	for n := range 100 {
		s := stormOf(n)
		all[s.name()] = true
	}
	if len(all) != 100 {
		t.Errorf("%d storms differ", len(all))
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{nil, {"a", "b"}, {"-storms", "0", "a"}, {"-what"}} {
		var out strings.Builder
		if _, err := run(t.Context(), args, &out); err == nil || out.Len() > 0 {
			t.Errorf("%q: %v, %q", args, err, out.String())
		}
	}
}
