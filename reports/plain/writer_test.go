package plain

import (
	"strings"
	"testing"
)

func TestWriter(t *testing.T) {
	for in, want := range map[string]string{
		"a\n\tb é": "a\n\tb é", "\x1b[31m\r\x00\x7f\u0085\u009b": "\uFFFD[31m\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD",
	} {
		var out strings.Builder
		if n, err := Writer(&out).Write([]byte(in)); out.String() != want || n != len(in) || err != nil {
			t.Errorf("%q became %q (%d, %v), want %q", in, out.String(), n, err, want)
		}
	}
}
