package reports

import (
	_ "embed"
	"html/template"

	"agistorm/reports/plots"
)

// The plot script and its style sheet are uPlot 1.6.32 (npm package "uplot", files
// dist/uPlot.iife.min.js, dist/uPlot.min.css and LICENSE), unchanged; TestVendored holds them to
// that. A page that has plots carries the licence with the script.
var (
	//go:embed uplot/uPlot.iife.min.js
	uplotScript string
	//go:embed uplot/uPlot.min.css
	uplotStyle string
	//go:embed uplot/LICENSE
	uplotLicence string
)

// Our own scripts: what every page can do, and how the plots are drawn from the data in the page: what the figures
// show, and what can be done with them.
var (
	//go:embed templates/page.js
	pageScript string
	//go:embed templates/figures.js
	figuresScript string
	//go:embed templates/report.js
	plotScript string
)

// plainScript is all that a page without plots runs, and script what one with plots does: nothing of the run is in
// them, so that their hashes are always the same.
var (
	plainScript = strict(pageScript)
	script      = "/* uPlot, by which the plots are drawn:\n" + uplotLicence + "*/\n" + uplotScript + "\n" +
		strict(pageScript+figuresScript+plotScript)
)

func strict(code string) string { return "(() => {\n\"use strict\";\n" + code + "})();\n" }

// pagePlots are the data of the figures that can be zoomed, as the page's script reads them.
type pagePlots struct {
	Palette map[string]plots.Tone `json:"palette"`
	Plots   []*plots.Plot         `json:"plots"`
}

// plotsFor returns the data of those figures that are over time; nil without any.
func plotsFor(figures []plots.Figure) *pagePlots {
	var all []*plots.Plot
	for _, f := range figures {
		if f.Plot != nil {
			all = append(all, f.Plot)
		}
	}
	if all == nil {
		return nil
	}
	return &pagePlots{plots.Palette, all}
}

// scriptFor returns the script of a page with or without plots.
func scriptFor(p *pagePlots) template.JS {
	if p == nil {
		return template.JS(plainScript)
	}
	return template.JS(script)
}
