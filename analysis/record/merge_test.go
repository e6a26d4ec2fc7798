package record

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// tenth is attempt seq of a storm at 10/s.
func tenth(seq int) Attempt {
	at := time.Duration(seq) * 100 * time.Millisecond
	return Attempt{Seq: uint64(seq), Intended: at, Started: &at, Done: at + time.Millisecond, Outcome: Answered}
}

// part of n tenths, those of share k of n.
func part(k, n, calls int) (*Storm, []Attempt) {
	var attempts []Attempt
	for seq := k; seq < calls; seq += n {
		attempts = append(attempts, tenth(seq))
	}
	cpu := time.Duration(k+1) * time.Second
	return &Storm{
		Engine: "epoll", Address: "127.0.0.1:4573", Start: time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC),
		Wall: time.Duration(k+5) * time.Second, CPU: &cpu,
		Workers: []Worker{{Share: fmt.Sprintf("%d/%d", k, n), Attempts: len(attempts)}},
	}, attempts
}

// TestMergePartsIsExact: the parts put together are the storm that one worker would have recorded.
func TestMergePartsIsExact(t *testing.T) {
	dir := RepeatDir(t.TempDir())
	const n, calls = 3, 20
	for k := range n {
		d, err := dir.Part(k)
		if err != nil {
			t.Fatal(err)
		}
		storm, attempts := part(k, n, calls)
		if err := d.WriteStorm(storm, slices.Values(attempts)); err != nil {
			t.Fatal(err)
		}
	}
	if err := dir.MergeParts([]int{0, 1, 2}); err != nil {
		t.Fatal(err)
	}
	got, err := dir.readUnlisted()
	if err != nil {
		t.Fatal(err)
	}
	_, want := part(0, 1, calls)
	if diff := cmp.Diff(want, got.Attempts); diff != "" {
		t.Errorf("attempts (-want +got):\n%s", diff)
	}
	// Side by side the longest wall time counts, 7 s; CPU times add up, 1 + 2 + 3 s.
	if got.Storm.Wall != 7*time.Second || *got.Storm.CPU != 6*time.Second || len(got.Storm.Workers) != n {
		t.Errorf(
			"wall %v, CPU %v, %d workers; want 7 s, 6 s, 3",
			got.Storm.Wall,
			*got.Storm.CPU,
			len(got.Storm.Workers),
		)
	}
	if left, _ := filepath.Glob(string(dir) + "/worker-*"); len(left) > 0 {
		t.Errorf("%v were left behind", left)
	}
}

func TestMergePartsRefusesTheSameAttemptTwice(t *testing.T) {
	dir := RepeatDir(t.TempDir())
	for k := range 2 {
		d, _ := dir.Part(k)
		storm, attempts := part(1, 3, 20)
		if err := d.WriteStorm(storm, slices.Values(attempts)); err != nil {
			t.Fatal(err)
		}
	}
	if err := dir.MergeParts([]int{0, 1}); err == nil || !strings.Contains(err.Error(), "attempt 1 is in two parts") {
		t.Errorf("%v, want an error about attempt 1", err)
	}
	if left, _ := filepath.Glob(string(dir) + "/worker-*"); len(left) != 2 {
		t.Errorf("%v: what was measured was thrown away", left)
	}
}

