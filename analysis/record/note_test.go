package record

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestNotesOfEarlierVersions: what was recorded in words is read as words, and what is written now as it was.
func TestNotesOfEarlierVersions(t *testing.T) {
	var old Run
	const text = `{"isolation": {"mode": "host", "reason": "asked for", "asked": [{"id": "a", "lacks": "a cookie"}]},
		"queue_unwatched": "elsewhere", "warnings": ["one", "two"]}`
	if err := json.Unmarshal([]byte(text), &old); err != nil {
		t.Fatal(err)
	}
	want := Run{
		Isolation: Isolation{
			Mode: IsolationHost, Reason: &Note{Words: "asked for"},
			Asked: []Asked{{Cell: Cell{ID: "a"}, Lacks: Notes{{Words: "a cookie"}}}},
		},
		Unwatched: &Note{Words: "elsewhere"}, Warnings: Notes{{Words: "one"}, {Words: "two"}},
	}
	if diff := cmp.Diff(want, old); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	want.Warnings[0] = Note{Code: NoteLinkRefused, Error: "no such device"}
	data, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var again Run
	if err := json.Unmarshal(data, &again); err != nil || cmp.Diff(want, again) != "" {
		t.Errorf("%v\n%s", err, cmp.Diff(want, again))
	}
}
