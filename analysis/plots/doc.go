// Package plots draws the figures of a Summary, each as PNG and as SVG on a light and
// on a dark ground: lost calls against the settings, as bars or on a logarithmic axis, and
// as a heat map of two; connect latency; percentiles of the waiting time; and over the
// time of single storms the accept queue, arrivals, accepts and drops, and every attempt.
//
// The same Summary always gives the same bytes. What decides where something
// goes (bins, scales, labels, thinned lines) is pure; only sheet.go touches a canvas.
package plots
