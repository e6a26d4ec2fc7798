package scenarios

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/goccy/go-yaml/token"
)

// allocated returns how many bytes are allocated while do runs: no less than what is in use at any time of it.
func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// mostMemory is what reading a file may allocate, in bytes.
const mostMemory = 64 << 20

// numbered repeats a format with a number in it until there are so many bytes.
func numbered(format string, size int) string {
	var text strings.Builder
	for i := 0; text.Len() < size; i++ {
		fmt.Fprintf(&text, format, i)
	}
	return text.String()
}

// filled repeats a text until there are so many bytes.
func filled(text string, size int) string { return strings.Repeat(text, size/len(text)) }

// TestBounds: files that are built to take memory or time are refused in one line, with their place, before they do.
func TestBounds(t *testing.T) {
	const most = maxFile - 200
	for _, c := range []struct{ name, yaml, want string }{
		{"400 kB of lists in lists", filled("- ", 400_000), "f.yaml: larger than 64 KiB"},
		{"400 kB of brackets", filled("[", 400_000), "f.yaml: larger than 64 KiB"},
		{"1 MiB of blanks", filled(" ", 1<<20), "f.yaml: larger than 64 KiB"},
		{"lists in lists", filled("- ", 10_000), "f.yaml:1:33: deeper than 16 lists and keys"},
		{"brackets", filled("[", 10_000), "f.yaml:1:17: deeper than 16"},
		{"braces", filled("{a: ", 10_000), "f.yaml:1:33: deeper than 16"},
		{"keys in a line", filled("a: ", 10_000), "deeper than 16"},
		{"keys in a bracket", "[" + filled("a: ", 10_000), "deeper than 16"},
		{"explicit keys", filled("? ", 10_000), "deeper than 16"},
		{"keys further and further right", staircase(40), "f.yaml:17:18: deeper than 16"},
		{"unknown keys", numbered("k%d: 1\n", most), "more than 20000 words and signs"},
		{"a few unknown keys", numbered("k%d: 1\n", 10_000), `f.yaml:1:1: unknown field "k0"`},
		{"anchors", numbered("k%d: &a 1\n", 20_000), "f.yaml:101:7: more than 100 anchors and aliases"},
		{"aliases", "a: &a 1\n" + numbered("k%d: *a\n", 20_000), "f.yaml:101:6: more than 100 anchors and aliases"},
		{"aliases of aliases", "name: &a [1, 1, 1, 1, 1, 1, 1, 1]\n" + bombs(11),
			"f.yaml: its aliases stand for more than 20,000 keys and values"},
		{"an alias of itself", "name: &a [*a, *a]\n", "f.yaml:1:"},
		{"stalls", small + "target: {stalls: [" + filled("1s@1s,", most) + "]}\n", "more than 20000 words and signs"},
		{"fewer stalls", small + "target: {stalls: [" + filled("1s@1s,", 6*1001) + "]}\n",
			"f.yaml:5:18: target.stalls: 1001 values: want 1000 at most"},
		{"commands", small + "target: {script: [" + filled("NOOP,", 5*1001) + "]}\n",
			"target.script: 1001 values: want 1000 at most"},
		{"gates", small + "gates: [" + filled("lost > 0,", 9*1001) + "]\n", "gates: 1001 values: want 1000 at most"},
		{"values of an axis", "name: a\nstorm: {calls: 1}\nmatrix: {backlog: [max], somaxconn: [" + upTo(101) + "]}\n",
			"f.yaml:3:9: matrix: more than 100 combinations"},
		{"a long name", "name: " + filled("x", most) + "\n", "f.yaml:1:7: name: "},
		{"a long line that is no YAML", "name: [" + filled("x", most), "f.yaml:1:"},
		{"escapes", `name: "` + filled(`\x1b`, most), "f.yaml:1:"},
		{"control characters", filled("\x00", most), "f.yaml:1:1: want names with values"},
		{"comments", filled("#\n", most), "words and signs"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var err error
			used := allocated(func() { _, err = Parse("f.yaml", []byte(c.yaml)) })
			if err == nil || !strings.Contains(firstLine(err), c.want) {
				t.Errorf("%.300v\nwant %q", err, c.want)
			}
			if used > mostMemory {
				t.Errorf("%d bytes were allocated, want %d at most", used, mostMemory)
			}
		})
	}
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// staircase has each key below the one before it.
func staircase(n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "%sa:\n", strings.Repeat(" ", i))
	}
	return text.String()
}

// bombs are lists of eight aliases of the list before, which begins with a.
func bombs(n int) string {
	var text strings.Builder
	for i := range n {
		from, to := rune('a'+i), rune('b'+i)
		fmt.Fprintf(&text, "k%d: &%c [%s*%c]\n", i, to, strings.Repeat(fmt.Sprintf("*%c, ", from), 7), from)
	}
	return text.String()
}

