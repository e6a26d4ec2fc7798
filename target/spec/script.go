package spec

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"agistorm/target/agi"
)

// MaxCommands is the longest script.
const MaxCommands = 10_000

// ReadScript reads an AGI command a line. Blank lines and lines that begin with # are left out. The error
// begins with the number of the line.
func ReadScript(r io.Reader) ([]string, error) {
	var script []string
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSuffix(lines.Text(), "\r")
		if strings.TrimSpace(line) == "" || line[0] == '#' {
			continue
		}
		if err := CheckScript([]string{line}); err != nil {
			return nil, fmt.Errorf("%d: %w", n, err)
		}
		if len(script) == MaxCommands {
			return nil, fmt.Errorf("%d: more than %d commands", n, MaxCommands)
		}
		script = append(script, line)
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, fmt.Errorf(" a line of more than %d bytes", agi.MaxCommand)
	case err != nil:
		return nil, fmt.Errorf(" %w", err)
	case len(script) == 0:
		return nil, errors.New(" no command in it: want one a line, such as NOOP")
	}
	return script, nil
}

// CheckScript returns the first command that no line of AGI can be.
func CheckScript(script []string) error {
	for _, line := range script {
		if line == "" || strings.ContainsAny(line, "\n\x00") || len(line) > agi.MaxCommand {
			return fmt.Errorf("command %.40q: want 1 to %d bytes without line feed and NUL", line, agi.MaxCommand)
		}
	}
	return nil
}
