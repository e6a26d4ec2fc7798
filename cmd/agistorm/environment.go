package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// environmentPrefix begins every variable that stands for a flag.
const environmentPrefix = "AGISTORM_"

// fromEnvironment sets each flag that was not given from AGISTORM_NAME, if that is set; an empty one is as good as none. It returns the
// variables that are no verb's flag: they have no effect. They are no error, since Kubernetes gives a container AGISTORM_PORT and more where
// a Service has that name.
func fromEnvironment(flags *pflag.FlagSet, environ []string) (unknown []string, err error) {
	for _, pair := range slices.Sorted(slices.Values(environ)) {
		variable, value, _ := strings.Cut(pair, "=")
		name, ours := strings.CutPrefix(variable, environmentPrefix)
		if !ours || value == "" {
			continue
		}
		name = strings.ToLower(strings.ReplaceAll(name, "_", "-"))
		switch f := flags.Lookup(name); {
		case f == nil && !anyVerbHas(name):
			unknown = append(unknown, variable)
		case f == nil || f.Changed:
		default:
			if err := flags.Set(name, value); err != nil {
				return unknown, fmt.Errorf("%s in the environment: %w", variable, err)
			}
		}
	}
	return unknown, nil
}

// changed are the names of the flags that are set.
func changed(flags *pflag.FlagSet) map[string]bool {
	all := map[string]bool{}
	flags.Visit(func(f *pflag.Flag) { all[f.Name] = true })
	return all
}

// withVariable names the variable from which a wrong value came: nobody typed it. A message begins with the name of its flag.
func withVariable(err error, flags *pflag.FlagSet, typed map[string]bool) error {
	if usage := (usageError{}); !errors.As(err, &usage) {
		return err
	}
	for name := range changed(flags) {
		if !typed[name] && strings.HasPrefix(strings.TrimPrefix(err.Error(), "--"), name+" ") {
			return usagef("%w (%s%s in the environment)", err, environmentPrefix, strings.ToUpper(strings.ReplaceAll(name, "-", "_")))
		}
	}
	return err
}

// anyVerbHas tells whether a flag of some verb has the name: one environment serves all of them.
func anyVerbHas(name string) bool {
	return slices.ContainsFunc(verbs(), func(v verb) bool {
		flags := pflag.NewFlagSet(v.name, pflag.ContinueOnError)
		v.flags(flags)
		return flags.Lookup(name) != nil
	})
}

// unrepeated are the flags that a command is typed again without: where the result goes, which exists now, how it is shown, and an instant
// that is past.
var unrepeated = []string{"output", "quiet", "format", "no-color", "explain", "start-at"}

// repeatable is the command with every flag that was set, by the user or the environment, and that matters for what is run.
func repeatable(verb string, flags *pflag.FlagSet) []string {
	command := append([]string{"agistorm", verb}, flags.Args()...)
	flags.Visit(func(f *pflag.Flag) {
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
