package reports

import (
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"slices"
	"strings"

	"agistorm/analysis/record"
	"agistorm/reports/document"
	"agistorm/reports/plain"
	"agistorm/reports/plots"
)

//go:embed templates/report.html
var pageSource string

//go:embed templates/report.css
var layout string

//go:embed templates/plots.css
var plotLayout string

// style is the style sheet of a page without plots: nothing of the run is in it.
var style = layout + swatches(plots.Hex) +
	"@media screen and (prefers-color-scheme: dark) {\n" + swatches(plots.HexDark) + "}\n"

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
		fmt.Fprintf(&css, ".swatch-%s::before { background: %s; }\n", o, hex(o))
	}
	return css.String()
}

var pageTemplate = template.Must(template.New("report").Funcs(template.FuncMap{
	"kind":     document.Kind,
	"unbroken": unbroken,
	"prose":    unbroken, // until a page has its own terms
	"heading":  func(c document.Column) template.HTML { return unbroken(c.Title()) },
	"term":     termID,
	"classes":  classes,
	"picture":  picture,
	"narrow":   func(f document.Figure) template.Srcset { return template.Srcset(svgURL(f.Narrow)) },
	"outcome":  func(name string) bool { return slices.Contains(record.Outcomes, record.Outcome(name)) },
	"heads":    func(t document.Table, i int) string { return t.Columns[i].Title() },
}).Parse(pageSource))

// No line break may part a unit from its number, or the name of an option from its hyphens.
var (
	unit   = regexp.MustCompile(`(\d) (%|[nµm]?s\b|min\b|(?:[KMG]i)?B\b)`)
	option = regexp.MustCompile(`--[a-z][a-z-]*`)
)

// unbroken returns a text that breaks in no such place.
func unbroken(text string) template.HTML {
	escaped := template.HTMLEscapeString(unit.ReplaceAllString(text, "$1\u00a0$2"))
	return template.HTML(option.ReplaceAllString(escaped, `<span class="option">$0</span>`))
}

// page is what the template shows: the document, with what its head needs.
type page struct {
	*document.Document
	Policy string
	Style  template.CSS
	// Plots are the data of the figures that can be zoomed; nil without any.
	Plots  *pagePlots
	Script template.JS
}

// Heading is what stands above all, and Answer what follows from it.
func (p *page) Heading() string { return cmp.Or(p.Headline, p.Lead) }

// Answer is the verdict, as far as it is not the heading.
func (p *page) Answer() string {
	if p.Heading() == p.Lead {
		return p.Rest
	}
	return p.Verdict()
}

// Folds reports whether paper has less than the screen.
func (p *page) Folds() bool {
	return slices.ContainsFunc(p.Sections, func(s document.Section) bool { return s.Screen })
}

// classes of an element that may be for the screen.
func classes(class string, screen bool) string {
	if screen {
		return strings.TrimSpace(class + " screen")
	}
	return class
}

// Links are the sections that the head of the page leads to.
func (p *page) Links() (all []document.Section) {
	for _, s := range p.Sections {
		if s.Nav != "" {
			all = append(all, s)
		}
	}
	return all
}

// writePage lays the document out as one page that needs nothing beside it: no network, figures inside. Its own script
// copies, explains terms, and lets plots be zoomed and read off; without it the pictures and the glossary stand. A
// content security policy holds the page to that.
func writePage(w io.Writer, d *document.Document, p *pagePlots) error {
	css, script := styleFor(p), scriptFor(p)
	shown := d.At(document.Full)
	explained, err := pageTemplate.Clone()
	if err != nil {
		return err
	}
	if t := termsOf(shown); t != nil {
		explained.Funcs(template.FuncMap{"prose": t.prose, "heading": t.heading})
	}
	return explained.Execute(plain.Writer(w), &page{
		Document: shown, Policy: policy(css, string(script)), Style: template.CSS(css), Plots: p, Script: script,
	})
}

// policy allows the page its own style sheet and its own script, by their hashes, and the figures inside it.
func policy(style, script string) string {
	return "default-src 'none'; img-src data:; style-src " + hashOf(style) + "; script-src " + hashOf(script) +
		"; base-uri 'none'; form-action 'none'"
}

// hashOf is how a policy names what stands in the page.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// leadOf splits off the first sentence. A decimal point is followed by no blank; a stop within one of
// names ends no sentence.
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

// picture prefers the SVG: it is sharp at any size. In an img element it can neither run scripts nor load anything.
func picture(f document.Figure) template.URL {
	if len(f.SVG) == 0 {
		return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(f.PNG))
	}
	return template.URL(svgURL(f.SVG))
}

// svgURL returns a picture as a URL. In base64 it would be a third longer.
func svgURL(svg []byte) string { return "data:image/svg+xml," + inURL.Replace(string(svg)) }

// inURL escapes what ends a URL in an attribute or in a list.
var inURL = strings.NewReplacer("%", "%25", "#", "%23", "\n\t", "%20", "\n", "", " ", "%20", `"`, "%22", "'", "%27",
	"<", "%3C", ">", "%3E")
