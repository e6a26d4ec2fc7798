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
	old := file("old.json", `{"verdict": "a", "format": 1, "cells": [{"lost": {"n": 3}, "gone": 7, "sure": true}, {"lost": {"n": 1e3}}]}`)
	new := file("new.json", `{"verdict": "b", "format": 2, "cells": [{"metrics": {"lost": {"n": 3}}, "sure": false}, {"metrics": {"lost": {"n": 5}}}]}`)
	rules := file("rules", "# what moved\ncells/*/lost/* -> cells/*/metrics/lost/*: by name\nformat: raised\nnever: was\n")
	var out strings.Builder
	same, err := run(&out, rules, old, new)
	const want = `cells/0/gone: 7, now missing (differs)
cells/0/sure: true, now false (differs)
cells/1/lost/n: 1e3, now 5 (differs)
format: 1, now 2 (allowed, raised)
needless: never: was
`
	if diff := cmp.Diff(want, out.String()); same || err != nil || diff != "" {
		t.Errorf("same %v, %v (-want +got):\n%s", same, err, diff)
	}
	out.Reset()
	if same, err := run(&out, "", old, old); !same || err != nil || out.Len() > 0 {
		t.Errorf("with itself: %v, %v, %s", same, err, out.String())
	}
	if same, err := run(&out, file("only", "format: raised\n"), old, file("raised.json", strings.Replace(read(t, old), `"format": 1`, `"format": 2`, 1))); !same || err != nil {
		t.Errorf("an allowed difference: %v, %v", same, err)
	}
	for _, bad := range []func() (bool, error){
		func() (bool, error) { return run(&out, file("bad", "format\n"), old, new) },
		func() (bool, error) { return run(&out, "", filepath.Join(dir, "none"), new) },
		func() (bool, error) { return run(&out, "", old, file("cut.json", `{"a":`)) },
	} {
		if _, err := bad(); err == nil {
			t.Error("no error")
		}
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
