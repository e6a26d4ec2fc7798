package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"agistorm/scenarios"
)

// shells are those that completion writes for.
var shells = map[string]func(w io.Writer, all []completed){"bash": bashCompletion, "fish": fishCompletion, "zsh": zshCompletion}

const shellNames = "bash, fish or zsh"

// completed is what can follow a verb.
type completed struct {
	verb
	flags []*pflag.Flag
	// words beside files.
	words []string
}

func completionFlags(*pflag.FlagSet) func(context.Context, *env, []string) error {
	return func(_ context.Context, e *env, args []string) error {
		if len(args) != 1 || shells[args[0]] == nil {
			return usagef("completion takes the name of a shell, %s, got %q", shellNames, strings.Join(args, " "))
		}
		all, err := completions()
		if err != nil {
			return err
		}
		var script bytes.Buffer
		shells[args[0]](&script, all)
		_, err = script.WriteTo(e.stdout)
		return err
	}
}

func completions() ([]completed, error) {
	var all []completed
	builtin, err := scenarios.Builtin()
	for _, v := range verbs() {
		c := completed{verb: v}
		set := pflag.NewFlagSet(v.name, pflag.ContinueOnError)
		set.SortFlags = false
		v.flags(set)
		set.VisitAll(func(f *pflag.Flag) { c.flags = append(c.flags, f) })
		switch v.name {
		case "sweep":
			for _, s := range builtin {
				c.words = append(c.words, s.Name)
			}
		case "completion":
			c.words = []string{"bash", "fish", "zsh"}
		}
		all = append(all, c)
	}
	return all, err
}

// takesValue tells whether a word must follow the flag.
func takesValue(f *pflag.Flag) bool { return f.NoOptDefVal == "" }

// says is the flag's usage without the marks of its value's name.
func says(f *pflag.Flag) string {
	_, usage := pflag.UnquoteUsage(f)
	return usage
}

func (c *completed) flagWords() []string {
	words := []string{"--help"}
	for _, f := range c.flags {
		words = append(words, "--"+f.Name)
	}
	return words
}

// valueWords are the flags behind which a value of their own stands.
func (c *completed) valueWords() []string {
	var words []string
	for _, f := range c.flags {
		if takesValue(f) {
			words = append(words, "--"+f.Name)
		}
	}
	return words
}

func bashCompletion(w io.Writer, all []completed) {
	var names []string
	for i := range all {
		names = append(names, all[i].name)
	}
	fmt.Fprintf(w, `# bash completion of agistorm: source <(agistorm completion bash)
_agistorm() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} flags= values= words=
	if [ "$COMP_CWORD" = 1 ]; then
		COMPREPLY=($(compgen -W '%s --help --version' -- "$word"))
		return
	fi
	case ${COMP_WORDS[1]} in
`, strings.Join(names, " "))
	for i := range all {
		fmt.Fprintf(w, "\t%s) flags='%s' values=' %s ' words='%s' ;;\n", all[i].name, strings.Join(all[i].flagWords(), " "),
			strings.Join(all[i].valueWords(), " "), strings.Join(all[i].words, " "))
	}
	fmt.Fprint(w, `	esac
	case $values in
	*" $before "*) return ;; # files
	esac
	case $word in
	-*) COMPREPLY=($(compgen -W "$flags" -- "$word")) ;;
	*) COMPREPLY=($(compgen -W "$words" -- "$word")) ;;
	esac
}
complete -o default -F _agistorm agistorm
`)
}

// fishQuoted is a word as fish reads it.
func fishQuoted(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(s) + "'"
}

func fishCompletion(w io.Writer, all []completed) {
	fmt.Fprint(w, "# fish completion of agistorm: agistorm completion fish | source\n")
	for i := range all {
		c := &all[i]
		fmt.Fprintf(w, "complete -c agistorm -n __fish_use_subcommand -f -a %s -d %s\n", c.name, fishQuoted(c.summary))
		after := "complete -c agistorm -n '__fish_seen_subcommand_from " + c.name + "'"
		for _, word := range c.words {
			fmt.Fprintf(w, "%s -a %s\n", after, word)
		}
		for _, f := range c.flags {
			line := after + " -l " + f.Name
			if f.Shorthand != "" {
				line += " -s " + f.Shorthand
			}
			if takesValue(f) {
				line += " -r"
			}
			fmt.Fprintf(w, "%s -d %s\n", line, fishQuoted(says(f)))
		}
	}
}

// zshQuoted is an item of _arguments or _describe in single quotes: colons and brackets end its parts.
func zshQuoted(s string) string {
	return strings.NewReplacer("'", `'\''`, `\`, `\\`, ":", `\:`, "[", `\[`, "]", `\]`).Replace(s)
}

func zshCompletion(w io.Writer, all []completed) {
	fmt.Fprint(w, "#compdef agistorm\n# zsh completion of agistorm: source <(agistorm completion zsh)\n_agistorm() {\n\tlocal -a verbs=(\n")
	for i := range all {
		fmt.Fprintf(w, "\t\t'%s:%s'\n", all[i].name, zshQuoted(all[i].summary))
	}
	fmt.Fprint(w, "\t)\n\tif (( CURRENT == 2 )); then\n\t\t_describe verb verbs\n\t\treturn\n\tfi\n\tlocal verb=$words[2]\n\tshift words\n\t(( CURRENT-- ))\n\tcase $verb in\n")
	for i := range all {
		fmt.Fprintf(w, "\t%s) _arguments%s ;;\n", all[i].name, zshArguments(&all[i]))
	}
	fmt.Fprint(w, "\tesac\n}\ncompdef _agistorm agistorm\n")
}

func zshArguments(c *completed) string {
	var items []string
	for _, f := range c.flags {
		item := fmt.Sprintf("'*--%s[%s]", f.Name, zshQuoted(says(f)))
		if takesValue(f) {
			name, _ := pflag.UnquoteUsage(f)
			item = fmt.Sprintf("'*--%s=[%s]:%s:_files", f.Name, zshQuoted(says(f)), zshQuoted(name))
		}
		items = append(items, item+"'")
	}
	rest := "'*:argument:_files'"
	if len(c.words) > 0 {
		rest = "'*:argument:{ compadd " + strings.Join(c.words, " ") + "; _files }'"
	}
	return " \\\n\t\t" + strings.Join(slices.Concat(items, []string{rest}), " \\\n\t\t")
}
