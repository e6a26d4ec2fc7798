// Command jobschema makes of an OpenAPI document of Kubernetes the JSON schema of one of its
// kinds, as kubeconform takes it: strict, so that a field which the document does not name is
// an error, as it is for an API server asked to be strict.
//
//	jobschema COMPONENT <apis__batch__v1_openapi.json >job-batch-v1.json
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"agistorm/scripts/internal/program"
)

func main() {
	program.Main("jobschema", func(args []string, stdout io.Writer) ([]string, error) {
		return nil, run(args, os.Stdin, stdout)
	})
}

func run(args []string, stdin io.Reader, stdout io.Writer) error {
	if len(args) != 1 {
		return errors.New("want one argument, the component, e.g. io.k8s.api.batch.v1.Job")
	}
	document, err := io.ReadAll(stdin)
	if err != nil {
		return fmt.Errorf("reading the OpenAPI document: %w", err)
	}
	schema, err := strictSchema(document, args[0])
	if err != nil {
		return err
	}
	_, err = stdout.Write(schema)
	return err
}

// jsonSchema is what a schema's references may name. Kubernetes' documents have all in one place.
type jsonSchema struct {
	Schema     string     `json:"$schema"`
	Ref        string     `json:"$ref"`
	Components components `json:"components"`
}

type components struct {
	Schemas map[string]map[string]any `json:"schemas"`
}

// strictSchema is the schema of the named component of an OpenAPI 3.0 document, the components
// that it refers to included.
func strictSchema(document []byte, component string) ([]byte, error) {
	schema := jsonSchema{
		Schema: "http://json-schema.org/draft-07/schema#",
		Ref:    "#/components/schemas/" + component,
	}
	if err := json.Unmarshal(document, &schema); err != nil {
		return nil, fmt.Errorf("reading the OpenAPI document: %w", err)
	}
	if schema.Components.Schemas[component] == nil {
		return nil, fmt.Errorf("the OpenAPI document has no component %q", component)
	}
	for _, one := range schema.Components.Schemas {
		closeObject(one)
	}
	return json.Marshal(schema)
}

// closeObject forbids the fields that an object's schema does not name. A schema without
// properties is a map, or takes anything, and stays so.
func closeObject(schema map[string]any) {
	_, named := schema["properties"]
	_, settled := schema["additionalProperties"]
	if named && !settled {
		schema["additionalProperties"] = false
	}
}
