// Package gates writes the judgement of a run: for people, for pull requests, and for the machines that run a check.
package gates

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"agistorm/analysis/gate"
	"agistorm/reports/document"
	"agistorm/reports/lists"
	"agistorm/reports/plain"
	"agistorm/reports/words"
)

// Form is a way to write a judgement.
type Form struct {
	Name  string
	Write func(io.Writer, *gate.Verdict) error
}

// Forms are all there are.
var Forms = []Form{{"text", Text}, {"markdown", Markdown}, {"json", JSON}, {"junit", JUnit}, {"github", GitHub}}

// signs of a status: a sign goes with its word.
var signs = map[gate.Status]string{gate.Passed: "✓", gate.Failed: "✗", gate.Inconclusive: "?"}

// grave are the statuses in the order in which people want to see them.
var grave = []gate.Status{gate.Failed, gate.Inconclusive, gate.Passed}

// Class sorts what it comes to: good, bad or doubt.
func Class(v *gate.Verdict) string {
	return map[gate.Status]string{gate.Passed: "good", gate.Failed: "bad", gate.Inconclusive: "doubt"}[v.Status]
}

// row is one gate for one setting, in words.
type row struct {
	Status                gate.Status
	Gate, Setting, Result string
	// Brief is what was measured alone; the whole Result where that says why it is not sure, or is a comparison.
	Brief string
	// Line is for where the doubt has been said: what was measured, and what that comes to.
	Line string
}

func newRow(r *gate.Result) row {
	made := row{Status: r.Status, Gate: words.GateName(r), Setting: words.GateSetting(r), Result: words.Gate(r)}
	if made.Brief = made.Result; r.Baseline == "" && r.Status != gate.Inconclusive {
		made.Brief = words.GateBrief(r)
	}
	if made.Line = made.Brief; r.Seen != "" {
		made.Line = words.GateSeen(r)
	}
	return made
}

// doubts of the run as a whole.
func doubts(v *gate.Verdict) []string { return lists.Map(v.Doubts, words.Labels{}.NotSure) }

// newDocument says what the judgement comes to, in the same order in every form.
func newDocument(v *gate.Verdict) *document.Document {
	return &document.Document{Lead: words.GateHeadline(v) + ".", Class: Class(v), Sections: []document.Section{
		{
			Blocks: []document.Block{document.List{Items: document.Texts(rest(v)...)}},
		},
		{Depth: document.Glance, Blocks: []document.Block{glance(v)}},
		{Depth: document.Detailed, Blocks: []document.Block{Table(v)}},
	}}
}

// glance is the table with what was measured alone, so that each result has a line; see row.Brief.
func glance(v *gate.Verdict) document.Table {
	t := Table(v)
	t.Columns = slices.Clone(t.Columns)
	t.Columns[2].Wrap, t.Left = true, words.GatesLeft
	rows := t.Rows()
	for i, r := range gravestFirst(v) {
		t.Order = append(t.Order, i)
		rows[i][len(rows[i])-1].Text = r.Brief
	}
	return t
}

// Table has a row for each gate and setting, the gravest first.
func Table(v *gate.Verdict) document.Table {
	t := document.Table{
		Class:   "gate-table",
		Label:   "Gates",
		Head:    1,
		Columns: document.Columns(4, "status", "gate", "setting", "result"),
	}
	t.Columns[1].Wrap, t.Columns[3].Wrap = true, true
	for _, r := range gravestFirst(v) {
		t.Add(document.Row{
			{Text: signs[r.Status] + " " + string(r.Status), Mark: document.Mark(r.Status)},
			{Text: r.Gate, Code: true}, {Text: r.Setting}, {Text: r.Result},
		})
	}
	return t
}

// gravestFirst are the results in the order in which people want to see them.
func gravestFirst(v *gate.Verdict) []row {
	all := lists.Map(v.Results, func(r gate.Result) row { return newRow(&r) })
	slices.SortStableFunc(all, func(a, b row) int {
		return cmp.Compare(slices.Index(grave, a.Status), slices.Index(grave, b.Status))
	})
	return all
}

// Text writes the judgement without a limit of lines.
func Text(w io.Writer, v *gate.Verdict) error { return Terminal(w, v, document.TextOptions{}) }

// Terminal writes the judgement for a terminal.
func Terminal(w io.Writer, v *gate.Verdict, o document.TextOptions) error {
	return document.WriteText(w, newDocument(v), o)
}

// fewLines fit under something else.
const fewLines = 2

// Brief writes what the gates come to, and the first that did not pass.
func Brief(w io.Writer, v *gate.Verdict, o document.TextOptions) error {
	d := &document.Document{Lead: words.GateHeadline(v) + ".", Class: Class(v), Sections: []document.Section{
		{Blocks: []document.Block{document.List{Items: document.Texts(Lines(v, fewLines)...)}}},
	}}
	return document.WriteText(w, d, o)
}

// Lines are the gates that did not pass, the gravest first, a line each; more than so many are counted.
func Lines(v *gate.Verdict, most int) (all []string) {
	rows := slices.DeleteFunc(gravestFirst(v), func(r row) bool { return r.Status == gate.Passed })
	for _, r := range rows[:min(most, len(rows))] {
		all = append(all, signs[r.Status]+" "+r.Gate+", "+r.Setting+": "+r.Line)
	}
	if more := len(rows) - most; more > 0 {
		all = append(all, words.GatesLeft(more))
	}
	return all
}

// Markdown writes it for a job's summary, in GitHub's dialect.
func Markdown(w io.Writer, v *gate.Verdict) error {
	return document.WriteMarkdown(w, newDocument(v), document.Digest)
}

// rest are the doubts that the headline has not said.
func rest(v *gate.Verdict) []string {
	all := doubts(v)
	if v.Status == gate.Inconclusive {
		return all[min(1, len(all)):]
	}
	return all
}

// JSON writes the judgement as one indented object.
func JSON(w io.Writer, v *gate.Verdict) error {
	words.FillGates(v)
	return document.WriteJSON(w, v)
}

// GitHub writes an annotation for each gate that did not pass, as GitHub's runner reads them from a
// step's output, and one line for all.
func GitHub(w io.Writer, v *gate.Verdict) error {
	var out strings.Builder
	level := map[gate.Status]string{gate.Passed: "notice", gate.Failed: "error", gate.Inconclusive: "warning"}
	for _, r := range gravestFirst(v) {
		if r.Status == gate.Failed || r.Status == gate.Inconclusive && len(v.Doubts) == 0 {
			fmt.Fprintf(
				&out,
				"::%s title=%s::%s\n",
				level[r.Status],
				property("agistorm: "+r.Gate),
				message(r.Setting+": "+r.Result),
			)
		}
	}
	fmt.Fprintf(
		&out,
		"::%s title=agistorm::%s\n",
		level[v.Status],
		message(strings.Join(append([]string{words.GateHeadline(v)}, rest(v)...), "; ")),
	)
	_, err := io.WriteString(w, out.String())
	return err
}

// message and property escape what would end them (actions/toolkit, packages/core/src/command.ts);
// line breaks are blanks by then.
func message(s string) string {
	return strings.ReplaceAll(plain.Line(s), "%", "%25")
}

func property(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(message(s))
}
