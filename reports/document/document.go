// Package document holds what a report says, in its order, and lays it out for a terminal and as
// Markdown. A document is made once, by the builders in reports; what is said, and how much of it in
// which form, is decided there, and a renderer only lays it out.
package document

import (
	"strings"

	"agistorm/reports/lists"
)

// Depth is a set of the forms in which something is said.
type Depth uint8

// Depths; of none, something is said in every form.
const (
	// Glance is a terminal.
	Glance Depth = 1 << iota
	// Explained is a terminal whose user asked for more.
	Explained
	// Digest is Markdown, for a pull request.
	Digest
	// Full is a page that can be browsed.
	Full
)

// Terminal is both depths of a terminal, and Detailed every form but a glance.
const (
	Terminal = Glance | Explained
	Detailed = Explained | Digest | Full
)

func (d Depth) has(other Depth) bool { return d == 0 || d&other != 0 }

// Document is all that a report says.
type Document struct {
	Title string
	// Class sorts the verdict: good, bad or doubt. Status says the same in words.
	Class, Status string
	// Headline is the answer in a few words, which a page shows above all; empty where the Lead is short enough.
	Headline string
	// Lead is the verdict's first sentence, Rest what follows.
	Lead, Rest string
	// Keys are the few numbers that count, and First the figure beside them; both are on a page only.
	Keys  []Key
	First *Figure
	// Brief is the verdict of a glance; empty where that has the whole one.
	Brief string
	// Meta goes with the Status, About below; both are on a page only.
	Meta, About []string
	Sections    []Section
	// Version of the program that measured; empty where there are several.
	Version string
}

// Verdict returns the whole verdict.
func (d *Document) Verdict() string { return strings.TrimSpace(d.Lead + " " + d.Rest) }

// Key is one of the numbers that count: its value, what it is, and what else there is to it.
type Key struct{ Value, Name, Note string }

// Section is one subject of a document.
type Section struct {
	// ID is the section's anchor, and Nav the text of the link to it in the page's head; no link without it.
	ID, Title, Nav, Class string
	// Label begins each item of a list on a terminal, where it stands for the Title.
	Label string
	// Folded sections are folded in Markdown.
	Folded bool
	// Screen: a page shows it on a screen, and on paper only where all is asked for.
	Screen bool
	Depth  Depth
	Blocks []Block
}

// Block is a part of a section: one of the types below.
type Block interface {
	// empty reports whether there is nothing to show.
	empty() bool
}

// Only holds blocks that are for some depths only.
type Only struct {
	Depth  Depth
	Blocks []Block
}

// Spare holds blocks that a glance leaves out where there is no room, the last ones first.
type Spare struct{ Blocks []Block }

// Fold holds details under a title, which a terminal leaves out.
type Fold struct {
	ID, Title, Note, Class string
	// Grade colours the title: good, bad or doubt.
	Grade string
	Open  bool
	// Screen: as that of a Section.
	Screen bool
	Blocks []Block
}

// Paragraph is a text of its own. Its class is empty, notice, status, legend, plain
// (no term in it is explained) or of-plot (for plots that scripts draw).
type Paragraph struct {
	Text  Text
	Class string
}

// Heading stands over the blocks that follow it.
type Heading struct{ Text Text }

// List is texts beside each other.
type List struct {
	Items   []Text
	Ordered bool
	Class   string
}

// Fact is a name and what it stands for.
type Fact struct{ Name, Text string }

// Facts is a list of them. Its class is facts or terms; with Swatches the names stand with the colours
// of the outcomes so called.
type Facts struct {
	Items    []Fact
	Class    string
	Swatches bool
}

// Code is text to be copied as it is.
type Code struct {
	// Lang is its language, for colours, and Path the file that it goes into.
	Text, Lang, Path string
	// Caption stands above it; Note says what it is worth.
	Caption, Note string
	// Main is a setting for which the whole report was made.
	Main bool
	// Copy names what a page offers to copy; empty where there is nothing to type.
	Copy string
}

// Figure is a picture, which only a page has.
type Figure struct {
	Name, Title, Alt, Caption string
	// First stands above all sections.
	First bool
	// Narrow is the SVG for a telephone; Wide has none and does not fit one.
	SVG, PNG, Narrow []byte
	Wide             bool
}

func (b Only) empty() bool      { return len(b.Blocks) == 0 }
func (b Spare) empty() bool     { return len(b.Blocks) == 0 }
func (b Fold) empty() bool      { return len(b.Blocks) == 0 }
func (b Paragraph) empty() bool { return b.Text.String() == "" }
func (b Heading) empty() bool   { return b.Text.String() == "" }
func (b List) empty() bool      { return len(b.Items) == 0 }
func (b Facts) empty() bool     { return len(b.Items) == 0 }
func (b Code) empty() bool      { return b.Text == "" }
func (b Figure) empty() bool    { return b.Name == "" }

// At returns what the document says at one depth: without empty blocks, and without sections that have none.
func (d *Document) At(depth Depth) *Document {
	out := *d
	out.Sections = nil
	if depth == Glance && d.Brief != "" {
		out.Lead, out.Rest = d.Brief, ""
	}
	for _, s := range d.Sections {
		if s.Blocks = blocksAt(s.Blocks, depth); s.Depth.has(depth) && len(s.Blocks) > 0 {
			out.Sections = append(out.Sections, s)
		}
	}
	return &out
}

func blocksAt(blocks []Block, depth Depth) (out []Block) {
	for _, b := range blocks {
		switch inner := b.(type) {
		case Only:
			if inner.Depth.has(depth) {
				out = append(out, blocksAt(inner.Blocks, depth)...)
			}
			continue
		case Spare:
			if inner.Blocks = blocksAt(inner.Blocks, depth); depth != Glance {
				out = append(out, inner.Blocks...)
				continue
			}
			b = inner
		case Fold:
			inner.Blocks = nil
			if Terminal&depth == 0 {
				inner.Blocks = blocksAt(b.(Fold).Blocks, depth)
			}
			b = inner
		}
		if !b.empty() {
			out = append(out, b)
		}
	}
	return out
}

// Text is a text in which some words are to be typed.
type Text []Span

// Span is a piece of a Text.
type Span struct {
	Code bool
	Text string
}

// Plain returns a text without code, whatever is in it.
func Plain(s string) Text { return Text{{Text: s}} }

// Marked returns a text of our own, in which code stands between backticks.
func Marked(s string) (t Text) {
	for i, part := range strings.Split(s, "`") {
		t = append(t, Span{i%2 == 1, part})
	}
	return t
}

// Texts returns plain texts.
func Texts(all ...string) []Text { return lists.Map(all, Plain) }

// MarkedTexts returns texts with code between backticks.
func MarkedTexts[T ~string](all []T) []Text {
	return lists.Map(all, func(s T) Text { return Marked(string(s)) })
}

// String returns the text where there is no other type for code.
func (t Text) String() string {
	var out strings.Builder
	for _, span := range t {
		out.WriteString(span.Text)
	}
	return out.String()
}

// Legends returns paragraphs that explain what stands above.
func Legends(all ...string) []Block {
	return lists.Map(all, func(s string) Block { return Paragraph{Plain(s), "legend"} })
}
