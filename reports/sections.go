package reports

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/reports/document"
	"agistorm/reports/lists"
	"agistorm/reports/plots"
	"agistorm/reports/words"
)

// blocks of a document.
type blocks = []document.Block

// runDocument is what the report of a run says, in this order in every form.
func runDocument(s *analysis.Summary, figures []plots.Figure) *document.Document {
	run, status := runOf(s), statusOf(s)
	gates, class := gatesSection(s)
	if class == "bad" {
		status.Class, status.Words = class, gates.Title
	}
	d := &document.Document{
		Title: strings.TrimSuffix("agistorm: "+run.Scenario.Name, ": ") + words.SimulatedIf(run, " "+
			"(", ")"), Class: status.Class, Status: status.Words,
		Meta: slices.Concat(
			lists.NonEmpty(words.SimulatedIf(run, "", ""), strings.TrimSuffix("scenario "+run.Scenario.Name, "scenario "), words.UTC(run.Started)),
		),
		About: []string{words.Call(success(s))}, Version: run.Version,
		Sections: slices.Concat([]document.Section{
			headlinesSection(s),
			doubtSection(s),
			gatesGlance(s),
			gates,
			{
				ID:     "doubts",
				Class:  "notice doubts",
				Title:  doubtsTitle(s),
				Depth:  document.Detailed,
				Blocks: listOf(doubts(s)),
			},
			{ID: "warnings", Class: "notice", Title: words.TitleWarnings, Label: words.LabelWarning, Depth: document.Detailed,
				Blocks: listOf(warnings(s))},
			adviceSection(s),
			glanceSection(s),
			runManagementSection(s),
			settingsSection(s),
			{
				ID:     "addresses",
				Title:  words.TitleAddresses,
				Depth:  document.Explained | document.Digest,
				Blocks: listOf(addressLines(s)),
			},
			figuresSection(s, furtherFigures(figures)),
		}, whySections(s), []document.Section{
			reasonsSection(s),
			stormsSection(s),
		}, generatorSections(s), remarksSections(s), referenceSections(s)),
	}
	d.Lead, d.Rest = leadOf(words.Verdict(s))
	d.Headline, d.Keys, d.First = words.Headline(s), keysOf(words.KeyNumbers(s)), firstFigure(figures)
	d.Brief = words.Brief(s)
	return d
}

// listOf is a list and nothing else.
func listOf(items []string) blocks {
	return blocks{document.List{Items: document.Texts(items...)}}
}

// factsOf lists facts, and leaves out what is not known.
func factsOf(class string, all []words.Term) document.Facts {
	known := lists.Map(words.Known(all), func(t words.Term) document.Fact { return document.Fact(t) })
	return document.Facts{Class: class, Items: known}
}

// plainParagraph is for readers who need no term explained.
func plainParagraph(text string) document.Paragraph {
	return document.Paragraph{Text: document.Plain(text), Class: "plain"}
}

// termsSection is the glossary of a page that has no outcomes to explain.
func termsSection() document.Section {
	return document.Section{ID: "terms", Title: words.TitleTerms, Depth: document.Full, Screen: true,
		Blocks: blocks{factsOf(termsClass, words.Terms(record.Answered))}}
}

func paragraph(text string) document.Paragraph { return document.Paragraph{Text: document.Plain(text)} }

// headlinesSection is what must be known before any number.
func headlinesSection(s *analysis.Summary) (section document.Section) {
	for _, text := range headlines(s) {
		section.Blocks = append(section.Blocks, document.Paragraph{Text: document.Plain(text), Class: "notice"})
	}
	merged := document.Paragraph{Text: document.Plain(words.MergedFrom(runOf(s))), Class: "status"}
	section.Blocks = append(section.Blocks, merged)
	return section
}

