// Package words holds every sentence about a run. Facts come in as data (analysis/finding), and each kind has its words
// in one table, so that wording and logic are tested apart.
package words

import (
	"maps"
	"slices"
	"strings"
	"text/template"

	"agistorm/analysis/finding"
)

// Labels names settings as tables do, by the IDs of their cells.
type Labels map[string]string

// phrases are the words for each kind of fact, as templates: the dot is the fact, $ the sentence with its settings.
var phrases = parsed(runPhrases, stormPhrases)

// parsed panics on a template that cannot be parsed, or a code that has two.
func parsed(tables ...map[finding.Code]string) map[finding.Code]*template.Template {
	all := map[finding.Code]*template.Template{}
	for _, table := range tables {
		for code, text := range table {
			if all[code] != nil {
				panic("two phrases for " + code)
			}
			all[code] = template.Must(template.New(string(code)).Funcs(functions).Funcs(stormFunctions).Parse("{{with .Fact}}" + text + "{{end}}"))
		}
	}
	return all
}

// functions are what a phrase can use.
var functions = template.FuncMap{
	"count": Count[int], "duration": Duration, "amount": Amount[int], "list": List, "percent": Percent,
}

// sentence is what a phrase is filled with.
type sentence struct {
	finding.Finding
	labels Labels
}

// In names the settings, with a blank before: " with somaxconn 128"; it is empty for a finding about the run as a whole
// and in a run of one setting.
func (s *sentence) In() string {
	if len(s.Settings) == 0 || len(s.labels) < 2 {
		return ""
	}
	return " with " + s.labels.Names(s.Settings)
}

// Names lists the labels of settings, abbreviated where they are many.
func (l Labels) Names(ids []string) string {
	const fit = 4
	var names []string
	for _, id := range ids {
		if l[id] != "" {
			id = l[id]
		}
		names = append(names, id)
	}
	if more := len(names) - fit; more > 1 {
		names = append(names[:fit:fit], Count(more)+" more")
	}
	return List(names)
}

// Sentence writes a finding in one or more sentences.
func (l Labels) Sentence(f finding.Finding) string {
	var b strings.Builder
	phrase := phrases[f.Fact.Code()]
	if phrase == nil {
		return string(f.Fact.Code())
	}
	if err := phrase.Execute(&b, &sentence{f, l}); err != nil {
		return string(f.Fact.Code()) + ": " + err.Error()
	}
	return upperFirst(strings.Join(strings.Fields(b.String()), " "))
}

// Sentences writes several findings, each by itself.
func (l Labels) Sentences(findings []finding.Finding) []string {
	var all []string
	for _, f := range findings {
		all = append(all, l.Sentence(f))
	}
	return all
}

// Codes lists all kinds of facts that have words.
func Codes() []finding.Code { return slices.Sorted(maps.Keys(phrases)) }
