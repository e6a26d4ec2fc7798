package words

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/calls"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/reports/lists"
)

// Phrase is text with facts between {{ and }}.
type Phrase string

// With fills in the facts.
func (p Phrase) With(facts any) string {
	named := template.New("").Funcs(functions).Funcs(figureFunctions).Funcs(ranFunctions).Funcs(planFunctions).
		Funcs(watchFunctions)
	return worded(template.Must(named.Parse(figureParts+string(p))), facts, "")
}

// Figure holds the words of a figure. All but Notes and Labels are filled with Plotted.
type Figure struct {
	// Name is the figure's file stem.
	Name string
	// Alt is followed by the notes of each row.
	Title, Alt, Axis, Upright, Caption Phrase
	// Subtitle is FigureSubtitle where it is empty.
	Subtitle Phrase
	// Notes of a row, a line each, which begins with its tone and a colon.
	Notes Phrase
	// Labels are the texts in the picture and its legend.
	Labels map[string]Phrase
	// Heads are the headings of its table of numbers.
	Heads []string
}

// Figures are in the order in which a report shows them.
var Figures = []*Figure{
	&FigureLost, &FigureLadder, &FigureHeat, &FigureWhole, &FigureLatency, &FigurePercentiles, &FigureQueue,
	&FigureFlow, &FigureDots,
}

// Below is what stands below the title.
func (f *Figure) Below() Phrase { return cmp.Or(f.Subtitle, FigureSubtitle) }

// Label writes one of the texts in the picture.
func (f *Figure) Label(name string, facts any) string { return f.Labels[name].With(facts) }

// RowNote is a statement beside a row. Its tone is its meaning, for its colour.
type RowNote struct{ Tone, Text string }

// NotesOf writes the notes of a row.
func (f *Figure) NotesOf(facts any) []RowNote { return NotesIn(f.Notes.With(facts)) }

// NotesIn reads notes, a line each.
func NotesIn(text string) []RowNote {
	return lists.Map(lists.NonEmpty(strings.Split(text, "\n")...), func(line string) RowNote {
		tone, text, _ := strings.Cut(line, ": ")
		return RowNote{tone, text}
	})
}

// The notes of a setting without a storm, and without the record of one.
var (
	NoStorm     = []RowNote{{"faint", "no storm was finished"}}
	NotRecorded = []RowNote{{"faint", "not recorded"}}
)

// Plotted is the run that a figure shows, and what its words depend on.
type Plotted struct {
	Run *record.Run
	// Settings of the run; the most and the fewest storms that one has.
	Settings, Storms, Fewest int
	Success                  record.Outcome
	// Shared is set if the kernel's counters count more than the storm.
	Shared bool
	// Room is for so many settings, if there are more. Recommended is set if one of them is.
	Room        int
	Recommended bool
	// Rows and Columns are the axes that the settings differ in.
	Rows, Columns string
	// Whisker spans different numbers of lost calls; Others are curves of other settings.
	Whisker, Others bool
	// Per is the width of a bin.
	Per time.Duration
	// Starts are the instants at which calls started together, 0 for a steady storm; Dots are drawn of more calls.
	Starts, Dots int
	// Even: so many calls are lost that the axis of percentiles has the same room for each of 100 calls.
	Even bool
	// Storm is the only one that is shown; nil in figures of several.
	Storm *PlottedStorm
}

// PlottedStorm is one storm as a whole.
type PlottedStorm struct {
	Setting string
	// It is storm N of so many.
	N, Of                     int
	Calls, Lost, Late, Served int
	Queue                     *metric.Queue
	// Drops at the listening socket; 0 where they were not counted.
	Drops int
	// Within that time all calls were to start.
	Within time.Duration
}

// InTime are the served calls that were not late.
func (s PlottedStorm) InTime() int { return max(s.Served-s.Late, 0) }

