package scenarios

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"agistorm/scenarios/axis"
	"agistorm/scenarios/near"
)

// meant says of a key that there is not where it stands, where it belongs, or what key is near; empty for
// another error, and where none is.
func meant(data []byte, err error) string {
	var unknown *yaml.UnknownFieldError
	if !errors.As(err, &unknown) {
		return ""
	}
	key, here, keys := unknown.Token.Value, levelOf(data, unknown.Token), levels()
	if words := belongs(key, here, keys); words != "" {
		return "; " + words
	}
	var own, others []string
	for _, l := range keys {
		if l.name == here {
			own = l.keys
		} else {
			others = append(others, l.keys...)
		}
	}
	if match := near.Match(key, own); match != "" {
		return "; did you mean " + match + "?"
	}
	if match := near.Match(key, others); match != "" {
		return fmt.Sprintf("; did you mean %s? %s", match, belongs(match, here, keys))
	}
	return ""
}

// belongs says at which other levels there is a key; empty where it is at none.
func belongs(key, here string, all []level) string {
	var places []string
	for _, l := range all {
		if slices.Contains(l.keys, key) {
			places = append(places, l.words())
		}
	}
	if len(places) == 0 {
		return ""
	}
	words := key + " belongs to " + strings.Join(places, " or ")
	if (here == "settings" || here == "matrix") && !slices.Contains(places, "settings") {
		words += "; it cannot differ between settings"
	}
	return words
}

// level is a place of a scenario's file and the keys that it has; its name is that of the key which it is
// under, empty for the scenario's own.
type level struct {
	name string
	keys []string
}

func (l *level) words() string {
	if l.name == "" {
		return "the scenario itself"
	}
	return l.name
}

// levels are those of a scenario, its own first.
func levels() []level { return levelsBelow("", reflect.TypeFor[Scenario]()) }

func levelsBelow(name string, t reflect.Type) []level {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t == reflect.TypeFor[axis.Values]() || t == reflect.TypeFor[axis.Matrix]() {
		t = axis.Form[string]()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	own := level{name: name}
	var below []level
	for i := range t.NumField() {
		field := t.Field(i)
		key, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		switch {
		case field.Anonymous:
			inline := levelsBelow("", field.Type)
			own.keys = append(own.keys, inline[0].keys...)
			below = append(below, inline[1:]...)
		case key != "" && key != "-":
			own.keys = append(own.keys, key)
			below = append(below, levelsBelow(key, field.Type)...)
		}
	}
	return append([]level{own}, below...)
}

// levelOf is the level at which a key stands that the file has.
func levelOf(data []byte, key *token.Token) string {
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return ""
	}
	find := &finder{key: key.Position}
	for _, doc := range file.Docs {
		ast.Walk(find, doc.Body)
	}
	return find.level
}

// finder looks for a key by its position, and takes the level from its path: "$.matrix.rtt" or
// "$.settings[0].rtt".
type finder struct {
	key   *token.Position
	level string
}

// Visit is for ast.Walk.
func (f *finder) Visit(n ast.Node) ast.Visitor {
	if v, ok := n.(*ast.MappingValueNode); ok {
		if at := v.Key.GetToken().Position; at.Line == f.key.Line && at.Column == f.key.Column {
			f.level = levelIn(v.Key.GetPath())
		}
	}
	return f
}

func levelIn(path string) string {
	parts := strings.Split(strings.TrimPrefix(path, "$."), ".")
	if len(parts) < 2 {
		return ""
	}
	name, _, _ := strings.Cut(parts[0], "[")
	return name
}
