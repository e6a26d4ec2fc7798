// Command check reads what has no command of its own to read it: summary.json by a validator of JSON Schema,
// and the histogram logs by HdrHistogram's reader.
//
//	check SCHEMA RUN-DIRECTORY
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"agistorm/scripts/internal/program"
)

func main() { program.Main("check", check) }

func check(args []string, stdout io.Writer) (misses []string, err error) {
	if len(args) != 2 {
		return nil, errors.New("usage: check SCHEMA RUN-DIRECTORY")
	}
	return nil, errors.Join(summary(args[0], args[1]), logs(args[1], stdout))
}

// summary validates a run's summary.json by the schema.
func summary(schema, run string) error {
	compiled, err := jsonschema.NewCompiler().Compile(schema)
	if err != nil {
		return err
	}
	f, err := os.Open(filepath.Join(run, "summary.json"))
	if err != nil {
		return err
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		return err
	}
	return compiled.Validate(doc)
}

// logs reads every histogram log; a run without one is an error.
func logs(run string, stdout io.Writer) error {
	files, err := filepath.Glob(filepath.Join(run, "*.hlog"))
	if err != nil || len(files) == 0 {
		return errors.Join(err, errors.New("no histogram log"))
	}
	for _, name := range files {
		n, err := histograms(name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		fmt.Fprintf(stdout, "%s: %d histograms\n", filepath.Base(name), n)
	}
	return nil
}

// histograms counts those of a log.
func histograms(name string) (n int, err error) {
	f, err := os.Open(name)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	for log := hdrhistogram.NewHistogramLogReader(f); ; n++ {
		h, err := log.NextIntervalHistogram()
		if err != nil || h == nil {
			return n, err
		}
	}
}
