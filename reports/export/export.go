// Package export writes a run in the forms of other tools.
package export

import (
	"fmt"
	"io"
	"strings"

	"agistorm/analysis"
	"agistorm/reports/lists"
)

// Form is one way to write a run.
type Form struct {
	// Name on the command line.
	Name string
	// What it is, and for which tool, in one line.
	What  string
	Write func(io.Writer, *analysis.Summary) error
}

// SchemaForm is the name of the form that is the same for every run.
const SchemaForm = "json-schema"

// Forms are all there are.
func Forms() []Form {
	forms := []Form{
		{"csv", "a row for each storm, for a spreadsheet", CSV},
		{"attempts-csv", "a row for each attempt", AttemptsCSV},
		{"benchfmt", "Go's benchmark format, for benchstat -col /somaxconn", Benchmarks},
		{"vegeta-json", "every attempt as vegeta's JSON, for vegeta report and plot", VegetaJSON},
		{"vegeta-csv", "every attempt as vegeta's CSV", VegetaCSV},
		{"vegeta-gob", "every attempt as vegeta's own binary form", VegetaGob},
		{
			SchemaForm,
			"the JSON Schema of summary.json",
			func(w io.Writer, _ *analysis.Summary) error { return Schema(w) },
		},
	}
	return append(forms, lists.Map(Logs(), func(l Log) Form {
		return Form{"hlog-" + l.Name, "the " + l.Name + " latency's histograms, for HdrHistogram's tools", l.Write}
	})...)
}

// Find returns the form of a name; the error lists what there is.
func Find(name string) (Form, error) {
	var names []string
	for _, f := range Forms() {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return Form{}, fmt.Errorf("export %q: want %s", name, strings.Join(names, ", "))
}
