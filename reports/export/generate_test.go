package export

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	difference "github.com/google/go-cmp/cmp"
	"github.com/invopop/jsonschema"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/stats"
)

// TestGenerated: the schema of summary.json, and the list of findings, are what the types and their comments say.
// -update writes them anew, and once more embeds the schema.
func TestGenerated(t *testing.T) {
	g := newGenerator(t)
	for name, want := range map[string][]byte{
		"summary.schema.json": g.schema(finding.Kinds()),
		"FINDINGS.md":         g.findings(finding.Kinds()),
	} {
		if *update {
			if err := os.WriteFile(name, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(name)
		if diff := difference.Diff(string(want), string(got)); err != nil || diff != "" {
			t.Errorf("%s is not what the types say (-types +file): %v; -update writes it anew\n%s", name, err, diff)
		}
	}
}

// generator makes schemas of types.
type generator struct {
	t         *testing.T
	reflector *jsonschema.Reflector
	// structs by the names of their definitions.
	structs map[string]reflect.Type
}

func newGenerator(t *testing.T) *generator {
	g := &generator{t: t, structs: map[string]reflect.Type{}}
	g.reflector = &jsonschema.Reflector{Anonymous: true, ExpandedStruct: true, Mapper: g.special, Namer: g.name}
	here := reflect.TypeFor[Form]().PkgPath()
	if err := g.reflector.AddGoComments(here, "../../analysis", jsonschema.WithFullComment()); err != nil {
		t.Fatal(err)
	}
	for name, text := range g.reflector.CommentMap {
		g.reflector.CommentMap[name] = strings.Join(strings.Fields(text), " ")
	}
	return g
}

// name distinguishes types of one name in several packages.
func (g *generator) name(t reflect.Type) string {
	if t.Name() == "" || t.PkgPath() == "" {
		return t.Name()
	}
	name := path.Base(t.PkgPath()) + "_" + t.Name()
	if t.Kind() == reflect.Struct {
		g.structs[name] = t
	}
	return name
}

// special are the types that are written in another form than their own.
func (g *generator) special(t reflect.Type) *jsonschema.Schema {
	if t == reflect.TypeFor[finding.Finding]() {
		return &jsonschema.Schema{Ref: "#/$defs/finding"}
	}
	if t == reflect.TypeFor[stats.Number]() {
		return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{{Type: "number"}, {Type: "null"}}}
	}
	if values := g.constants(t); len(values) > 0 {
		return &jsonschema.Schema{Type: "string", Enum: values}
	}
	return nil
}

// constants are the values of a string type that its package gives names.
func (g *generator) constants(t reflect.Type) (values []any) {
	_, folder, ours := strings.Cut(t.PkgPath(), "/")
	if t.Kind() != reflect.String || !ours {
		return nil
	}
	files, err := filepath.Glob(filepath.Join("../..", folder, "*.go"))
	if err != nil {
		g.t.Fatal(err)
	}
	for _, source := range files {
		file, err := parser.ParseFile(token.NewFileSet(), source, nil, 0)
		if err != nil {
			g.t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			literal, isLiteral := spec.Values[0].(*ast.BasicLit)
			if of, named := spec.Type.(*ast.Ident); named && of.Name == t.Name() && isLiteral {
				value, err := strconv.Unquote(literal.Value)
				if err != nil {
					g.t.Fatal(err)
				}
				values = append(values, value)
			}
			return true
		})
	}
	return values
}

// schema is that of summary.json, with findings of these kinds.
func (g *generator) schema(kinds []finding.Kind) []byte {
	root := g.reflector.ReflectFromType(reflect.TypeFor[analysis.Summary]())
	if len(kinds) > 0 {
		root.Definitions["finding"] = g.finding(kinds, root.Definitions)
	}
	for name, definition := range root.Definitions {
		if t, ok := g.structs[name]; ok {
			g.complete(t, definition)
		}
	}
	g.complete(reflect.TypeFor[analysis.Summary](), root)
	root.Properties.Set(
		"verdict",
		&jsonschema.Schema{Type: "string", Description: "The answer in words, and how sure it is."},
	)
	root.ID = schemaID
	root.Title = "summary.json of agistorm, format " + schemaID[strings.LastIndexByte(schemaID, ':')+1:]
	root.Description = "The descriptions are those of the Go types that it is written from: " +
		"what they call nil is null or absent."
	var out bytes.Buffer
	data, err := json.Marshal(root)
	if err == nil {
		err = json.Indent(&out, data, "", "  ")
	}
	if err != nil {
		g.t.Fatal(err)
	}
	text := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(out.String())
	return []byte(text + "\n")
}

