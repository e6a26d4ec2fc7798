package plain

import "testing"

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
