package main

import (
	"strings"
	"testing"

	"agistorm/analysis/record"
)

func answered(commands ...uint32) []record.Attempt {
	var list []record.Attempt
	for i, n := range commands {
		list = append(list, record.Attempt{Seq: uint64(i), Outcome: record.Answered, Commands: n})
	}
	return list
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%q, want %q", got, want)
	}
	for i := range want {
		if !strings.Contains(got[i], want[i]) {
			t.Errorf("%q, want %q", got[i], want[i])
		}
	}
}

func TestCheckAttempts(t *testing.T) {
	expect(t, checkAttempts(answered(4, 4), 2, 4))
	expect(t, checkAttempts(answered(4, 3), 2, 4), "call 1 was answered with 3 commands, want 4")
	expect(t, checkAttempts(answered(4), 2, 4), "add up to 1, want 2", "1 of 2 calls were answered")
	expect(
		t,
		checkAttempts(append(answered(4), record.Attempt{Outcome: record.Reset}), 2, 4),
		"1 of 2 calls were answered",
	)
	expect(
		t,
		checkAttempts(append(answered(4), record.Attempt{Outcome: "lost"}), 2, 4),
		"add up to 1, want 2",
		"1 of 2",
	)
}

func TestCheckSessions(t *testing.T) {
	expect(t, checkSessions("1.1|1|x\n1.2|1|x\n", 2, "1|x"))
	expect(t, checkSessions("1.1|1|x\n", 2, "1|x"), "1 whole sessions, want 2")
	expect(t, checkSessions("1.1|1|x\n1.1|1|x\n", 2, "1|x"), "only 1 of 2 calls")
	expect(t, checkSessions("1.1|1|x\n1.2|1|\n", 2, "1|x"), `had "1|" for call 1.2`)
}
