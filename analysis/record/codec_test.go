package record

import (
	"bytes"
	stdjson "encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// Files are written byte for byte as encoding/json writes them, keys of maps in order.
func TestFilesAreWrittenAsEncodingJSONWritesThem(t *testing.T) {
	odd := full()
	odd.Reason = "<a> & \u2028 \xff \t \x7f é 世 😀"
	storm := &Storm{Engine: "epoll", Start: time.Unix(1, 5).UTC(), Lacks: []string{"a"}, Workers: []Worker{{Share: "0/1"}}}
	for name, v := range map[string]any{
		"line": storm.Line(&odd), "plain line": storm.Line(&Attempt{}), "storm": storm,
		"kernel": &Kernel{Sysctls: map[string]string{"b": "1", "a": "2"}, After: Counters{"z": 1 << 63, "y": 0}},
		"target": &Target{Peers: []Peer{{At: -1, Address: "[::1]:5"}}}, "no peers": &Target{},
		"run": &Run{Scenario: Scenario{Source: "a: <b>\n"}, CellRepeats: map[string]int{"b": 1, "a": 2}},
	} {
		for _, indent := range []string{"", "  "} {
			var want bytes.Buffer
			enc := stdjson.NewEncoder(&want)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", indent)
			if err := enc.Encode(v); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "file")
			write := writeJSON
			if indent == "" {
				write = func(path string, v any) error { return writeLines(path, slices.Values([]any{v})) }
			}
			if err := write(path, v); err != nil {
				t.Fatal(err)
			}
			if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want.Bytes()) {
				t.Errorf("%s: %v\n got %s\nwant %s", name, err, got, want.Bytes())
			}
		}
	}
}
