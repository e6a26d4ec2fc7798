package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis/capacity"
	"agistorm/analysis/record"
	"agistorm/reports/document"
	"agistorm/reports/plots"
	"agistorm/reports/words"
)

func renderPlan(t *testing.T, write func(io.Writer, *capacity.Answer) error, a *capacity.Answer) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, a); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func planText(w io.Writer, a *capacity.Answer) error {
	return PlanText(w, a, TextOptions{Width: 100, Explain: true})
}

// planGlance writes what a terminal of 80 columns shows.
func planGlance(w io.Writer, a *capacity.Answer) error {
	return PlanText(w, a, TextOptions{Width: document.ScreenWidth, Lines: glanceLines})
}

// TestPlanScreens: whatever the answer, it fits a screen of 80 columns with the path of the page and a prompt under it.
func TestPlanScreens(t *testing.T) {
	var b strings.Builder
	all := answers()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		got := renderPlan(t, planGlance, all[name])
		fmt.Fprintf(&b, "== %s\n%s\n", name, got)
		if n := strings.Count(got, "\n"); n > glanceLines {
			t.Errorf("%s has %d lines, want at most %d:\n%s", name, n, glanceLines, got)
		}
		// With the gates under it, which take six lines, it fits, too.
		besideGates := renderPlan(t, func(w io.Writer, a *capacity.Answer) error {
			return PlanText(w, a, TextOptions{Width: document.ScreenWidth, Lines: glanceLines - 6})
		}, all[name])
		if n := strings.Count(besideGates, "\n"); n > glanceLines-6 {
			t.Errorf("%s has %d lines, want at most %d beside gates:\n%s", name, n, glanceLines-6, besideGates)
		}
		for line := range strings.Lines(got) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > document.ScreenWidth {
				t.Errorf("%s: a line of %d columns: %s", name, n, line)
			}
		}
	}
	goldenText(t, filepath.Join("testdata", "plan-screens.golden"), b.String())
}

// writePlanDocument writes all that a page holds, as Markdown: that can be reviewed.
func writePlanDocument(w io.Writer, a *capacity.Answer) error {
	return document.WriteMarkdown(w, planDocument(a, plots.DescribePlan(a)), document.Full)
}

func TestPlanGolden(t *testing.T) {
	for name, write := range map[string]func(io.Writer, *capacity.Answer) error{
		"text": planText, "md": PlanMarkdown, "json": PlanJSON, "document": writePlanDocument,
	} {
		goldenText(t, filepath.Join("testdata", "plan."+name+".golden"), renderPlan(t, write, answered()))
	}
}

// TestPlanStatuses shows what every status says, and keeps its sentences short.
func TestPlanStatuses(t *testing.T) {
	var b strings.Builder
	all := answers()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		a := all[name]
		class, status := words.PlanStatus(a)
		fmt.Fprintf(&b, "== %s\n%s: %s\n%s\n", name, class, status, words.Management(a))
		b.WriteString(renderPlan(t, planText, a) + "\n")
		for _, sentence := range strings.SplitAfter(words.PlanVerdict(a)+" "+words.Management(a), ". ") {
			if n := len(strings.Fields(sentence)); n > 32 || strings.Contains(sentence, "<no value>") {
				t.Errorf("%s: %d words: %s", name, n, sentence)
			}
		}
		if n := strings.Count(words.Management(a)+" ", ". "); n != 3 {
			t.Errorf("%s: %d sentences for management", name, n)
		}
	}
	goldenText(t, filepath.Join("testdata", "plan-statuses.golden"), b.String())
}

// tradeTerms are what management need not know.
var tradeTerms = []string{"backlog", "queue", "SYN", "handler", "somaxconn", "p99", "percentile", "storm", "accept",
	"socket", "kernel", "model", "simulat"}

func TestManagementKnowsNoTerm(t *testing.T) {
	for name, a := range answers() {
		said := words.Management(a)
		for _, f := range plots.DescribePlan(a) {
			if f.Name == words.FigurePlanShort.Name {
				said += f.Title + f.Alt
			}
		}
		for _, term := range tradeTerms {
			if strings.Contains(strings.ToLower(said), strings.ToLower(term)) {
				t.Errorf("%s: %q in %s", name, term, said)
			}
		}
	}
}

// TestUnplayedProof: what was not stormed has lost no known share of its calls.
func TestUnplayedProof(t *testing.T) {
	p := capacity.Proof{Storms: 1, Calls: 100}
	if got := measuredLost(&p).Text; got != "0 %" {
		t.Errorf("one storm that lost none: %q", got)
	}
	if p.Storms = 0; measuredLost(&p).Text != unknown {
		t.Errorf("no storm: %q", measuredLost(&p).Text)
	}
}

// TestPlanJSON: the answer itself can be read back, behind its headline.
func TestPlanJSON(t *testing.T) {
	text := renderPlan(t, PlanJSON, answered())
	if !strings.HasPrefix(text, "{\n  \"verdict\": \"38 handlers and a backlog of 480") {
		t.Errorf("begins with %.80s", text)
	}
	var again capacity.Answer
	if err := json.Unmarshal([]byte(text), &again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(*answered(), again); diff != "" {
		t.Error(diff)
	}
}

// loadsFrom matches what a page asks for from elsewhere.
var loadsFrom = regexp.MustCompile(`(src|srcset|href)="https?://`)

// TestPlanPage: the page holds every figure of the plan, and what an interrupted search has none of is left out.
func TestPlanPage(t *testing.T) {
	for name, want := range map[string]int{"proven": 5, "hopeless": 4, "over-budget": 0} {
		a := answers()[name]
		figures, err := plots.DrawPlan(a)
		if err != nil {
			t.Fatal(err)
		}
		page := renderPlan(t, func(w io.Writer, a *capacity.Answer) error { return PlanHTML(w, a, figures) }, a)
		if n := strings.Count(page, "<figure "); n != want || len(figures) != want {
			t.Errorf("%s: %d figures on the page of %d, want %d", name, n, len(figures), want)
		}
		if strings.Contains(withoutScript(t, page), "<script") || loadsFrom.MatchString(page) {
			t.Errorf("%s: a page of a plan runs no other script and loads nothing", name)
		}
	}
}

func TestWritePlan(t *testing.T) {
	dir := t.TempDir()
	if err := WritePlan(record.Dir(dir), answered()); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	want := []string{"plan-backlog.png", "plan-handlers.png", "plan-map.png", "plan-queue.png", "plan-short.png",
		"plan.html", "plan.json", "plan.md"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
}
