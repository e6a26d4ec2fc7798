// Package gates writes the judgement of a run: for people, for pull requests, and for the machines that run a check.
package gates

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"agistorm/analysis/gate"
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

// Headline says in one sentence what it comes to.
func Headline(v *gate.Verdict) string {
	n, all := gatesOf(v)
	of := fmt.Sprintf("%d of %d gates", n, all)
	if all == 1 {
		of = "the gate"
	}
	switch {
	case v.Status == gate.Failed:
		return upperFirst(of) + " failed"
	case len(v.Doubts) > 0:
		return "Inconclusive: " + strings.TrimSuffix(doubts(v)[0], ".")
	case len(v.Results) == 0:
		return "There is no gate: nothing was judged"
	case v.Status == gate.Inconclusive:
		return "Inconclusive: " + of + " could not be judged"
	case all == 1:
		return "The gate passed"
	default:
		return fmt.Sprintf("All %d gates passed", all)
	}
}

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// gatesOf counts the gates, each once for however many settings, and those of the verdict's status in any setting.
func gatesOf(v *gate.Verdict) (n, all int) {
	in := map[string]bool{}
	for _, r := range v.Results {
		in[r.Gate] = in[r.Gate] || r.Status == v.Status
	}
	for _, is := range in {
		if is {
			n++
		}
	}
	return n, len(in)
}

// Row is one gate for one setting, in words.
type Row struct {
	// Sign goes with the Status.
	Sign                  string
	Status                gate.Status
	Gate, Setting, Result string
}

func newRow(r *gate.Result) Row {
	return Row{signs[r.Status], r.Status, r.Gate, words.GateSetting(r), words.Gate(r)}
}

// Rows are all results, the gravest first.
func Rows(v *gate.Verdict) []Row {
	var all []Row
	for _, status := range grave {
		for i := range v.Results {
			if r := &v.Results[i]; r.Status == status {
				all = append(all, newRow(r))
			}
		}
	}
	return all
}

// Text writes a line for each gate and setting, what failed first.
func Text(w io.Writer, v *gate.Verdict) error {
	var out strings.Builder
	fmt.Fprintf(&out, "%s.\n", plain.Line(Headline(v)))
	for _, d := range rest(v) {
		fmt.Fprintf(&out, "Inconclusive because: %s\n", plain.Line(d))
	}
	for _, r := range Rows(v) {
		fmt.Fprintf(&out, "%s %-12s %s  [%s]  %s\n", r.Sign, r.Status, plain.Line(r.Gate), plain.Line(r.Setting), plain.Line(r.Result))
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// rest are the doubts that the headline has not said.
func rest(v *gate.Verdict) []string {
	all := doubts(v)
	if v.Status == gate.Inconclusive {
		return all[min(1, len(all)):]
	}
	return all
}

// doubts of the run as a whole.
func doubts(v *gate.Verdict) []string { return words.Labels{}.Sentences(v.Doubts) }

// Markdown writes a table for a job's summary, in GitHub's dialect.
func Markdown(w io.Writer, v *gate.Verdict) error {
	var out strings.Builder
	fmt.Fprintf(&out, "**%s**\n", plain.Markdown(Headline(v)))
	for _, d := range rest(v) {
		fmt.Fprintf(&out, "\n%s\n", plain.Markdown(d))
	}
	if len(v.Results) > 0 {
		out.WriteString("\n")
		Table(&out, Rows(v))
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// Table is the rows as a table in GitHub's dialect.
func Table(out *strings.Builder, rows []Row) {
	out.WriteString("| | gate | setting | result |\n| :-- | :-- | :-- | :-- |\n")
	for _, r := range rows {
		fmt.Fprintf(out, "| %s %s | %s | %s | %s |\n", r.Sign, r.Status, plain.Markdown(r.Gate), plain.Markdown(r.Setting), plain.Markdown(r.Result))
	}
}

// JSON writes the judgement as one indented object.
func JSON(w io.Writer, v *gate.Verdict) error {
	words.FillGates(v)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// GitHub writes an annotation for each gate that did not pass, as GitHub's runner reads them from a step's output, and one line for all.
func GitHub(w io.Writer, v *gate.Verdict) error {
	var out strings.Builder
	level := map[gate.Status]string{gate.Passed: "notice", gate.Failed: "error", gate.Inconclusive: "warning"}
	for _, r := range Rows(v) {
		if r.Status == gate.Failed || r.Status == gate.Inconclusive && len(v.Doubts) == 0 {
			fmt.Fprintf(&out, "::%s title=%s::%s\n", level[r.Status], property("agistorm: "+r.Gate), message(r.Setting+": "+r.Result))
		}
	}
	fmt.Fprintf(&out, "::%s title=agistorm::%s\n", level[v.Status], message(strings.Join(append([]string{Headline(v)}, rest(v)...), "; ")))
	_, err := io.WriteString(w, out.String())
	return err
}

// message and property escape what would end them (actions/toolkit, packages/core/src/command.ts); line breaks are blanks by then.
func message(s string) string {
	return strings.ReplaceAll(plain.Line(s), "%", "%25")
}

func property(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(message(s))
}
