package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"agistorm/analysis"
	"agistorm/reports/plots"
	"agistorm/scenarios/lab"
)

func TestMain(m *testing.M) {
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0") // else each child sleeps 1 s at its end under the race detector
	if code, ok := lab.Role(os.Args[1:]); ok {
		os.Exit(code)
	}
	if os.Getenv("FIGURES") == "" { // a script that checks them sets it
		drawFigures = func(*analysis.Summary) ([]plots.Figure, error) { return nil, nil }
	}
	testscript.Main(m, map[string]func(){
		"agistorm": main, "agistorm-get": get, "innetns": innetns, "replayed": replayed,
	})
}

// TestVerbs runs the command files in testdata/script: one or more for every verb and exit code.
func TestVerbs(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("GORACE", os.Getenv("GORACE"))
			// 30 calls from 3 hosts within 300 ms, 4 of them retransmitted. A script can hold no binary file.
			capture, err := os.ReadFile("testdata/calls.pcapng")
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(e.WorkDir, "calls.pcapng"), capture, 0o600)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":         exits,
			"decided":       decided,
			"freeport":      freePort,
			"awaitlistener": awaitListener,
		},
		Condition: func(name string) (bool, error) {
			if name != "netns" {
				return false, fmt.Errorf("no condition %q", name)
			}
			if !namespaces() {
				t.Log("left out: what needs a network namespace, which this machine refuses")
				return false, nil
			}
			return true, nil
		},
	})
}

// exits runs agistorm and checks its exit code: exits CODE ARGUMENT…
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE ARGUMENT…")
	}
	checkExit(ts, `agistorm "$@"; got=$?`, args)
}

// decided is exits for a storm with an exit code about losses: an inconclusive one (3) is repeated up to five times,
// as the tool itself asks for, because other tests compete for the CPU. Its output directory follows -o, last of all.
func decided(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || args[len(args)-2] != "-o" {
		ts.Fatalf("usage: decided CODE ARGUMENT… -o DIRECTORY")
	}
	checkExit(ts, `for dir; do :; done
for n in 1 2 3 4 5; do
	rm -rf "$dir"
	agistorm "$@" >out.$$ 2>err.$$; got=$?
	[ $got = 3 ] || break
done
cat out.$$; cat err.$$ >&2; rm out.$$ err.$$`, args)
}

// checkExit runs a shell script that sets got, with the arguments after the first, and holds got against the first.
func checkExit(ts *testscript.TestScript, script string, args []string) {
	script = "code=$1; shift\n" + script + "\n" +
		`[ $got = $code ] || { echo "exit code $got, want $code" >&2; exit 1; }`
	if err := ts.Exec("sh", append([]string{"-c", script, "sh"}, args...)...); err != nil {
		ts.Fatalf("agistorm %v: %v", args[1:], err)
	}
}
