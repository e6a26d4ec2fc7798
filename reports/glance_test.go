package reports

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
	"agistorm/reports/words"
)

// looked are all runs that the tests of this package have, and some more of which the first look differs.
func looked() map[string]*analysis.Summary {
	all := degenerate()
	all["sample"], all["one setting in doubt"], all["recorded"] = sample(), settingInDoubt(), recorded()
	all["no storm"] = noStorm()
	allLose, late, none, simulated, named := sample(), sample(), sample(), sample(), sample()
	for _, s := range []*analysis.Summary{allLose, late, none} {
		s.Recommendation = nil
	}
	allLose.Cells = allLose.Cells[:2]
	allLose.Answer = append(allLose.Answer[:2:2], finding.Finding{Fact: finding.ServerOverloaded{}})
	late.Cells, none.Cells = late.Cells[3:5], none.Cells[3:5]
	late.Cells[0].Late = analysis.Spread{N: 3, Median: 805, Min: 763, Max: 846}
	simulated.Run.Simulated = &record.Simulated{}
	for i := range named.Cells {
		named.Cells[i].Label += " · handlers 16 · with a cache of its own that has a long name"
	}
	nobody := alien()
	nobody.Answer = []finding.Finding{{Fact: finding.NobodyAnswered{Why: finding.SilenceRefused, Calls: 2000,
		Address: "127.0.0.1:4599"}}}
	maps.Copy(all, map[string]*analysis.Summary{"all lose": allLose, "late": late, "none": none, "simulated": simulated,
		"long names": named, "nobody": nobody})
	return all
}

// TestGlance shows headline, key numbers and the sentences for management of every run, and holds them to their
// lengths: management knows no term of the trade.
func TestGlance(t *testing.T) {
	var b strings.Builder
	all := looked()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		s := all[name]
		headline, management := words.Headline(s), words.RunManagement(s)
		fmt.Fprintf(&b, "== %s\n%s\n", name, headline)
		keys := words.KeyNumbers(s)
		for _, k := range keys {
			fmt.Fprintf(&b, "  %s | %s | %s\n", k.Value, k.Name, k.Note)
		}
		fmt.Fprintf(&b, "%s\n", management)
		checkHeadline(t, name, headline)
		if n := len(keys); n != 0 && n != 3 {
			t.Errorf("%s: %d key numbers", name, n)
		}
		if n := strings.Count(management+" ", ". "); management != "" && n != 3 {
			t.Errorf("%s: %d sentences for management: %s", name, n, management)
		}
		for _, term := range tradeTerms {
			if strings.Contains(strings.ToLower(management), strings.ToLower(term)) {
				t.Errorf("%s: %q in %s", name, term, management)
			}
		}
	}
	for name, a := range answers() {
		checkHeadline(t, "plan "+name, words.PlanHeadline(a))
	}
	checkHeadline(t, "comparison", sideDocument(sideSample()).Headline)
	long := sideSample()
	long.Old.Name, long.New.Name = "the old release as it was", "the new release with the patch of yesterday"
	checkHeadline(t, "long comparison", sideDocument(long).Headline)
	goldenText(t, filepath.Join("testdata", "glance.golden"), b.String())
}

func checkHeadline(t *testing.T, name, headline string) {
	t.Helper()
	if n := len(strings.Fields(headline)); n > words.HeadlineWords || n < 3 && headline != words.StatusUnsure+"." {
		t.Errorf("%s: a headline of %d words: %s", name, n, headline)
	}
	if !strings.HasSuffix(headline, ".") || strings.Contains(headline, "<no value>") ||
		strings.Contains(headline, "  ") {
		t.Errorf("%s: the headline is %q", name, headline)
	}
}
