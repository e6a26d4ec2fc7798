// Package folklore makes the report of what is said of the listen queue: each claim with its source, what was
// measured, and whether it holds.
package folklore

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"agistorm/analysis/record"
	"agistorm/reports"
	"agistorm/reports/document"
	"agistorm/reports/words"
	"agistorm/scenarios/lab/folklore"
)

// defaultWidth of the text where there is no terminal: cells of many words would make unreadable lines.
const defaultWidth = 132

// Forms are the ways to write the report, by the names of their formats.
var Forms = map[string]func(w io.Writer, r *folklore.Report, o document.TextOptions) error{
	"text": func(w io.Writer, r *folklore.Report, o document.TextOptions) error {
		if o.Width == 0 {
			o.Width = defaultWidth
		}
		return document.WriteText(w, Document(r), o)
	},
	"markdown": func(w io.Writer, r *folklore.Report, _ document.TextOptions) error {
		return document.WriteMarkdown(w, Document(r), document.Digest)
	},
	"json": func(w io.Writer, r *folklore.Report, _ document.TextOptions) error {
		fill(r)
		return document.WriteJSON(w, r)
	},
	"html": func(w io.Writer, r *folklore.Report, _ document.TextOptions) error {
		return reports.Page(w, Document(r))
	},
}

// Page is the file of the report that a browser shows; beside it stand summary.md and folklore.json.
const Page = "report.html"

// Write writes the report's files into a folder, each whole or not at all.
func Write(folder string, r *folklore.Report) error {
	var errs []error
	for form, name := range map[string]string{"html": Page, "markdown": "summary.md", "json": "folklore.json"} {
		err := record.WriteFile(filepath.Join(folder, name), func(w io.Writer) error {
			return Forms[form](w, r, document.TextOptions{})
		})
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
	}
	return errors.Join(errs...)
}

// fill writes the words into the report.
func fill(r *folklore.Report) {
	if r.Refused != nil {
		r.Reason = words.Note(*r.Refused)
	}
	for i := range r.Claims {
		c := &r.Claims[i]
		c.Claim = words.Saying(c.Code)
		words.Labels{}.Fill(c.Doubts)
		if c.Verdict != folklore.Unmeasured {
			c.Measured = words.SayingMeasured(c.Code, c.Numbers)
		}
		if c.Verdict == folklore.Depends {
			c.Depends = words.SayingDepends(c.Code)
		}
	}
}

// marks of the verdicts.
var marks = map[folklore.Verdict]document.Mark{
	folklore.Holds: "good", folklore.Fails: "bad", folklore.Depends: "doubt",
}

// Document says what became of each claim.
func Document(r *folklore.Report) *document.Document {
	fill(r)
	t := document.Table{
		Label: "Claims", Head: 1, Columns: document.Columns(4, "verdict", "claim", "measured", "source"),
	}
	for i := range t.Columns {
		t.Columns[i].Wrap = true
	}
	for _, c := range r.Claims {
		row := document.Cells(words.ClaimVerdict.With(c), c.Claim, words.ClaimResult.With(c), c.Source)
		row[0].Mark = marks[c.Verdict]
		t.Add(row)
	}
	paragraph := func(text string) document.Block { return document.Paragraph{Text: document.Plain(text)} }
	return &document.Document{
		Title:   "agistorm sweep folklore",
		Class:   class(r),
		Status:  words.ClaimsStatus.With(r.Counts),
		Meta:    []string{words.ClaimsBasis.With(r)},
		Lead:    words.ClaimsLine.With(r) + ".",
		Version: r.Version,
		Sections: []document.Section{
			{Blocks: []document.Block{paragraph(words.ClaimsReason.With(r))}},
			{Blocks: []document.Block{t}},
			{ID: "doubts", Title: words.LabelDoubts, Class: "notice", Blocks: []document.Block{doubts(r)}},
			{Blocks: []document.Block{paragraph(words.ClaimsBasis.With(r) + ". " + words.ClaimsScope)}},
		},
	}
}

// doubts lists those of all claims, each once.
func doubts(r *folklore.Report) document.List {
	var all []string
	for _, c := range r.Claims {
		for _, d := range c.Doubts {
			if !slices.Contains(all, d.Words) {
				all = append(all, d.Words)
			}
		}
	}
	return document.List{Items: document.Texts(all...)}
}

func class(r *folklore.Report) string {
	if r.Counts.Unmeasured+r.Counts.InDoubt > 0 {
		return "doubt"
	}
	return "good"
}
