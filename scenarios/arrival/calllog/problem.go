package calllog

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// anyTime says what a time may be.
const anyTime = "a time such as 2026-10-05 09:00:00, 1759654800 or 250ms"

// binaryFormats are files that are no text, by their first bytes, and what makes text of them.
var binaryFormats = []struct{ begin, what, remedy string }{
	{"\x1f\x8b", "compressed by gzip", "unpack it first: gunzip -k FILE"},
	{"\xfd7zXZ", "compressed by xz", "unpack it first: unxz -k FILE"},
	{"\x28\xb5\x2f\xfd", "compressed by zstd", "unpack it first: unzstd FILE"},
	{"BZh", "compressed by bzip2", "unpack it first: bunzip2 -k FILE"},
	{"PK\x03\x04", "a ZIP archive or a workbook", "unpack it, or save it as CSV"},
	{"SQLite format 3", "a database", "export the table as CSV"},
	{"\xff\xfe", "UTF-16", "write it as UTF-8: iconv -f UTF-16 -t UTF-8 FILE"},
	{"\xfe\xff", "UTF-16", "write it as UTF-8: iconv -f UTF-16 -t UTF-8 FILE"},
}

// checkText refuses a file that is no text.
func checkText(begin []byte) error {
	for _, f := range binaryFormats {
		if bytes.HasPrefix(begin, []byte(f.begin)) {
			return fmt.Errorf("line 1: the file is %s; %s", f.what, f.remedy)
		}
	}
	if i := bytes.IndexByte(begin, 0); i >= 0 {
		line := 1 + bytes.Count(begin[:i], []byte("\n"))
		return fmt.Errorf("line %d: a zero byte, so the file is no text; want a log or a table as text", line)
	}
	return nil
}

// quote writes a text for an error, at most 60 bytes of it.
func quote(text string) string {
	const most = 60
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return strconv.Quote(text)
}

// noTimes says why no column of the sample will do.
func (s *sample) noTimes(column string) error {
	if len(s.lines) == 0 {
		return fmt.Errorf("there is no line in it; want one for each call, with %s", anyTime)
	}
	if american := s.withUSDates(column); american != nil {
		return s.wantsUSDates(american)
	}
	hint := s.hint(column)
	n, err := strconv.Atoi(column)
	switch {
	case column == "" && max(s.width(' '), s.width(s.widestSeparator())) > 1:
		second := min(1, len(s.lines)-1) // the first may be a header
		return fmt.Errorf("line %d: no time in %s; want %s, or say which column it is: column N",
			s.numbers[second], quote(s.lines[second]), anyTime)
	case column == "":
		n = 1
	case err != nil:
		return s.noName(column, hint)
	}
	return s.noColumn(n, hint)
}

// hint says where the times are, if not in the column that is asked for.
func (s *sample) hint(column string) string {
	if column == "" {
		return ""
	}
	switch l, err := s.find(""); {
	case err != nil:
		return ""
	case l.column == 0:
		return "; leave the column out: each line has a date"
	default:
		return fmt.Sprintf("; column %d has times", l.column)
	}
}

func (s *sample) last() int { return s.numbers[len(s.numbers)-1] }

// widestSeparator is what divides the lines into most cells.
func (s *sample) widestSeparator() byte {
	best := byte(' ')
	most := 1
	for _, separator := range []byte(separators) {
		if w := s.width(separator); w > most {
			best, most = separator, w
		}
	}
	return best
}

func (s *sample) noName(name, hint string) error {
	if l, err := s.find(""); err == nil {
		text, _ := l.text(s.lines[0])
		if _, isTime := l.stamp(text); isTime {
			return fmt.Errorf("line %d: it names no columns, so want column N%s", s.numbers[0], hint)
		}
	}
	separator := s.widestSeparator()
	var names []string
	for _, cell := range cells(s.lines[0], separator) {
		names = append(names, trimCell(cell))
	}
	for i := range names {
		if strings.EqualFold(names[i], name) {
			return s.noColumn(i+1, hint)
		}
	}
	return fmt.Errorf("line %d: no column is named %s; want one of %s%s", s.numbers[0], quote(name),
		quote(strings.Join(names, ", ")), hint)
}

// noColumn says what is in a column instead of a time, in the first line that is no header.
func (s *sample) noColumn(column int, hint string) error {
	l := layout{separator: s.widestSeparator(), column: column}
	if s.width(l.separator) < column && s.width(' ') >= column {
		l.separator = ' '
	}
	for i, line := range s.lines {
		text, ok := l.text(line)
		switch {
		case !ok:
			return fmt.Errorf("line %d: columns: %d, want at least %d%s", s.numbers[i], l.width(line), column, hint)
		case isEmpty(text), i == 0 && len(s.lines) > 1 && isHeading(text):
			continue
		}
		return fmt.Errorf("line %d: column %d, %s: want %s%s", s.numbers[i], column, quote(text), anyTime, hint)
	}
	return fmt.Errorf("column %d is empty; want %s%s", column, anyTime, hint)
}

func (l *layout) width(line string) int {
	if l.separator == ' ' {
		return len(strings.Fields(line))
	}
	return len(cells(line, l.separator))
}

// withUSDates returns what is found if the month comes first, nil where that is no date.
func (s *sample) withUSDates(column string) *candidate {
	if s.us {
		return nil
	}
	american := *s
	american.us = true
	c, err := american.find(column)
	if err != nil || c.form.rank != isDate {
		return nil
	}
	return &c
}

// wantsUSDates names a line whose date has no month in the second place.
func (s *sample) wantsUSDates(c *candidate) error {
	for i, line := range s.lines {
		text, _ := c.text(line)
		if _, isTime := c.stamp(text); !isTime {
			continue
		}
		if _, _, end := c.form.find(text, false); end == 0 {
			return fmt.Errorf("line %d: %s: the second number is no month; add us-dates if the month comes first",
				s.numbers[i], quote(text))
		}
	}
	return fmt.Errorf("line %d: no time in %s; want %s", s.last(), quote(s.lines[len(s.lines)-1]), anyTime)
}

// isHeading distinguishes a column's name from a time that is written wrongly, which would else be lost without a
// word.
func isHeading(text string) bool { return text == "" || !strings.Contains("+-.0123456789", text[:1]) }
