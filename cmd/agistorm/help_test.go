package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"agistorm/scenarios"
	"agistorm/target"
	"agistorm/target/spec"
)

// shellWords returns those of a line as a shell would, quotes removed.
func shellWords(line string) (all []string) {
	for _, word := range regexp.MustCompile(`(?:[^\s"]|"[^"]*")+`).FindAllString(line, -1) {
		all = append(all, strings.ReplaceAll(word, `"`, ""))
	}
	return all
}

// tried runs the program in this process and returns its exit code and stderr.
func tried(ctx context.Context, args ...string) (code int, stderr string) {
	var errs bytes.Buffer
	e := &env{
		args: args, stdout: &bytes.Buffer{}, stderr: &errs, relisten: relisten,
		getenv: func(string) string { return "" }, environ: func() []string { return nil },
	}
	return run(ctx, e), errs.String()
}

// served returns the address of a FastAGI server that lives as long as the test.
func served(t *testing.T) string {
	t.Helper()
	config := target.DefaultConfig()
	listener, err := target.Listen("127.0.0.1:0", spec.Max(), config.Behaviour.Sockets())
	if err != nil {
		t.Fatal(err)
	}
	server, err := target.NewServer(listener, config)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	ctx, stop := context.WithCancel(context.Background())
	go func() { done <- server.Serve(ctx) }()
	t.Cleanup(func() { stop(); <-done; listener.Close() })
	return listener.Addr().String()
}

// TestExamples runs every example of the help with a context that is over: what it asks for is checked, and not done.
// An example that is refused ends with another exit code.
func TestExamples(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"before", "after"} {
		code, stderr := tried(t.Context(), "storm", served(t), "-n", "5", "-q", "-o", name)
		if code == exitFailed || code == exitUsage {
			t.Fatalf("%s: exit code %d: %s", name, code, stderr)
		}
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for _, line := range examples(t) {
		args := shellWords(strings.TrimPrefix(strings.TrimSpace(line), "sudo "))[1:]
		if len(args) > 2 && args[len(args)-2] == "-o" {
			args[len(args)-1] += "-again" // the directory of another example's run
		}
		code, stderr := tried(over, args...)
		taken := code == exitFailed && strings.Contains(stderr, "address already in use")
		if code == exitUsage || code == exitFailed && !taken {
			t.Errorf("%s: exit code %d: %s", line, code, stderr)
		}
	}
}

// examples returns those of all verbs, and for each --gate of a help its conditions on that verb.
func examples(t *testing.T) (lines []string) {
	t.Helper()
	root := newRoot(&env{})
	all := append(root.Commands(), root)
	for _, c := range root.Commands() {
		all = append(all, c.Commands()...)
	}
	for _, c := range all {
		if !c.HasExample() {
			t.Errorf("%s has no example", c.CommandPath())
		}
		lines = append(lines, strings.Split(strings.TrimSpace(c.Example), "\n")...)
		gate := c.Flags().Lookup("gate")
		if gate == nil {
			continue
		}
		conditions := regexp.MustCompile(`"[^"]+"`).FindAllString(gate.Usage, -1)
		if len(conditions) == 0 {
			t.Errorf("%s --gate has no example", c.Name())
		}
		argument := map[string]string{
			"storm": "agi://127.0.0.1/x", "gate": "after", "plan": "--calls 100 --in 1s --work 5ms",
		}[c.Name()]
		for _, condition := range conditions {
			lines = append(lines, fmt.Sprintf("agistorm %s %s --gate %s", c.Name(), argument, condition))
		}
	}
	return lines
}

// TestHelp: every flag has a usage, and no line of a help is wider than a terminal of 120 columns.
func TestHelp(t *testing.T) {
	for _, c := range newRoot(&env{}).Commands() {
		c.InheritedFlags() // cobra fills them in
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" {
				t.Errorf("%s --%s has no usage", c.Name(), f.Name)
			}
		})
		for line := range strings.Lines(c.UsageString()) {
			if len([]rune(line)) > 120 {
				t.Errorf("%s --help: %d columns: %s", c.Name(), len([]rune(line)), line)
			}
		}
	}
}

// TestAliases: earlier names of flags still set them, and no help shows them.
func TestAliases(t *testing.T) {
	for old, now := range scenarios.Aliases {
		for _, verb := range []string{"storm", "sweep"} {
			_, c, _ := verbOf(t, verb)
			if err := c.ParseFlags([]string{"--" + old + "=7s"}); err != nil || c.Flags().Lookup(now).Value.String() != "7s" {
				t.Errorf("%s --%s: %v, %s is %v", verb, old, err, now, c.Flags().Lookup(now).Value)
			}
			if strings.Contains(c.UsageString(), old) {
				t.Errorf("%s --help shows --%s", verb, old)
			}
		}
	}
}

// TestCompletion: flags that take one of a few words complete them.
func TestCompletion(t *testing.T) {
	for line, want := range map[string]string{
		"storm --client ": "asterisk single-write connect-only",
		"gate --format ":  "text markdown json junit github",
		"sweep somax":     "somaxconn",
		"rep":             "report",
	} {
		var stdout bytes.Buffer
		e := &env{stdout: &stdout, stderr: &bytes.Buffer{}}
		e.args = append([]string{cobra.ShellCompNoDescRequestCmd}, strings.Split(line, " ")...)
		run(t.Context(), e)
		for _, word := range strings.Fields(want) {
			if !strings.Contains("\n"+stdout.String(), "\n"+word+"\n") {
				t.Errorf("%s: %q lacks %s", line, &stdout, word)
			}
		}
	}
}

// TestEndOn: the first signal ends the run, its double is nothing, and a later one ends the program.
func TestEndOn(t *testing.T) {
	for name, c := range map[string]struct {
		wait time.Duration
		want int
	}{"doubled": {0, 1}, "later": {doubled, 2}} {
		calls := 0
		synctest.Test(t, func(*testing.T) {
			signals := make(chan os.Signal, 2)
			done := make(chan bool)
			go func() { endOn(signals, func() { calls++ }, func() { calls++ }); close(done) }()
			signals <- os.Interrupt
			synctest.Wait()
			time.Sleep(c.wait)
			signals <- os.Interrupt
			synctest.Wait()
			close(signals)
			<-done
		})
		if calls != c.want {
			t.Errorf("%s: %d calls, want %d", name, calls, c.want)
		}
	}
}
