package spec

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

func TestReadScript(t *testing.T) {
	got, err := ReadScript(strings.NewReader("# a greeting\nANSWER\r\n\n   \nSTREAM FILE hello \"\"\n  NOOP"))
	if want := []string{"ANSWER", `STREAM FILE hello ""`, "  NOOP"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
	for text, want := range map[string]string{
		"":                                      " no command in it",
		"# only this\n":                         " no command in it",
		"NOOP\nNOOP \x00\n":                     `2: command "NOOP \x00": want 1 to`,
		"NOOP " + strings.Repeat("x", 9000):     "1: command \"NOOP xxx",
		strings.Repeat("x", 100_000):            " a line of more than",
		strings.Repeat("NOOP\n", MaxCommands+1): "10001: more than 10000 commands",
	} {
		if _, err := ReadScript(strings.NewReader(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.20q: %v, want %s", text, err, want)
		}
	}
	if _, err := ReadScript(iotest.ErrReader(io.ErrUnexpectedEOF)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a broken file: %v", err)
	}
}
