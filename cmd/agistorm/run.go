package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/pflag"
)

// version of the program; a release build sets it with -ldflags "-X main.version=…".
var version = "0.1.0"

// verb is one of the program's commands.
type verb struct {
	name, arguments, summary string
	// flags defines the verb's flags and returns what runs it once they are parsed.
	flags func(*pflag.FlagSet) func(ctx context.Context, e *env, args []string) error
}

func verbs() []verb {
	return []verb{
		{"sweep", "[SCENARIO]", "storm every setting of a scenario, report and recommend", sweepFlags},
		{"storm", "agi://HOST[:PORT][/SCRIPT]", "one storm at a FastAGI server that is already running", stormFlags},
		{"serve", "", "the built-in target alone, in the foreground", serveFlags},
		{"report", "DIR…", "draw a run again, compare two, or make one of the shares of a storm", reportFlags},
		{"gate", "DIR", "judge a run by its gates, or against an earlier one", gateFlags},
		{"verify", "", "the rules of the listen queue, checked on this kernel", verifyFlags},
		{"completion", "SHELL", "what bash, fish or zsh needs to complete all this", completionFlags},
	}
}

// run does what the arguments say and returns the exit code.
func run(ctx context.Context, e *env) int {
	if len(e.args) == 0 {
		usage(e.stderr)
		return exitUsage
	}
	switch name := e.args[0]; name {
	case "-h", "--help", "help":
		return help(ctx, e)
	case "-V", "--version", "version":
		fmt.Fprintf(e.stdout, "agistorm %s (%s %s/%s)\n", fullVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
		return exitDone
	default:
		for _, v := range verbs() {
			if v.name == name {
				return runVerb(ctx, e, v)
			}
		}
		if strings.HasPrefix(name, "-") {
			return e.fail(usagef("flag %s stands before any verb: want %s first; `agistorm --help` tells more", name, verbNames()))
		}
		return e.fail(usagef("unknown verb %q: want %s; `agistorm --help` tells more", name, verbNames()))
	}
}

// verbNames are "sweep, storm, … or verify".
func verbNames() string {
	var names []string
	for _, v := range verbs() {
		names = append(names, v.name)
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// help is of the program, or of the verb that follows.
func help(ctx context.Context, e *env) int {
	if len(e.args) == 1 {
		usage(e.stdout)
		return exitDone
	}
	e.args = []string{e.args[1], "--help"}
	return run(ctx, e)
}

func runVerb(ctx context.Context, e *env, v verb) int {
	flags := pflag.NewFlagSet(v.name, pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.SortFlags = false
	do := v.flags(flags)
	err := flags.Parse(e.args[1:])
	if errors.Is(err, pflag.ErrHelp) {
		fmt.Fprintf(e.stdout, "agistorm %s %s\n  %s\n\nFlags (each also as AGISTORM_NAME in the environment):\n%s",
			v.name, v.arguments, v.summary, flags.FlagUsagesWrapped(100))
		return exitDone
	}
	typed := changed(flags)
	if err == nil {
		err = e.fillIn(flags)
	}
	if err != nil {
		return e.fail(usagef("%s: %s; `agistorm %s --help` lists the flags", v.name, plain(err), v.name))
	}
	e.command = repeatable(v.name, flags)
	return e.fail(withVariable(do(ctx, e, flags.Args()), flags, typed))
}

// fillIn takes the flags that were not given from the environment, and tells of what is none.
func (e *env) fillIn(flags *pflag.FlagSet) error {
	unknown, err := fromEnvironment(flags, e.environ())
	for _, variable := range unknown {
		fmt.Fprintf(e.stderr, "agistorm: %s in the environment is no flag of any verb: it has no effect\n", variable)
	}
	return err
}

// goWords are how Go says that a value is of the wrong kind, and what the user is told instead.
var goWords = []struct {
	says *regexp.Regexp
	word string
}{
	{regexp.MustCompile(`strconv\.Parse(Int|Uint): parsing ".*": invalid syntax`), "want a whole number"},
	{regexp.MustCompile(`strconv\.ParseBool: parsing ".*": invalid syntax`), "want true or false"},
	{regexp.MustCompile(`strconv\.Parse\w+: parsing ".*": value out of range`), "the number is too large"},
	{regexp.MustCompile(`time: .*`), "want a time with its unit, such as 500ms, 5s or 1m"},
}

// plain is an error of a flag without Go's own words.
func plain(err error) string {
	text := err.Error()
	for _, w := range goWords {
		text = w.says.ReplaceAllString(text, w.word)
	}
	return text
}

// fail says what went wrong, if anything did, and returns the exit code.
func (e *env) fail(err error) int {
	code := exitCode(err)
	switch code {
	case exitDone, exitInconclusive, exitGate:
	case exitInterrupted:
		fmt.Fprintln(e.stderr, "agistorm: interrupted")
	default:
		fmt.Fprintf(e.stderr, "agistorm: %v\n", err)
	}
	return code
}

func usage(w io.Writer) {
	fmt.Fprint(w, "agistorm: connect storms against FastAGI servers\n\nUsage:\n")
	for _, v := range verbs() {
		fmt.Fprintf(w, "  agistorm %-34s %s\n", v.name+" "+v.arguments, v.summary)
	}
	fmt.Fprint(w, `
  agistorm VERB --help                        the flags of a verb
  agistorm --version

Begin with: agistorm sweep
It takes about a minute, needs no root and touches none of this host's settings.

Exit codes: 0 done, 1 could not run, 2 wrong usage or input,
3 the run proves nothing (the generator or the host was the limit, or a rule could not be checked),
99 a gate failed, or a rule does not hold, 130 interrupted.
`)
}

// fullVersion adds the revision that the binary was built from, where it is known.
func fullVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return version + "+" + s.Value[:12]
		}
	}
	return version
}
