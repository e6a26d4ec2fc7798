package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"agistorm/scenarios/near"
)

// environmentPrefix begins every variable that stands for a flag.
const environmentPrefix = "AGISTORM_"

// readEnvironment sets each flag that was not given from AGISTORM_NAME; an empty variable is as good as none.
// It returns the variables that it used. One that is no verb's flag is no error: Kubernetes gives a container
// AGISTORM_PORT and more where a Service has that name.
func (e *env) readEnvironment(c *cobra.Command) (used []string, err error) {
	flags := c.Flags()
	for _, pair := range slices.Sorted(slices.Values(e.environ())) {
		variable, value, _ := strings.Cut(pair, "=")
		name, ours := strings.CutPrefix(variable, environmentPrefix)
		if !ours || value == "" {
			continue
		}
		name = strings.ToLower(strings.ReplaceAll(name, "_", "-"))
		switch f := flags.Lookup(name); {
		case f == nil && !anyVerbHas(c.Root(), name):
			hint := near.Hint(variable, variablesOf(c.Root()))
			fmt.Fprintf(e.stderr, "agistorm: ignoring unknown variable %s%s\n", variable, hint)
		case f == nil || f.Changed:
		default:
			used = append(used, variable)
			if err := flags.Set(name, value); err != nil {
				return used, withVariables(flagError(c, err), []string{variable})
			}
		}
	}
	return used, nil
}

// withVariables names the variables from which a wrong value may have come.
func withVariables(err error, variables []string) error {
	if len(variables) == 0 || exitCode(err) != exitUsage {
		return err
	}
	return usagef("%w (from the environment: %s)", err, strings.Join(variables, ", "))
}

// anyVerbHas reports whether a flag of some verb has the name: one environment serves all of them.
func anyVerbHas(root *cobra.Command, name string) bool {
	return slices.ContainsFunc(root.Commands(), func(c *cobra.Command) bool { return c.Flags().Lookup(name) != nil })
}

// variablesOf returns those of the flags of all verbs that are shown.
func variablesOf(root *cobra.Command) (names []string) {
	for _, c := range root.Commands() {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden {
				names = append(names, environmentPrefix+strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_")))
			}
		})
	}
	return names
}

// unrepeated are the flags that a command is typed again without: where the result goes, which exists now,
// how it is shown, and an instant that is past.
var unrepeated = []string{"output", "quiet", "format", "no-color", "explain", "start-at"}

// repeatable returns the command with every flag that was set, by the user or the environment, and that
// changes what is run.
func repeatable(c *cobra.Command) []string {
	command := append([]string{"agistorm", c.Name()}, c.Flags().Args()...)
	c.Flags().Visit(func(f *pflag.Flag) {
		if slices.Contains(unrepeated, f.Name) {
			return
		}
		values := []string{f.Value.String()}
		if many, ok := f.Value.(pflag.SliceValue); ok {
			values = many.GetSlice()
		}
		for _, value := range values {
			command = append(command, "--"+f.Name+"="+value)
		}
	})
	return command
}
