package work

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Open opens a file of durations.
type Open func(path string) (io.ReadCloser, error)

// maxDurations bounds a file of durations.
const maxDurations = 1_000_000

func parseFile(path string, open Open) (Work, error) {
	if open == nil {
		return Work{}, errors.New("no file can be read here")
	}
	f, err := open(path)
	if err != nil {
		return Work{}, err
	}
	defer f.Close()
	durations, err := Read(f)
	if err != nil {
		return Work{}, fmt.Errorf("%s:%w", path, err)
	}
	return Work{quantile: func(u float64) time.Duration {
		return durations[int(u*float64(len(durations)))]
	}}, nil
}

// Read reads a duration a line, such as 12ms or 1.5s, from 0s to Max, and sorts them. Blank lines and lines
// that begin with # are left out. The error begins with the number of the line.
func Read(r io.Reader) ([]time.Duration, error) {
	var durations []time.Duration
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		text := strings.TrimSpace(lines.Text())
		if text == "" || text[0] == '#' {
			continue
		}
		d, err := parseTime(text)
		if err != nil {
			return nil, fmt.Errorf("%d: %w", n, err)
		}
		if len(durations) == maxDurations {
			return nil, fmt.Errorf("%d: more than %d durations", n, maxDurations)
		}
		durations = append(durations, d)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf(" %w", err)
	}
	if len(durations) == 0 {
		return nil, errors.New(" no duration in it: want one a line, such as 12ms")
	}
	slices.Sort(durations)
	return durations, nil
}
