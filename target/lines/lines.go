// Package lines reads files with one value a line.
package lines

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Read passes each line to take, without its line end. Blank lines and comments, which begin with #, are left out. More
// than limit values are an error, and so are none: noun and example name one. The error begins with the number of the
// line, or a blank.
func Read(r io.Reader, limit int, noun, example string, take func(line string) error) error {
	count := 0
	scanner := bufio.NewScanner(r)
	for n := 1; scanner.Scan(); n++ {
		line := strings.TrimSuffix(scanner.Text(), "\r")
		if text := strings.TrimSpace(line); text == "" || text[0] == '#' {
			continue
		}
		if err := take(line); err != nil {
			return fmt.Errorf("%d: %w", n, err)
		}
		if count++; count > limit {
			return fmt.Errorf("%d: more than %d %ss", n, limit, noun)
		}
	}
	switch err := scanner.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return fmt.Errorf(" a line of more than %d bytes", bufio.MaxScanTokenSize)
	case err != nil:
		return fmt.Errorf(" %w", err)
	case count == 0:
		return fmt.Errorf(" no %s in it: want one a line, such as %s", noun, example)
	}
	return nil
}
