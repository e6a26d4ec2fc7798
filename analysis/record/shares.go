package record

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// ErrNotShares is wrapped by the error of directories that are not shares of one storm.
var ErrNotShares = errors.New("not the shares of one storm")

// MergeShares makes one run of the shares of one storm that several machines have played, each in a
// run directory of its own, which stay as they are. A share that is missing or damaged, or whose storm was never
// recorded, makes the run partial; that all are is an error. The
// kernel's counters stay with the shares: two of them may have counted in one kernel.
func MergeShares(into Dir, dirs ...Dir) (*Run, error) {
	shares, unreadable, err := readShares(dirs)
	if err != nil {
		return nil, err
	}
	merged := mergeRuns(runsOf(shares))
	merged.Warnings = append(merged.Warnings, unreadable...)
	if shares = recorded(shares); len(shares) == 0 {
		return nil, fmt.Errorf("none of them has a storm: %w", ErrNotShares)
	}
	for _, step := range merged.Steps() {
		if err := into.mergeRepeat(step, shares, merged); err != nil {
			return nil, err
		}
	}
	return merged, into.WriteRun(merged)
}

// shareDir is one to merge.
type shareDir struct {
	dir Dir
	run *Run
}

// runsOf returns the shares' runs.
func runsOf(shares []shareDir) (runs []*Run) {
	for _, s := range shares {
		runs = append(runs, s.run)
	}
	return runs
}

func (d Dir) mergeRepeat(at Step, shares []shareDir, merged *Run) error {
	var parts []*Repeat
	var damage error
	for _, s := range shares {
		part, err := s.dir.Repeat(at.Cell, at.N)
		if err != nil {
			merged.damaged(s.run.Share.K, err)
			damage = errors.Join(damage, err)
		}
		if part != nil && !errors.Is(err, ErrAttempts) {
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		return damage
	}
	whole, attempts, err := joinParts(parts)
	if err != nil {
		return err
	}
	staged, err := d.Stage(at.Cell, at.N)
	if err != nil {
		return err
	}
	nameHosts(&whole, runsOf(shares))
	if err := staged.WriteStorm(&whole, slices.Values(attempts)); err != nil {
		return errors.Join(err, d.Discard(at.Cell, at.N))
	}
	return d.Commit(at.Cell, at.N)
}

// damaged notes that the record of a merged run's shareDir is not whole, and the first thing that is wrong with it.
func (r *Run) damaged(k int, err error) {
	r.Partial = SharesPartial
	i := slices.IndexFunc(r.Merged, func(s Share) bool { return s.K == k })
	if r.Merged[i].Partial == "" {
		r.Merged[i].Partial, _, _ = strings.Cut(err.Error(), "\n")
	}
}

// recorded leaves out the shares that were killed before they had recorded anything.
func recorded(shares []shareDir) []shareDir {
	return slices.DeleteFunc(slices.Clone(shares), func(s shareDir) bool {
		return slices.ContainsFunc(shares[0].run.Cells, func(c Cell) bool { return !s.dir.Has(c.ID, 1) })
	})
}

// nameHosts notes of each worker on which machine it ran. The workers are in the order of the runs.
func nameHosts(s *Storm, runs []*Run) {
	for i := range s.Workers {
		w := &s.Workers[i]
		for _, run := range runs {
			if w.belongsTo(run.Share) {
				w.Host = run.Host.Name
			}
		}
	}
}

// belongsTo reports whether the worker played a part of a share.
func (w *Worker) belongsTo(s *Share) bool {
	var k, n int
	if _, err := fmt.Sscanf(w.Share, "%d/%d", &k, &n); err != nil {
		return false
	}
	return n%s.N == 0 && k%s.N == s.K
}

// readShares reads the descriptions of the shares, in the order of the directories, and names those that cannot be
// read.
func readShares(dirs []Dir) (shares []shareDir, unreadable Notes, err error) {
	for _, dir := range dirs {
		run, err := dir.Run()
		switch {
		case errors.Is(err, ErrNoRun):
			return nil, nil, err
		case err != nil:
			unreadable = append(unreadable, Note{Code: NoteShareUnreadable, Error: err.Error()})
			continue
		case run.Share == nil:
			return nil, nil, fmt.Errorf("%s holds a whole run, no share of a storm: %w", dir, ErrNotShares)
		}
		shares = append(shares, shareDir{dir, run})
	}
	if len(shares) == 0 {
		return nil, nil, fmt.Errorf("no description of a share can be read: %w", ErrNotShares)
	}
	return shares, unreadable, sameStorm(shares)
}

// sameStorm refuses shares of several storms, and one share given twice.
func sameStorm(shares []shareDir) error {
	first := shares[0]
	for i, s := range shares {
		if what := differ(first.run, s.run); what != "" {
			return fmt.Errorf("%s and %s have different %s: %w", first.dir, s.dir, what, ErrNotShares)
		}
		if j := slices.IndexFunc(shares, func(o shareDir) bool { return o.run.Share.K == s.run.Share.K }); j < i {
			return fmt.Errorf("%s and %s are both share %d/%d: %w", shares[j].dir, s.dir, s.run.Share.K, s.run.Share.N,
				ErrNotShares)
		}
	}
	return nil
}

// differ names the first thing that the shares of one storm have in common and these have not.
func differ(a, b *Run) string {
	switch {
	case !reflect.DeepEqual(a.Scenario, b.Scenario):
		return "storms (" + a.Scenario.Arrival + ", " + b.Scenario.Arrival + ", or another option)"
	case a.Seed != b.Seed:
		return fmt.Sprintf("seeds (%d, %d)", a.Seed, b.Seed)
	case a.Share.N != b.Share.N:
		return fmt.Sprintf("numbers of shares (%d, %d)", a.Share.N, b.Share.N)
	case !a.Share.StartAt.Equal(b.Share.StartAt):
		return fmt.Sprintf("starts (%s, %s)",
			a.Share.StartAt.Format(time.RFC3339Nano), b.Share.StartAt.Format(time.RFC3339Nano))
	}
	return ""
}

// mergeRuns describes the run of all.
func mergeRuns(runs []*Run) *Run {
	merged := *runs[0]
	merged.Share, merged.Partial, merged.Warnings = nil, "", nil
	for _, run := range runs {
		share := *run.Share
		share.Host, share.Version, share.Partial = &run.Host, run.Version, run.Partial
		merged.Merged = append(merged.Merged, share)
		merged.Warnings = union(merged.Warnings, run.Warnings)
		if run.Started.Before(merged.Started) {
			merged.Started = run.Started
		}
		if run.Finished.After(merged.Finished) {
			merged.Finished = run.Finished
		}
	}
	slices.SortFunc(merged.Merged, func(a, b Share) int { return a.K - b.K })
	if len(merged.PartialShares()) > 0 {
		merged.Partial = SharesPartial
	}
	return &merged
}

// PartialShares returns the shares of a merged run that are not whole; one that is missing has no Host.
func (r *Run) PartialShares() (list []Share) {
	if len(r.Merged) == 0 {
		return nil
	}
	for k := range r.Merged[0].N {
		i := slices.IndexFunc(r.Merged, func(s Share) bool { return s.K == k })
		switch {
		case i < 0:
			list = append(list, Share{K: k, N: r.Merged[0].N})
		case r.Merged[i].Partial != "":
			list = append(list, r.Merged[i])
		}
	}
	return list
}
