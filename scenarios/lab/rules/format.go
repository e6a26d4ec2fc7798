package rules

import (
	"encoding/json"
	"fmt"
	"io"
)

// JSON writes the report for programs.
func (r *Report) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// List writes the names and statements of rules.
func List(w io.Writer, list []Rule) {
	for _, r := range list {
		fmt.Fprintf(w, "%-26s %s\n", r.Name, r.Statement)
	}
}
