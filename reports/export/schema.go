package export

import (
	_ "embed"
	"io"
)

// schemaID names the form of summary.json and its version.
const schemaID = "urn:agistorm:summary:2"

// The tests generate it from the types that summary.json is written from, with their comments: see generate_test.go.
//
//go:embed summary.schema.json
var schema []byte

// Schema writes the JSON Schema (draft 2020-12) of summary.json.
func Schema(w io.Writer) error {
	_, err := w.Write(schema)
	return err
}
