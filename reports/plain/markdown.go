package plain

import (
	"strings"
	"unicode"
)

// Markdown keeps words from being read as Markdown or HTML, and on one line. An underscore
// inside a word ("rx_dropped") is none to GitHub.
func Markdown(s string) string {
	var out strings.Builder
	runes := []rune(Line(s))
	for i, r := range runes {
		switch {
		case r == '&':
			out.WriteString("&amp;")
			continue
		case r == '<':
			out.WriteString("&lt;")
			continue
		case strings.ContainsRune("\\`*[]|~$#", r), r == '_' && !inWord(runes, i):
			out.WriteByte('\\')
		}
		out.WriteRune(r)
	}
	return out.String()
}

func inWord(runes []rune, i int) bool {
	return i > 0 && i+1 < len(runes) && alphanumeric(runes[i-1]) && alphanumeric(runes[i+1])
}

func alphanumeric(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