// share makes the run directory of share k of n.
func share(t *testing.T, k, n, calls int, change func(*Run)) Dir {
	t.Helper()
	dir, err := Create(filepath.Join(t.TempDir(), "share"))
	if err != nil {
		t.Fatal(err)
	}
	storm, attempts := part(k, n, calls)
	run := &Run{
		Format: Format, Version: "1", Scenario: Scenario{Name: "storm", Arrival: "20 at 10/s", Calls: calls},
		Host: Host{Name: fmt.Sprintf("host%d", k)}, Cells: []Cell{{ID: "storm"}}, Repeats: 1,
		Share: &Share{K: k, N: n, Calls: len(attempts), StartAt: storm.Start},
	}
	if change != nil {
		change(run)
	}
	staged, err := dir.Stage("storm", 1)
	err = errors.Join(err, staged.WriteStorm(storm, slices.Values(attempts)), dir.Commit("storm", 1), dir.WriteRun(run))
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func mergeInto(t *testing.T, shares ...Dir) (*Run, *Repeat, error) {
	t.Helper()
	into, err := Create(filepath.Join(t.TempDir(), "merged"))
	if err != nil {
		t.Fatal(err)
	}
	run, err := MergeShares(into, shares...)
	if err != nil {
		return nil, nil, err
	}
	r, err := into.Repeat("storm", 1)
	return run, r, err
}

func TestMergeShares(t *testing.T) {
	// In any order.
	run, r, err := mergeInto(t, share(t, 2, 3, 20, nil), share(t, 0, 3, 20, nil), share(t, 1, 3, 20, nil))
	if err != nil {
		t.Fatal(err)
	}
	_, want := part(0, 1, 20)
	if diff := cmp.Diff(want, r.Attempts); diff != "" {
		t.Errorf("attempts (-want +got):\n%s", diff)
	}
	if run.Share != nil || run.Partial != "" || len(run.Merged) != 3 || run.Calls() != 20 {
		t.Errorf(
			"share %v, partial %q, %d merged, %d calls; want a whole run of 3 shares and 20 calls",
			run.Share,
			run.Partial,
			len(run.Merged),
			run.Calls(),
		)
	}
	for k, s := range run.Merged {
		if s.K != k || s.Host.Name != fmt.Sprintf("host%d", k) {
			t.Errorf("merged %d is share %d of %s", k, s.K, s.Host.Name)
		}
	}
	for _, w := range r.Storm.Workers {
		if want := "host" + w.Share[:1]; w.Host != want {
			t.Errorf("worker %s ran on %s, want %s", w.Share, w.Host, want)
		}
	}
}

func TestMergeSharesNamesWhatIsMissing(t *testing.T) {
	run, r, err := mergeInto(t, share(t, 1, 3, 20, func(r *Run) { r.Partial = "interrupted" }))
	if err != nil {
		t.Fatal(err)
	}
	partial := run.PartialShares()
	if run.Partial != SharesPartial || len(partial) != 3 || partial[0].Host != nil ||
		partial[1].Partial != Interrupted ||
		partial[2].K != 2 {
		t.Errorf("partial %q: %+v, want share 1 interrupted and the others missing", run.Partial, partial)
	}
	if len(r.Attempts) != 7 {
		t.Errorf("%d attempts, want the 7 of share 1/3", len(r.Attempts))
	}
}

// TestMergeSharesOfTheKilled: a share that was killed has run.json and no storm.
func TestMergeSharesOfTheKilled(t *testing.T) {
	killed := share(t, 1, 2, 20, func(r *Run) { r.Partial = "the sweep did not finish" })
	if err := os.RemoveAll(killed.repeatPath("storm", 1)); err != nil {
		t.Fatal(err)
	}
	run, r, err := mergeInto(t, share(t, 0, 2, 20, nil), killed)
	if err != nil {
		t.Fatal(err)
	}
	partial := run.PartialShares()
	if len(r.Attempts) != 10 || len(partial) != 1 || partial[0].Partial != "the sweep did not finish" {
		t.Errorf("%d attempts, partial %+v; want the 10 of share 0/2", len(r.Attempts), partial)
	}
	if _, _, err := mergeInto(t, killed); !errors.Is(err, ErrNotShares) {
		t.Errorf("only a killed one: %v", err)
	}
}

// TestMergeSharesOfTheDamaged: what is wrong with one share is said, its calls are left out where they are not whole,
// and the run is partial, as without it.
func TestMergeSharesOfTheDamaged(t *testing.T) {
	for file, c := range map[string]struct {
		attempts int
		want     string
	}{
		attemptsFile: {10, "attempts.jsonl: it is missing"}, stormFile: {10, "storm.json: it is missing"},
		filesFile: {20, "files.json: it is missing"},
	} {
		whole, damaged := share(t, 0, 2, 20, nil), share(t, 1, 2, 20, nil)
		if err := os.Remove(filepath.Join(damaged.repeatPath("storm", 1), file)); err != nil {
			t.Fatal(err)
		}
		run, r, err := mergeInto(t, damaged, whole)
		if err != nil {
			t.Fatal(err)
		}
		partial := run.PartialShares()
		if run.Partial != SharesPartial || len(partial) != 1 || partial[0].K != 1 ||
			!strings.Contains(partial[0].Partial, c.want) || len(r.Attempts) != c.attempts {
			t.Errorf("%s: %d attempts, %q: %+v", file, len(r.Attempts), run.Partial, partial)
		}
		if _, _, err := mergeInto(t, damaged); (err != nil) != (c.attempts == 10) {
			t.Errorf("%s: only the damaged one: %v", file, err)
		}
	}
}

// TestMergeSharesWithoutDescription: a share whose run.json is damaged is missing, and the run has the reason.
func TestMergeSharesWithoutDescription(t *testing.T) {
	whole, damaged := share(t, 0, 2, 20, nil), share(t, 1, 2, 20, nil)
	if err := os.WriteFile(damaged.File(runFile), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	run, r, err := mergeInto(t, whole, damaged)
	if err != nil {
		t.Fatal(err)
	}
	partial := run.PartialShares()
	if run.Partial != SharesPartial || len(partial) != 1 || partial[0].Host != nil || len(r.Attempts) != 10 ||
		len(run.Warnings) != 1 || run.Warnings[0].Code != NoteShareUnreadable {
		t.Errorf("%q: %+v, %v", run.Partial, partial, run.Warnings)
	}
	if _, _, err := mergeInto(t, damaged); !errors.Is(err, ErrNotShares) {
		t.Errorf("only the damaged one: %v", err)
	}
}

func TestMergeSharesRefusesOthers(t *testing.T) {
	first := share(t, 0, 3, 20, nil)
	for _, c := range []struct {
		other Dir
		want  string
	}{
		{share(t, 0, 3, 20, nil), "are both share 0/3"},
		{share(t, 1, 3, 20, func(r *Run) { r.Share = nil }), "holds a whole run"},
		{share(t, 1, 3, 20, func(r *Run) { r.Seed = 9 }), "different seeds (0, 9)"},
		{share(t, 1, 2, 20, nil), "different numbers of shares (3, 2)"},
		{share(t, 1, 3, 20, func(r *Run) { r.Scenario.Calls = 30 }), "different storms"},
		{share(t, 1, 3, 20, func(r *Run) { r.Share.StartAt = r.Share.StartAt.Add(time.Second) }), "different starts"},
	} {
		_, _, err := mergeInto(t, first, c.other)
		if !errors.Is(err, ErrNotShares) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q and ErrNotShares", err, c.want)
		}
	}
	if _, _, err := mergeInto(t, Dir(t.TempDir())); err == nil || errors.Is(err, os.ErrExist) {
		t.Errorf("an empty folder: %v", err)
	}
}

func TestWorkerOfShare(t *testing.T) {
	for _, c := range []struct {
		worker string
		k, n   int
		want   bool
	}{
		{"1/3", 1, 3, true}, {"4/6", 1, 3, true}, {"1/6", 1, 3, true}, {"3/6", 1, 3, false}, {"0/4", 0, 3, false},
		{"x", 0, 1, false},
	} {
		if got := (&Worker{Share: c.worker}).belongsTo(&Share{K: c.k, N: c.n}); got != c.want {
			t.Errorf("worker %s of share %d/%d: %v", c.worker, c.k, c.n, got)
		}
	}
}

// TestVegetaCountsConnects: for a client that only connects, that is success.
func TestVegetaCountsConnects(t *testing.T) {
	for outcome, want := range map[Outcome]uint16{Answered: 200, Connected: 200, Closed: 0} {
		if got := (&Storm{}).Line(&Attempt{Outcome: outcome}); got.Code != want || (got.Error == "") != (want == 200) {
			t.Errorf("%s: code %d, error %q", outcome, got.Code, got.Error)
		}
	}
}

// TestHalfAStormIsNone: where the attempts cannot be written, nothing says that there was a storm.
func TestHalfAStormIsNone(t *testing.T) {
	dir := RepeatDir(t.TempDir())
	if err := os.Mkdir(dir.file(attemptsFile), 0o755); err != nil { // it cannot be written over
		t.Fatal(err)
	}
	storm, attempts := part(0, 1, 3)
	if err := dir.WriteStorm(storm, slices.Values(attempts)); err == nil || dir.HasStorm() {
		t.Errorf("%v, a storm: %v; want an error and none", err, dir.HasStorm())
	}
}
