// Package calllog finds the times of calls in logs as people have them: call records, queue logs, the logs of Asterisk
// and of web servers, and the text of packet filters. It finds out where in a line the time is and how it is written,
// skips and counts what is no call, and refuses what is no time with a line number and what would be right.
package calllog

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"
)

// MaxLine bounds a line, in bytes.
const MaxLine = 64 << 10

// Options say what to read.
type Options struct {
	// Column of the times, by its number from 1 or its name in the header; it is found where this is empty.
	Column string
	// USDates: in 10/05/2026 the month comes first.
	USDates bool
	// From and To bound the times that are kept, as the log writes them, or as times of day; To is beyond the last.
	From, To string
	// Port of the server, for SYNs; 0 is the one that is called most.
	Port uint16
	// Max is how many times may be kept.
	Max int
}

// Log is what was found.
type Log struct {
	// Times in order, since 1970, or since whatever their zero is.
	Times []time.Duration
	// Absolute: the times are instants. Else they are offsets.
	Absolute bool
	// Resolution is the coarsest unit of a power of ten, or the minute, that all times are multiples of; at most a
	// second where they have seconds. It is 0 for a schedule that was written by hand, such as 250ms, and for SYNs.
	Resolution time.Duration
	Skipped    Skipped
	// AllLines: no line is a call as it should look, so every line with a time is one.
	AllLines bool
	// RepeatedHour: the clock was set back an hour.
	RepeatedHour bool
	// Hosts number the host of each time from 1, where SYNs were read; nil elsewhere.
	Hosts []uint32
	// Port of the server that the SYNs are for; 0 where none were read.
	Port uint16
	// Truncated: the file ends within a packet or a line. What was whole is read.
	Truncated bool
}

// Skipped counts the lines that are none of the calls, by the reason.
type Skipped struct {
	// Empty have no value in the column.
	Empty int
	// NoTime are lines of text without a time.
	NoTime int
	// Other are no calls: other events, other packets.
	Other int
	// Retransmitted are SYNs that were seen before.
	Retransmitted int
	// Outside are calls before From, or not before To.
	Outside int
	// OtherPort are SYNs for other ports of a server.
	OtherPort int
}

// Read reads a log once, in memory that is bounded beside the times. The error names the line, and what would be right.
func Read(r io.Reader, o Options) (*Log, error) {
	text := bufio.NewReaderSize(r, 4<<10)
	begin, err := text.Peek(4 << 10)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("line 1: %w", err)
	}
	if err := checkText(begin); err != nil {
		return nil, err
	}
	lines := newLines(text)
	s := sample{us: o.USDates}
	for len(s.lines) < sampleLines && lines.next() {
		s.lines, s.numbers = append(s.lines, lines.text), append(s.numbers, lines.number)
	}
	if lines.err != nil {
		return nil, lines.err
	}
	c, err := newCollector(&s, o)
	if err != nil {
		return nil, err
	}
	for i, line := range s.lines {
		if err := c.take(line); err != nil {
			return nil, fmt.Errorf("line %d: %w", s.numbers[i], err)
		}
	}
	for lines.next() {
		if err := c.take(lines.text); err != nil {
			return nil, fmt.Errorf("line %d: %w", lines.number, err)
		}
	}
	if lines.err != nil {
		return nil, lines.err
	}
	return c.log()
}

// lines are those of a log that are neither blank nor comments. The two lines of a packet in the text of tcpdump -v
// are one.
type lines struct {
	scanner *bufio.Scanner
	text    string
	number  int
	err     error
	// held is a line that was read ahead; nil for none.
	held *string
}

func newLines(r io.Reader) *lines {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 4<<10), MaxLine)
	return &lines{scanner: s}
}

// border is one of a table that a database client has drawn, or the line below the table.
var border = regexp.MustCompile(`^(?:[-+|=\s]*|\(\d+ rows?\))$`)

// isComment reports whether a line has nothing to read.
func isComment(line string) bool {
	line = strings.TrimSpace(line)
	return line == "" || line[0] == '#' || strings.IndexByte("-+|=(", line[0]) >= 0 && border.MatchString(line)
}

// next reads the next line; it returns false at the end, or with err.
func (l *lines) next() bool {
	for l.scan() {
		if !isComment(l.text) {
			l.join()
			return true
		}
	}
	return false
}

// join puts the second line of a packet, which is indented, behind the first.
func (l *lines) join() {
	first := l.text
	if !strings.Contains(first, "(tos 0x") || !strings.HasSuffix(first, ")") || !l.scan() {
		return
	}
	if indented := strings.TrimLeft(l.text, " \t"); indented != l.text {
		l.text = first + " " + indented
		return
	}
	next := l.text
	l.text, l.held = first, &next
}

// scan reads the next line as it is in the file; it returns false at the end, or with err.
func (l *lines) scan() bool {
	if l.held != nil {
		l.text, l.held = *l.held, nil
		return true
	}
	if l.scanner.Scan() {
		l.number++
		l.text = strings.TrimSuffix(l.scanner.Text(), "\r")
		if l.number == 1 {
			l.text = strings.TrimPrefix(l.text, "\ufeff")
		}
		return true
	}
	switch err := l.scanner.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		l.err = fmt.Errorf("line %d: want less than %d bytes", l.number+1, MaxLine)
	case err != nil:
		l.err = fmt.Errorf("line %d: %w", l.number+1, err)
	}
	return false
}

// Total of the lines.
func (s Skipped) Total() int {
	return s.Empty + s.NoTime + s.Other + s.Retransmitted + s.Outside + s.OtherPort
}
