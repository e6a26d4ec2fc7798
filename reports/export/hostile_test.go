package export

import (
	"strings"
	"testing"

	"agistorm/analysis"
	"agistorm/analysis/record"
)

// TestCells: what a spreadsheet would calculate is text, a number stays one, and nothing steers a terminal.
func TestCells(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "a=b": "a=b", "-5": "-5", "+1.5e3": "+1.5e3", "inf": "inf", "-": "'-", "=1+1": "'=1+1",
		"+cmd|' /C calc'!A0": "'+cmd|' /C calc'!A0", "-1+1": "'-1+1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "' =1",
		"\r=1": " =1", "a\x1b[31m\nb": "a\uFFFD[31m b", "\x7f\u0085\u202e": "\uFFFD \uFFFD",
	} {
		if got := cell(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

// TestHostileRows: a row of an attempt whose texts are anybody's, and a setting's own values, are neutralised.
func TestHostileRows(t *testing.T) {
	var out strings.Builder
	err := writeRows(&out, &record.Run{}, []string{"=head"}, func(write func([]string)) {
		write(attemptRow("=cell", 1, &record.Attempt{Reason: "@reason\x1b", Errno: "+errno", Local: "-local"}))
	})
	got := out.String()
	for _, want := range []string{"'=head\n", "\n'=cell,1,", ",'+errno,", ",'@reason\uFFFD,'-local,"} {
		if err != nil || !strings.Contains(got, want) {
			t.Errorf("%v, %q lacks %q", err, got, want)
		}
	}
}

// TestHostileNames: a setting's value breaks neither a line of Go's benchmark format nor a tag of an .hlog.
func TestHostileNames(t *testing.T) {
	c := &analysis.Cell{Cell: record.Cell{Backlog: "1\x1b\n2", Values: map[string]string{"work": "a\x00\u0085b"}}}
	if got := benchmarkName(c, []string{"work"}); strings.ContainsAny(got, "\x1b\n\x00\u0085") {
		t.Errorf("%q", got)
	}
	if got := tag("a,\x1b\u009b\u2028b"); got != "a____b" {
		t.Errorf("%q", got)
	}
}
