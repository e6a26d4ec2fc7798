package planner

import (
	"testing"
	"time"

	"agistorm/analysis/capacity"
	"agistorm/analysis/record"
)

func TestOpenAtOnce(t *testing.T) {
	call := func(from, until time.Duration, outcome record.Outcome) record.Attempt {
		return record.Attempt{Connected: &from, Done: until, Outcome: outcome}
	}
	all := []record.Attempt{
		call(0, 10, record.Answered), call(5, 20, record.Answered), call(10, 30, record.Answered),
		call(6, 9, record.Reset), {Outcome: record.ConnectTimeout},
	}
	if got := openAtOnce(all); got != 2 {
		t.Errorf("%d at once, want 2: one ends as the next begins, and a reset call has no session", got)
	}
	if got := openAtOnce(nil); got != 0 {
		t.Errorf("%d of none", got)
	}
}

// TestTakeMemory: the session of the built-in target says nothing of another server.
func TestTakeMemory(t *testing.T) {
	queued, session := 2861, 500
	for kind, known := range map[capacity.ServerKind]bool{
		capacity.BuiltIn: true, capacity.Running: false, capacity.Command: false,
	} {
		a := &capacity.Answer{Question: capacity.Question{Kind: kind, Behaviour: "pool:4"},
			Memory: &capacity.Memory{Queued: 10, Sessions: 4}}
		(&Plan{}).takeMemory(a, &record.Memory{Queued: &queued, Session: &session, Sessions: 9}, record.Dir(t.TempDir()))
		if a.Memory.PerQueued != 2861 || (a.Memory.Handlers != nil) != known {
			t.Errorf("%s: %+v", kind, a.Memory)
		}
	}
}

func TestMostSessions(t *testing.T) {
	for behaviour, want := range map[string]int{"pool:16": 16, "thread": 0, "nonsense": 0} {
		if got := mostSessions(behaviour); got != want {
			t.Errorf("%s: %d, want %d", behaviour, got, want)
		}
	}
}
