package words

import (
	"os"
	"strings"
	"testing"
	"text/template"

	"agistorm/analysis/finding"
)

// TestMain lets a phrase that fails fail the test in which it does.
func TestMain(m *testing.M) {
	phraseFailed = func(err error) { panic(err) }
	os.Exit(m.Run())
}

// TestEveryPhraseTakesNothing fills each phrase with a fact without a number: a report may hold one.
func TestEveryPhraseTakesNothing(t *testing.T) {
	for _, k := range finding.Kinds() {
		if got := (Labels{}).Sentence(finding.Finding{Fact: k.Fact}); strings.Contains(got, "no words") {
			t.Errorf("%s: %s", k.Code, got)
		}
	}
	for code := range stepPhrases {
		for _, write := range []func([]finding.Step) string{Chain, Example} {
			if write([]finding.Step{{Code: code}}) == "" {
				t.Errorf("%s has no words", code)
			}
		}
	}
}

// TestPhraseThatFails stands in for its words.
func TestPhraseThatFails(t *testing.T) {
	defer func(f func(error)) { phraseFailed = f }(phraseFailed)
	failed := 0
	phraseFailed = func(error) { failed++ }
	broken := template.Must(template.New("").Parse("{{.Missing}}"))
	if got := worded(broken, struct{}{}, "instead"); got != "instead" || failed != 1 {
		t.Errorf("%q, %d failures", got, failed)
	}
}
