package gates_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Runs that proved nothing are no proof that the gate is never wrong.
func TestFlake(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("there is no bash")
	}
	testdata, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for codes, want := range map[[3]string]struct {
		code int
		says string
	}{
		{"0", "99", "0"}:  {0, "the default gate                   2       0             0       0"},
		{"0", "99", "3"}:  {3, "pairs of unchanged sweeps          0       0             2       0"},
		{"0", "99", "99"}: {1, "2 runs were wrong"},
		{"3", "99", "0"}:  {3, "too many runs were inconclusive"}, {"0", "3", "0"}: {3, "too many runs were inconclusive"},
		{"99", "99", "0"}: {1, "2 runs were wrong"}, {"0", "0", "0"}: {1, "2 runs were wrong"},
		{"3", "0", "0"}: {1, "2 runs were wrong"}, {"1", "99", "0"}: {1, "2 runs were wrong"},
	} {
		c := exec.Command("./flake", "2")
		c.Env = append(
			os.Environ(),
			"PATH="+testdata+string(os.PathListSeparator)+os.Getenv("PATH"),
			"GOOD="+codes[0],
			"BROKEN="+codes[1],
			"PAIR="+codes[2],
		)
		said, err := c.CombinedOutput()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		if got := c.ProcessState.ExitCode(); got != want.code || !strings.Contains(string(said), want.says) {
			t.Errorf(
				"good %s, broken %s, pair %s: exit %d, want %d and %q in\n%s",
				codes[0],
				codes[1],
				codes[2],
				got,
				want.code,
				want.says,
				said,
			)
		}
	}
}
