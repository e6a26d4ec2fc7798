// Package plain keeps words that came from outside from doing more than be read.
package plain

import (
	"strings"
	"unicode"
)

// Line is s on one line, without a character that could steer a terminal: blanks of every kind are one kind,
// what does not print is
// replaced.
func Line(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsPrint(r):
			return r
		default:
			return unicode.ReplacementChar
		}
	}, s)
}
