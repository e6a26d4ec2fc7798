package plain

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestLine(t *testing.T) {
	for s, want := range map[string]string{
		"": "", "a b": "a b", "a\r\n\tb": "a   b", "\x1b[31mé世\x00": "\uFFFD[31mé世\uFFFD", "a\u2028b": "a b",
		"\xff": "\uFFFD",
	} {
		if got := Line(s); got != want {
			t.Errorf("%q became %q, want %q", s, got, want)
		}
	}
}

func TestMarkdown(t *testing.T) {
	for in, want := range map[string]string{
		"lo.rx_dropped ≤ 3":  "lo.rx_dropped ≤ 3",
		"_a_ *b* `c` [d] ~e": `\_a\_ \*b\* \` + "`c\\` " + `\[d\] \~e`,
		"a|b\nc":             `a\|b c`,
		"x < y && z > w":     "x &lt; y &amp;&amp; z > w",
		`back\slash $m$ #1`:  `back\\slash \$m\$ \#1`,
	} {
		if got := Markdown(in); got != want {
			t.Errorf("Markdown(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestShown: nothing steers the terminal, lines stay lines, and a message ends.
func TestShown(t *testing.T) {
	for in, want := range map[string]string{
		"a\nb é世":                        "a\nb é世",
		"\x1b[31m\a\r\t\x00\u202e\u0085": `\x1b[31m\a\r\t\x00\u202e\u0085`,
		"\xff\xfe":                       `\xff\xfe`,
		strings.Repeat("é", 1000):        strings.Repeat("é", 1000),
		strings.Repeat("é", 1001):        strings.Repeat("é", 999) + "…",
	} {
		if got := Shown(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
	for in := range strings.SplitSeq("\x1b|x\x1b|xx\x1b|xxx\x1b|\n\x1b", "|") {
		if got := Shown(strings.Repeat(in, 1<<16)); utf8.RuneCountInString(got) > MaxMessage {
			t.Errorf("%d characters of %q", utf8.RuneCountInString(got), in)
		}
	}
}
