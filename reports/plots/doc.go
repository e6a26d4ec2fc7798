// Package plots describes the figures of a Summary, and draws each as PNG and as SVG on a light and
// on a dark ground: lost calls against the settings, as bars or on a logarithmic axis, and as a
// heat map of two; connect latency; percentiles of the waiting time; and over the time of single
// storms the accept queue, arrivals, accepts and drops, and every attempt.
//
// A figure is described once, as a frame: its legend, axes and rows. Those over time have their data
// in a Plot, from which the picture is drawn and which a page's script can zoom. A new figure is its
// drawing here, in one file that declares it, and its words in package words.
//
// The same Summary always gives the same bytes. What decides where something goes (bins, scales,
// labels, thinned lines) is pure; only sheet.go and marks.go touch a canvas.
package plots
