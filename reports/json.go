package reports

import (
	"encoding/json"
	"io"

	"agistorm/analysis"
	"agistorm/reports/words"
)

// document puts the answer in words before everything else.
type document struct {
	Verdict string `json:"verdict"`
	*analysis.Summary
}

// JSON writes the Summary as one indented JSON object whose first key is the verdict.
func JSON(w io.Writer, s *analysis.Summary) error {
	words.Fill(s)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(document{Verdict: words.Verdict(s), Summary: s})
}
