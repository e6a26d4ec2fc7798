package document

import (
	"strings"
	"testing"
)

func TestWrap(t *testing.T) {
	for _, tt := range []struct {
		text  string
		width int
		want  string
	}{
		{"one two three", 7, "one two/three"},
		{"  - one two", 7, "  - one/two"},
		{"extraordinary a b", 5, "extraordinary/a b"},
		{"–– ––", 5, "–– ––"},
		{"", 5, ""},
	} {
		if got := strings.Join(wrap(tt.text, tt.width, 0), "/"); got != tt.want {
			t.Errorf("wrap(%q, %d) = %q, want %q", tt.text, tt.width, got, tt.want)
		}
	}
}
