// Package words holds every sentence about a run. Facts come in as data (analysis/finding), and each kind has its
// words in one table, so that wording and logic are tested apart.
package words

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"text/template"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/validation"
	"agistorm/reports/lists"
)

// Labels names settings as tables do, by the IDs of their cells.
type Labels map[string]string

// phrases are the words for each kind of fact, as templates: the dot is the fact, $ the sentence with its settings.
// They are parsed when they are first needed: most processes of a storm say nothing.
var phrases = sync.OnceValue(func() *template.Template {
	return parsed(answerPhrases, queuePhrases, generatorPhrases, recordPhrases, stormPhrases, sidePhrases, gatePhrases,
		listenerPhrases)
})

// parsed panics on a template that cannot be parsed, or a code that has two.
func parsed(tables ...map[finding.Code]string) *template.Template {
	all := template.Must(
		template.New("").Funcs(functions).Funcs(stormFunctions).Funcs(sideFunctions).Funcs(listenerFunctions).
			Parse(shared + drops + place + usual),
	)
	for _, table := range tables {
		for code, text := range table {
			if all.Lookup(string(code)) != nil {
				panic("two phrases for " + code)
			}
			template.Must(all.New(string(code)).Parse("{{with .Fact}}" + text + "{{end}}"))
		}
	}
	return all
}

// functions are what a phrase can use.
var functions = template.FuncMap{
	"about": about, "amount": Amount[int], "backlog": typed, "between": between, "calls": median, "count": Count[int],
	"duration": Duration, "limit": Timeout, "list": List,
	"most": most, "note": Note, "notes": notesOf, "outcomes": outcomes, "percent": Percent, "rows": rows,
	"setting": backlogSetting, "instead": insteadOfBacklog, "passed": passedBacklog, "live": takesEffect,
	"waiting": waiting,
	"depths":  Amount[uint32], "never": never, "next": func(n int) int { return n + 1 }, "notable": notable, "p99": p99,
	"goalError": func() float64 { return validation.MostMedianError }, "points": points,
	"packets": packets, "partialShares": partialShares, "sentence": wholeSentence, "stop": stop, "storms": storms,
	"value": value, "lines": func(lines []string) string { return strings.Join(lines, " | ") },
	"verb": verb, "whole": Whole,
}

// sentence is what a phrase is filled with.
type sentence struct {
	finding.Finding
	labels Labels
}

// Label names one setting.
func (s *sentence) Label(id string) string { return s.labels.Name(id) }

// Names lists the settings.
func (s *sentence) Names() string { return s.labels.Names(s.Settings) }

// With names the settings, with a blank before: " with somaxconn 128". It is empty for a finding about the whole run.
func (s *sentence) With() string {
	if len(s.Settings) == 0 {
		return ""
	}
	return " with " + s.Names()
}

// In is the same, but empty in a run of one setting.
func (s *sentence) In() string {
	if len(s.labels) < 2 {
		return ""
	}
	return s.With()
}

// Verb chooses the form that goes with the settings.
func (s *sentence) Verb(one, many string) string { return verb(len(s.Settings), one, many) }

// spot is where something was worst.
type spot struct {
	Label, Worker string
	Storm, Storms int
}

// At names the worst of the storms; the only worker is not named.
func (s *sentence) At(storms int, worst string, storm int, worker string, workers int) spot {
	at := spot{Label: s.Label(worst), Storm: storm, Storms: storms}
	if workers > 1 {
		at.Worker = worker
	}
	return at
}

// Name is the label of a setting.
func (l Labels) Name(id string) string { return cmp.Or(l[id], id) }

// fewNames fit a sentence.
const fewNames = 4

// Names lists the labels of settings, abbreviated where they are many.
func (l Labels) Names(ids []string) string {
	return List(Abbreviated(sharing(lists.Map(ids, l.Name))))
}

// sharing leaves out what every name begins with, but in the first: "somaxconn 512", "1024" and "4096".
func sharing(names []string) []string {
	if len(names) == 0 {
		return names
	}
	axis, _, _ := strings.Cut(names[0], " ")
	short := slices.Clone(names)
	for i, name := range names {
		first, value, two := strings.Cut(name, " ")
		switch {
		case !two || first != axis || strings.Contains(value, " "):
			return names
		case i > 0:
			short[i] = value
		}
	}
	return short
}

// Abbreviated leaves out names that do not fit a sentence, and says how many those are.
func Abbreviated(names []string) []string {
	if more := len(names) - fewNames; more > 1 {
		return append(slices.Clone(names[:fewNames]), Count(more)+" more")
	}
	return names
}

// Sentence writes a finding in one or more sentences.
func (l Labels) Sentence(f finding.Finding) string {
	code := string(f.Code())
	return worded(phrases().Lookup(code), &sentence{f, l}, "There are no words for "+code+".")
}

// phraseFailed is called with what is wrong with a phrase; tests let it panic.
var phraseFailed = func(error) {}

// worded returns a phrase with its facts. Other words stand instead of one that fails: no report is lost to a
// mistake in it.
func worded(phrase *template.Template, facts any, instead string) string {
	var b strings.Builder
	if err := phrase.Execute(&b, facts); err != nil {
		phraseFailed(err)
		return instead
	}
	return strings.TrimSpace(b.String())
}

// Sentences writes several findings, each by itself.
func (l Labels) Sentences(findings []finding.Finding) []string {
	return lists.Map(findings, l.Sentence)
}

// Fill writes the words of findings into them, for export.
func (l Labels) Fill(findings []finding.Finding) {
	for i := range findings {
		findings[i].Words = l.Sentence(findings[i])
	}
}

// fillDoubts writes the words of doubts about a comparison.
func (l Labels) fillDoubts(doubts []analysis.RunDoubt) {
	for i := range doubts {
		doubts[i].Doubt.Words = l.Sentence(doubts[i].Doubt)
	}
}

// filled returns phrases about the same thing; those that come to nothing are left out.
func filled(facts any, phrases ...string) []string {
	return lists.NonEmpty(lists.Map(phrases, func(phrase string) string { return Phrase(phrase).With(facts) })...)
}
