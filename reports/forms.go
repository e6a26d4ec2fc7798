package reports

import (
	"io"

	"agistorm/analysis"
	"agistorm/analysis/comparison"
	"agistorm/reports/document"
	"agistorm/reports/plots"
	"agistorm/reports/words"
)

// TextOptions says how Text writes.
type TextOptions = document.TextOptions

// Text writes the run for a terminal.
func Text(w io.Writer, s *analysis.Summary, o TextOptions) error {
	return document.WriteText(w, runDocument(s, nil), o)
}

// Markdown writes the run for a pull request, in GitHub's dialect.
func Markdown(w io.Writer, s *analysis.Summary) error {
	return document.WriteMarkdown(w, runDocument(s, nil), document.Digest)
}

// HTML writes the run as one page that needs nothing beside it. Where a figure over time has data it
// can be zoomed and read off.
func HTML(w io.Writer, s *analysis.Summary, figures []plots.Figure) error {
	return writePage(w, runDocument(s, figures), plotsFor(figures))
}

// Page writes a document as one page that needs nothing beside it. Its figures are pictures: none can be zoomed.
func Page(w io.Writer, d *document.Document) error { return writePage(w, d, nil) }

// JSON writes the Summary as one indented JSON object whose first key is the verdict.
func JSON(w io.Writer, s *analysis.Summary) error {
	words.Fill(s)
	return document.WriteJSON(w, struct {
		Verdict string `json:"verdict"`
		*analysis.Summary
	}{words.Verdict(s), s})
}

// SideText writes a comparison for a terminal.
func SideText(w io.Writer, s *comparison.SideBySide, o TextOptions) error {
	return document.WriteText(w, sideDocument(s), o)
}

// SideMarkdown writes a comparison for a pull request.
func SideMarkdown(w io.Writer, s *comparison.SideBySide) error {
	return document.WriteMarkdown(w, sideDocument(s), document.Digest)
}

// SideHTML writes a comparison as one page that needs nothing beside it.
func SideHTML(w io.Writer, s *comparison.SideBySide) error { return writePage(w, sideDocument(s), nil) }

// SideJSON writes a comparison as one indented JSON object whose first key is the verdict.
func SideJSON(w io.Writer, s *comparison.SideBySide) error {
	words.FillSide(s)
	return document.WriteJSON(w, struct {
		Verdict string `json:"verdict"`
		*comparison.SideBySide
	}{words.Comparison(s), s})
}