// adviceSection is empty where there is nothing to recommend.
func adviceSection(s *analysis.Summary) document.Section {
	a := advise(s)
	if a == nil {
		return document.Section{}
	}
	files := document.Fold{Title: words.TitleFiles, Screen: true}
	for _, f := range a.Files {
		files.Blocks = append(
			files.Blocks,
			document.Heading{Text: document.Marked(words.FileFor.With(f))},
			document.Code{Text: f.Content, Copy: f.Path},
			document.Paragraph{Text: document.Marked(string(f.Live))},
		)
	}
	section := a.section(
		document.Only{Depth: document.Glance, Blocks: blocks{document.List{Items: document.MarkedTexts(a.Brief)}}},
		document.Only{Depth: document.Detailed, Blocks: blocks{
			document.List{Items: document.MarkedTexts(a.Steps), Ordered: true},
			document.List{Items: document.MarkedTexts(a.Seen), Class: "seen"},
			files,
		}},
	)
	if s.Recommendation.Provisional {
		section.Title = words.TitleProvisional
	}
	return section
}

// section has the setting first, as it is typed.
func (a *advice) section(more ...document.Block) document.Section {
	lang := "ini"
	if a.DropIn == "" {
		lang = "c"
	}
	setting := document.Code{Text: a.Line, Lang: lang, Path: a.DropIn, Note: a.Note, Main: true, Copy: a.Typed}
	return document.Section{ID: "advice", Title: words.TitleAdvice, Nav: words.TitleAdvice, Class: "advice",
		Blocks: append(blocks{setting}, more...)}
}

// settingsSection is the table of the settings, what it has no room for, and the settings against each other.
func settingsSection(s *analysis.Summary) document.Section {
	const title, more, against = words.TitleSettings, words.TitleMore, words.TitleNeighbours
	return document.Section{ID: "settings", Title: title, Nav: title, Depth: document.Detailed, Blocks: blocks{
		cellTable(s, title, columns(s)),
		document.Only{Depth: document.Explained, Blocks: document.Legends(legend(s, false)...)},
		document.Only{Depth: document.Digest | document.Full, Blocks: document.Legends(legend(s, true)...)},
		fold(more, cellTable(s, more, moreColumns(s)), words.MoreLegend(anyCell(s, dialled))...),
		fold(against, sideTable(against, neighbours(s)), words.NeighbourLegend()),
	}}
}

// fold is a table with its legend, empty where the table is.
func fold(title string, t document.Table, legend ...string) document.Fold {
	if len(t.Rows()) == 0 {
		return document.Fold{}
	}
	return document.Fold{Title: title, Screen: true, Blocks: append(blocks{t}, document.Legends(legend...)...)}
}

// cellTable has a row for each setting.
func cellTable(s *analysis.Summary, label string, cols []column) document.Table {
	t := document.Table{Class: "cells", Label: label, Columns: document.Columns(1, "setting")}
	for _, c := range cols {
		t.Columns = append(t.Columns, c.heading())
	}
	for i := range s.Cells {
		values := lists.Map(cols, func(c column) value { return c.of(&s.Cells[i]) })
		t.Add(append(document.Row{settingCell(s, i)}, values...))
	}
	return t
}

// settingCell names a setting, and says where the run is not sure of it or warns of it.
func settingCell(s *analysis.Summary, i int) document.Cell {
	c := &s.Cells[i]
	cell := document.Cell{Text: c.Label, Link: settingID(i)}
	if inDoubt(s, c) {
		cell.Sign, cell.Notes = " ?", []string{"? inconclusive"}
	}
	cell.Notes = append(cell.Notes, warned(c)...)
	return cell
}

func settingID(i int) string { return fmt.Sprint("setting-", i+1) }

// warned counts the warnings of a setting's storms, if there are any.
func warned(c *analysis.Cell) []string {
	if n := len(remarks(*c)); n > 0 {
		return []string{"⚠ " + words.Amount(n, "warning", "warnings")}
	}
	return nil
}

