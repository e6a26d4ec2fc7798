package reports

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/reports/export"
	"agistorm/reports/plots"
)

// The documents in a run directory; beside them stand NAME.png for each figure and NAME.hlog for each latency.
const (
	htmlFile     = "report.html"
	markdownFile = "summary.md"
	jsonFile     = "summary.json"
	// dropInFolder holds the files for an administrator to copy.
	dropInFolder = "apply"
)

// Write writes every document of a run into its directory, each whole or not at all, over
// those that are there. It tries all of them and joins the errors.
func Write(dir record.Dir, s *analysis.Summary, figures []plots.Figure) error {
	errs := []error{WriteFiles(dir, figures,
		File{htmlFile, func(w io.Writer) error { return HTML(w, s, figures) }},
		File{markdownFile, func(w io.Writer) error { return Markdown(w, s) }},
		File{jsonFile, func(w io.Writer) error { return JSON(w, s) }},
	)}
	for _, l := range export.Logs() {
		errs = append(errs, write(dir, l.File(), func(w io.Writer) error { return l.Write(w, s) }))
	}
	return errors.Join(append(errs, writeDropIns(dir, s))...)
}

// writeDropIns writes the files for an administrator, and removes those of an earlier report that recommended
// something else.
func writeDropIns(dir record.Dir, s *analysis.Summary) error {
	for _, name := range dropInNames {
		if err := os.Remove(dir.File(filepath.Join(dropInFolder, name))); err != nil &&
			!errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	a := advise(s)
	if a == nil {
		_ = os.Remove(dir.File(dropInFolder)) // empty now, unless other files were put there
		return nil
	}
	if err := os.Mkdir(dir.File(dropInFolder), 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	var errs []error
	for _, f := range a.Files {
		errs = append(errs, write(dir, filepath.Join(dropInFolder, f.Name), func(w io.Writer) error {
			_, err := io.WriteString(w, f.Content)
			return err
		}))
	}
	return errors.Join(errs...)
}

// File is one of the documents of a report.
type File struct {
	Name  string
	Write func(io.Writer) error
}

// WriteFiles writes documents and figures into a directory, each whole or not at all, over those that are there. It
// tries all of them and joins the errors.
func WriteFiles(dir record.Dir, figures []plots.Figure, files ...File) error {
	var errs []error
	for _, f := range files {
		errs = append(errs, write(dir, f.Name, f.Write))
	}
	for _, f := range figures {
		errs = append(errs, writeFigure(dir, f))
	}
	return errors.Join(errs...)
}

func write(dir record.Dir, name string, content func(io.Writer) error) error {
	if err := record.WriteFile(dir.File(name), content); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func writeFigure(dir record.Dir, f plots.Figure) error {
	name := f.Name + ".png"
	if filepath.Base(name) != name {
		return fmt.Errorf("figure %q: its name is no file name", f.Name)
	}
	return write(dir, name, func(w io.Writer) error {
		_, err := w.Write(f.PNG)
		return err
	})
}
