// Package verify makes the report of the listen queue's rules: which of them hold on this system.
package verify

import (
	"io"

	"agistorm/reports/document"
	"agistorm/reports/words"
	"agistorm/scenarios/lab/rules"
)

// defaultWidth of the text where there is no terminal: cells of many words would make unreadable lines.
const defaultWidth = 132

// Forms are the ways to write the report, by the names of their formats.
var Forms = map[string]func(w io.Writer, r *rules.Report, width int) error{
	"text": func(w io.Writer, r *rules.Report, width int) error {
		if width == 0 {
			width = defaultWidth
		}
		return document.WriteText(w, Document(r), document.TextOptions{Width: width})
	},
	"markdown": func(w io.Writer, r *rules.Report, _ int) error {
		return document.WriteMarkdown(w, Document(r), document.Digest)
	},
	"json": func(w io.Writer, r *rules.Report, _ int) error { return r.JSON(w) },
}

// marks of the verdicts.
var marks = map[rules.Verdict]document.Mark{rules.Holds: "good", rules.Fails: "bad", rules.Unchecked: "doubt"}

// Document says which rules hold, and what was measured of each.
func Document(r *rules.Report) *document.Document {
	t := document.Table{
		Label:   "Rules",
		Head:    1,
		Columns: document.Columns(4, "verdict", "rule", "expected", "measured"),
	}
	for i := range t.Columns[1:] {
		t.Columns[1+i].Wrap = true
	}
	for _, result := range r.Rules {
		row := document.Cells(string(result.Verdict), words.RulesRule.With(result), result.Expected,
			words.RulesMeasured.With(result))
		row[0].Mark = marks[result.Verdict]
		t.Add(row)
	}
	return &document.Document{
		Title:   "agistorm verify",
		Class:   class(r),
		Lead:    words.RulesLine.With(r) + ".",
		Version: r.Version,
		Sections: []document.Section{
			{Blocks: []document.Block{document.Paragraph{Text: document.Plain(words.RulesReason.With(r))}}},
			{Blocks: []document.Block{t}},
		},
	}
}

func class(r *rules.Report) string {
	switch {
	case r.Counts.Fail > 0:
		return "bad"
	case r.Counts.Unchecked > 0:
		return "doubt"
	}
	return "good"
}