// figuresSection has the pictures, each with the numbers of its plot.
func figuresSection(s *analysis.Summary, figures []plots.Figure) document.Section {
	section := document.Section{ID: "figures", Title: words.TitleFigures, Nav: words.TitleFigures, Depth: document.Full,
		Screen: true}
	if slices.ContainsFunc(figures, func(f plots.Figure) bool { return f.Plot != nil }) {
		section.Blocks = append(section.Blocks,
			document.Paragraph{Text: document.Plain(plots.Note(s)), Class: "legend"},
			document.Paragraph{Text: document.Plain(words.FiguresZoom), Class: "of-plot"})
	}
	for _, f := range figures {
		numbers := document.Fold{}
		if f.Plot != nil {
			t := document.Table{
				Label: words.NumbersIn.With(f.Title), Columns: document.Columns(1, f.Plot.Numbers.Heads...),
			}
			for _, row := range f.Plot.Numbers.Rows {
				t.Add(document.Cells(row...))
			}
			numbers = fold(words.NumbersOf.With(f.Title), t)
			numbers.Class = "numbers"
		}
		section.Blocks = append(section.Blocks, FigureBlock(f), numbers)
	}
	return section
}

// firstFigure is the one that answers at a glance; nil without it.
func firstFigure(figures []plots.Figure) *document.Figure {
	i := slices.IndexFunc(figures, isFirst)
	if i < 0 {
		return nil
	}
	f := FigureBlock(figures[i])
	f.First = true
	return &f
}

func isFirst(f plots.Figure) bool { return f.Name == words.FigureLost.Name }

// furtherFigures are those below the first.
func furtherFigures(figures []plots.Figure) []plots.Figure {
	return slices.DeleteFunc(slices.Clone(figures), isFirst)
}

// runManagementSection has no term of the trade: three sentences.
func runManagementSection(s *analysis.Summary) document.Section {
	const title = words.TitleManagement
	return document.Section{ID: "management", Title: title, Nav: title, Class: "summary", Depth: document.Full,
		Blocks: blocks{plainParagraph(words.RunManagement(s))}}
}

// FigureBlock is a figure as a document has it.
func FigureBlock(f plots.Figure) document.Figure {
	return document.Figure{
		Name: f.Name, Title: f.Title, Alt: f.Alt, Caption: f.Caption,
		SVG: f.SVG, PNG: f.PNG, Narrow: f.Narrow, Wide: f.Wide,
	}
}

// whySections say why calls were lost, late or slow.
func whySections(s *analysis.Summary) []document.Section {
	const title = words.TitleWhy
	t := document.Table{
		Class:   "why",
		Label:   title,
		Columns: document.Columns(1, "setting", "calls, all storms", "what happened"),
	}
	t.Columns[2].Left, t.Columns[2].Wrap = true, true
	for _, r := range reasons(s, fewChains) {
		t.Add(document.Row{{Text: r.Setting}, {Text: r.Calls, Mark: markIf(r.Lost)}, {Text: r.Words, Range: r.Example}})
	}
	return []document.Section{
		{Title: title, Depth: document.Explained, Blocks: listOf(explanations(s))},
		{ID: "why", Title: title, Nav: words.NavWhy, Depth: document.Digest | document.Full, Folded: true,
			Screen: true, Blocks: blocks{t}},
	}
}

// fewWorkers fit a terminal; the page has all of them.
const fewWorkers = 4

