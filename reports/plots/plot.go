package plots

import (
	"strings"
	"time"

	"agistorm/analysis"
	"agistorm/reports/lists"
	"agistorm/reports/words"
)

// Plot is the data of a figure over time: the picture is drawn from it, and a page's script can
// zoom it. Every time is in microseconds from the storm's start.
type Plot struct {
	// Figure is the figure's name, Title the title of the horizontal axis, which goes from 0 to End.
	Figure string  `json:"figure"`
	Title  string  `json:"title"`
	End    int64   `json:"end"`
	Keys   []Key   `json:"keys"`
	Panels []Panel `json:"panels"`
	// Range of the upright axis if all panels have the same.
	Range [2]float64 `json:"range,omitzero"`
	// Lanes are the rows of bars of each panel, Width is how long a bar is.
	Lanes []Lane `json:"lanes,omitempty"`
	Width int64  `json:"width,omitempty"`
	// Starts are the few instants at which calls were to start together: then calls stand in their
	// order, each start with room for Room of them, and End counts them.
	Starts []int64 `json:"starts,omitempty"`
	Room   int     `json:"room,omitempty"`
	// Numbers are the same as a table, for readers without the picture.
	Numbers Numbers `json:"-"`
}

// Numbers is a table; each row begins with its setting.
type Numbers struct {
	Heads []string
	Rows  [][]string
}

// Panel is one storm; what another figure needs is left out.
type Panel struct {
	Label string `json:"label"`
	Storm string `json:"storm,omitempty"`
	Steps
	// Full is how many connections the queue holds, Top the end of its axis, on which Full is if Near.
	Full int64   `json:"full,omitempty"`
	Top  float64 `json:"top,omitempty"`
	Near bool    `json:"near,omitempty"`
	// Overflows are the moments at which the queue took no connection.
	Overflows []int64 `json:"overflows,omitempty"`
	// Others are the queues of the setting's other storms.
	Others []Steps `json:"others,omitempty"`
	// Counts of each lane by bin, null if it was not counted.
	Counts [][]float64 `json:"counts,omitempty"`
	// X is where the calls of At stand, if not at their start; Took is how long each took, Kind its
	// position among the keys.
	X    []float64 `json:"x,omitempty"`
	Took []int64   `json:"took,omitempty"`
	Kind []int     `json:"kind,omitempty"`
}

// Steps are times and, for a queue, its depth from each of them on.
type Steps struct {
	At    []int64  `json:"at,omitempty"`
	Depth []uint32 `json:"depth,omitempty"`
}

// Lane is a row of bars: its name and the most that any bar in any panel counts.
type Lane struct {
	Name string  `json:"name"`
	Most float64 `json:"most"`
}

// Key is one entry of a legend: a sample, by its form and colour, and what it means.
type Key struct {
	Form form   `json:"form"`
	Text string `json:"text"`
	Tone
	// Took says what the height of a mark is.
	Took string `json:"took,omitempty"`
	// rank orders keys that are collected from rows.
	rank int
}

// addPlot lets the figure have data over the time of single storms, and room for those of so many settings.
func (f *frame) addPlot(room int) *Plot {
	f.shown.Room = room
	f.plot = &Plot{Numbers: Numbers{Heads: f.words.Heads}}
	return f.plot
}

// addStorm adds the panel of a storm that stands for its setting, and its rows in the table of
// numbers.
func (p *Plot) addStorm(c *analysis.Cell, r *analysis.Repeat, panel Panel, rows ...[]string) {
	storm := words.FigureStorm.With(struct{ N, Of int }{r.N, len(c.Repeats)})
	panel.Label, panel.Storm = c.Label, storm
	name := strings.Join(lists.NonEmpty(c.Label, storm), ", ")
	for _, values := range rows {
		p.Numbers.Rows = append(p.Numbers.Rows, append([]string{name}, values...))
	}
	p.Panels = append(p.Panels, panel)
}

func micros(all []time.Duration) []int64 {
	return lists.Map(all, time.Duration.Microseconds)
}
