package lab

import (
	"errors"
	"strings"
	"testing"

	"agistorm/analysis/record"
)

func TestLimits(t *testing.T) {
	n := func(v uint64) *uint64 { return &v }
	for _, c := range []struct {
		l    limits
		want string
	}{
		{limits{}, ""}, {limits{memory: n(2_000_000 << 10), threads: n(50), running: 18}, ""},
		{limits{memory: n(1_600_000 << 10)}, "1600000 KiB of address space (ulimit -v): want 2000000 or more"},
		{limits{threads: n(49), running: 18}, "49 processes and threads (ulimit -u), and has 18: want 50 or more"},
	} {
		err := c.l.check()
		if c.want == "" && err != nil || c.want != "" && (!errors.Is(err, ErrCannotStart) ||
			!strings.Contains(err.Error(), c.want)) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}

// TestLastWords: a stack trace is told by its first line, and all else by its last.
func TestLastWords(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "a": "a", "a\nb": "b",
		"runtime/cgo: pthread_create failed\nSIGABRT: abort\ngs     0x0": "runtime/cgo: pthread_create failed",
		"x\nfatal error: out of memory\n\ngoroutine 1":                   "fatal error: out of memory",
	} {
		if got := lastWords(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestCheckMemory: calls that do not fit the machine are refused with the number that does; unknown memory is no bound.
func TestCheckMemory(t *testing.T) {
	for _, host := range []record.Host{{}, {MemoryBytes: 1 << 20}} {
		if err := checkMemory(host, 2048); err != nil {
			t.Error(err)
		}
	}
	err := checkMemory(record.Host{MemoryBytes: 1 << 20}, 2049)
	if !errors.Is(err, ErrCannotStart) || !strings.Contains(err.Error(), "want 2048 calls at most") {
		t.Error(err)
	}
}
