package folklore

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"agistorm/analysis/finding"
	"agistorm/analysis/record"
	"agistorm/reports/document"
	"agistorm/reports/words"
	"agistorm/scenarios/lab/folklore"
)

func sample() *folklore.Report {
	return &folklore.Report{
		Version: "1.2.3", System: "Linux 9.9", CPUs: 2, Isolation: record.IsolationHost, Repeats: 3, Seconds: 51.767,
		Refused: &record.Note{Code: record.NoteNoNamespace, Error: "refused"},
		Counts:  folklore.Counts{Hold: 1, Fail: 1, Depend: 1, Unmeasured: 1, InDoubt: 1},
		Claims: []folklore.Result{
			{
				Code: "zero-is-to-be-avoided", Source: "a book", Verdict: folklore.Holds,
				Numbers: folklore.Numbers{"queued": 1, "offered": 3},
			},
			{
				Code: "default-is-128", Source: "listen(2)", Verdict: folklore.Fails,
				Numbers: folklore.Numbers{"fresh": 4096},
				Doubts:  []finding.Finding{{Fact: finding.NoDifference{}}, {Fact: finding.NoDifference{}}},
			},
			{
				Code: "one-round-trip", Source: "a book", Verdict: folklore.Depends,
				Numbers: folklore.Numbers{"rtt_ms": 40, "stay_ms": 41, "held_ms": 1503},
			},
			{
				Code: "full-refuses", Source: "listen(2)", Verdict: folklore.Unmeasured,
				Reason: "it needs a network namespace of its own",
			},
		},
	}
}

func write(t *testing.T, form string, width int) string {
	t.Helper()
	var b strings.Builder
	if err := Forms[form](&b, sample(), document.TextOptions{Width: width}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const markdown = `1 claim holds, 1 does not, 1 depends on a condition, 1 could not be measured.

No network namespace of our own: refused; run it as root, or in a container with --privileged.

| verdict | claim | measured | source |
| :-- | :-- | :-- | :-- |
| **holds** | A backlog of 0 is to be avoided | listen(0) queues 1 of 3 connections. | a book |
| **does not hold** | somaxconn is 128 by default | 4,096 in a fresh network namespace. ` +
	`By documentation 128 before Linux 5.4. In doubt, see below. | listen(2) |
| **depends on room in the accept queue** | An entry stays one round trip in the SYN queue | ` +
	`Round trip 40 ms: 41 ms. With the accept queue full: more than 1,500 ms. | a book |
| not measured | A full queue refuses clients with ECONNREFUSED | It needs a network namespace of its own. | listen(2) |

**Not sure, because**

`

func TestForms(t *testing.T) {
	if got := write(t, "markdown", 0); !strings.HasPrefix(got, markdown) {
		t.Errorf("got\n%s\nwant\n%s", got, markdown)
	}
	for form, parts := range map[string][]string{
		"text": {
			"verdict", "depends on room in the accept queue", "Linux 9.9, 2 CPUs, medians of 3 storms, in 52 s.",
			"Not sure, because:",
		},
		"html": {"<!DOCTYPE html>", "Not all measured", "<th scope=\"row\">A backlog of 0", "<h2 id=\"doubts\">"},
	} {
		got := write(t, form, 132)
		for _, part := range parts {
			if !strings.Contains(got, part) {
				t.Errorf("%s: no %q in\n%s", form, part, got)
			}
		}
		doubt := words.Labels{}.Sentence(finding.Finding{Fact: finding.NoDifference{}})
		if n := strings.Count(strings.Join(strings.Fields(got), " "), doubt); n != 1 {
			t.Errorf("%s: %d times %q", form, n, doubt)
		}
	}
	var back folklore.Report
	text := write(t, "json", 0)
	if err := json.Unmarshal([]byte(strings.ReplaceAll(text, `"doubts"`, `"ignored"`)), &back); err != nil {
		t.Fatal(err)
	}
	c := back.Claims[2]
	if back.Counts != sample().Counts || c.Depends != "room in the accept queue" || c.Numbers["stay_ms"] != 41 ||
		c.Claim == "" || c.Measured == "" || back.Reason == "" {
		t.Errorf("%s", text)
	}
}

// TestWidth: without a terminal the lines are not longer than a person can read.
func TestWidth(t *testing.T) {
	for _, width := range []int{0, 70, 80, 1000} {
		for line := range strings.Lines(write(t, "text", width)) {
			limit := width
			if width == 0 {
				limit = defaultWidth
			}
			if n := utf8.RuneCountInString(line); n > limit+1 {
				t.Errorf("width %d: a line of %d", width, n)
			}
		}
	}
}

// TestEveryClaimHasWords, and so has what it depends on, where that can be.
func TestEveryClaimHasWords(t *testing.T) {
	for _, c := range folklore.Claims() {
		if words.Saying(c.Code) == "" {
			t.Errorf("%s has no words", c.Code)
		}
	}
}

func TestWrite(t *testing.T) {
	folder := t.TempDir()
	if err := Write(folder, sample()); err != nil {
		t.Fatal(err)
	}
	for name, form := range map[string]string{Page: "html", "summary.md": "markdown", "folklore.json": "json"} {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil || string(text) != write(t, form, 0) {
			t.Errorf("%s: %v, %d bytes", name, err, len(text))
		}
	}
	if err := Write(filepath.Join(folder, "none"), sample()); err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("into no folder: %v", err)
	}
}