// generatorSections say how the generator did: in a line, with its workers where there were several or
// something is wrong.
func generatorSections(s *analysis.Summary) []document.Section {
	g := newGenerator(s)
	if g == nil {
		return nil
	}
	const title = words.TitleWorkers
	t := document.Table{Class: "workers", Label: "Workers of the generator", Caption: title,
		Columns: document.Columns(2, append([]string{"storm", "worker"}, workerHeads...)...)}
	var worst []string
	for i := range g.Workers {
		w := &g.Workers[i]
		t.Add(document.Cells(append([]string{w.Storm, w.Worker}, w.Values...)...))
		if !g.well() && g.several && i < fewWorkers {
			worst = append(worst, w.String())
		}
	}
	details := document.Fold{
		Title:  g.Brief,
		Note:   g.Line,
		Grade:  g.Class,
		Open:   !g.well(),
		Blocks: fold(title, t, words.WorkerLegend).Blocks,
	}
	if len(details.Blocks) == 0 {
		details.Blocks = blocks{paragraph(words.NoWorkers)}
	}
	if t.Caption = ""; !g.several {
		t.Groups = nil
	}
	return []document.Section{
		{Depth: document.Explained | document.Digest, Blocks: blocks{
			paragraph(g.String()),
			document.Only{Depth: document.Explained, Blocks: listOf(worst)},
			fold(title, t),
		}},
		{ID: "generator", Title: words.TitleGenerator, Depth: document.Full, Screen: true, Blocks: blocks{details}},
	}
}

// mostRemarks are how many warnings of single storms fit a terminal; the page has all of them.
const mostRemarks = 6

// remarksSections are the warnings of single storms, which the page has with each setting.
func remarksSections(s *analysis.Summary) []document.Section {
	all := lists.Map(remarks(s.Cells...), remark.String)
	few := all
	if n := len(all) - mostRemarks; n > 0 {
		few = append(slices.Clone(all[:mostRemarks]), words.MoreWarnings.With(struct {
			N    int
			File string
		}{n, htmlFile}))
	}
	return []document.Section{
		{Label: words.LabelWarning, Depth: document.Explained, Blocks: listOf(few)},
		{
			Title:  words.WarningsOf.With(len(all)),
			Depth:  document.Digest,
			Folded: true,
			Blocks: listOf(all),
		},
	}
}

// referenceSections are for reference: what was run, and what the words mean.
func referenceSections(s *analysis.Summary) []document.Section {
	run := runOf(s)
	commandOf := words.CommandAgain
	if len(run.Merged) > 0 {
		commandOf = words.CommandOfShare
	}
	const page = document.Full
	command, terms := shell(run.Command), factsOf(termsClass, words.Glossary(success(s)))
	terms.Swatches = true
	return []document.Section{
		{
			ID:     "run",
			Title:  words.TitleRun,
			Nav:    words.TitleRun,
			Depth:  document.Digest | page,
			Folded: true,
			Screen: true,
			Blocks: blocks{
				document.Only{
					Depth:  document.Digest,
					Blocks: blocks{factsOf("facts", append(words.Ran(s), words.Term{Name: "command", Text: command}))},
				},
				document.Only{Depth: page, Blocks: blocks{
					document.Code{Text: command, Caption: commandOf, Copy: words.CopyCommand},
					factsOf("facts", words.Ran(s)),
					scenarioFold(run.Scenario.Source), sysctlsFold(run.Host.Sysctls),
				}},
			},
		},
		{ID: "outcomes", Title: words.TitleOutcomes, Depth: page, Screen: true, Blocks: blocks{terms}},
		{ID: "validity", Title: words.TitleValidity, Nav: words.NavLimits, Depth: page, Screen: true,
			Blocks: listOf(words.Validity(s))},
	}
}

// scenarioFold is the scenario as a file.
func scenarioFold(source string) document.Fold {
	return document.Fold{Title: words.TitleScenario, Blocks: blocks{
		document.Code{Text: source, Caption: words.ScenarioAgain, Copy: words.CopyScenario},
	}}
}

// sysctlsFold lists what the host had, with the blanks that the kernel puts between values evened out.
func sysctlsFold(m map[string]string) document.Fold {
	all := lists.Map(slices.Sorted(maps.Keys(m)), func(name string) words.Term {
		return words.Term{Name: name, Text: strings.Join(strings.Fields(m[name]), " ")}
	})
	return document.Fold{Title: words.TitleSysctls, Blocks: blocks{factsOf("facts", all)}}
}
