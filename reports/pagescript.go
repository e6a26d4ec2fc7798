package reports

import (
	_ "embed"
	"html/template"
)

// The plot script and its style sheet are uPlot 1.6.32 (npm package "uplot", files dist/uPlot.iife.min.js, dist/uPlot.min.css and
// LICENSE), unchanged; TestVendored holds them to that. A page that has plots carries the licence with the script.
var (
	//go:embed uplot/uPlot.iife.min.js
	uplotScript string
	//go:embed uplot/uPlot.min.css
	uplotStyle string
	//go:embed uplot/LICENSE
	uplotLicence string
)

// Our own scripts draw the plots, from the data in the page: what the figures show, and what can be done with them.
var (
	//go:embed templates/figures.js
	figuresScript string
	//go:embed templates/report.js
	plotScript string
)

// script is all that a page with plots runs: nothing of the run is in it, so that its hash is always the same.
var script = "/* uPlot, by which the plots are drawn:\n" + uplotLicence + "*/\n" + uplotScript + "\n(() => {\n\"use strict\";\n" + figuresScript + plotScript + "})();\n"

// scriptFor is empty for a page without plots, which runs none.
func scriptFor(p *pagePlots) template.JS {
	if p == nil {
		return ""
	}
	return template.JS(script)
}
