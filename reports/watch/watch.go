// Package watch makes the report of a watch: which listener lost how much, what to set, and how the queues were over
// time; and it shows a watch that runs to Prometheus.
package watch

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"

	"agistorm/analysis/record"
	"agistorm/analysis/watch"
	"agistorm/reports"
	"agistorm/reports/document"
	"agistorm/reports/plots"
	"agistorm/reports/words"
)

// The files of a report; beside them stands a PNG for each figure.
const (
	Page         = "report.html"
	markdownFile = "report.md"
	jsonFile     = "watch.json"
)

// defaultWidth of the text where there is no terminal.
const defaultWidth = 132

// Options are how a report is shown.
type Options struct {
	// Width and Colour of the text; a width of 0 is that of a page.
	Width  int
	Colour bool
}

// Forms are the ways to write the report, by the names of their formats.
var Forms = map[string]func(w io.Writer, r *watch.Report, o Options) error{
	"text": func(w io.Writer, r *watch.Report, o Options) error {
		if o.Width == 0 {
			o.Width = defaultWidth
		}
		return document.WriteText(w, Document(r, nil), document.TextOptions{Width: o.Width, Colour: o.Colour})
	},
	"markdown": func(w io.Writer, r *watch.Report, _ Options) error {
		return document.WriteMarkdown(w, Document(r, nil), document.Digest)
	},
	"json": func(w io.Writer, r *watch.Report, _ Options) error {
		words.FillWatch(r)
		return document.WriteJSON(w, struct {
			Verdict string `json:"verdict"`
			*watch.Report
		}{words.NewWatch(r).Verdict(), shortened(r)})
	},
}

// shortened leaves out the timelines of all but the worst listeners, and of those in whose queue nothing was seen: they
// would be tens of megabytes of a large host's JSON.
func shortened(r *watch.Report) *watch.Report {
	out := *r
	out.Listeners = slices.Clone(r.Listeners)
	for i, l := range out.WorstFirst() {
		if i >= mostListeners || unused(l) {
			l.Timeline = watch.Timeline{}
		}
	}
	return &out
}

// Write draws the figures of a watch and writes every document of it into a directory, each whole or not at all, over
// those that are there; figures of an earlier report that this one has not are removed. It tries all of them and joins
// the errors.
func Write(dir record.Dir, r *watch.Report) error {
	figures, err := plots.DrawWatch(r)
	form := func(name string) func(io.Writer) error {
		return func(w io.Writer) error { return Forms[name](w, r, Options{}) }
	}
	err = errors.Join(err, reports.WriteFiles(dir, figures,
		reports.File{Name: Page, Write: func(w io.Writer) error { return reports.Page(w, Document(r, figures)) }},
		reports.File{Name: markdownFile, Write: form("markdown")},
		reports.File{Name: jsonFile, Write: form("json")},
	))
	for n := len(figures) + 1; n <= plots.MostWatched; n++ {
		if old := os.Remove(dir.File(plots.WatchName(n) + ".png")); !errors.Is(old, fs.ErrNotExist) {
			err = errors.Join(err, old)
		}
	}
	return err
}
