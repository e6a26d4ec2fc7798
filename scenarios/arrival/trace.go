package arrival

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxTraceLine bounds a line of a trace, in bytes.
const maxTraceLine = 64 << 10

// ReadTrace reads the times in one column of a text, counted from 1, and returns them in order as offsets.
// Columns are separated by commas, in quotes where need be, else by blanks; empty lines and lines that begin
// with # are passed over, and so is a heading: a first line whose column begins with neither a digit nor a
// sign. A time is one of
//
//   - an instant: RFC 3339, or 2006-01-02 15:04:05 with or without a fraction, as Asterisk writes its call
//     log (Master.csv, column 10); between blanks its two words are two columns, the first of them is
//     its own;
//   - a number: Unix seconds if none is below 1e8, else offsets in seconds, both with or without a fraction.
//     What follows the dot in Asterisk's uniqueid is a call's number, yet is read as a fraction: take the
//     start instead;
//   - an offset such as 250ms or 1m2s.
//
// The first time decides which of them the whole text has. Instants and Unix seconds count from the earliest,
// offsets stay as they are; none is later than 24 h. The error names the line, and what would be right.
func ReadTrace(r io.Reader, column int) ([]time.Duration, error) {
	if column < 1 {
		return nil, fmt.Errorf("column %d: want a number from 1", column)
	}
	t := trace{column: column}
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 4<<10), maxTraceLine)
	n := 0
	for lines.Scan() {
		n++
		if err := t.take(lines.Text()); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, fmt.Errorf("line %d: want less than %d bytes", n+1, maxTraceLine)
	case err != nil:
		return nil, fmt.Errorf("line %d: %w", n+1, err)
	}
	return t.offsets()
}

// trace is what was read so far.
type trace struct {
	column int
	// headed: the first line that is none of comment or blank has been seen.
	headed bool
	kind   *timeKind
	times  []time.Duration
}

// timeKind is one way to write a time, as a duration since whatever its zero is.
type timeKind struct {
	name  string
	parse func(string) (time.Duration, bool)
	// absolute decides by the earliest time whether all count from it.
	absolute func(first time.Duration) bool
}

var timeKinds = []timeKind{
	{"seconds", parseSeconds, func(first time.Duration) bool { return first >= firstUnix }},
	{"a time such as 250ms", parseOffset, func(time.Duration) bool { return false }},
	{"an instant such as 2026-11-23T10:00:00Z", parseInstant, func(time.Duration) bool { return true }},
}

func (t *trace) take(line string) error {
	line = strings.TrimSpace(strings.TrimPrefix(line, "\ufeff"))
	if line == "" || line[0] == '#' {
		return nil
	}
	first := !t.headed
	t.headed = true
	word, err := t.cell(line)
	if err != nil {
		return err
	}
	if t.kind == nil {
		t.kind = kindOf(word)
	}
	if t.kind == nil {
		if first && isHeading(word) {
			return nil
		}
		return fmt.Errorf(
			"column %d, %q: want an instant such as 2026-11-23T10:00:00Z, seconds, or a time such as 250ms",
			t.column,
			word,
		)
	}
	at, ok := t.kind.parse(word)
	if !ok {
		return fmt.Errorf("column %d, %q: want %s, as in the lines before", t.column, word, t.kind.name)
	}
	if t.times = append(t.times, at); len(t.times) > MaxCalls {
		return fmt.Errorf("more than %d times", MaxCalls)
	}
	return nil
}

// isHeading distinguishes a column's name from a time that is written wrongly, which would else be lost
// without a word.
func isHeading(word string) bool { return word == "" || !strings.Contains("+-.0123456789", word[:1]) }

// kindOf returns nil for what is no time.
func kindOf(word string) *timeKind {
	for i := range timeKinds {
		if _, ok := timeKinds[i].parse(word); ok {
			return &timeKinds[i]
		}
	}
	return nil
}

// cell returns the word in the trace's column.
func (t *trace) cell(line string) (string, error) {
	if !strings.Contains(line, ",") && line[0] != '"' {
		return t.word(strings.Fields(line))
	}
	r := csv.NewReader(strings.NewReader(line))
	r.LazyQuotes, r.TrimLeadingSpace, r.FieldsPerRecord = true, true, -1
	cells, err := r.Read()
	if err != nil {
		return "", fmt.Errorf("not a line of CSV: %w", err)
	}
	return pick(cells, t.column)
}

// word returns the one in the trace's column, or it and the next one if they are an instant with a blank in
// it.
func (t *trace) word(words []string) (string, error) {
	if t.column < len(words) {
		two := words[t.column-1] + " " + words[t.column]
		if _, ok := parseInstant(two); ok {
			return two, nil
		}
	}
	return pick(words, t.column)
}

func pick(cells []string, column int) (string, error) {
	if column > len(cells) {
		return "", fmt.Errorf("columns: %d, want at least %d", len(cells), column)
	}
	return strings.TrimSpace(cells[column-1]), nil
}

// firstUnix is where numbers stop being offsets: 1e8 seconds are three years, or a day in 1973.
const firstUnix = 100_000_000 * time.Second

// maxSeconds keeps durations from overflowing, until the year 2262.
const maxSeconds = 9_200_000_000

// parseSeconds keeps the nanoseconds that a float would lose.
func parseSeconds(s string) (time.Duration, bool) {
	whole, fraction, _ := strings.Cut(s, ".")
	seconds, err := strconv.ParseUint(whole, 10, 64)
	if err != nil || seconds > maxSeconds || len(fraction) > 18 || strings.Trim(fraction, "0123456789") != "" {
		return 0, false
	}
	nanos, err := strconv.Atoi((fraction + "000000000")[:9])
	return time.Duration(seconds)*time.Second + time.Duration(nanos), err == nil
}

func parseOffset(s string) (time.Duration, bool) {
	d, err := time.ParseDuration(s)
	return d, err == nil && d >= 0
}

func parseInstant(s string) (time.Duration, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05"} {
		if at, err := time.Parse(layout, s); err == nil && at.Year() >= 1970 && at.Year() < 2262 {
			return time.Duration(at.UnixNano()), true
		}
	}
	return 0, false
}

// offsets returns the times in order; a call log is written at the end of calls, not in the order of their
// starts.
func (t *trace) offsets() ([]time.Duration, error) {
	if len(t.times) == 0 {
		return nil, errors.New("there is no time in it")
	}
	slices.Sort(t.times)
	if t.kind.absolute(t.times[0]) {
		for i, first := len(t.times)-1, t.times[0]; i >= 0; i-- {
			t.times[i] -= first
		}
	}
	if last := t.times[len(t.times)-1]; last > longest {
		return nil, fmt.Errorf("its times span %v: want up to %v", last, longest)
	}
	return t.times, nil
}

// openTrace reads the trace in a file.
func openTrace(o Options, name string, column int) (Schedule, error) {
	if o.Open == nil {
		return nil, errors.New("a trace cannot be read here")
	}
	f, err := o.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	at, err := ReadTrace(f, column)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	at = o.cut(at)
	return paced{fmt.Sprintf("%d as in %s", len(at), name), at}, nil
}
