// Command steps prints the shell commands of a CI job, so that they can be run for real where its CI server is not:
//
//	steps github FILE JOB    the run steps of a GitHub Actions workflow's job
//	steps gitlab FILE JOB    before_script and script of a GitLab job
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/goccy/go-yaml"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "steps:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 3 {
		return errors.New("usage: steps github|gitlab FILE JOB")
	}
	data, err := os.ReadFile(args[1])
	if err != nil {
		return err
	}
	commands, err := commandsOf(args[0], data, args[2])
	if err != nil {
		return fmt.Errorf("%s: %w", args[1], err)
	}
	fmt.Println(strings.Join(commands, "\n"))
	return nil
}

// commandsOf returns the commands in their order. A job without one is an error: it would pass for nothing.
func commandsOf(kind string, data []byte, job string) ([]string, error) {
	var commands []string
	var err error
	switch kind {
	case "github":
		commands, err = github(data, job)
	case "gitlab":
		commands, err = gitlab(data, job)
	default:
		return nil, fmt.Errorf("%q: want github or gitlab", kind)
	}
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
