package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"

	"agistorm/reports/plain"
	"agistorm/reports/words"
	"agistorm/scenarios/lab"

	"github.com/spf13/cobra"
)

// version of the program; a release build sets it with -ldflags "-X main.version=…".
var version = "0.2.0"

// verbs are the program's commands: the file of each adds its own.
var verbs []func(*env) *cobra.Command

// The groups of verbs in the help.
const (
	groupMeasure = "measure"
	groupRead    = "read"
	groupMore    = "more"
)

const rootHelp = `agistorm makes connect storms against FastAGI servers. It reports the outcome of every call, and why.

Begin with: agistorm sweep
It takes about a minute, needs no root and changes no setting of this host.

Exit codes:
  0    done
  1    could not run, or the server served no call or ended
  2    wrong usage or input
  3    inconclusive: the generator or the host was the limit, or a rule could not be checked
  99   a gate failed, or a rule does not hold
  130  interrupted; what was measured is kept`

// run does what the arguments say and returns the exit code.
func run(ctx context.Context, e *env) int {
	root := newRoot(e)
	root.SetArgs(e.args)
	return e.fail(root.ExecuteContext(ctx))
}

// newRoot returns the command line with all its verbs.
func newRoot(e *env) *cobra.Command {
	root := &cobra.Command{
		Use:               "agistorm VERB",
		Short:             "connect storms against FastAGI servers",
		Long:              rootHelp,
		Example:           "  agistorm sweep\n  agistorm storm agi://127.0.0.1:4573/script",
		Version:           fmt.Sprintf("%s (%s %s/%s)", fullVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH),
		Args:              cobra.ArbitraryArgs,
		RunE:              needsCommand(e, "verb"),
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true, // a man page says its version instead

		SuggestionsMinimumDistance: 2,
	}
	root.SetOut(e.stdout)
	root.SetErr(e.stderr)
	root.SetUsageTemplate(usageTemplate)
	root.SetVersionTemplate("agistorm {{.Version}}\n")
	root.SetFlagErrorFunc(flagError)
	root.SetGlobalNormalizationFunc(normalised)
	root.Flags().BoolP("version", "V", false, "print the version and exit")
	root.AddGroup(&cobra.Group{ID: groupMeasure, Title: "Measure:"},
		&cobra.Group{ID: groupRead, Title: "Read what was measured:"},
		&cobra.Group{ID: groupMore, Title: "More:"})
	root.SetHelpCommandGroupID(groupMore)
	root.SetCompletionCommandGroupID(groupMore)
	for _, newVerb := range verbs {
		verb := newVerb(e)
		verb.Long = cmp.Or(verb.Long, words.Capital(verb.Short)+".")
		verb.Flags().SortFlags = false
		decimals(verb.Flags())
		verb.RunE = e.prepared(verb.RunE)
		root.AddCommand(verb)
	}
	root.AddCommand(&cobra.Command{
		Use: "version", Short: "print the version", GroupID: groupMore, Example: "  agistorm version",
		Run: func(*cobra.Command, []string) { fmt.Fprintf(e.stdout, "agistorm %s\n", root.Version) },
	})
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "completion":
			describeCompletion(e, c)
		case "help":
			c.Short, c.Example = "print the help of a verb", "  agistorm help sweep"
			c.Args = func(_ *cobra.Command, args []string) error { return checkVerb(root, args) }
		}
	}
	return root
}

// describeCompletion gives cobra's own command, and one for each shell, this program's words.
func describeCompletion(e *env, c *cobra.Command) {
	c.Use, c.Short = "completion SHELL", "print what a shell needs to complete verbs, flags and their values"
	c.Long = "Print what a shell needs to complete verbs, flags and their values.\n" +
		"The help of each shell shows where to put it: agistorm completion bash --help"
	c.Example = "  agistorm completion bash"
	c.Args, c.RunE, c.SuggestionsMinimumDistance = cobra.ArbitraryArgs, needsCommand(e, "shell"), 1
	for _, shell := range c.Commands() {
		shell.Short, shell.Example = "print the completion for "+shell.Name(), "  "+shell.CommandPath()
	}
}

// needsCommand runs where the name of a further command is missing, or unknown.
func needsCommand(e *env, kind string) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		if len(args) > 0 {
			return unknownCommand(c, kind, args[0])
		}
		c.SetOut(e.stderr)
		return errors.Join(usagef("missing %s", kind), c.Help())
	}
}

func unknownCommand(c *cobra.Command, kind, name string) error {
	hint := fmt.Sprintf("; `%s --help` lists them", c.CommandPath())
	if near := c.SuggestionsFor(name); len(near) > 0 {
		hint = fmt.Sprintf("; did you mean %s?", near[0])
	}
	return usagef("unknown %s %q%s", kind, name, hint)
}

// checkVerb reports a verb that does not exist, for which cobra's help would succeed.
func checkVerb(root *cobra.Command, args []string) error {
	if c, rest, err := root.Find(args); err != nil || c == root && len(rest) > 0 {
		return unknownCommand(root, "verb", args[0])
	}
	return nil
}

// prepared runs a verb with the flags of the environment. A usage error names the variables that were used,
// which the user did not type.
func (e *env) prepared(do func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		used, err := e.readEnvironment(c)
		if err != nil {
			return err
		}
		e.command = repeatable(c)
		return withVariables(do(c, args), used)
	}
}

// fail prints what went wrong, if anything did, and returns the exit code.
func (e *env) fail(err error) int {
	code := exitCode(err)
	ofHost := errors.As(err, new(lab.HostError))
	switch {
	case code == exitDone, code == exitGate, code == exitInconclusive && !ofHost:
	case code == exitInterrupted:
		fmt.Fprintln(e.stderr, "agistorm: interrupted")
	default:
		fmt.Fprintln(e.stderr, plain.Shown(fmt.Sprintf("agistorm: %v%s", err, remedy(err))))
	}
	return code
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
