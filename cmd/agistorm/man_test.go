//go:build man

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMan: one page for each verb, with its examples.
func TestMan(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "man1")
	var errs bytes.Buffer
	e := &env{args: []string{"man", dir}, stdout: &errs, stderr: &errs, getenv: os.Getenv, environ: os.Environ}
	if code := run(t.Context(), e); code != 0 {
		t.Fatalf("exit code %d: %s", code, &errs)
	}
	for _, verb := range newRoot(e).Commands() {
		name := filepath.Join(dir, "agistorm-"+verb.Name()+".1")
		text, err := os.ReadFile(name)
		switch {
		case verb.Hidden || verb.Name() == "help":
		case err != nil:
			t.Error(err)
		case verb.Name() == "storm" && !strings.Contains(string(text), "agistorm storm agi://127.0.0.1:4573/script"):
			t.Errorf("no example in\n%s", text)
		}
	}
	e.args = []string{"man"}
	const want = "missing directory. Example: agistorm man man1"
	if code := run(t.Context(), e); code != 2 || !strings.Contains(errs.String(), want) {
		t.Errorf("exit code %d: %s", code, &errs)
	}
}
