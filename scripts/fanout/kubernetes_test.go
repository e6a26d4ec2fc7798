package fanout_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
)

// script runs scripts/fanout/kubernetes with the played kubectl in front of the PATH.
func script(t *testing.T, env []string, args ...string) (output string, code int) {
	t.Helper()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("there is no bash")
	}
	testdata, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command("./kubernetes", args...)
	c.Env = append(os.Environ(), "PATH="+testdata+string(os.PathListSeparator)+os.Getenv("PATH"))
	c.Env = append(c.Env, env...)
	said, err := c.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(said), c.ProcessState.ExitCode()
}

// job is what the tests read of the manifest.
type job struct {
	Metadata struct{ Name string }
	Spec     struct {
		Completions, Parallelism int
		Template                 struct {
			Spec struct {
				Spread []struct {
					MinDomains    int `yaml:"minDomains"`
					LabelSelector struct {
						MatchLabels map[string]string `yaml:"matchLabels"`
					} `yaml:"labelSelector"`
				} `yaml:"topologySpreadConstraints"`
				Containers []struct {
					Name, Image   string
					Command, Args []string
					Env           []struct{ Name, Value string }
				}
			}
		}
	}
}

// The number of shares and the name stand in several places, which must agree.
func TestRender(t *testing.T) {
	said, code := script(
		t,
		nil,
		"render",
		"--name",
		"storm-7",
		"--shares",
		"7",
		"--image",
		"registry.example/a:1",
		"--calls",
		"70000",
		"--arrival",
		"poisson 500/s",
		`agi://host/a%20b?c="$(HOME)|&\1'`,
		"--allow-remote",
		"--seed",
		"3",
	)
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, said)
	}
	var j job
	if err := yaml.Unmarshal([]byte(said), &j); err != nil {
		t.Fatal(err)
	}
	pod := j.Spec.Template.Spec
	storm := pod.Containers[0]
	env := map[string]string{}
	for _, e := range storm.Env {
		env[e.Name] = e.Value
	}
	if env["AGISTORM_START_AT"] <= "2026" {
		t.Errorf("start %q", env["AGISTORM_START_AT"])
	}
	delete(env, "AGISTORM_START_AT")
	got := []any{j.Metadata.Name, j.Spec.Completions, j.Spec.Parallelism, pod.Spread[0].MinDomains,
		pod.Spread[0].LabelSelector.MatchLabels, storm.Image, storm.Command, storm.Args, env}
	want := []any{"storm-7", 7, 7, 7,
		map[string]string{
			"batch.kubernetes.io/job-name": "storm-7",
		}, "registry.example/a:1", []string{"agistorm", "storm"},
		[]string{
			`agi://host/a%20b?c="$$(HOME)|&\1'`,
			"--worker=$(JOB_COMPLETION_INDEX)/$(SHARES)",
			"--output=/results/run",
			"--allow-remote",
			"--seed",
			"3",
		},
		map[string]string{
			"SHARES":           "7",
			"AGISTORM_CALLS":   "70000",
			"AGISTORM_ARRIVAL": "poisson 500/s",
			"TMPDIR":           "/results",
		}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("manifest (-want +got):\n%s", diff)
	}
}

func TestUsage(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "say run, render or collect"},
		{[]string{"render", "--image", "i", "agi://h", "--allow-remote"}, "say --shares N"},
		{[]string{"render", "--shares", "3", "agi://h", "--allow-remote"}, "say --image IMAGE"},
		{[]string{"render", "--shares", "3", "--image", "i"}, "no URL"},
		{[]string{"render", "--shares", "3", "--image", "i", "agi://h"}, "needs --allow-remote"},
		{[]string{"render", "--shares", "0", "--image", "i", "agi://h"}, "--shares 0: want a whole number"},
		{[]string{"render", "--shares", "3", "--image", "i", "agi://h", "--allow-remote", "--worker", "0/3"},
			"--worker: this script sets it"},
		{[]string{"render", "--shares", "3", "--image", "i", "agi://h", "--allow-remote", "--calls", "3"},
			"--calls: say it before the URL"},
		{[]string{"render", "--name", "Storm"}, "want lower-case letters"},
		{[]string{"render", "--shares"}, "--shares needs a value"},
		{[]string{"render", "--share", "3"}, "--share: no flag"},
	} {
		said, code := script(t, nil, c.args...)
		if code != 2 || !strings.Contains(said, c.want) || strings.Count(said, "\n") != 1 {
			t.Errorf("%q: exit code %d, %q; want 2 and one line with %q", c.args, code, said, c.want)
		}
	}
}