// PlottedOf describes a run.
func PlottedOf(s *analysis.Summary) Plotted {
	p := Plotted{Run: runOf(s), Settings: len(s.Cells), Success: calls.Success(s.Run)}
	p.Shared = s.Run != nil && !s.Run.Isolation.Own()
	if counts := lists.Map(s.Cells, func(c analysis.Cell) int { return len(c.Repeats) }); len(counts) > 0 {
		p.Storms, p.Fewest = slices.Max(counts), slices.Min(counts)
	}
	return p
}

// Milliseconds of a bin.
func (p Plotted) Milliseconds() int { return int(p.Per.Milliseconds()) }

// PlottedCalls are the calls of one setting, per storm or of all its storms together.
type PlottedCalls struct {
	Storms  int
	Success record.Outcome
	// Unplayed calls were not sent by the generator; Never connected.
	Offered, Lost, Late, Slow, Served, Never, Unplayed float64
	// Least, Most and MostLate are of any storm.
	Least, Most, MostLate float64
	LateKnown             bool
	Connect               metric.Quantiles
	// Waits of the served calls, and the longest where there are too few for the 99th percentile.
	Waits      []PlottedWait
	Slowest    time.Duration
	WaitsKnown bool
}

// PlottedWait is how long a share of the calls waited at most.
type PlottedWait struct {
	Share float64
	Wait  time.Duration
}

// Varies reports whether the storms lost different numbers of calls.
func (c PlottedCalls) Varies() bool { return c.Least != c.Most }

// PlottedLadder names the settings from which on no call was lost, and none late; empty for none.
type PlottedLadder struct {
	LossFree, Timely string
	// Below is the setting below the first, with what it lost at most.
	Below         string
	Most, Offered float64
}

// PlottedQueue is an accept queue. It is of another storm than the one that is drawn if that was never full.
type PlottedQueue struct {
	*metric.Queue
	Another bool
	// Near is set if the axis reaches the limit.
	Near bool
}

// PlottedLane is a lane of the flow: the most in any bin, nil if it was not counted.
type PlottedLane struct {
	Name string
	Most *float64
}

// PlottedDots are the calls of a storm, of which so many are drawn.
type PlottedDots struct {
	Lost, Calls, Drawn int
	Slowest            *time.Duration
}

// Part writes a share, 0 to 1, as a whole percentage; only none is 0 % and only all is 100 %.
func Part(share float64) string { return PartNumber(share) + " %" }

// PartNumber writes Part without the sign.
func PartNumber(share float64) string {
	p := math.Round(100 * share)
	if share > 0 {
		p = max(p, 1)
	}
	if share < 1 {
		p = min(p, 99)
	}
	return strconv.Itoa(int(p))
}

// Nines writes a share, 0 to 1, with as many digits as it needs: "99.9 %".
func Nines(share float64) string {
	return strconv.FormatFloat(math.Round(share*1e8)/1e6, 'f', -1, 64) + " %"
}

// figureFunctions are what the phrases of figures can use beside functions.
var figureFunctions = template.FuncMap{
	"part": func(of, all float64) string { return Part(min(of/all, 1)) }, "nines": Nines, "depth": Count[uint32],
	"capacity": Capacity, "enough": metric.Enough, "target": Target, "ceil": math.Ceil,
}

// figureParts are parts of phrases about a run.
const figureParts = `{{define "by setting"}}{{if gt .Settings 1}} by setting{{end}}{{end}}` +
	`{{define "rows"}}{{if gt .Settings 1}}, one row for each setting{{end}}.{{end}}` +
	`{{define "of a setting"}}{{if gt .Settings 1}} of a setting{{end}}{{end}}` +
	`{{define "per"}}per {{count .Milliseconds}} ms{{end}}` +
	`{{define "median"}}{{if gt .Storms 1}} (the median of all storms{{template "of a setting" .}}){{end}}{{end}}` +
	`{{define "colours"}} Lost calls have the colour of their outcome. Hatched: {{.Success}} only after a SYN was ` +
	`retransmitted. Pale: {{.Success}} in time.{{if .Whisker}} The whisker spans the fewest and the most calls lost ` +
	`in any storm.{{end}}{{end}}` +
	`{{define "few"}}{{if gt .Settings .Room}} Of the {{.Settings}} settings a few are shown.{{end}}{{end}}`

