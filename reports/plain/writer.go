package plain

import (
	"bytes"
	"io"
	"unicode"
)

// Writer replaces control characters in what is written to it, but for line feeds and tabs, with U+FFFD. No character
// may be written in two parts.
func Writer(w io.Writer) io.Writer { return writer{w} }

type writer struct{ w io.Writer }

func (w writer) Write(text []byte) (int, error) {
	shown := text
	if bytes.ContainsFunc(text, steers) {
		shown = bytes.Map(func(r rune) rune {
			if steers(r) {
				return unicode.ReplacementChar
			}
			return r
		}, text)
	}
	if _, err := w.w.Write(shown); err != nil {
		return 0, err
	}
	return len(text), nil
}

func steers(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }
