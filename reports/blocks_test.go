package reports

import (
	"io"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"agistorm/reports/document"
	"agistorm/reports/words"
)

// everyBlock is a document with one block of every type, one of every kind of cell, and something for every depth.
func everyBlock() *document.Document {
	cells := document.Table{
		Class: "cells", Label: "Settings", Columns: []document.Column{
			{
				Name: "setting",
				Left: true,
			}, {Over: "connect-", Name: "timeout", Swatch: "connect-timeout"}, {Over: "lost", Name: "of 9", Ranges: true},
			{Name: "late"},
		},
		Groups: []document.Group{{Rows: []document.Row{
			{
				{Text: "128", Link: "setting-1", Sign: " ?", Notes: []string{"? inconclusive"}},
				{Text: "5", Range: "1–7"},
				{Text: "6", Range: "2–8", Mark: "bad"},
				{Text: "0", Range: "0–2"},
			},
			{{Text: "4096", Link: "setting-1"}, {Text: "0"}, {Text: "0", Mark: "good"}, {Text: "–"}},
		}}},
	}
	sides := document.Table{
		Class: "sides", Label: "Sides", GroupHead: "setting", Columns: document.Columns(1, "metric", "old", "finding"),
		Groups: []document.Group{
			{Name: "128", Rows: []document.Row{document.Cells("lost", "5", "-"), document.Cells("late", "6", "-")}},
		},
	}
	sides.Columns[2].Left, sides.Groups[0].Rows[0][2] = true, document.Cell{Text: "worse", Mark: "bad"}
	text := func(s string) blocks { return blocks{document.Paragraph{Text: document.Plain(s)}} }
	return &document.Document{
		Title: "title", Class: "bad", Status: "Bad", Lead: "5 of 9 are lost.", Rest: "Set 4096.",
		Meta: []string{"scenario x"}, About: []string{"A call is a call."}, Version: "1.2.3",
		Sections: []document.Section{
			{Blocks: blocks{document.Paragraph{Text: document.Plain("It is partial."), Class: "notice"}}},
			{ID: "gates", Title: "A title only", Class: "gates bad"},
			{
				ID:     "warnings",
				Title:  "Warnings",
				Class:  "notice",
				Label:  "Warning",
				Blocks: listOf([]string{"the first of two warnings", "a_b *c*"}),
			},
			{
				ID:     "nothing",
				Title:  "Nothing",
				Nav:    "Nothing",
				Blocks: blocks{document.List{}, document.Fold{Title: "empty"}},
			},
			{ID: "advice", Title: "What to set", Nav: "What to set", Class: "advice", Blocks: blocks{
				document.Code{Text: "a = 1", Lang: "ini", Path: "/etc/a", Note: "it helps", Main: true},
				document.List{Items: document.MarkedTexts([]string{"Run `a b`, then c."}), Ordered: true},
				document.Fold{
					Title: "Files",
					Note:  "2",
					Grade: "good",
					Open:  true,
					ID:    "setting-1",
					Class: "numbers",
					Blocks: blocks{
						document.Heading{
							Text: document.Marked("For a host: `/etc/a`"),
						}, document.Code{Text: "```\n", Caption: "A file:"},
					},
				},
			}},
			{
				ID:    "settings",
				Title: "Every setting",
				Blocks: append(
					blocks{cells, document.Only{Depth: document.Digest | document.Full, Blocks: blocks{sides}}},
					document.Legends("– is not known.")...),
			},
			{ID: "figures", Title: "Figures", Depth: document.Full, Blocks: blocks{
				document.Figure{
					Name:    "lost",
					Title:   "Lost",
					Alt:     "bars",
					Caption: "Bars.",
					SVG:     []byte("a"),
				},
			}},
			{ID: "why", Title: "Why", Folded: true, Blocks: blocks{
				document.Only{
					Depth:  document.Glance,
					Blocks: text("at a glance"),
				}, document.Only{Depth: document.Explained, Blocks: text("explained")},
				document.Only{
					Depth:  document.Digest,
					Blocks: text("in a digest"),
				}, document.Only{Depth: document.Full, Blocks: text("in full")},
			}},
			{
				ID:    "run",
				Title: "What was run",
				Blocks: blocks{
					factsOf("facts", []words.Term{{Name: "link", Text: "loopback"}, {Name: "answered", Text: "a <word>"}}),
				},
			},
			{ID: "terms", Title: "Terms", Depth: document.Full, Blocks: blocks{
				document.Facts{
					Class:    "terms",
					Items:    []document.Fact{{Name: "answered", Text: "Good."}, {Name: "late", Text: "Not good."}},
					Swatches: true,
				},
			}},
		},
	}
}

// TestBlocks: every renderer shows every block, and nothing that is not for it.
func TestBlocks(t *testing.T) {
	style := regexp.MustCompile(`(?s)<style>.*</style>|<script>.*</script>|sha256-.*?=`)
	for name, write := range map[string]func(io.Writer) error{
		"text": func(w io.Writer) error { return document.WriteText(w, everyBlock(), document.TextOptions{Width: 36}) },
		"explained": func(w io.Writer) error {
			return document.WriteText(w, everyBlock(), document.TextOptions{Explain: true, Colour: true})
		},
		"md":   func(w io.Writer) error { return document.WriteMarkdown(w, everyBlock(), document.Digest) },
		"html": func(w io.Writer) error { return writePage(w, everyBlock(), nil) },
	} {
		var out strings.Builder
		if err := write(&out); err != nil {
			t.Fatal(err)
		}
		goldenText(t, filepath.Join("testdata", "blocks."+name+".golden"), style.ReplaceAllString(out.String(), "…"))
	}
}
