package document

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"strings"
	"text/template"
	"unicode"

	"agistorm/reports/lists"
	"agistorm/reports/plain"
)

//go:embed markdown.tmpl
var markdownSource string

var markdownTemplate = template.Must(template.New("markdown").Funcs(template.FuncMap{
	"kind": Kind, "text": plain.Markdown, "fence": fence, "printable": printable,
	"html": func(s string) string { return html.EscapeString(plain.Line(s)) },
}).Parse(markdownSource))

// WriteJSON writes a value as one indented object.
func WriteJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(escaper{w})
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// escaper escapes the control characters that encoding/json leaves as they are: DEL, and those from U+0080 to U+009F.
type escaper struct{ w io.Writer }

func (e escaper) Write(text []byte) (int, error) {
	steers := func(r rune) bool { return r >= 0x7f && unicode.IsControl(r) }
	if !bytes.ContainsFunc(text, steers) {
		return e.w.Write(text)
	}
	var out bytes.Buffer
	for _, r := range string(text) {
		if steers(r) {
			fmt.Fprintf(&out, `\u%04x`, r)
		} else {
			out.WriteRune(r)
		}
	}
	if _, err := out.WriteTo(e.w); err != nil {
		return 0, err
	}
	return len(text), nil
}

// WriteMarkdown lays out what the document says at a depth, in GitHub's dialect. Words are bold where
// they are good or bad news; of a number it can be seen.
func WriteMarkdown(w io.Writer, d *Document, depth Depth) error {
	return markdownTemplate.ExecuteTemplate(w, "document", d.At(depth))
}

// Kind names the type of a block, for a template.
func Kind(b Block) string { return strings.TrimPrefix(fmt.Sprintf("%T", b), "document.") }

// fence has more backticks than the code itself has in a row.
func fence(code string) string {
	ticks := "```"
	for strings.Contains(code, ticks) {
		ticks += "`"
	}
	return ticks
}

// printable is a text of several lines without a character that could steer a terminal.
func printable(text string) string {
	return strings.Join(lists.Map(strings.Split(strings.TrimSuffix(text, "\n"), "\n"), plain.Line), "\n")
}
