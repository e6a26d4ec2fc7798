//go:build linux

package main

import (
	"os/exec"
	"regexp"
	"slices"
	"strings"
)

// command is one of a document.
type command struct {
	file string
	text string
}

// documents returns the Markdown files of the repository but the changelog, which speaks of other versions too.
func documents() ([]string, error) {
	out, err := exec.Command("git", "ls-files", "*.md").Output()
	return slices.DeleteFunc(strings.Fields(string(out)), func(name string) bool { return name == "CHANGELOG.md" }), err
}

var (
	// comment behind a command: a # with blanks before it.
	comment = regexp.MustCompile(`\s+# .*$`)
	// quoted is a command in a sentence; a verb alone is its name.
	quoted = regexp.MustCompile("`(agistorm [^`\\s]+ [^`]+)`")
)

// commandsOf returns the commands of agistorm, make and the scripts in a document: lines of its blocks, and what
// stands in its sentences. A line that ends with a backslash goes on.
func commandsOf(file, text string) (all []command) {
	block, long := false, ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "```"):
			block = !block
		case block:
			line = long + line
			long = ""
			if more, ok := strings.CutSuffix(line, `\`); ok {
				long = more
				continue
			}
			if line = comment.ReplaceAllString(line, ""); isCommand(line) {
				all = append(all, command{file, line})
			}
		default:
			for _, found := range quoted.FindAllStringSubmatch(line, -1) {
				all = append(all, command{file, found[1]})
			}
		}
	}
	return all
}

// isCommand reports whether a line of a block is one that can be run here.
func isCommand(line string) bool {
	word, _, _ := strings.Cut(line, " ")
	return word == "agistorm" || word == "make" || strings.HasPrefix(word, "scripts/")
}

// unique leaves each command once, the first document's.
func unique(all []command) (list []command) {
	seen := map[string]bool{}
	for _, c := range all {
		if !seen[c.text] {
			seen[c.text] = true
			list = append(list, c)
		}
	}
	return list
}

// elsewhere are the commands that something else runs, by their beginnings.
var elsewhere = map[string]string{
	"agistorm plan --validate": "CI's step \"plan grid\"",
	"agistorm sweep folklore":  "scenarios/lab/folklore's tests",
	"agistorm verify":          "CI's step \"the listen queue's rules\"",
	"agistorm sweep hundred":   "CI's step \"a burst of 100,000 calls\"",
	"agistorm man":             "make dist",
	"scripts/":                 "CI's step of that name",
	"make ":                    "CI's step of that name, or a developer",
}

// runElsewhere returns who runs a command; empty for one that is to be run here.
func runElsewhere(text string) string {
	for begin, who := range elsewhere {
		if strings.HasPrefix(text, begin) {
			return who
		}
	}
	return ""
}

// shorter are the parts of commands that would take long, and what is run in their place.
var shorter = []struct {
	long  *regexp.Regexp
	short string
}{
	{regexp.MustCompile(`--repeats \d+`), "--repeats 1"},
	{regexp.MustCompile(`--warmup \d+`), "--warmup 0"},
	{regexp.MustCompile(`(-n|--calls) \d{3,}`), "$1 60"},
	{regexp.MustCompile(`--duration \S+`), "--duration 1s"},
	{regexp.MustCompile(`--for \S+`), "--for 1s"},
}

// examples of what documents write in capitals.
var examples = strings.NewReplacer(
	"SCENARIO", "my.yaml", "FILE", "my.yaml", "FORM", "csv", "VERB", "sweep", "SHARE…", "share-1 share-2",
	"HOST", "agi://127.0.0.1/q", "COMMAND", "./server", "BEFORE", "before", "AFTER", "after", "OLD", "before", "NEW",
	"after", "RUN", "before", " COMMAND…", "",
)

// here returns the command as it is run: shorter, and with an example in the place of each word in capitals.
func here(text string) string {
	for _, s := range shorter {
		text = s.long.ReplaceAllString(text, s.short)
	}
	return examples.Replace(text)
}
