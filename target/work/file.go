package work

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"agistorm/target/lines"
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
func Read(r io.Reader) (durations []time.Duration, err error) {
	err = lines.Read(r, maxDurations, "duration", "12ms", func(line string) error {
		d, err := parseTime(strings.TrimSpace(line))
		durations = append(durations, d)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(durations)
	return durations, nil
}