// FiguresNote is what all figures of single storms have in common: which storm they show, and which settings.
const FiguresNote Phrase = `{{if gt .Storms 1}}Where a figure is of single storms, it shows of {{.Storms}} storms` +
	`{{if gt .Settings 1}} of each setting{{end}} the one with the median number of lost calls (the worse of two). ` +
	`{{end}}{{if gt .Settings .Room}}Where it has no room for all {{.Settings}} settings, it shows ` +
	`{{if .Recommended}}the shortest queue, the recommended one and the one below it, and the longest{{else}}a few, ` +
	`from the shortest queue to the longest{{end}}. {{end}}{{if .Shared}}The kernel counts overflows and drops for ` +
	`all listeners of the server's network namespace together.{{end}}`

// FiguresZoom is for plots that can be zoomed.
const FiguresZoom = "Figures over time: zoom in with the buttons, or by dragging with a mouse. Reset, a double-click " +
	"or Escape shows all again."

// FigureSubtitle states what was played.
const FigureSubtitle Phrase = `{{if .Run.Simulated}}` + Simulated + ` · {{end}}` +
	`{{if not (replaced .Run "arrival" "calls")}}{{with .Run.Scenario.Arrival}}calls: {{.}} · {{end}}{{end}}` +
	`{{if not (replaced .Run "behaviour" "work")}}{{with target .Run.Scenario}}server: {{.}} · {{end}}{{end}}` +
	`{{with .Run.Host.Kernel}}kernel {{.}} · {{end}}{{if not .Storms}}no storm finished{{else if ne .Fewest .Storms}}` +
	`{{.Fewest}} to {{.Storms}} storms per setting{{else}}{{if eq .Storms 1}}one storm{{else}}{{.Storms}} storms` +
	`{{end}}{{if gt .Settings 1}} per setting{{end}}{{end}}{{with .Run.Share}} · share {{.K}}/{{.N}}{{end}}` +
	`{{if .Run.Partial}} · partial{{end}}`

// Texts of several figures: what all rows have in common, and one storm of several.
const (
	FigureCommon Phrase = `all with {{.}}`
	FigureStorm  Phrase = `{{if gt .Of 1}}storm {{.N}} of {{.Of}}{{end}}`
)

const sinceStart = `seconds since the storm began`

// bars are the labels of calls by their outcome, and of how long they took.
var bars = map[string]Phrase{
	"lost": `lost: {{.}}`, "late": `{{.}} late`, "in time": `{{.}} in time`, "unsent": `not sent: {{.}}`,
	"unknown": `{{.}}, not known to be late`, "whisker": `least to most lost`,
	"slow":   `{{.}} slowly: 1 s or more after the connection`,
	"served": `connected after`, "given up": `no connection, given up after`,
}

