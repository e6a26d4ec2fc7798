package record

import (
	"os"
	"strings"
	"testing"
)

// TestBrokenRepeats: a run that claims more repeats than memory has room for is refused, not begun.
func TestBrokenRepeats(t *testing.T) {
	for _, n := range []string{"9223372036854775807", "-1"} {
		d := Dir(t.TempDir())
		if err := os.WriteFile(d.File(runFile), []byte(`{"format": 1, "repeats": `+n+`}`), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Run(); err == nil || !strings.Contains(err.Error(), n+" repeats") {
			t.Errorf("%s repeats: %v", n, err)
		}
	}
}

// TestBrokenCells: a run whose cells lie outside of it is refused.
func TestBrokenCells(t *testing.T) {
	for _, id := range []string{"", ".", "..", "../cells/a", "a/b", `a\\b`, "/etc"} {
		d := Dir(t.TempDir())
		if err := os.WriteFile(d.File(runFile), []byte(`{"format": 1, "cells": [{"id": "`+id+`"}]}`),
			0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Run(); err == nil || !strings.Contains(err.Error(), "no name of a folder") {
			t.Errorf("cell %q: %v", id, err)
		}
	}
}

// TestBrokenTimes: what no storm can have seen is named with its line, and never taken for a latency.
func TestBrokenTimes(t *testing.T) {
	for _, c := range []struct{ file, text, want string }{
		{attemptsFile, `{"intended_ns":9223372036854775807}`, "line 1: intended_ns is 9223372036854775807, want 0 to "},
		{attemptsFile, "{}\n" + `{"intended_ns":-9223372036854775808}`, "line 2: intended_ns is -9223372036854775808"},
		{attemptsFile, `{"connected_ns":-1}`, "line 1: connected_ns is -1"},
		{attemptsFile, `{"syn_ack_ns":-1000000001}`, "line 1: syn_ack_ns is -1000000001"},
		{attemptsFile, `{"tcpi_rtt_ns":-5}`, "line 1: tcpi_rtt_ns is -5"},
		{attemptsFile, `{"done_ns":172800000000001}`, "line 1: done_ns is 172800000000001"},
		{queueFile, `{"at_ns":172800000000001}`, "line 1: at_ns is 172800000000001"},
		{targetFile, `{"peers":[{"at_ns":-172800000000001}]}`, "target.json: line 1: at_ns is -172800000000001"},
	} {
		dir, repeat := write(t, sample())
		if err := os.WriteFile(repeat.file(c.file), []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := dir.Repeat("cell", 1); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.text, err, c.want)
		}
	}
}
