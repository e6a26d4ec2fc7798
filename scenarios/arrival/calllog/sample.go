package calllog

import (
	"slices"
	"strings"
	"time"
)

// candidate is a layout that fits a sample.
type candidate struct {
	layout
	rank rank
	// name of the column in the header, "" where there is no header; named is its place in timeNames, or beyond.
	name  string
	named int
	// times in the sample, and lines that have a value there.
	times, filled int
	// ids: the number behind the dot is a counter.
	ids bool
}

// sample is the beginning of a log, from which its layout is found.
type sample struct {
	// lines that are neither blank nor comments, and their numbers in the file.
	lines   []string
	numbers []int
	us      bool
	// packets: the lines are those of a packet filter, with times of decimals.
	packets bool
	widths  map[byte]int
}

const (
	sampleLines = 500
	// maxColumns bounds the columns that are searched for times.
	maxColumns = 64
)

// place is where a time may be, with what each line of the sample has there.
type place struct {
	layout
	texts []string
}

func (s *sample) place(l layout) place {
	p := place{layout: l}
	p.us = s.us
	for _, line := range s.lines {
		text, _ := l.text(line)
		p.texts = append(p.texts, text)
	}
	return p
}

// maxMisses is how many lines without a time of a form are enough to give it up.
const maxMisses = 50

// try counts how many lines of the sample have a time of the place's form.
func (s *sample) try(p place) candidate {
	c := candidate{layout: p.layout, rank: p.form.rank}
	var evidence counterEvidence
	decimal := true
	for i, text := range p.texts {
		if isEmpty(text) {
			continue
		}
		at, isTime := p.stamp(text)
		switch {
		case isTime:
			c.times++
			decimal = decimal && at.unit < time.Second
			evidence.add(firstWord(text))
		case i == 0: // a header
			if p.separator != ' ' || s.width(' ') == 1 {
				c.name = text
			}
			continue
		}
		if c.filled++; c.filled == maxMisses && c.times == 0 && p.column > 0 {
			break
		}
	}
	c.grade(s.packets && decimal, evidence.isCounter())
	return c
}

// grade decides how surely the candidate is a time.
func (c *candidate) grade(decimals, counter bool) {
	if decimals && c.rank == isNumber {
		c.rank = isClock
	}
	name := plainName(c.name)
	c.ids = c.form.rank == isEpoch && (counter || slices.Contains(idNames, name))
	c.named = len(timeNames)
	if i := slices.Index(timeNames, name); i >= 0 {
		c.named = i
		if c.rank > isEpoch {
			c.rank = isClock // it may as well be how long something took
		} else {
			c.rank = byName
		}
	}
}

// fits reports whether the sample speaks for the candidate.
func (c *candidate) fits() bool {
	if c.column == 0 {
		return c.times > 0 && 10*c.times >= c.filled // between them may be lines of other text
	}
	return c.times > 0 && 2*c.times >= c.filled
}

// bestForm returns the candidate of a place with the most times; of equals the first form's.
func (s *sample) bestForm(p place, fits func(*form) bool) (best candidate, ok bool) {
	for _, p.form = range forms {
		if !fits(p.form) {
			continue
		}
		if c := s.try(p); c.fits() && c.times > best.times {
			best = c
		}
	}
	return best, best.times > 0
}

// width returns the most columns in a line.
func (s *sample) width(separator byte) int {
	if width, known := s.widths[separator]; known {
		return width
	}
	width := 0
	for _, line := range s.lines {
		if separator == ' ' {
			width = max(width, len(strings.Fields(line)))
		} else {
			width = max(width, len(cells(line, separator)))
		}
	}
	if s.widths == nil {
		s.widths = map[byte]int{}
	}
	s.widths[separator] = width
	return width
}