// TestRefused: what YAML has and a scenario has not is refused where it stands.
func TestRefused(t *testing.T) {
	for _, c := range []struct{ yaml, want string }{
		{small + "repeats: 1.5\n", "f.yaml:5:10: want a whole number"},
		{small + "repeats: &a 1.5\n", "f.yaml:5:13: want a whole number"},
		{small + "question: &a 1.5\nrepeats: *a\n", "f.yaml:5:14: want a whole number"},
		{small + "seed: 0.1\n", "f.yaml:5:7: want a whole number"},
		{"name: a\nstorm: {calls: 1e-1}\n", "f.yaml:2:16: want a whole number"},
		{"name: a\nstorm: {calls: 1, workers: 2.5}\n", "f.yaml:2:28: want a whole number"},
		{small + "---\nname: b\n", "f.yaml:5:1: a second document: want one scenario a file"},
		{small + "---\n", "f.yaml:5:1: a second document"},
		{small + "...\nname: b\n", "f.yaml:6:1: a second document"},
		{small + "question: !!str a\n", "f.yaml:5:11: a tag: want the value without it"},
		{"%YAML 1.2\n---\n" + small, "f.yaml:1:1: a directive"},
		{"name: a\nstorm: {calls: \"1.5\"}\n", "f.yaml:2:16: want a whole number"},
		{"name: a\nstorm: {calls: 1, think: 1e9h, connect-timeout: 1e9h}\n",
			"f.yaml:2:26: think: want a time with its unit"},
		{"rtt: 1e9h\n" + small + "  - {somaxconn: 1, backlog: max, rtt: 1e9h}\n", "f.yaml:1:6: rtt: want a time with"},
		{"rtt: \"2\"\n" + small, "f.yaml:1:6: rtt: want a time with its unit, such as 500ms or 2s"},
		{"!a\n" + small, "f.yaml:1:1: a tag"},
		{"name: &a a\nstorm: !!map {calls: 1}\n", "f.yaml:2:8: a tag"},
	} {
		if _, err := Parse("f.yaml", []byte(c.yaml)); err == nil || !strings.HasPrefix(firstLine(err), c.want) {
			t.Errorf("%q: %v\nwant %q", c.yaml, err, c.want)
		}
	}
}

// TestAllowed: what is short for a file with the same in full is none of that.
func TestAllowed(t *testing.T) {
	for _, text := range []string{
		"---\n" + small, small + "...\n", "# a\n---\n" + small, small + "repeats: 2.0\n",
		strings.Replace(small, "name: ", "name: &n ", 1) + "question: *n\n",
	} {
		if _, err := Parse("f.yaml", []byte(text)); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestSnippet: it shows the place, however long the line is and whatever stands in it.
func TestSnippet(t *testing.T) {
	for _, c := range []struct{ yaml, want string }{
		{"name: \"\x1b[31mA\" # \u202e\n", "\n>  1 | name: \"\\x1b[31mA\" # \\u202e\n             ^"},
		{"name: {\x1b[31m: 1}\n", `\x1b`},
		{"storm: {script: " + filled("x", 1000) + ", call: 1}\n", "xxx, call: 1}\n" + strings.Repeat(" ", 97) + "^"},
	} {
		if _, err := Parse("f.yaml", []byte(c.yaml)); err == nil || !strings.Contains(err.Error(), c.want) ||
			strings.ContainsAny(err.Error(), "\x1b\u202e") {
			t.Errorf("%v\nwant %q", err, c.want)
		}
	}
}

// FuzzBounds: whatever the file, reading it stays within the memory, and its snippet within a screen.
func FuzzBounds(f *testing.F) {
	for _, seed := range []string{
		small, "- - -", "[[", "{a: ", "a: &a [*a]", "? ? ?", "a: |\n x", "'", "\"\\x1b", "!!a",
	} {
		f.Add(seed, uint32(0))
		f.Add(seed, uint32(maxFile))
		f.Add(seed, uint32(1<<20))
	}
	f.Fuzz(func(t *testing.T, text string, size uint32) {
		if n := int(size % (1<<20 + 1)); text != "" && n > len(text) {
			text = filled(text, n)
		}
		var tokens token.Tokens
		used := allocated(func() {
			tokens, _ = tokenize([]byte(text))
			if _, err := Parse("f.yaml", []byte("none: 0\n"+text)); err == nil {
				t.Error("an unknown key passed")
			} else if snippet := strings.TrimPrefix(err.Error(), firstLine(err)); len(snippet) > 7*4*maxSnippet {
				t.Errorf("a snippet of %d bytes", len(snippet))
			}
		})
		if used > mostMemory || len(tokens) > maxTokens {
			t.Errorf("%d bytes, %d tokens", used, len(tokens))
		}
	})
}
