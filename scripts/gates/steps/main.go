// Command steps prints the shell commands of a CI job, so that they can be run for real where its CI server
// is not:
//
//	steps github FILE JOB    the run steps of a GitHub Actions workflow's job
//	steps gitlab FILE JOB    before_script and script of a GitLab job
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/goccy/go-yaml"

	"agistorm/scripts/internal/program"
)

func main() { program.Main("steps", run) }

func run(args []string, stdout io.Writer) (misses []string, err error) {
	if len(args) != 3 {
		return nil, errors.New("usage: steps github|gitlab FILE JOB")
	}
	data, err := os.ReadFile(args[1])
	if err != nil {
		return nil, err
	}
	commands, err := commandsOf(args[0], data, args[2])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", args[1], err)
	}
	fmt.Fprintln(stdout, strings.Join(commands, "\n"))
	return nil, nil
}

// commandsOf returns the commands in their order. A job without one is an error: it would pass for nothing.
func commandsOf(kind string, data []byte, job string) ([]string, error) {
	read := map[string]func([]byte, string) ([]string, error){"github": github, "gitlab": gitlab}[kind]
	if read == nil {
		return nil, fmt.Errorf("%q: want github or gitlab", kind)
	}
	commands, err := read(data, job)
	if err == nil && len(commands) == 0 {
		err = fmt.Errorf("job %q has no command", job)
	}
	return commands, err
}

func github(data []byte, job string) (commands []string, err error) {
	var file struct {
		Jobs map[string]struct {
			Steps []struct {
				Run string `yaml:"run"`
			} `yaml:"steps"`
		} `yaml:"jobs"`
	}
	if err := yaml.Unmarshal(data, &file); err != nil {
		return nil, err
	}
	for _, step := range file.Jobs[job].Steps {
		if step.Run != "" {
			commands = append(commands, strings.TrimRight(step.Run, "\n"))
		}
	}
	return commands, nil
}

func gitlab(data []byte, job string) ([]string, error) {
	var file map[string]struct {
		Before []string `yaml:"before_script"`
		Script []string `yaml:"script"`
	}
	if err := yaml.Unmarshal(data, &file); err != nil {
		return nil, err
	}
	return append(file[job].Before, file[job].Script...), nil
}
