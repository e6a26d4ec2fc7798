package lab

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agistorm/loadgen/caller"
)

// TestRecordedLoad: what of the clients is not as ever stands under the keys of a scenario's storm.
func TestRecordedLoad(t *testing.T) {
	got := recordedLoad("play", caller.Client{
		Args: []string{"a b"}, Variables: map[string]string{"B": "2", "A": "1"},
		MissingFiles: []string{"lost", "custom/no such"}, Think: 50 * time.Millisecond,
	}, 2)
	want := map[string]string{
		"script": "play", "args": `"a b"`, "variables": `"A=1" "B=2"`, "missing-files": `"lost" "custom/no such"`,
		"think": "50ms", "workers": "2",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("words (-want +got):\n%s", diff)
	}
	if got := recordedLoad("", caller.Client{}, 0); len(got) != 0 {
		t.Errorf("of a storm as ever: %v", got)
	}
}
