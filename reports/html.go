package reports

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"

	"agistorm/analysis"
	"agistorm/analysis/plots"
	"agistorm/analysis/record"
)

//go:embed templates/report.html
var pageSource string

//go:embed templates/report.css
var layout string

// style is the page's whole style sheet: nothing of the run is in it.
var style = layout + swatches()

// swatches give every outcome the colour that it has in the figures.
func swatches() string {
	var css strings.Builder
	for _, o := range record.Outcomes {
		fmt.Fprintf(&css, ".%s::before { background: %s; }\n", swatch(o), plots.Hex(o))
	}
	return css.String()
}

// swatch is the class of an outcome's name where it stands with its colour.
func swatch(o record.Outcome) string { return "swatch-" + string(o) }

var pageTemplate = template.Must(template.New("report").Parse(pageSource))

// HTML writes the run as one page that needs nothing beside it: no network, no script,
// figures inside. A content security policy holds it to that.
func HTML(w io.Writer, s *analysis.Summary, figures []plots.Figure) error {
	return pageTemplate.Execute(w, newPage(s, figures))
}

// page is what the template shows.
type page struct {
	Title  string
	Style  template.CSS
	Policy string
	// Lead is the verdict's first sentence, Rest what follows.
	Lead, Rest string
	Status     status
	// Means says what a call is.
	Means string
	// Merged says of which shares the run was put together.
	Merged string
	// CommandOf says what Command did.
	CommandOf string
	// Headlines must be known before any number.
	Headlines   []string
	Doubts      []string
	Warnings    []string
	Advice      *advice
	Generator   *generator
	WorkerHeads []string
	Reasons     []reason
	Figures     []figure
	Heads       []head
	Cells       []cellView
	Legend      []string
	Source      string
	Command     string
	Facts       []fact
	Sysctls     []fact
	Glossary    []term
	Validity    []string
	Version     string
	Started     string
	Scenario    string
	Question    string
}

func newPage(s *analysis.Summary, figures []plots.Figure) *page {
	run := runOf(s)
	p := &page{
		Title:       strings.TrimSuffix("agistorm: "+run.Scenario.Name, ": "),
		Style:       template.CSS(style),
		Policy:      policy(style),
		Status:      statusOf(s),
		Means:       callMeans(s),
		Merged:      merged(run),
		CommandOf:   "The command, to run it again:",
		Headlines:   headlines(s),
		Generator:   newGenerator(s),
		WorkerHeads: workerHeads,
		Doubts:      doubts(s),
		Warnings:    s.Warnings,
		Advice:      advise(s),
		Reasons:     reasons(s, fewChains),
		Legend:      legend(s, fullRanges),
		Source:      run.Scenario.Source,
		Command:     shell(run.Command),
		Facts:       facts(s),
		Sysctls:     sysctls(run.Host.Sysctls),
		Glossary:    glossary(s),
		Validity:    validity(s),
		Version:     run.Version,
		Started:     utc(run.Started),
		Scenario:    run.Scenario.Name,
		Question:    run.Scenario.Question,
	}
	if p.Merged != "" {
		p.CommandOf = "The command of the first share:"
	}
	p.Lead, p.Rest = leadOf(s.Verdict)
	for _, f := range figures {
		p.Figures = append(p.Figures, newFigure(f))
	}
	p.table(s)
	return p
}

func (p *page) table(s *analysis.Summary) {
	cols := columns(s)
	for _, c := range cols {
		p.Heads = append(p.Heads, newHead(c))
	}
	for i := range s.Cells {
		p.Cells = append(p.Cells, newCellView(&s.Cells[i], i, cols, success(s)))
	}
}

// head is the heading of a column.
type head struct{ Title, Class string }

func newHead(c column) head {
	h := head{Title: c.Title()}
	if c.outcome != "" {
		h.Class = "swatch " + swatch(c.outcome)
	}
	return h
}

// policy allows the page its own style sheet, by its hash, and the figures inside it.
func policy(style string) string {
	sum := sha256.Sum256([]byte(style))
	return "default-src 'none'; img-src data:; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; form-action 'none'"
}

// leadOf splits off the first sentence. A decimal point is followed by no blank.
func leadOf(verdict string) (lead, rest string) {
	lead, rest, found := strings.Cut(verdict, ". ")
	if found {
		lead += "."
	}
	return lead, rest
}

// figure is one figure with its picture inside.
type figure struct {
	ID, Title, Alt, Caption string
	Picture                 template.URL
}

// newFigure prefers the SVG: it is sharp at any size. In an img element it can neither run scripts nor load anything.
func newFigure(f plots.Figure) figure {
	kind, data := "image/svg+xml", f.SVG
	if len(data) == 0 {
		kind, data = "image/png", f.PNG
	}
	return figure{
		ID: f.Name, Title: f.Title, Alt: f.Alt, Caption: f.Caption,
		Picture: template.URL("data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(data)),
	}
}
