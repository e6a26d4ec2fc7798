package plain

import "testing"

func TestLine(t *testing.T) {
	for s, want := range map[string]string{
		"": "", "a b": "a b", "a\r\n\tb": "a   b", "\x1b[31mé世\x00": "\uFFFD[31mé世\uFFFD", "a\u2028b": "a b", "\xff": "\uFFFD",
	} {
		if got := Line(s); got != want {
			t.Errorf("%q became %q, want %q", s, got, want)
		}
	}
}
