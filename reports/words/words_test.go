package words

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"agistorm/analysis/finding"
)

var update = flag.Bool("update", false, "write the golden files of testdata anew")

// samples are findings of every kind, with each variant of their grammar.
var samples = slices.Concat(
	answerSamples,
	queueSamples,
	generatorSamples,
	runSamples,
	stormSamples,
	sideSamples,
	gateSamples,
	listenerSamples,
)

var sampleLabels = Labels{"a": "somaxconn 128", "b": "somaxconn 1024", "c": "somaxconn 4096"}

// TestWords shows every sentence there is in testdata/words.golden.
func TestWords(t *testing.T) {
	var b strings.Builder
	var last finding.Code
	for _, f := range samples {
		if code := f.Code(); code != last {
			b.WriteString("\n" + string(code) + "\n")
			last = code
		}
		b.WriteString("  " + sampleLabels.Sentence(f) + "\n")
	}
	golden(t, "testdata/words.golden", b.String())
}

// golden holds a text against a file.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(file); err != nil || string(want) != got {
		t.Errorf("%s differs (%v); run with -update and review the change:\n%s", file, err, got)
	}
}

// TestEveryKindHasWords holds kinds, phrases and samples against each other.
func TestEveryKindHasWords(t *testing.T) {
	sampled, kinds := map[finding.Code]bool{}, map[finding.Code]bool{}
	for _, f := range samples {
		sampled[f.Code()] = true
	}
	for _, k := range finding.Kinds() {
		kinds[k.Code] = true
		if phrases().Lookup(string(k.Code)) == nil || !sampled[k.Code] {
			t.Errorf("%s has no phrase or no sample", k.Code)
		}
	}
	for _, table := range []map[finding.Code]string{answerPhrases, queuePhrases, generatorPhrases, recordPhrases,
		stormPhrases, listenerPhrases} {
		for code := range table {
			if !kinds[code] {
				t.Errorf("%s has words, but is no kind of fact", code)
			}
		}
	}
}

// TestSentences keeps every sentence short and whole.
func TestSentences(t *testing.T) {
	for _, f := range samples {
		text := sampleLabels.Sentence(f)
		if !strings.HasSuffix(text, ".") || strings.Contains(text, "%!") || strings.Contains(text, "template:") {
			t.Errorf("%s: %q", f.Code(), text)
		}
		for _, one := range strings.SplitAfter(text, ". ") {
			if n := len(strings.Fields(one)); n > 25 {
				t.Errorf("%s: %d words: %s", f.Code(), n, one)
			}
		}
	}
}
