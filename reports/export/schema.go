package export

import (
	_ "embed"
	"encoding/json"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// schemaID names the form of summary.json and its version.
const schemaID = "urn:agistorm:summary:2"

// The doc comments of the types that the summary is made of, by "package.Type" and "package.Type.Field". The tests gather them.
//
//go:embed comments.json
var commentsSource []byte

// node is a JSON Schema, or a part of one.
type node map[string]any

// Schema writes the JSON Schema (draft 2020-12) of summary.json. It is made from the types that the summary is written from, so that it
// cannot say anything else.
func Schema(w io.Writer) error {
	g := &generator{definitions: node{}}
	if err := json.Unmarshal(commentsSource, &g.comments); err != nil {
		return err
	}
	root := g.object(reflect.TypeFor[analysis.Summary]())
	root["properties"].(node)["verdict"] = node{"type": "string", "description": "The answer in words, and how sure it is."}
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["$id"] = schemaID
	root["title"] = "summary.json of agistorm, format 2"
	root["description"] = "The descriptions are those of the Go types that it is written from: what they call nil is null or absent."
	root["$defs"] = g.definitions
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(root)
}

// generator gathers a definition for each named struct.
type generator struct {
	definitions node
	comments    map[string]string
}

// enumerations are the string types that have a fixed set of values.
var enumerations = map[reflect.Type][]string{
	reflect.TypeFor[record.Outcome]():  words(record.Outcomes...),
	reflect.TypeFor[analysis.Grade]():  words(analysis.HealthWell, analysis.HealthStrained, analysis.HealthLimit),
	reflect.TypeFor[analysis.Change](): words(analysis.ChangeSysctl, analysis.ChangeApplication, analysis.ChangeBoth),
	reflect.TypeFor[analysis.Finding](): words(analysis.Differs, analysis.Slight, analysis.NotShown, analysis.TooFew, analysis.Undecided,
		analysis.Reference, analysis.OneSided, analysis.Withheld),
	reflect.TypeFor[analysis.Impairment](): words(analysis.Impairments...),
}

func words[T ~string](values ...T) []string {
	var all []string
	for _, v := range values {
		all = append(all, string(v))
	}
	return all
}

// of is the schema of a type.
func (g *generator) of(t reflect.Type) node {
	switch t {
	case reflect.TypeFor[finding.Finding]():
		return g.finding()
	case reflect.TypeFor[time.Time]():
		return node{"type": "string", "format": "date-time"}
	case reflect.TypeFor[time.Duration]():
		return node{"type": "integer", "description": "nanoseconds"}
	}
	if values, ok := enumerations[t]; ok {
		return node{"type": "string", "enum": values}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return g.of(t.Elem())
	case reflect.Struct:
		return g.reference(t)
	case reflect.Map:
		return node{"type": "object", "additionalProperties": g.of(t.Elem()), "propertyNames": g.of(t.Key())}
	case reflect.Slice:
		return node{"type": "array", "items": g.of(t.Elem())}
	default:
		return node{"type": simple(t.Kind())}
	}
}

func simple(k reflect.Kind) string {
	switch k {
	case reflect.Bool:
		return "boolean"
	case reflect.String:
		return "string"
	case reflect.Float32, reflect.Float64:
		return "number"
	default:
		return "integer"
	}
}

// finding is one of all kinds, each with its code and its arguments.
func (g *generator) finding() node {
	kinds := []node{}
	for _, kind := range finding.Kinds() {
		kinds = append(kinds, node{"properties": node{
			"code": node{"const": kind.Code()}, "args": g.reference(reflect.TypeOf(kind)),
		}})
	}
	names := node{"type": "array", "items": node{"type": "string"}}
	g.definitions["finding_Finding"] = g.described(node{
		"type": "object", "required": []string{"args", "code"}, "additionalProperties": false, "oneOf": kinds,
		"properties": node{"code": node{"type": "string"}, "settings": names, "metrics": names, "args": node{"type": "object"},
			"words": node{"type": "string"}},
	}, "finding.Finding")
	return node{"$ref": "#/$defs/finding_Finding"}
}

// reference puts a struct under the definitions, once.
func (g *generator) reference(t reflect.Type) node {
	name := strings.ReplaceAll(t.String(), ".", "_")
	if _, ok := g.definitions[name]; !ok {
		g.definitions[name] = node{} // it may contain itself
		g.definitions[name] = g.object(t)
	}
	return node{"$ref": "#/$defs/" + name}
}

func (g *generator) object(t reflect.Type) node {
	properties, required := node{}, []string{}
	g.fields(t, properties, &required)
	slices.Sort(required)
	return g.described(node{"type": "object", "properties": properties, "required": required, "additionalProperties": false}, t.String())
}

// described adds what the source says of it, before what its type says.
func (g *generator) described(n node, name string) node {
	text, ok := g.comments[name]
	if !ok {
		return n
	}
	if unit, ok := n["description"].(string); ok {
		text += " In " + unit + "."
	}
	n["description"] = text
	return n
}

// fields adds those of an embedded struct as its own, as encoding/json does.
func (g *generator) fields(t reflect.Type, properties node, required *[]string) {
	for f := range structFields(t) {
		tag := f.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		switch {
		case tag == "-" || !f.IsExported():
		case f.Anonymous && tag == "":
			g.fields(f.Type, properties, required)
		default:
			properties[name] = g.described(g.nullable(f.Type, options), t.String()+"."+f.Name)
			if options != "omitempty" {
				*required = append(*required, name)
			}
		}
	}
}

// nullable allows null for what is not left out where it is nil.
func (g *generator) nullable(t reflect.Type, options string) node {
	nilable := t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map
	if !nilable || options == "omitempty" {
		return g.of(t)
	}
	return node{"anyOf": []node{g.of(t), {"type": "null"}}}
}

func structFields(t reflect.Type) func(yield func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if !yield(t.Field(i)) {
				return
			}
		}
	}
}
