package reports

import (
	"encoding/json"
	"io"

	"agistorm/analysis"
	wording "agistorm/reports/words"
)

// document puts the verdict before everything else; it hides the Summary's own.
type document struct {
	Verdict string `json:"verdict"`
	*analysis.Summary
}

// JSON writes the Summary as one indented JSON object whose first key is the verdict.
func JSON(w io.Writer, s *analysis.Summary) error {
	wording.FillStorms(s)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(document{Verdict: s.Verdict, Summary: s})
}
