package scenarios

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"strings"

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
		at, wrapped = quotedBy(doc, err), errors.New(cmp.Or(wantedValue(err), err.Error()))
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
		kind = map[ast.NodeType]string{ast.SequenceType: "[]string", ast.MappingType: "map[string]string"}[node.Expected]
	case strings.HasPrefix(err.Error(), "time: "):
		kind = "time.Duration"
	default:
		return ""
	}
	return "want " + cmp.Or(kinds[kind], "another kind of value")
}

// quotedBy finds the only node that an error quotes, of which the library has lost the place; nil where there
// is not exactly one.
func quotedBy(doc *ast.File, err error) *token.Token {
	_, rest, _ := strings.Cut(err.Error(), `"`)
	word, _, _ := strings.Cut(rest, `"`)
	var found []*token.Token
	for _, d := range doc.Docs {
		ast.Walk(visit(func(n ast.Node) {
			if t := n.GetToken(); t != nil && t.Value == word {
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
