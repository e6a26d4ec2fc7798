package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRun(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	old := file("old.json",
		`{"verdict": "a", "format": 1, "cells": [{"lost": {"n": 3}, "gone": 7, "sure": true}, {"lost": {"n": 1e3}}]}`)
	new := file(
		"new.json",
		`{"verdict": "b", "format": 2, "cells": [{"metrics": {"lost": {"n": 3}}, "sure": false, "p": 8},
		{"metrics": {"lost": {"n": 5}}}]}`,
	)
	changes = "# what moved\ncells/*/lost/* -> cells/*/metrics/lost/*: by name\n" +
		"format: raised\ncells/*/gone => cells/*/p: of all\n"
	var out strings.Builder
	misses, err := run([]string{old, new}, &out)
	const want = `corrected: cells/0/gone: 7, now cells/0/p: 8 (of all)
meant: format: 1, now 2 (raised)
1 of 5 numbers are the same
`
	wantMisses := []string{
		"cells/0/gone: 7, now missing",
		"cells/0/sure: true, now false",
		"cells/1/lost/n: 1e3, now 5",
	}
	if diff := cmp.Diff(want, out.String()); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if diff := cmp.Diff(wantMisses, misses); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	raised := file("raised.json", strings.Replace(read(t, old), `"format": 1`, `"format": 2`, 1))
	changes = "format: raised\n"
	for _, newer := range []string{old, raised} {
		if misses, err := run([]string{old, newer}, &out); len(misses) > 0 || err != nil {
			t.Errorf("%s: %q, %v", newer, misses, err)
		}
	}
	for _, args := range [][]string{{old}, {filepath.Join(dir, "none"), new}, {old, file("cut.json", `{"a":`)}} {
		if _, err := run(args, &out); err == nil {
			t.Errorf("%q: no error", args)
		}
	}
	if _, err := parseRules("format\n"); err == nil {
		t.Error("a change without a reason is no error")
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
