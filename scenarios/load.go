package scenarios

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"agistorm/scenarios/arrival"
	"agistorm/scenarios/axis"
	"agistorm/scenarios/near"
	"agistorm/target/spec"
)

//go:embed builtin/*.yaml
var builtin embed.FS

// Default is the built-in scenario that a sweep runs when none is named.
const Default = "somaxconn"

// Builtin lists the built-in scenarios, sorted by name.
func Builtin() (list []Scenario, err error) {
	for _, name := range names() {
		s, err := Load(name)
		if err != nil {
			return nil, err
		}
		list = append(list, *s)
	}
	return list, nil
}

// Load reads a scenario: the name of a built-in one, or a path that has a slash or
// ends in .yaml or .yml. The error names file, line and column and shows the place.
func Load(nameOrPath string) (*Scenario, error) {
	if !isPath(nameOrPath) {
		return loadBuiltin(nameOrPath)
	}
	f, err := os.Open(nameOrPath)
	if err != nil {
		return nil, fmt.Errorf("scenario: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("scenario %s: %w", nameOrPath, err)
	}
	return Parse(nameOrPath, data)
}

func isPath(s string) bool {
	return strings.ContainsAny(s, `/\`) || strings.HasSuffix(s, ".yaml") || strings.HasSuffix(s, ".yml")
}

func loadBuiltin(name string) (*Scenario, error) {
	data, err := builtin.ReadFile(path.Join("builtin", name+".yaml"))
	if err != nil {
		return nil, fmt.Errorf("no built-in scenario %q%s There are %s. A file's name must end in .yaml",
			name, cmp.Or(near.Hint(name, names()), "."), strings.Join(names(), ", "))
	}
	return Parse(name+".yaml (built in)", data)
}

// names of the built-in scenarios, sorted.
func names() (list []string) {
	entries, _ := builtin.ReadDir("builtin") // the embedded folder is always there
	for _, entry := range entries {
		list = append(list, strings.TrimSuffix(entry.Name(), ".yaml"))
	}
	return list
}

// Parse reads and checks a scenario. file stands in the errors.
func Parse(file string, data []byte) (s *Scenario, err error) {
	// The YAML library panics on some malformed files (found by fuzzing).
	defer func() {
		if broken := recover(); broken != nil {
			s, err = nil, fmt.Errorf("%s: not YAML that can be read: %v", file, broken)
		}
	}()
	return parse(file, data)
}

func parse(file string, data []byte) (*Scenario, error) {
	s, doc, err := read(data)
	if err == nil {
		err = first(s.fillIn, s.Validate)
	}
	if err != nil {
		return nil, locate(file, string(data), doc, err)
	}
	return s, nil
}

// read returns what a file gives, and the file for the places of what is wrong.
func read(data []byte) (*Scenario, *ast.File, error) {
	s := Defaults()
	s.Target.Behaviour, s.Target.Script, s.Storm.Arrival = "", nil, "" // see fillIn
	tokens, err := tokenize(data)
	if err != nil {
		return nil, nil, err
	}
	doc, err := parser.Parse(tokens, 0)
	if err != nil {
		return nil, nil, err
	}
	err = first(func() error { return checkAliases(doc) }, func() error { return decode(doc, &s) })
	return &s, doc, err
}

// Aliases are earlier names of keys, by which files may still give them.
var Aliases = map[string]string{
	"connect-limit":       "connect-timeout",
	"first-command-limit": "first-command-timeout",
	"session-limit":       "session-timeout",
}

// decode reads the file's only document.
func decode(file *ast.File, s *Scenario) error {
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if err := checkKeys(doc.Body); err != nil {
			return err
		}
		decoder := yaml.NewDecoder(bytes.NewReader(nil), yaml.Strict(), yaml.CustomUnmarshaler(readTime))
		return decoder.DecodeFromNode(doc.Body, s)
	}
	return errors.New("the file is empty")
}

// fillArrival gives the storm the arrival that the file leaves to its rate, or to the default.
func (s *Scenario) fillArrival() error {
	storm := &s.Storm
	switch {
	case storm.Rate == "":
		storm.Arrival = cmp.Or(storm.Arrival, Defaults().Storm.Arrival)
		return nil
	case storm.Arrival != "":
		return wrong("storm.rate", "%s: storm.arrival says when calls come, too: give one of them", storm.Rate)
	}
	rate, err := arrival.ParseRate(storm.Rate)
	if err != nil {
		return &FieldError{"storm.rate", err}
	}
	storm.Arrival, storm.Rate = "constant "+rate.String(), ""
	return nil
}

// fillIn gives the target what the file leaves to the server it is like, and to the script's file.
func (s *Scenario) fillIn() error {
	if err := s.fillArrival(); err != nil {
		return err
	}
	defaults := Defaults().Target
	if s.Target.Like != "" {
		like, err := spec.ParseLike(s.Target.Like)
		if err != nil {
			return &FieldError{"target.like", err}
		}
		defaults.Behaviour, s.Backlog = like.Behaviour.String(), like.Backlog.String()
	}
	s.Target.Behaviour = cmp.Or(s.Target.Behaviour, defaults.Behaviour)
	if err := s.fillSettings(); err != nil {
		return err
	}
	s.Backlog = ""
	if s.Target.ScriptFile != "" {
		return s.readScript()
	}
	if s.Target.Script == nil {
		s.Target.Script = defaults.Script
	}
	return nil
}

// fillSettings puts the matrix behind the settings, and gives each of them a value on every axis that another has.
func (s *Scenario) fillSettings() error {
	own := len(s.Settings)
	if s.Matrix != nil {
		all, err := s.combinations()
		if err != nil {
			return err
		}
		s.Settings, s.Matrix = append(s.Settings, all...), nil
	}
	if err := conflict("settings", axis.Names(s.Settings...)); err != nil {
		return err
	}
	for i, setting := range s.Settings {
		s.Settings[i] = s.plain(setting)
	}
	return besideMatrix(s.Settings[:own], s.Settings[own:])
}

// plain is a setting with a value on every axis that another has, each as the run writes it, however the file does:
// 128 for 0128, max for 2147483647, one blank for several. What is wrong stays, for Validate.
func (s *Scenario) plain(setting axis.Values) axis.Values {
	plan := s.Plan
	plan.Sysctls = maps.Clone(plan.Sysctls)
	full := axis.Values{}
	for _, name := range axis.Names(append(s.Settings, axis.Values{"somaxconn": "", "backlog": ""})...) {
		a := axis.Named(name)
		value, given := setting[name]
		if !given && a.IsSysctl() {
			continue // only its namespace knows it
		}
		if !given {
			value = a.Get(&plan)
		}
		switch err := a.Set(&plan, value); {
		case err == nil:
			full[name] = a.Get(&plan)
		case given || a.Queue:
			full[name] = value
		}
	}
	return full
}

// readScript puts the file's commands in its place: the run directory then says what was run.
func (s *Scenario) readScript() error {
	t := &s.Target
	if t.Script != nil {
		return wrong("target.script-file", "%s: there is a script already", t.ScriptFile)
	}
	f, err := OpenRegular(t.ScriptFile)
	if err != nil {
		return &FieldError{"target.script-file", err}
	}
	defer f.Close()
	if t.Script, err = spec.ReadScript(f); err != nil {
		return wrong("target.script-file", "%s:%w", t.ScriptFile, err)
	}
	t.ScriptFile = ""
	return nil
}

// YAML is the scenario as a file that Parse reads back.
func (s *Scenario) YAML() (string, error) {
	out, err := yaml.MarshalWithOptions(s, yaml.IndentSequence(true))
	return string(out), err
}
