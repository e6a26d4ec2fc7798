package scenarios

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"agistorm/scenarios/axis"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// locate adds to an error of a scenario its file and, where the file gives the value, line, column and a
// snippet.
func locate(file, source string, doc *ast.File, err error) error {
	var found yaml.Error
	var field *FieldError
	var place *tokenError
	at, wrapped := (*token.Token)(nil), err
	switch {
	case errors.As(err, &place):
		at = place.at
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
	return fmt.Errorf("%s:%d:%d: %w\n%s", file, at.Position.Line, at.Position.Column, wrapped,
		snippet(source, at.Position))
}

// Bounds of a snippet: the lines before and after the one in question, and how many characters of each are shown.
const (
	linesAround = 3
	maxSnippet  = 120
)

// snippet shows the line at a place, with those around it. The library's printer needs memory by the square of a
// line's length.
func snippet(source string, at *token.Position) string {
	lines := strings.Split(strings.TrimRight(source, "\r\n"), "\n")
	first, last := max(at.Line-linesAround, 1), min(at.Line+linesAround, len(lines))
	from := max(at.Column-1-maxSnippet*3/4, 0)
	var out []string
	for n := first; n <= last; n++ {
		line := []rune(strings.TrimSuffix(lines[n-1], "\r"))
		mark := ' '
		if n == at.Line {
			mark = '>'
		}
		out = append(out, fmt.Sprintf("%c%3d | %s", mark, n, window(line, from, from+maxSnippet)))
		if n == at.Line {
			before := utf8.RuneCountInString(window(line, from, max(at.Column-1, from)))
			out = append(out, strings.Repeat(" ", len("> 12 | ")+before)+"^")
		}
	}
	return strings.Join(out, "\n")
}

// window is a part of a line, in which what does not print is quoted.
func window(line []rune, from, to int) string {
	var out strings.Builder
	for _, r := range line[min(from, len(line)):min(to, len(line))] {
		if unicode.IsPrint(r) {
			out.WriteRune(r)
		} else {
			out.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
	}
	return out.String()
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
	return wanted(kind)
}

// wanted is what a key of a kind, by Go's word, holds.
func wanted(kind string) string { return "want " + cmp.Or(kinds[kind], "another kind of value") }

// readTime reads a time with its unit.
func readTime(d *time.Duration, value []byte) (err error) {
	text := strings.Trim(strings.TrimSpace(string(value)), `"'`)
	if *d, err = time.ParseDuration(text); err != nil {
		return &axis.WordError{Word: text, Err: errors.New(wanted("time.Duration"))}
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
