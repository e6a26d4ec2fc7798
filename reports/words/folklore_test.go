package words

import (
	"regexp"
	"strings"
	"testing"
)

// numberNames finds the numbers that a phrase states, as fields or by the name of their storm.
var numberNames = regexp.MustCompile(`\.([a-z][a-z0-9_]+)|"([a-z]+_[0-9]+)"`)

// TestSayings fills the words of every claim with numbers, and requires short sentences that state them.
func TestSayings(t *testing.T) {
	for code, s := range sayings {
		numbers := map[string]float64{}
		for _, m := range numberNames.FindAllStringSubmatch(s.measured, -1) {
			if m[1] != "" {
				numbers[m[1]] = 1234
				continue
			}
			numbers[m[2]+"_calls"], numbers[m[2]+"_lost"], numbers[m[2]+"_late"] = 2000, 766, 468
		}
		text := SayingMeasured(code, numbers)
		if !strings.Contains(text, "1,234") && code != "five-times-costs-nothing" || !strings.HasSuffix(text, ".") {
			t.Errorf("%s: %q", code, text)
		}
		for sentence := range strings.SplitSeq(text, ". ") {
			if n := len(strings.Fields(sentence)); n > 25 {
				t.Errorf("%s: %d words: %s", code, n, sentence)
			}
		}
		if Saying(code) == "" || strings.HasSuffix(Saying(code), ".") || strings.HasSuffix(SayingDepends(code), ".") {
			t.Errorf("%s: %q, %q", code, Saying(code), SayingDepends(code))
		}
	}
}

func TestMebibytes(t *testing.T) {
	for bytes, want := range map[float64]string{
		0: "0 MiB", 2688 * 129: "0.33 MiB", 2688 * 8193: "21.0 MiB", 320 << 20: "320 MiB",
	} {
		if got := mebibytes(bytes); got != want {
			t.Errorf("%v: %s, want %s", bytes, got, want)
		}
	}
}