// cluster makes a directory for the played kubectl, with the results of the given pods.
func cluster(t *testing.T, completions, pods string, results ...string) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("completions", completions)
	write("pods", pods)
	for _, pod := range results {
		write(filepath.Join(pod, "run", "cells", "storm", "repeat-1", "storm.json"), pod)
	}
	return dir
}

// One share ended well, one badly, one got no node, one lost its pod, one cannot be reached.
func TestRunWithMissingShares(t *testing.T) {
	dir := cluster(t, "5", "0|p0|Running|0|2026-01-01T00:00:00Z|\n"+
		"1|p1|Running|1|2026-01-01T00:00:00Z|\n"+
		"2|p2|Pending|||0/2 nodes are available\n"+
		"3|p3|Failed|||\n"+
		"4|p4|Running|0|2026-01-01T00:00:00Z|\n", "p0", "p1", "p4")
	if err := os.WriteFile(filepath.Join(dir, "p4", "unreachable"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "out")
	said, code := script(
		t,
		[]string{"CLUSTER=" + dir},
		"run",
		"--shares",
		"5",
		"--image",
		"i",
		"--name",
		"n",
		"-o",
		out,
		"--patience",
		"1",
		"agi://h",
		"--allow-remote",
	)
	if code != 3 {
		t.Errorf("exit code %d, want 3", code)
	}
	_, said, _ = strings.Cut(said, "\n") // the first line has the time
	want := `fanout: share 1/5: agistorm exited with 1: last words of p1
fanout: share 2/5: nothing came back: Pending: 0/2 nodes are available
fanout: share 3/5: nothing came back: Failed
fanout: share 4/5: nothing came back: its results cannot be copied
agistorm report OUT/share-0/run OUT/share-1/run -o OUT/merged
the shares and their logs are in OUT, the result in OUT/merged; kubectl delete job n removes the Job
`
	if diff := cmp.Diff(want, strings.ReplaceAll(said, out, "OUT")); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
	for pod, want := range map[string]bool{"p0": true, "p1": true, "p4": false} {
		_, err := os.Stat(filepath.Join(dir, pod, "collected"))
		if (err == nil) != want {
			t.Errorf("%s: informed that its results are collected: %v, want %v", pod, err == nil, want)
		}
	}
	text, err := os.ReadFile(filepath.Join(out, "share-1", "run", "cells", "storm", "repeat-1", "storm.json"))
	if string(text) != "p1" {
		t.Errorf("share 1 has the results %q, %v, want those of p1", text, err)
	}
}

func TestCollectPassesTheReportsExitCodeOn(t *testing.T) {
	dir := cluster(t, "1", "0|p0|Running|3|2026-01-01T00:00:00Z|\n", "p0")
	for _, want := range []string{"0", "2", "3"} {
		_, code := script(
			t,
			[]string{"CLUSTER=" + dir, "REPORT_EXIT=" + want},
			"collect",
			"--name",
			"n",
			"-o",
			filepath.Join(dir, want),
		)
		if code != int(want[0]-'0') {
			t.Errorf("exit code %d, want %s", code, want)
		}
	}
}

func TestNothingMeasured(t *testing.T) {
	dir := cluster(t, "1", "0|p0|Failed|||\n")
	said, code := script(t, []string{"CLUSTER=" + dir}, "collect", "--name", "n", "-o", filepath.Join(dir, "out"))
	if code != 1 || !strings.Contains(said, "no share has measured anything") {
		t.Errorf("exit code %d, %q", code, said)
	}
}
