package finding

import (
	"regexp"
	"testing"
)

// TestKinds keeps codes unique and in kebab-case.
func TestKinds(t *testing.T) {
	seen, kebab := map[Code]bool{}, regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	for _, k := range Kinds() {
		if code := k.Code; seen[code] || !kebab.MatchString(string(code)) {
			t.Errorf("%q is there twice, or not in kebab-case", code)
		}
		seen[k.Code] = true
	}
}
