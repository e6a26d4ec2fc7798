package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"agistorm/scenarios"
	"agistorm/scenarios/near"
)

// flagAliases are further names of flags, as other tools have them.
var flagAliases = map[string]string{"full": "explain"}

// normalised lets flags be given by their earlier names, too, which are those of the scenario's keys.
func normalised(_ *pflag.FlagSet, name string) pflag.NormalizedName {
	return pflag.NormalizedName(cmp.Or(scenarios.Aliases[name], flagAliases[name], name))
}

// usageTemplate is the usage of the program and of each verb.
const usageTemplate = `Usage:
  {{.UseLine}}
{{- if .HasExample}}

Examples:
{{.Example}}{{end}}
{{- range $group := .Groups}}

{{.Title}}{{range $.Commands}}{{if and (eq .GroupID $group.ID) .IsAvailableCommand}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}
{{- if and .HasAvailableSubCommands (not .Groups)}}

Shells:{{range .Commands}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}
{{- if .HasAvailableLocalFlags}}

Flags{{if and .HasParent .HasExample}} (each also as AGISTORM_NAME in the environment){{end}}:
{{.LocalFlags.FlagUsagesWrapped 100 | trimTrailingWhitespaces}}{{end}}
`

// alternatives returns "a, b or c".
func alternatives(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// choiceFlag defines a flag that takes one of the words, by default what its variable holds. Shells complete
// them.
func choiceFlag(c *cobra.Command, to *string, name, usage string, words ...string) {
	one := func(word string) (string, error) {
		if !slices.Contains(words, word) {
			return "", fmt.Errorf("%s %q: want %s", name, word, alternatives(words))
		}
		return word, nil
	}
	c.Flags().Var(&parsed[string]{text: *to, kind: "word", to: to, parse: one}, name, usage+": "+alternatives(words))
	completes(c, name, words)
}

func completes(c *cobra.Command, name string, words []string) {
	// It fails for a flag that does not exist only.
	_ = c.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}

// parsed is a flag's value that a function reads.
type parsed[T any] struct {
	text, kind string
	to         *T
	parse      func(string) (T, error)
}

func (p *parsed[T]) String() string { return p.text }

func (p *parsed[T]) Type() string { return p.kind }

// Set reads the text.
func (p *parsed[T]) Set(text string) error {
	value, err := p.parse(text)
	if err == nil {
		*p.to, p.text = value, text
	}
	return err
}

// wants are the types of flags whose errors would be Go's own, and what to say instead.
var wants = map[string]string{
	"int":      "want a whole number",
	"uint64":   "want a whole number",
	"bool":     "want true or false",
	"duration": "want a time with its unit, such as 500ms, 5s or 1m",
}

// flagError says what a wrong flag should be.
func flagError(c *cobra.Command, err error) error {
	var invalid *pflag.InvalidValueError
	var unknown *pflag.NotExistError
	hint := fmt.Sprintf("; `%s --help` lists the flags", c.CommandPath())
	switch {
	case errors.As(err, &invalid):
		return usageError{invalidValue(invalid)}
	case errors.As(err, &unknown) && !c.HasParent():
		hint = "; a verb's flags follow its name, as in agistorm sweep --calls 500"
	case errors.As(err, &unknown):
		var names []string
		c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		if meant := near.Match(unknown.GetSpecifiedName(), names); meant != "" {
			hint = fmt.Sprintf("; did you mean --%s?", meant)
		}
	}
	return usagef("%w%s", err, hint)
}

func invalidValue(err *pflag.InvalidValueError) error {
	want, ok := wants[err.GetFlag().Value.Type()]
	switch {
	case !ok:
		return errors.Unwrap(err)
	case errors.Is(err, strconv.ErrRange):
		want = "the number is too large"
	}
	return fmt.Errorf("%s %q: %s", err.GetFlag().Name, err.GetValue(), want)
}
