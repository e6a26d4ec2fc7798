package scenarios

import (
	"cmp"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"agistorm/scenarios/axis"
	"agistorm/scenarios/near"
)

// visit is called with every node of a file.
type visit func(ast.Node)

// Visit is for ast.Walk.
func (v visit) Visit(n ast.Node) ast.Visitor {
	v(n)
	return v
}

// checkKeys puts the present names of keys in the place of earlier ones, and finds one that is unknown where
// it stands.
func checkKeys(body ast.Node) (err error) {
	all, anchors := levels(), map[string]ast.Node{}
	ast.Walk(visit(func(n ast.Node) {
		if anchor, ok := n.(*ast.AnchorNode); ok {
			anchors[anchor.Name.String()] = anchor.Value
		}
		pair, ok := n.(*ast.MappingValueNode)
		if !ok {
			return
		}
		key, ok := pair.Key.(*ast.StringNode)
		if !ok {
			return
		}
		key.Value = cmp.Or(Aliases[key.Value], key.Value)
		key.Token.Value = key.Value
		here := slices.IndexFunc(all, func(l level) bool { return l.has(key.GetPath()) })
		switch {
		case err != nil || here < 0:
		case !slices.Contains(all[here].keys, key.Value):
			message := fmt.Sprintf("unknown field %q%s", key.Value, suggestion(key.Value, all[here], all))
			err = &yaml.UnknownFieldError{Message: message, Token: key.Token}
		case slices.Contains(all[here].whole, key.Value):
			err = checkWhole(scalar(pair.Value, anchors))
		case slices.Contains(all[here].times, key.Value):
			err = checkTime(key.Value, scalar(pair.Value, anchors))
		}
	}), body)
	return err
}

// scalar returns the token of a value, of an alias that of its anchor; nil for a list and for keys.
func scalar(n ast.Node, anchors map[string]ast.Node) *token.Token {
	if alias, ok := n.(*ast.AliasNode); ok {
		n = anchors[alias.Value.String()]
	}
	if anchor, ok := n.(*ast.AnchorNode); ok {
		n = anchor.Value
	}
	if value, ok := n.(ast.ScalarNode); ok {
		return value.GetToken()
	}
	return nil
}

// checkWhole refuses a number with a fraction, which the library would cut off.
func checkWhole(t *token.Token) error {
	if t == nil {
		return nil
	}
	if v, err := strconv.ParseFloat(t.Value, 64); err == nil && v != math.Trunc(v) {
		return wrongToken(t, "%s", wanted("int"))
	}
	return nil
}

// checkTime refuses what is no time; of several alike, the library's error would be about none.
func checkTime(key string, t *token.Token) error {
	if t == nil || t.Type == token.NullType {
		return nil
	}
	if _, err := time.ParseDuration(t.Value); err != nil {
		return wrongToken(t, "%s: %s", key, wanted("time.Duration"))
	}
	return nil
}

// suggestion returns where a key belongs that is unknown where it stands, or which key is near; empty where none
// is.
func suggestion(key string, here level, all []level) string {
	if words := belongs(key, here.name, all); words != "" {
		return "; " + words
	}
	if hint := near.Hint(key, here.keys); hint != "" {
		return hint
	}
	var others []string
	for _, l := range all {
		others = append(others, l.keys...)
	}
	if match := near.Match(key, others); match != "" {
		return fmt.Sprintf("; did you mean %s? %s", match, belongs(match, here.name, all))
	}
	return ""
}

// belongs returns at which other levels there is a key; empty where it is at none.
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
	// whole are those whose values are whole numbers, and times those whose values are times.
	whole, times []string
}

func (l *level) words() string {
	if l.name == "" {
		return "the scenario itself"
	}
	return l.name
}

// has reports whether a path such as "$.matrix.rtt" or "$.settings[0].rtt" is that of a key at the level.
func (l *level) has(path string) bool {
	parts := strings.Split(strings.TrimPrefix(path, "$."), ".")
	name, _, _ := strings.Cut(parts[0], "[")
	return len(parts) == 1 && l.name == "" || len(parts) == 2 && name == l.name
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
			own.whole = append(own.whole, inline[0].whole...)
			own.times = append(own.times, inline[0].times...)
			below = append(below, inline[1:]...)
		case key != "" && key != "-":
			own.keys = append(own.keys, key)
			switch {
			case field.Type == reflect.TypeFor[time.Duration]():
				own.times = append(own.times, key)
			case field.Type.Kind() == reflect.Int || field.Type.Kind() == reflect.Uint64:
				own.whole = append(own.whole, key)
			}
			below = append(below, levelsBelow(key, field.Type)...)
		}
	}
	return append([]level{own}, below...)
}
