package reports

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/reports/plots"
	"agistorm/reports/words"
)

//go:embed templates/report.html
var pageSource string

//go:embed templates/report.css
var layout string

//go:embed templates/plots.css
var plotLayout string

// style is the style sheet of a page without plots: nothing of the run is in it.
var style = layout + swatches(plots.Hex) + "@media screen and (prefers-color-scheme: dark) {\n" + swatches(plots.HexDark) + "}\n"

// styleFor adds what plots need.
func styleFor(p *pagePlots) string {
	if p == nil {
		return style
	}
	return uplotStyle + style + plotLayout
}

// swatches give every outcome the colour that it has in the figures.
func swatches(hex func(record.Outcome) string) string {
	var css strings.Builder
	for _, o := range record.Outcomes {
		fmt.Fprintf(&css, ".%s::before { background: %s; }\n", swatch(o), hex(o))
	}
	return css.String()
}

// swatch is the class of an outcome's name where it stands with its colour.
func swatch(o record.Outcome) string { return "swatch-" + string(o) }

var pageTemplate = template.Must(template.New("report").Parse(pageSource))

// HTML writes the run as one page that needs nothing beside it: no network, figures inside. Where a figure over time has data it has a
// script, too, by which it can be zoomed and read off; without it the pictures stand. A content security policy holds it to that.
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
	Headlines []string
	// Gates of the run; nil without any.
	Gates       *judgement
	Doubts      []string
	DoubtsTitle string
	Warnings    []string
	Advice      *advice
	Generator   *generator
	WorkerHeads []string
	Reasons     []reason
	Figures     []figure
	// Plots are the data of the figures that can be zoomed, and Script draws them; nil and empty without any.
	Plots  *pagePlots
	Script template.JS
	Heads  []head
	Cells  []cellView
	Legend []string
	// More are the numbers of every setting for which that table has no room.
	MoreHeads  []head
	MoreLegend []string
	// Neighbours are the settings against each other.
	Neighbours      []sideGroup
	NeighbourHeads  []string
	NeighbourLegend string
	Source          string
	Command         string
	Facts           []fact
	Sysctls         []fact
	Glossary        []term
	Validity        []string
	Version         string
	Started         string
	Scenario        string
	Question        string
}

func newPage(s *analysis.Summary, figures []plots.Figure) *page {
	run := runOf(s)
	p := &page{
		Title:       strings.TrimSuffix("agistorm: "+run.Scenario.Name, ": "),
		Plots:       plotsFor(figures),
		Status:      statusOf(s),
		Means:       callMeans(s),
		Merged:      merged(run),
		CommandOf:   "The command, to run it again:",
		Headlines:   headlines(s),
		Gates:       judgementOf(s),
		Generator:   newGenerator(s),
		WorkerHeads: workerHeads,
		Doubts:      doubts(s),
		DoubtsTitle: doubtsTitle(s),
		Warnings:    warnings(s),
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
	if p.Gates != nil && p.Gates.Class == "bad" {
		p.Status = status{p.Gates.Class, p.Gates.Headline}
	}
	if p.Merged != "" {
		p.CommandOf = "The command of the first share:"
	}
	p.Lead, p.Rest = leadOf(words.Verdict(s))
	p.Style, p.Script = template.CSS(styleFor(p.Plots)), scriptFor(p.Plots)
	p.Policy = policy(string(p.Style), string(p.Script))
	for _, f := range figures {
		p.Figures = append(p.Figures, newFigure(f))
	}
	p.tables(s)
	return p
}

func (p *page) tables(s *analysis.Summary) {
	cols, more := columns(s), moreColumns(s)
	p.Heads, p.MoreHeads = headsOf(cols), headsOf(more)
	for i := range s.Cells {
		view := newCellView(&s.Cells[i], i, cols, success(s))
		view.Unsure = inDoubt(s, &s.Cells[i])
		for _, c := range more {
			view.More = append(view.More, c.of(&s.Cells[i]))
		}
		p.Cells = append(p.Cells, view)
	}
	p.MoreLegend = moreLegend(s)
	if p.Neighbours = neighbours(s); len(p.Neighbours) > 0 {
		p.NeighbourHeads, p.NeighbourLegend = sideHeads[1:], neighbourLegend()
	}
}

func headsOf(cols []column) []head {
	var heads []head
	for _, c := range cols {
		heads = append(heads, newHead(c))
	}
	return heads
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

// policy allows the page its own style sheet and, where it has one, its own script, by their hashes, and the figures inside it.
func policy(style string, script ...string) string {
	rules := "default-src 'none'; img-src data:; style-src " + hashOf(style)
	for _, code := range script {
		if code != "" {
			rules += "; script-src " + hashOf(code)
		}
	}
	return rules + "; base-uri 'none'; form-action 'none'"
}

// hashOf is how a policy names what stands in the page.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// leadOf splits off the first sentence. A decimal point is followed by no blank; a stop within one of names ends no sentence.
func leadOf(verdict string, names ...string) (lead, rest string) {
	masked := verdict
	longestFirst := func(a, b string) int { return len(b) - len(a) } // a name may begin with the other
	for _, name := range slices.SortedFunc(slices.Values(names), longestFirst) {
		masked = strings.ReplaceAll(masked, name, strings.Repeat("x", len(name)))
	}
	at := strings.Index(masked, ". ")
	if at < 0 {
		return verdict, ""
	}
	return verdict[:at+1], verdict[at+2:]
}

// figure is one figure with its picture inside.
type figure struct {
	ID, Title, Alt, Caption string
	Picture                 template.URL
	// Dark is the picture on the page's dark ground, as a source set; empty without one.
	Dark template.Srcset
	// Plot takes the picture's place where scripts run; nil without one.
	Plot *plots.Plot
}

// newFigure prefers the SVG: it is sharp at any size. In an img element it can neither run scripts nor load anything.
func newFigure(f plots.Figure) figure {
	picture := figure{ID: f.Name, Title: f.Title, Alt: f.Alt, Caption: f.Caption, Plot: f.Plot}
	if len(f.SVG) == 0 {
		picture.Picture = template.URL(dataURL("image/png", f.PNG))
		return picture
	}
	picture.Picture = template.URL(dataURL("image/svg+xml", f.SVG))
	if len(f.Dark) > 0 {
		picture.Dark = template.Srcset(dataURL("image/svg+xml", f.Dark))
	}
	return picture
}

func dataURL(kind string, data []byte) string {
	return "data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(data)
}
