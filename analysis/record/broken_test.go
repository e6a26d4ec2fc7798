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
