// Package plots draws the figures of a Summary, each as PNG and as SVG: lost
// calls against setting, connect latency, accept-queue depth over time.
//
// The same Summary always gives the same bytes. What decides where something
// goes (bins, scales, labels, thinned lines) is pure; only sheet.go touches a canvas.
package plots
