package plain

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxMessage is how many characters of a message are shown at most.
const MaxMessage = 1000

// Shown is a message of one or more lines as a terminal may have it: what does not print is quoted as Go does, and
// what is too long is cut.
func Shown(message string) string {
	var out strings.Builder
	left := MaxMessage
	for len(message) > 0 {
		r, size := utf8.DecodeRuneInString(message)
		part := message[:size]
		if r != '\n' && (!unicode.IsPrint(r) || r == utf8.RuneError && size == 1) {
			part = strconv.Quote(part)
			part = part[1 : len(part)-1]
		}
		message = message[size:]
		n := utf8.RuneCountInString(part)
		if n > left || n == left && message != "" {
			out.WriteString("…")
			break
		}
		left -= n
		out.WriteString(part)
	}
	return out.String()
}
