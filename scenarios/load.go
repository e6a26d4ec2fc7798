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
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"agistorm/scenarios/axis"
	"agistorm/target/spec"
)

//go:embed builtin/*.yaml
var builtin embed.FS

// Default is the built-in scenario that a sweep runs when none is named.
const Default = "somaxconn"

// maxFile bounds a scenario file, in bytes.
const maxFile = 1 << 20

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
	if len(data) > maxFile {
		return nil, fmt.Errorf("scenario %s: larger than %d bytes, that is no scenario", nameOrPath, maxFile)
	}
	return Parse(nameOrPath, data)
}

func isPath(s string) bool {
	return strings.ContainsAny(s, `/\`) || strings.HasSuffix(s, ".yaml") || strings.HasSuffix(s, ".yml")
}

func loadBuiltin(name string) (*Scenario, error) {
	data, err := builtin.ReadFile(path.Join("builtin", name+".yaml"))
	if err != nil {
		return nil, fmt.Errorf("no built-in scenario %q: there is %s; a scenario of your own is a path that ends in .yaml",
			name, strings.Join(names(), ", "))
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
	s := Defaults()
	s.Target.Behaviour, s.Target.Script = "", nil // see fillIn
	if err := decode(data, &s); err != nil {
		return nil, decodeError(file, data, err)
	}
	if err := first(s.fillIn, s.Validate); err != nil {
		return nil, locate(file, data, err)
	}
	return &s, nil
}

// Aliases are earlier names of keys, by which files may still give them.
var Aliases = map[string]string{
	"connect-limit":       "connect-timeout",
	"first-command-limit": "first-command-timeout",
	"session-limit":       "session-timeout",
}

// decode reads the file's only document.
func decode(data []byte, s *Scenario) error {
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return err
	}
	for _, doc := range file.Docs {
		if doc.Body != nil {
			ast.Walk(renamer{}, doc.Body)
			return yaml.NewDecoder(bytes.NewReader(nil), yaml.Strict()).DecodeFromNode(doc.Body, s)
		}
	}
	return io.EOF
}

// renamer puts the present names of keys in the place of earlier ones.
type renamer struct{}

// Visit is for ast.Walk.
func (r renamer) Visit(n ast.Node) ast.Visitor {
	if pair, ok := n.(*ast.MappingValueNode); ok {
		if key, ok := pair.Key.(*ast.StringNode); ok {
			key.Value = cmp.Or(Aliases[key.Value], key.Value)
		}
	}
	return r
}

// fillIn gives the target what the file leaves to the server it is like, and to the script's file.
func (s *Scenario) fillIn() error {
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

// plain is a setting with a value on every axis that another has, each as the run writes it, however the file does: 128 for 0128, max for
// 2147483647, one blank for several. What is wrong stays, for Validate.
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

// decodeError passes on what the YAML library found, with its line, column and snippet.
func decodeError(file string, data []byte, err error) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: the file is empty", file)
	}
	var located yaml.Error
	if !errors.As(err, &located) || located.GetToken() == nil {
		return fmt.Errorf("%s%s: %s", file, lineOf(data, err), plain(err.Error()))
	}
	at := located.GetToken().Position
	snippet := yaml.FormatError(err, false, true)
	if _, rest, ok := strings.Cut(snippet, "\n"); ok {
		snippet = rest
	}
	return fmt.Errorf("%s:%d:%d: %s\n%s", file, at.Line, at.Column, plain(located.GetMessage())+meant(data, located), strings.TrimRight(snippet, "\n"))
}

// kinds are Go's words for what a key holds, and the user's.
var kinds = map[string]string{
	"int": "a whole number", "uint64": "a whole number that is not negative", "string": "a word", "[]string": "a list",
	"time.Duration": "a time with its unit, such as 500ms or 2s", "map[string]string": "names with values",
}

// goWords are what the YAML library and package time say of a value of the wrong kind.
var goWords = regexp.MustCompile(`cannot unmarshal (.+) into Go (?:struct field \S+|value) of type (\S+)|time: .*|\w+ was used where (sequence|mapping) is expected`)

// plain is a message without Go's own words.
func plain(message string) string {
	return goWords.ReplaceAllStringFunc(message, func(found string) string {
		kind := "time.Duration"
		m := goWords.FindStringSubmatch(found)
		switch {
		case m[2] != "":
			kind = m[2]
		case m[3] == "sequence":
			kind = "[]string"
		case m[3] == "mapping":
			kind = "map[string]string"
		}
		words, ok := kinds[kind]
		switch {
		case kind == "string" && strings.HasPrefix(m[1], "map["):
			return "want text; what has a colon in it must stand in quotes"
		case ok:
			return "want " + words
		}
		return "want another kind of value"
	})
}

// lineOf finds the value that a message quotes, as ":LINE"; empty where it is not there, or more than once.
func lineOf(data []byte, err error) string {
	m := regexp.MustCompile(`"([^"]+)"`).FindStringSubmatch(err.Error())
	if m == nil || bytes.Count(data, []byte(m[1])) != 1 {
		return ""
	}
	before, _, _ := bytes.Cut(data, []byte(m[1]))
	return fmt.Sprintf(":%d", 1+bytes.Count(before, []byte("\n")))
}

// locate adds line, column and snippet to a value that the file gives, or says
// only the file where the value is a default or missing.
func locate(file string, data []byte, err error) error {
	var field *FieldError
	if !errors.As(err, &field) {
		return fmt.Errorf("%s: %w", file, err)
	}
	for at := field.Path; at != ""; at = parent(at) {
		place, ok := find(data, at)
		if !ok {
			place, ok = find(data, strings.Replace(at, "-timeout", "-limit", 1))
		}
		if ok {
			return fmt.Errorf("%s:%s: %w\n%s", file, place.position, err, place.snippet)
		}
	}
	return fmt.Errorf("%s: %w", file, err)
}

func parent(field string) string {
	return field[:max(strings.LastIndexAny(field, ".["), 0)]
}

type place struct{ position, snippet string }

func find(data []byte, field string) (place, bool) {
	at, err := yaml.PathString("$." + field)
	if err != nil {
		return place{}, false
	}
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return place{}, false
	}
	node, err := at.FilterFile(file)
	if err != nil || node == nil || node.GetToken() == nil {
		return place{}, false
	}
	snippet, err := at.AnnotateSource(data, false)
	if err != nil {
		return place{}, false
	}
	position := node.GetToken().Position
	return place{fmt.Sprintf("%d:%d", position.Line, position.Column), strings.TrimRight(string(snippet), "\n")}, true
}
