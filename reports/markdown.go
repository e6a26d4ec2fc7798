package reports

import (
	"io"
	"strings"

	"agistorm/analysis"
	"agistorm/reports/gates"
	"agistorm/reports/plain"
	"agistorm/reports/words"
)

// Markdown writes the run for a pull request, in GitHub's dialect.
func Markdown(w io.Writer, s *analysis.Summary) error {
	m := &markdown{}
	m.line(plain.Markdown(words.Verdict(s)))
	for _, text := range headlines(s) {
		m.line("", "**"+plain.Markdown(text)+"**")
	}
	m.gates(judgementOf(s))
	for _, text := range lines(merged(runOf(s))) {
		m.line("", plain.Markdown(text))
	}
	m.list("Doubts", doubts(s))
	m.list("Warnings", warnings(s))
	m.table(s)
	m.list("By address", addressLines(s))
	m.why(reasons(s, fewChains))
	m.advice(advise(s))
	m.generator(newGenerator(s))
	m.more(s)
	m.remarks(remarks(s))
	m.conditions(s)
	_, err := io.WriteString(w, m.out.String())
	return err
}

// gates are what the run was to meet, what failed first.
func (m *markdown) gates(j *judgement) {
	if j == nil {
		return
	}
	m.line("", "**"+plain.Markdown(j.Headline)+".**", "")
	gates.Table(&m.out, j.Rows)
}

// why says why calls suffered.
func (m *markdown) why(all []reason) {
	if len(all) == 0 {
		return
	}
	m.line("", "<details><summary>Why calls were lost, late or slow</summary>", "")
	m.row([]string{"setting", "calls", "what happened", "one of them"})
	m.row([]string{":--", "--:", ":--", ":--"})
	for _, r := range all {
		m.row([]string{plain.Markdown(r.Setting), plain.Markdown(r.Calls), plain.Markdown(r.Words), plain.Markdown(r.Example)})
	}
	m.line("", "</details>")
}

type markdown struct{ out strings.Builder }

func (m *markdown) line(lines ...string) {
	for _, l := range lines {
		m.out.WriteString(l + "\n")
	}
}

func (m *markdown) list(title string, texts []string) {
	if len(texts) == 0 {
		return
	}
	m.line("", "**"+title+"**", "")
	for _, text := range texts {
		m.line("- " + plain.Markdown(text))
	}
}

func (m *markdown) table(s *analysis.Summary) {
	if len(s.Cells) == 0 {
		return
	}
	m.cells(s, columns(s), legend(s, fullRanges))
}

// more are the numbers that the first table has no room for, and what the settings show against each other.
func (m *markdown) more(s *analysis.Summary) {
	if len(s.Cells) == 0 {
		return
	}
	m.line("", "<details><summary>More of every setting</summary>")
	m.cells(s, moreColumns(s), moreLegend(s))
	m.line("", "</details>")
	if groups := neighbours(s); len(groups) > 0 {
		m.line("", "<details><summary>Setting against setting</summary>")
		m.sideTable(rowsOf(groups))
		m.line("", "<sub>"+plain.Markdown(neighbourLegend())+"</sub>", "", "</details>")
	}
}

// cells is a table with a row for each setting.
func (m *markdown) cells(s *analysis.Summary, cols []column, legend []string) {
	head, rule := []string{"setting"}, []string{":--"}
	for _, c := range cols {
		head, rule = append(head, c.Title()), append(rule, "--:")
	}
	m.line("")
	m.row(head)
	m.row(rule)
	for i := range s.Cells {
		row := []string{plain.Markdown(shownLabel(s, &s.Cells[i]))}
		for _, c := range cols {
			row = append(row, c.of(&s.Cells[i]).String())
		}
		m.row(row)
	}
	for _, l := range legend {
		m.line("", "<sub>"+plain.Markdown(l)+"</sub>")
	}
}

func (m *markdown) row(cells []string) { m.line("| " + strings.Join(cells, " | ") + " |") }

func (m *markdown) advice(a *advice) {
	if a == nil {
		return
	}
	if a.DropIn == "" {
		m.line("", "```c")
	} else {
		m.line("", "```ini", "# "+a.DropIn)
	}
	if a.Note != "" {
		m.line("# " + a.Note + ":")
	}
	m.line(a.Line)
	m.line("```", "")
	for _, text := range a.all() {
		m.line("- " + string(text)) // its backticks are Markdown's own
	}
	m.dropIns(a.Files)
}

// dropIns are the files to copy.
func (m *markdown) dropIns(files []dropIn) {
	if len(files) == 0 {
		return
	}
	m.line("", "<details><summary>Files ready to copy</summary>")
	for _, f := range files {
		m.line("", "For "+plain.Markdown(f.For)+", `"+f.Path+"`:", "", "```", strings.TrimSuffix(f.Content, "\n"), "```", "", string(f.Live))
	}
	m.line("", "</details>")
}

// generator is one line, and where there were several workers what each did.
func (m *markdown) generator(g *generator) {
	if g == nil {
		return
	}
	m.line("", plain.Markdown(g.String()))
	if !g.several {
		return
	}
	m.line("", "<details><summary>Its workers, the worst first</summary>", "")
	m.row(append([]string{"storm", "worker"}, workerHeads...))
	m.row([]string{":--", ":--", "--:", "--:", "--:", "--:", "--:"})
	for _, w := range g.Workers {
		m.row(append([]string{plain.Markdown(w.Storm), plain.Markdown(w.Worker)}, w.Values...))
	}
	m.line("", "</details>")
}

func (m *markdown) remarks(all []remark) {
	if len(all) == 0 {
		return
	}
	m.line("", "<details><summary>"+amount(len(all), "warning", "warnings")+" of single storms</summary>", "")
	for _, r := range all {
		m.line("- " + plain.Markdown(r.String()))
	}
	m.line("", "</details>")
}

// conditions says what was run, for whoever reads the numbers elsewhere.
func (m *markdown) conditions(s *analysis.Summary) {
	m.line("", "<details><summary>What was run</summary>", "")
	for _, f := range facts(s) {
		m.line("- " + plain.Markdown(f.Name) + ": " + plain.Markdown(f.Text))
	}
	m.line("", "</details>")
}
