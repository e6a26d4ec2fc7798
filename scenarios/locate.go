package scenarios

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"agistorm/scenarios/axis"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/printer"
	"github.com/goccy/go-yaml/token"
)

// locate adds to an error of a scenario its file and, where the file gives the value, line, column and a
// snippet.
func locate(file string, doc *ast.File, err error) error {
	var found yaml.Error
	var field *FieldError
	var at *token.Token
	wrapped := err
	switch {
	case errors.As(err, &field):
		at = tokenOf(doc, field.Path)
	case errors.As(err, &found):
		at, wrapped = found.GetToken(), errors.New(cmp.Or(wantedValue(err), found.GetMessage()))
	default:
		at = placeOf(doc, err)
	}
	if at == nil {
		return fmt.Errorf("%s: %w", file, wrapped)
	}
	snippet := strings.TrimRight((&printer.Printer{}).PrintErrorToken(at, false), "\n")
	return fmt.Errorf("%s:%d:%d: %w\n%s", file, at.Position.Line, at.Position.Column, wrapped, snippet)
}

// kinds are Go's words for what a key holds, and the user's.
var kinds = map[string]string{
	"int": "a whole number", "uint64": "a whole number that is not negative", "string": "a word", "[]string": "a list",
	"time.Duration": "a time with its unit, such as 500ms or 2s", "map[string]string": "names with values",
}

// wantedValue returns what a value of the wrong kind should be; empty for another error.
func wantedValue(err error) string {
	var value *yaml.TypeError
	var number *yaml.OverflowError
	var node *yaml.UnexpectedNodeTypeError
	kind := ""
	switch {
	case errors.As(err, &value) && value.DstType.Kind() == reflect.String && value.SrcType.Kind() == reflect.Map:
		return "want text; what has a colon in it must stand in quotes"
	case errors.As(err, &value):
		kind = value.DstType.String()
	case errors.As(err, &number):
		kind = number.DstType.String()
	case errors.As(err, &node):
		kind = map[ast.NodeType]string{
			ast.SequenceType: "[]string", ast.MappingType: "map[string]string",
		}[node.Expected]
	default:
		return ""
	}
	return "want " + cmp.Or(kinds[kind], "another kind of value")
}

// readTime reads a time with its unit.
func readTime(d *time.Duration, value []byte) (err error) {
	text := strings.Trim(strings.TrimSpace(string(value)), `"'`)
	if *d, err = time.ParseDuration(text); err != nil {
		return &axis.WordError{Word: text, Err: errors.New("want " + kinds["time.Duration"])}
	}
	return nil
}

// placeOf finds the only node with the word of an error whose place the library has lost; nil where there is
// not exactly one.
func placeOf(doc *ast.File, err error) *token.Token {
	var word *axis.WordError
	if !errors.As(err, &word) {
		return nil
	}
	var found []*token.Token
	for _, d := range doc.Docs {
		ast.Walk(visit(func(n ast.Node) {
			if t := n.GetToken(); t != nil && (t.Value == word.Word || n.String() == word.Word) {
				found = append(found, t)
			}
		}), d)
	}
	if len(found) != 1 {
		return nil
	}
	return found[0]
}

// tokenOf returns the value of a field, or what it is in where the file does not give it; nil where it is in
// none.
func tokenOf(doc *ast.File, field string) *token.Token {
	for ; field != ""; field = field[:max(strings.LastIndexAny(field, ".["), 0)] {
		path, err := yaml.PathString("$." + field)
		if err != nil {
			continue
		}
		if node, err := path.FilterFile(doc); err == nil && node != nil && node.GetToken() != nil {
			return node.GetToken()
		}
	}
	return nil
}
