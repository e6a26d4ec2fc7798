package reports

import (
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"agistorm/analysis"
	"agistorm/reports/plain"
	"agistorm/reports/words"
)

// TextOptions says how Text writes.
type TextOptions struct {
	// Colour with ANSI sequences; what they say stands in words too.
	Colour bool
	// Width of the terminal in columns; 0 or less is no limit.
	Width int
	// Explain every lost and late call, instead of those of the worst setting.
	Explain bool
}

// most is how many warnings of single storms fit a terminal; the page has all of them.
const most = 6

// Text writes the run for a terminal: the verdict, wrapped to the width; the table, in as
// many blocks as the width needs; the advice and the warnings.
func Text(w io.Writer, s *analysis.Summary, o TextOptions) error {
	t := &terminal{TextOptions: o}
	t.verdict(s)
	t.paragraphs("", slices.Concat(headlines(s), lines(merged(runOf(s)))))
	t.paragraphs("Inconclusive because: ", doubts(s))
	t.paragraphs("Warning: ", warnings(s))
	t.table(s)
	t.paragraphs("", addressLines(s))
	t.why(s)
	t.advice(advise(s))
	t.generator(newGenerator(s))
	t.remarks(remarks(s))
	_, err := io.WriteString(w, t.out.String())
	return err
}

// why says why calls suffered.
func (t *terminal) why(s *analysis.Summary) {
	if t.Explain {
		t.bullets("Why calls were lost, late or slow:", explanations(s))
		return
	}
	title := "Why:"
	if c := worst(s); c != nil && len(s.Cells) > 1 {
		title = "Why, with " + plain.Line(c.Label) + " (all its storms; --explain tells more):"
	}
	t.bullets(title, whyLines(s))
}

// bullets are texts under a title, none without a text.
func (t *terminal) bullets(title string, texts []string) {
	if len(texts) == 0 {
		return
	}
	t.line("")
	for _, l := range t.indented(title) {
		t.line(l)
	}
	for _, text := range texts {
		for i, l := range t.indented(plain.Line(text)) {
			t.line(bullet(i) + l)
		}
	}
}

// terminal gathers the text.
type terminal struct {
	TextOptions
	out strings.Builder
}

// ANSI colours, and the end of one.
var ansi = map[string]string{"good": "\x1b[32m", "bad": "\x1b[31m", "doubt": "\x1b[33m", "bold": "\x1b[1m"}

const ansiEnd = "\x1b[0m"

func (t *terminal) paint(kind, s string) string {
	if !t.Colour || ansi[kind] == "" || s == "" {
		return s
	}
	return ansi[kind] + s + ansiEnd
}

func (t *terminal) line(s string) { t.out.WriteString(strings.TrimRight(s, " ") + "\n") }

func (t *terminal) verdict(s *analysis.Summary) {
	kind := statusOf(s).Class
	for _, l := range wrap(plain.Line(words.Verdict(s)), t.Width) {
		t.line(t.paint(kind, l))
	}
}

// paragraphs writes each text after its prefix; continued lines are indented.
func (t *terminal) paragraphs(prefix string, texts []string) {
	for i, text := range texts {
		if i == 0 {
			t.line("")
		}
		for j, l := range t.indented(prefix + plain.Line(text)) {
			if j > 0 {
				l = "  " + l
			}
			t.line(l)
		}
	}
}

// indented wraps text for lines that begin with two blanks; none for an empty text.
func (t *terminal) indented(text string) []string {
	switch {
	case text == "":
		return nil
	case t.Width <= 0:
		return []string{text}
	default:
		return wrap(text, max(t.Width-2, 1))
	}
}

func lines(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func (t *terminal) advice(a *advice) {
	if a == nil {
		return
	}
	t.line("")
	t.line(t.paint("bold", a.Line))
	for _, l := range t.indented(a.Note) {
		t.line("  " + l)
	}
	for _, text := range a.all() {
		for i, l := range t.indented(text.Plain()) {
			t.line(bullet(i) + l)
		}
	}
}

// fewWorkers fit a terminal; the page has all of them.
const fewWorkers = 4

// generator is one line where all is well; else the workers follow where there were several, the worst first.
func (t *terminal) generator(g *generator) {
	if g == nil {
		return
	}
	t.paragraphs("", []string{g.String()})
	if g.well() || !g.several {
		return
	}
	for i := range g.Workers[:min(len(g.Workers), fewWorkers)] {
		for j, l := range t.indented(plain.Line(g.Workers[i].String())) {
			t.line(bullet(j) + l)
		}
	}
}

func bullet(i int) string {
	if i == 0 {
		return "- "
	}
	return "  "
}

func (t *terminal) remarks(all []remark) {
	var texts []string
	for i, r := range all {
		if i == most {
			texts = append(texts, amount(len(all)-most, "more warning", "more warnings")+" in "+htmlFile)
			break
		}
		texts = append(texts, r.String())
	}
	t.paragraphs("Warning: ", texts)
}

// wrap breaks text between words into lines of at most width characters; a longer word
// gets a line of its own.
func wrap(text string, width int) []string {
	if width <= 0 {
		return []string{text}
	}
	var all []string
	line, length := "", 0
	for _, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		if length > 0 && length+1+n > width {
			all = append(all, line)
			line, length = "", 0
		}
		if length > 0 {
			line, length = line+" ", length+1
		}
		line, length = line+word, length+n
	}
	return append(all, line)
}
