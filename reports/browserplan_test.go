//go:build unix

package reports

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"agistorm/analysis/capacity"
	"agistorm/reports/plots"
)

// planPage writes a plan's page to a file.
func planPage(t *testing.T, a *capacity.Answer) string {
	t.Helper()
	figures, err := plots.DrawPlan(a)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), planHTML)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := PlanHTML(f, a, figures); err != nil {
		t.Fatal(err)
	}
	return path
}

// pdfPage begins each page of a PDF.
var pdfPage = regexp.MustCompile(`/Type\s*/Page\b`)

// papers are the usual sizes, in inches.
var papers = map[string][2]float64{"A4": {8.27, 11.69}, "Letter": {8.5, 11}}

// TestPlanOnPaper: a plan has two pages, on A4 and on Letter.
func TestPlanOnPaper(t *testing.T) {
	b := openBrowser(t)
	b.open(planPage(t, answers()["larger"]))
	for paper, inches := range papers {
		pdf := b.picture("Page.printToPDF", object{"paperWidth": inches[0], "paperHeight": inches[1]})
		if n := len(pdfPage.FindAll(pdf, -1)); n != 2 {
			t.Errorf("%d pages of %s", n, paper)
		}
	}
}

// TestPlanOnATelephone: nothing is wider than the screen, and the letters of the figures can be read.
func TestPlanOnATelephone(t *testing.T) {
	b, path := openBrowser(t), planPage(t, answered())
	for width, least := range map[int]float64{420: 0.7, 1280: 1} {
		b.window(width, 900, "light")
		b.open(path)
		var got struct {
			Wide  int
			Scale float64
		}
		b.eval(`({wide: document.documentElement.scrollWidth,
			scale: Math.min(...[...document.querySelectorAll(".paper img")].map(i => i.clientWidth / i.naturalWidth))})`, &got)
		if got.Wide > width || got.Scale < least {
			t.Errorf("%d px: the page is %d px wide, a figure has %.2f of its size", width, got.Wide, got.Scale)
		}
		if said := b.complaints(path); len(said) > 0 {
			t.Errorf("%d px: the page complains: %s", width, said)
		}
	}
}
