package spec

import (
	"fmt"
	"io"
	"strings"

	"agistorm/target/agi"
	"agistorm/target/lines"
)

// MaxCommands is the longest script.
const MaxCommands = 10_000

// ReadScript reads an AGI command a line. Blank lines and lines that begin with # are left out. The error
// begins with the number of the line.
func ReadScript(r io.Reader) (script []string, err error) {
	err = lines.Read(r, MaxCommands, "command", "NOOP", func(line string) error {
		script = append(script, line)
		return CheckScript(script[len(script)-1:])
	})
	if err != nil {
		return nil, err
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
