package program

import (
	"errors"
	"io"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		misses []string
		err    error
		code   int
		stderr string
	}{
		{nil, nil, Met, ""},
		{[]string{"one", "two"}, nil, Missed, "x: one\nx: two\n"},
		{[]string{"one"}, broken, NoResult, "x: one\nx: broken\n"},
	} {
		var stderr strings.Builder
		work := func([]string, io.Writer) ([]string, error) { return c.misses, c.err }
		if code := Run("x", work, nil, io.Discard, &stderr); code != c.code || stderr.String() != c.stderr {
			t.Errorf("%q, %v: exit code %d, %q; want %d, %q", c.misses, c.err, code, stderr.String(), c.code, c.stderr)
		}
	}
}
