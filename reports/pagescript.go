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

// Our own scripts draw the plots, from the data in the page: what the figures show, and what can be
// done with them.
var (
	//go:embed templates/figures.js
	figuresScript string
	//go:embed templates/report.js
	plotScript string
)

// script is all that a page with plots runs: nothing of the run is in it, so that its hash is
// always the same.
var script = "/* uPlot, by which the plots are drawn:\n" + uplotLicence + "*/\n" + uplotScript +
	"\n(() => {\n\"use strict\";\n" + figuresScript + plotScript + "})();\n"

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

// scriptFor returns the script of a page with plots, nothing for one without.
func scriptFor(p *pagePlots) template.JS {
	if p == nil {
		return ""
	}
	return template.JS(script)
}
