package reports

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis"
	"agistorm/reports/document"
)

var update = flag.Bool("update", false, "write testdata/*.golden anew")

// forms are all that this package writes of a Summary.
var forms = []struct {
	name  string
	write func(io.Writer, *analysis.Summary) error
}{
	{"text", func(w io.Writer, s *analysis.Summary) error { return Text(w, s, TextOptions{Width: 80, Lines: 21}) }},
	{"text-wide-colour", func(w io.Writer, s *analysis.Summary) error { return Text(w, s, TextOptions{Colour: true}) }},
	{"md", Markdown},
	{"explained", explained},
	{"json", JSON},
	{"html", writeHTML},
}

func explained(w io.Writer, s *analysis.Summary) error {
	return Text(w, s, TextOptions{Width: 100, Explain: true})
}

func writeHTML(w io.Writer, s *analysis.Summary) error { return HTML(w, s, sampleFigures()) }

// writeDocument writes all that a page holds, as Markdown: that can be reviewed.
func writeDocument(w io.Writer, s *analysis.Summary) error {
	return document.WriteMarkdown(w, runDocument(s, sampleFigures()), document.Full)
}

// single is the sample cut down to one setting, for forms that show every number of every storm.
func single() *analysis.Summary {
	s := sample()
	s.Cells = s.Cells[:1]
	return s
}

func TestGolden(t *testing.T) {
	for _, f := range forms[:4] {
		golden(t, filepath.Join("testdata", "sample."+f.name+".golden"), sample(), f.write)
	}
	golden(t, filepath.Join("testdata", "document.golden"), single(), writeDocument)
	golden(t, filepath.Join("testdata", "alien.json.golden"), alien(), JSON)
	golden(t, filepath.Join("testdata", "alien.text.golden"), alien(), forms[0].write)
	golden(t, filepath.Join("testdata", "joined.text.golden"), joined(), forms[0].write)
	golden(t, filepath.Join("testdata", "joined.explained.golden"), joined(), explained)
	golden(t, filepath.Join("testdata", "joined.md.golden"), joined(), Markdown)
}

func golden(t *testing.T, path string, s *analysis.Summary, write func(io.Writer, *analysis.Summary) error) {
	t.Helper()
	goldenText(t, path, render(t, write, s))
}

func goldenText(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got); -update writes it anew:\n%s", path, diff)
	}
}

func TestDeterministic(t *testing.T) {
	for _, f := range forms {
		if a, b := render(t, f.write, sample()), render(t, f.write, sample()); a != b {
			t.Errorf("%s: two renderings differ", f.name)
		}
	}
}

func render(t *testing.T, write func(io.Writer, *analysis.Summary) error, s *analysis.Summary) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, s); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
