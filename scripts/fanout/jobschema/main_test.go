package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The document has what Kubernetes' has: an object, a reference with a default beside it, a map,
// and an object without properties, which takes anything.
const document = `{"openapi": "3.0.0", "components": {"schemas": {
	"Job": {"type": "object", "required": ["spec"],
		"properties": {"spec": {"allOf": [{"$ref": "#/components/schemas/Spec"}], "default": {}}}},
	"Spec": {"type": "object", "properties": {"labels": {"type": "object",
		"additionalProperties": {"type": "string"}}}},
	"Open": {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": {"type": "string"}},
	"Any": {"type": "object"}}}}`

func TestStrictSchema(t *testing.T) {
	got, err := strictSchema([]byte(document), "Job")
	if err != nil {
		t.Fatal(err)
	}
	want := `{"$schema": "http://json-schema.org/draft-07/schema#", "$ref": "#/components/schemas/Job",
	"components": {"schemas": {
	"Job": {"type": "object", "required": ["spec"],
		"properties": {"spec": {"allOf": [{"$ref": "#/components/schemas/Spec"}], "default": {}}},
			"additionalProperties": false},
	"Spec": {"type": "object", "properties": {"labels": {"type": "object", "additionalProperties": {"type": "string"}}},
		"additionalProperties": false},
	"Open": {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": {"type": "string"}},
	"Any": {"type": "object"}}}}`
	if diff := cmp.Diff(decode(t, []byte(want)), decode(t, got)); diff != "" {
		t.Errorf("schema (-want +got):\n%s", diff)
	}
}

func TestStrictSchemaErrors(t *testing.T) {
	for _, c := range []struct{ document, component, want string }{
		{document, "CronJob", `no component "CronJob"`},
		{`{}`, "Job", `no component "Job"`},
		{`{`, "Job", "reading the OpenAPI document"},
	} {
		_, err := strictSchema([]byte(c.document), c.component)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("strictSchema(%q, %q): error %v, want one with %q", c.document, c.component, err, c.want)
		}
	}
}

func decode(t *testing.T, text []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}