// The words of each figure.
var (
	FigureLost = Figure{
		Name: "lost", Title: `Lost and late calls{{template "by setting" .}}`, Alt: `Bars of calls per storm` +
			`{{template "rows" .}}`,
		Axis: `calls per storm`, Labels: bars,
		Caption: `Each bar is the calls of one storm{{template "median" .}}.{{template "colours" .}}`,
		Notes: `{{if not .Offered}}bad: no call was offered
{{else}}{{if or .Most .Lost}}bad: {{whole .Lost}} of {{whole .Offered}} lost{{else}}good: none of {{whole .Offered}} ` +
			`lost{{end}}
{{if .Varies}}faint: {{whole .Least}} to {{whole .Most}} in {{.Storms}} storms
{{end}}{{if not .LateKnown}}faint: late: not known{{else if .Late}}plain: {{whole .Late}} {{.Success}} late` +
			`{{else if .MostLate}}plain: up to {{whole .MostLate}} {{.Success}} late{{else}}faint: none late{{end}}
{{if .Slow}}bad: {{whole .Slow}} waited 1 s or more
{{end}}{{end}}{{if .Unplayed}}warning: up to {{whole .Unplayed}} not sent by the generator{{end}}`,
	}
	FigureLadder = Figure{
		Name: "lost", Title: `Lost and late calls against {{.Rows}}`,
		Alt:  `Columns of calls per storm, one for each {{.Rows}}.`,
		Axis: `{{.Rows}} (logarithmic)`, Upright: `upright: calls per storm`, Labels: bars,
		Caption: `Each column is the calls of one storm{{template "median" .}}.{{template "colours" .}}`,
		Notes: `{{if not .LossFree}}faint: not even the greatest is enough
{{else if .Below}}good: none lost with {{.LossFree}} or more
faint: up to {{whole .Most}} of {{whole .Offered}} lost with {{.Below}}
{{else}}good: none lost
{{end}}{{with .Timely}}plain: none late with {{.}} or more{{end}}`,
	}
	FigureHeat = Figure{
		Name: "heat", Title: `Share of lost calls by {{.Rows}} and {{.Columns}}`,
		Alt: `A table of lost calls, in rows by {{.Rows}} and in columns by {{.Columns}}.`,
		Caption: `Each field is one setting: the median share of its calls that were lost{{if gt .Storms 1}}, of up ` +
			`to {{.Storms}} storms{{end}}. The stronger the colour, the more.`,
		// The tone is what is written large.
		Notes: `{{if not .Storms}}no storm{{else if not .Offered}}no call{{else if not (or .Lost .Most)}}none lost` +
			`{{else}}{{part .Lost .Offered}}: {{whole .Lost}} of {{whole .Offered}}{{end}}`,
	}
	FigureWhole = Figure{
		Name: "storm",
		Title: `{{with .Storm}}{{amount .Calls "call" "calls"}}, a queue for {{capacity .Queue.Limit}}: ` +
			`{{if .Lost}}{{amount .Lost "call is" "calls are"}} lost{{else if .Late}}none is lost, ` +
			`{{count .Late}} are late{{else}}none is lost{{end}}{{end}}`,
		Alt:  `One storm over time, in three rows: calls that come in, that wait, and that come out.`,
		Axis: sinceStart, Upright: `calls {{template "per" .}}; queue: connections`,
		Subtitle: `{{with .Storm}}{{.Setting}}{{if gt .Of 1}}, storm {{.N}} of {{.Of}}{{end}}{{end}}` +
			`{{with .Run.Scenario.Arrival}} · calls: {{.}}{{end}}{{with target .Run.Scenario}} · server: {{.}}{{end}}` +
			`{{with .Run.Host.Kernel}} · kernel {{.}}{{end}}{{if .Run.Simulated}} · ` + Simulated + `{{end}}`,
		Caption: `One storm{{with .Storm}} with {{.Setting}}{{end}}{{if gt .Settings 1}}, the setting that lost ` +
			`most{{end}}. Above: calls by their intended start. Between: connections in the accept queue. Below: ` +
			`calls by when they ended.`,
		Labels: map[string]Phrase{
			"in": `Calls come in`, "queue": `They wait in the queue`, "out": `They come out`,
			"in notes": `main: {{amount .Calls "call" "calls"}}
{{if .Within}}faint: within {{duration .Within}}{{else}}faint: all at once{{end}}`,
			"queue notes": `{{if .Queue.WasFull}}bad: full{{if .Queue.Full}} for {{duration .Queue.Full}}{{end}}` +
				`{{else}}good: never full{{end}}
faint: {{depth .Queue.Peak}} of {{capacity .Queue.Limit}}
{{if .Drops}}plain: {{count .Drops}} packets dropped{{end}}`,
			"out notes": `{{if .Lost}}bad: {{count .Lost}} lost{{else}}good: none lost{{end}}
{{if .Late}}plain: {{count .Late}} 1 s or more late
{{end}}faint: {{count .InTime}} in time`,
			"arrived": `calls by their start`, "full": `queue full: more is dropped`, "in time": `{{.}} in time`,
			"late": `{{.}} 1 s or more late`, "lost": `lost`,
		},
	}
	FigureLatency = Figure{
		Name: "latency", Title: `Connect latency{{template "by setting" .}}`,
		Alt:     `Histograms of connect latency on logarithmic axes{{template "rows" .}}`,
		Axis:    `time from the intended start to the connection (logarithmic)`,
		Upright: `upright: calls (logarithmic)`,
		Caption: `How long calls waited for their connection, from the intended start; both axes are logarithmic.` +
			`{{if gt .Storms 1}} The calls of all storms{{template "of a setting" .}} are counted together.{{end}} A ` +
			`peak just beyond a dashed line: calls whose SYN was dropped and retransmitted. Calls that never ` +
			`connected are at the right.`,
		Notes: `{{if .Never}}bad: {{whole .Never}} never connected{{else if not .Connect.Count}}bad: none connected` +
			`{{else if lt .Served .Offered}}faint: all connected{{else}}good: all connected{{end}}
{{if .Offered}}faint: {{whole .Served}} of {{whole .Offered}} {{.Success}}` +
			`{{if lt .Served .Offered}} ({{part .Served .Offered}}){{end}}{{end}}
{{if .Connect.Count}}{{if .Slow}}plain: {{whole .Slow}} waited 1 s or more
{{end}}faint: {{if .Never}}the others: {{end}}{{with .Connect}}{{if enough .Count 50}}half in ` +
			`{{duration .P50}}, {{end}}{{if enough .Count 99}}99 % in {{duration .P99}}{{else}}slowest ` +
			`{{duration .Max}}{{end}}{{end}}{{end}}`,
		Labels: map[string]Phrase{
			"late": `connected 1 s or more late`, "lost": `lost: {{.}}`, "never": `never`,
			"retry": `SYN retransmitted: {{limit .}}`, "again": `{{limit .}}`, "limit": `client gives up: {{limit .}}`,
		},
	}
	FigurePercentiles = Figure{
		Name: "percentiles", Title: `Percentiles of the waiting time{{template "by setting" .}}`,
		Alt:  `Curves of waiting time by percentile{{template "rows" .}}`,
		Axis: `calls that waited no longer`, Upright: `upright: waiting time (logarithmic)`,
		Caption: `How long calls waited for their {{if eq .Success "connected"}}connection{{else}}first command` +
			`{{end}}, from the intended start. Each curve goes through all calls{{if gt .Storms 1}} of all storms` +
			`{{template "of a setting" .}}{{end}}, the fastest at the left.{{if not .Even}} ` +
			`The axis stretches the slowest: each label is ten times rarer than the one before.{{end}} A curve ends ` +
			`where the lost calls begin.{{if .Others}} Grey: the other settings.{{end}}`,
		Notes: `{{if not .Offered}}bad: no call was offered{{else}}` +
			`{{if lt .Served .Offered}}bad: ends at {{part .Served .Offered}}: rest lost
{{end}}{{if and .Served (not .WaitsKnown)}}faint: waits not known{{end}}` +
			`{{range .Waits}}{{if eq .Share 0.99}}main{{else}}plain{{end}}: {{nines .Share}} within {{duration .Wait}}
{{end}}{{with .Slowest}}main: slowest: {{duration .}}{{end}}{{end}}`,
		Labels: map[string]Phrase{"lost": `{{whole .Lost}} of {{whole .Offered}} calls lost`},
	}
	FigureQueue = Figure{
		Name: "queue", Title: `Accept queue over time{{template "by setting" .}}`,
		Alt:  `Depth of the accept queue over time{{template "rows" .}}`,
		Axis: sinceStart, Upright: `upright: connections queued`,
		Caption: `Connections that {{if .Run.Simulated}}were made{{else}}the kernel had made{{end}} and the server ` +
			`had not yet accepted{{if gt .Settings 1}}, each ` +
			`panel on a scale of its own{{end}}. At the dashed line the queue is full (one more than the effective ` +
			`backlog), and the kernel drops every SYN that arrives.{{if not .Run.Simulated}} A short mark: the ` +
			`kernel's ListenOverflows had grown (sampled every 10 ms).{{end}}` +
			`{{template "few" .}}`,
		Notes: `{{if .WasFull}}bad: {{if .Unseen}}overflowed{{else}}full{{end}}{{if .Another}} in some storms` +
			`{{else if .Full}} for {{duration .Full}}{{end}}
faint: {{if .Unseen}}deepest seen {{depth .Seen}}{{else}}peak {{depth .Peak}}{{end}}
{{else}}good: never full
faint: peak {{depth .Peak}}
{{if not .Near}}faint: full at {{capacity .Limit}}
faint: (off the scale){{end}}{{end}}`,
		Labels: map[string]Phrase{
			"queued": `connections queued`, "others": `in the other storms`, "full": `full: SYNs are dropped`,
			"overflows": `overflows counted`, "limit": `full at {{count .}}`,
		},
		Heads: []string{"setting", "deepest", "it holds", "full for", "overflowed from", "until"},
	}
	FigureFlow = Figure{
		Name: "flow", Title: `Arrivals, accepts and drops{{template "by setting" .}}`,
		Alt:  `Arrivals, accepts and drops of a storm {{template "per" .}}{{template "rows" .}}`,
		Axis: sinceStart, Upright: `upright: {{template "per" .}}`,
		Caption: `Calls by their intended start, connections that the server accepted, and packets that its ` +
			`listening socket dropped, counted {{template "per" .}}. Drops are {{if not .Run.Simulated}}the kernel's ` +
			`ListenDrops: {{end}}a call's SYN or last ACK, perhaps more than once.{{if gt .Settings 1}} All panels ` +
			`have the same scales.{{end}}{{template "few" .}}`,
		Notes: `{{range .}}{{if not .Most}}faint: {{.Name}} not known{{else if eq 0.0 (value .Most)}}faint: no ` +
			`{{.Name}}` +
			`{{else}}{{.Name}}: up to {{whole (ceil (value .Most))}} {{.Name}}{{end}}
{{end}}`,
		Labels: map[string]Phrase{
			"lane":      `{{.Lane.Name}}, up to {{whole (value .Lane.Most)}} {{template "per" .}}`,
			"most":      `most {{template "per" .}}`,
			"uncounted": `not counted`,
		},
		Heads: []string{"setting"},
	}
	FigureDots = Figure{
		Name: "dots", Title: `Start and duration of every attempt{{template "by setting" .}}`,
		Alt: `Dots of all attempts{{template "rows" .}}`, Upright: `upright: time to connect (log)`,
		Axis: `{{if not .Starts}}` + sinceStart + `{{else if eq .Starts 1}}calls in their order, all with the same ` +
			`intended start{{else}}calls in their order, by their intended start{{end}}`,
		Caption: `Each mark is a call: how long after its intended start it was connected or given up, on a ` +
			`logarithmic axis. Crosses are lost calls, in the colour of their outcome; they stand a little ` +
			`higher, so that they hide no other. Rings were served late, after ` +
			`a retransmitted SYN.{{if .Starts}} The calls had the same one or few intended starts: they stand side ` +
			`by side, in their order.{{end}}{{with .Dots}} Of more than {{count .}} calls the common ones are ` +
			`thinned; rare outcomes and the slowest calls are all there.{{end}}{{template "few" .}}`,
		Notes: `{{if .Lost}}bad: {{count .Lost}} of {{count .Calls}} lost{{else}}good: none lost{{end}}
{{with .Slowest}}plain: slowest served: {{duration .}}{{end}}
{{if lt .Drawn .Calls}}faint: {{count .Drawn}} of {{count .Calls}} drawn{{end}}`,
		Labels: bars,
		Heads:  []string{"setting", "outcome", "calls", "quickest", "slowest"},
	}
)
