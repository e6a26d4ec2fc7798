package record

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkRepeat reads a storm of 100,000 answered calls: with the checksums of its list, and with the sizes alone
// that 0.1.0 listed.
func BenchmarkRepeat(b *testing.B) {
	for _, checked := range []bool{true, false} {
		name := map[bool]string{true: "sha256", false: "sizes"}[checked]
		b.Run(name, func(b *testing.B) {
			dir := largeRun(b, 100_000)
			if !checked {
				listSizes(b, RepeatDir(dir.repeatPath("cell", 1)))
			}
			for b.Loop() {
				if _, err := dir.Repeat("cell", 1); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// largeRun has one storm of so many calls.
func largeRun(b *testing.B, calls int) Dir {
	b.Helper()
	dir, err := Create(filepath.Join(b.TempDir(), "run"))
	if err != nil {
		b.Fatal(err)
	}
	staged, err := dir.Stage("cell", 1)
	if err != nil {
		b.Fatal(err)
	}
	storm, attempt := sample().Storm, sample().Attempts[0]
	attempts := func(yield func(Attempt) bool) {
		for i := range calls {
			attempt.Seq, attempt.Intended = uint64(i), time.Duration(i)
			if !yield(attempt) {
				return
			}
		}
	}
	if err := staged.WriteStorm(&storm, attempts); err != nil {
		b.Fatal(err)
	}
	if err := dir.Commit("cell", 1); err != nil {
		b.Fatal(err)
	}
	return dir
}

// listSizes replaces the list of a repeat by that of 0.1.0.
func listSizes(tb testing.TB, repeat RepeatDir) {
	tb.Helper()
	sizes := map[string]int64{}
	for _, name := range []string{attemptsFile, stormFile, queueFile, kernelFile, targetFile} {
		if info, err := os.Stat(repeat.file(name)); err == nil {
			sizes[name] = info.Size()
		}
	}
	list, err := json.Marshal(sizes)
	if err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(repeat.file(filesFile), list, 0o600); err != nil {
		tb.Fatal(err)
	}
}
