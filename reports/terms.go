package reports

import (
	"html/template"
	"regexp"
	"slices"
	"strings"

	"agistorm/analysis/record"
	"agistorm/reports/document"
	"agistorm/reports/lists"
)

// terms link the words of a page to what its glossary says of them.
type terms struct {
	// known are the names in the glossary, inText matches those of them that a sentence uses in no other meaning.
	known  map[string]bool
	inText *regexp.Regexp
}

// termsOf returns those of a document's glossary; nil without one.
func termsOf(d *document.Document) *terms {
	t := &terms{known: map[string]bool{}}
	for _, s := range d.Sections {
		for _, b := range s.Blocks {
			if facts, ok := b.(document.Facts); ok && facts.Class == termsClass {
				t.add(facts)
			}
		}
	}
	if len(t.known) == 0 {
		return nil
	}
	// Outcomes are everyday words, all but one: "closed", "silent".
	names := []string{regexp.QuoteMeta(string(record.Phantom))}
	for name := range t.known {
		if !slices.Contains(record.Outcomes, record.Outcome(name)) {
			names = append(names, regexp.QuoteMeta(name))
		}
	}
	slices.SortFunc(names, func(a, b string) int { return len(b) - len(a) }) // a name may begin with the other
	t.inText = regexp.MustCompile(`(?i)\b(` + strings.Join(names, "|") + `)(s?)\b`)
	return t
}

// termsClass is that of the glossary.
const termsClass = "terms"

func (t *terms) add(glossary document.Facts) {
	for _, item := range glossary.Items {
		t.known[item.Name] = true
	}
}

// termID is the anchor of a term.
func termID(name string) string { return "term-" + strings.ReplaceAll(name, " ", "-") }

// prose is unbroken text in which the first mention of each term is a link.
func (t *terms) prose(text string) template.HTML {
	var seen []string
	return template.HTML(t.inText.ReplaceAllStringFunc(string(unbroken(text)), func(mention string) string {
		name := t.nameOf(mention)
		if name == "" || slices.Contains(seen, name) {
			return mention
		}
		seen = append(seen, name)
		return link(name, mention)
	}))
}

// nameOf returns the term that is mentioned, in its plural perhaps.
func (t *terms) nameOf(mention string) string {
	for _, name := range []string{mention, strings.ToLower(mention), strings.TrimSuffix(mention, "s"),
		strings.ToLower(strings.TrimSuffix(mention, "s"))} {
		if t.known[name] {
			return name
		}
	}
	return ""
}

// heading of a column is a term where it names an outcome.
func (t *terms) heading(c document.Column) template.HTML {
	if t.known[c.Title()] {
		return template.HTML(link(c.Title(), string(unbroken(c.Title()))))
	}
	return t.prose(c.Title())
}

func link(name, html string) string {
	return `<a class="term" href="#` + template.HTMLEscapeString(termID(name)) + `">` + html + `</a>`
}

// keysOf lays out the numbers that count.
func keysOf[K ~struct{ Value, Name, Note string }](all []K) []document.Key {
	return lists.Map(all, func(k K) document.Key { return document.Key(k) })
}
