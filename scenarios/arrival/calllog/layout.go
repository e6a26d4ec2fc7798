package calllog

import (
	"strings"
)

// layout says where in a line the time is.
type layout struct {
	// separator of the cells; a blank for words.
	separator byte
	// column from 1; 0 is the first time in the line, wherever it is.
	column int
	// joined: the cell holds the date, and the next one the time of day.
	joined bool
	form   *form
	us     bool
	// begin is where the last time was: in most logs the next one is there too.
	begin int
}

// text returns what should hold the time, false where the line has no such column.
func (l *layout) text(line string) (string, bool) {
	switch {
	case l.column == 0:
		return line, true
	case l.separator == ' ':
		return fromWord(line, l.column)
	}
	text, ok := cell(line, l.separator, l.column)
	if l.joined && ok {
		next, _ := cell(line, l.separator, l.column+1)
		return trimCell(text) + " " + trimCell(next), true
	}
	return trimCell(text), ok
}

// stamp returns the time in a text, false where it holds none, or more than a time.
func (l *layout) stamp(text string) (stamp, bool) {
	if l.column == 0 {
		return l.search(text)
	}
	at, begin, end := l.form.find(text, l.us)
	whole := end == len(text) || l.separator == ' ' && end > 0 && strings.IndexByte(" \t])\"'", text[end]) >= 0
	return at, end > 0 && begin == 0 && whole
}

// search returns the first time in a line.
func (l *layout) search(line string) (stamp, bool) {
	if b := l.begin; b > 0 && b < len(line) && !isWord(line[b-1]) {
		if at, begin, end := l.form.find(line[b:], l.us); end > 0 && begin == 0 {
			return at, true
		}
	}
	at, begin, end := l.form.find(line, l.us)
	l.begin = begin
	return at, end > 0
}

func isWord(c byte) bool { return c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' }
