package words

import (
	"time"

	"agistorm/analysis/watch"
)

// PlottedListener is a listener over time. All words of FigureWatch but some labels are filled with it.
type PlottedListener struct {
	*watch.Listener
	Watch Watch
	// Slot is how long a step of the picture is.
	Slot time.Duration
	// Near is set if the axis reaches the capacity.
	Near bool
	// Gaps are times in which nothing listened, or nothing was sampled.
	Gaps bool
}

// Length of the watch.
func (p PlottedListener) Length() time.Duration { return p.Watch.Length() }

// PeakAt is when the queue was deepest.
func (p PlottedListener) PeakAt() string { return p.Watch.Clock(p.Peak.At) }

// Known reports whether the kernel counts what the listener drops.
func (p PlottedListener) Known() bool { return p.DropsSeen != nil }

// FigureWatch has a picture for each listener.
var FigureWatch = Figure{
	Name: "depth", Title: `{{.Label}}`, Subtitle: `accept queue in {{span .Length}}, in steps of {{span .Slot}}`,
	Alt:  `Depth of the accept queue of {{.Label}} over time.`,
	Axis: `time (UTC)`,
	Caption: `Connections that waited to be accepted, the most and the mean of each {{span .Slot}}.{{if .Near}} ` +
		`Dashed: the queue is full.{{end}}{{if .OverflowCount}} Shaded: packets were dropped.{{end}}{{if .Gaps}} ` +
		`Hatched: nothing listened or was sampled.{{end}}`,
	Notes: `{{if .KnownDrops}}bad: {{drops .KnownDrops}} packets dropped{{with .OverflowCount}} in ` +
		`{{amount . "overflow" "overflows"}}{{end}}
{{else if .Known}}{{if .Depths.Full}}plain{{else}}good{{end}}: nothing dropped
{{else}}faint: drops are not reported
{{end}}main: peak {{peak .Peak}} of {{count .Holds}}{{if .Peak.Depth}} at {{.PeakAt}}{{end}}
plain: {{if .Depths.P99}}depth {{count .Depths.P99}} or less{{else}}empty{{end}} for 99 % of the time` +
		`{{if .Depths.Full}}; full for {{span .Depths.Full}}{{end}}`,
	Labels: map[string]Phrase{
		"peak": `deepest`, "mean": `mean`, "full": `full at {{count .}}`, "overflow": `overflow`,
		"gap": `not seen`, "drops": `packets dropped`,
	},
}