// finding is one of the kinds: each code has arguments of its own.
func (g *generator) finding(kinds []finding.Kind, definitions jsonschema.Definitions) *jsonschema.Schema {
	s := &jsonschema.Schema{Description: g.reflector.CommentMap[commentName(reflect.TypeFor[finding.Finding]())]}
	names := &jsonschema.Schema{Type: "array", Items: &jsonschema.Schema{Type: "string"}}
	for _, kind := range kinds {
		arguments := g.reflector.ReflectFromType(reflect.TypeOf(kind.Fact))
		maps.Copy(definitions, arguments.Definitions)
		arguments.Version, arguments.Definitions = "", nil
		g.complete(reflect.TypeOf(kind.Fact), arguments)
		one := &jsonschema.Schema{
			Type: "object", Properties: jsonschema.NewProperties(), Required: []string{"code", "args"},
			Description: cmp.Or(arguments.Description, g.meaning(kind)), AdditionalProperties: jsonschema.FalseSchema,
		}
		arguments.Description = ""
		one.Properties.Set("code", &jsonschema.Schema{Const: kind.Code})
		one.Properties.Set("settings", names)
		one.Properties.Set("metrics", names)
		one.Properties.Set("args", arguments)
		one.Properties.Set("words", &jsonschema.Schema{Type: "string"})
		s.OneOf = append(s.OneOf, one)
	}
	return s
}

// complete adds what the reflector does not know: null for what can be nil, the unit of durations, names of keys.
func (g *generator) complete(t reflect.Type, s *jsonschema.Schema) {
	for _, f := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		p, ok := s.Properties.Get(name)
		if !ok {
			continue
		}
		of, nilable := f.Type, false
		switch f.Type.Kind() {
		case reflect.Map:
			p.PropertyNames = g.special(f.Type.Key())
			nilable = true
		case reflect.Slice:
			nilable = true
		case reflect.Pointer:
			of, nilable = f.Type.Elem(), true
		}
		if of == reflect.TypeFor[time.Duration]() {
			p.Description = strings.TrimSpace(p.Description + " In nanoseconds.")
		}
		if nilable && !strings.Contains(options, "omit") {
			s.Properties.Set(name, &jsonschema.Schema{
				AnyOf: []*jsonschema.Schema{p, {Type: "null"}}, Description: p.Description,
			})
			p.Description = ""
		}
	}
}

func commentName(t reflect.Type) string { return t.PkgPath() + "." + t.Name() }

// meaning is the comment of a kind without its name.
func (g *generator) meaning(kind finding.Kind) string {
	t := reflect.TypeOf(kind.Fact)
	text := strings.TrimPrefix(g.reflector.CommentMap[commentName(t)], t.Name()+" ")
	for _, verb := range []string{"is ", "are ", "means that "} {
		text = strings.TrimPrefix(text, verb)
	}
	if text == "" {
		g.t.Errorf("finding %s has no comment", kind.Code)
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// findings is a table of all kinds.
func (g *generator) findings(kinds []finding.Kind) []byte {
	var out bytes.Buffer
	out.WriteString("# Findings\n\n" +
		"What `summary.json` can state about a run, and `agistorm inspect` about a listener. " +
		"A code keeps its meaning. Durations are in nanoseconds.\n" +
		"Generated from the types of `analysis/finding`; `go test ./reports/export -update` writes it anew.\n\n" +
		"| code | meaning | arguments |\n|---|---|---|\n")
	kinds = slices.SortedFunc(slices.Values(kinds), func(a, b finding.Kind) int { return cmp.Compare(a.Code, b.Code) })
	for _, kind := range kinds {
		var arguments []string
		t := reflect.TypeOf(kind.Fact)
		for _, f := range reflect.VisibleFields(t) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name == "" || name == "-" {
				continue
			}
			text := "`" + name + "`"
			if comment := g.reflector.CommentMap[commentName(t)+"."+f.Name]; comment != "" {
				text += ": " + strings.TrimSuffix(comment, ".")
			}
			arguments = append(arguments, text)
		}
		cells := []string{"`" + string(kind.Code) + "`", g.meaning(kind), strings.Join(arguments, "; ")}
		for i := range cells {
			cells[i] = strings.ReplaceAll(cells[i], "|", `\|`)
		}
		fmt.Fprintf(&out, "| %s |\n", strings.Join(cells, " | "))
	}
	return out.Bytes()
}
