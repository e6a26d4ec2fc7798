package record

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
)

// TestReadTail: of a long file the whole lines of its end, of a short one all.
func TestReadTail(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"short": {"listening\nout of memory\n", "listening\nout of memory\n"},
		"empty": {"", ""},
		"long":  {strings.Repeat("x", 3000) + "\nlast\n", "last\n"},
		"one":   {strings.Repeat("x", 3000), ""},
	} {
		in := opened(t, t.TempDir())
		if err := os.WriteFile(in.file(serverLog), []byte(tt.text), 0o666); err != nil {
			t.Fatal(err)
		}
		if got, err := in.readTail(serverLog); got != tt.want || err != nil {
			t.Errorf("%s: %q, %v, want %q", name, got, err, tt.want)
		}
	}
	if _, err := opened(t, t.TempDir()).readTail(serverLog); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a file: %v", err)
	}
}
