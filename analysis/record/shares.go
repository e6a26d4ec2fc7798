package record

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"
)

// ErrNotShares is wrapped by the error of directories that are not shares of one storm.
var ErrNotShares = errors.New("not the shares of one storm")

// MergeShares makes one run of the shares of one storm that several machines have played, each in a
// run directory of its own, which stay as they are. A share that is missing, or whose storm was never
// recorded, makes the run partial; that all are is an error. The
// kernel's counters stay with the shares: two of them may have counted in one kernel.
func MergeShares(into Dir, shares ...Dir) (*Run, error) {
	runs, err := readShares(shares)
	if err != nil {
		return nil, err
	}
	merged := mergeRuns(runs)
	if shares = recorded(shares, runs[0].Cells); len(shares) == 0 {
		return nil, fmt.Errorf("none of them has a storm: %w", ErrNotShares)
	}
	for _, step := range merged.Steps() {
		if err := into.mergeRepeat(step.Cell, step.N, shares, runs); err != nil {
			return nil, err
		}
	}
	return merged, into.WriteRun(merged)
}

func (d Dir) mergeRepeat(cell string, n int, shares []Dir, runs []*Run) error {
	var parts []*Repeat
	for _, share := range shares {
		part, err := share.Repeat(cell, n)
		if err != nil {
			return err
		}
		parts = append(parts, part)
	}
	whole, attempts, err := joinParts(parts)
	if err != nil {
		return err
	}
	staged, err := d.Stage(cell, n)
	if err != nil {
		return err
	}
	nameHosts(&whole, runs)
	if err := staged.WriteStorm(&whole, slices.Values(attempts)); err != nil {
		return errors.Join(err, d.Discard(cell, n))
	}
	return d.Commit(cell, n)
}

// recorded leaves out the directories of shares that were killed before they had recorded anything.
func recorded(shares []Dir, cells []Cell) []Dir {
	return slices.DeleteFunc(slices.Clone(shares), func(d Dir) bool {
		return slices.ContainsFunc(cells, func(c Cell) bool { return !d.Has(c.ID, 1) })
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

// readShares reads the descriptions of the shares, in the order of the directories.
func readShares(dirs []Dir) ([]*Run, error) {
	var runs []*Run
	for _, dir := range dirs {
		run, err := dir.Run()
		if err != nil {
			return nil, err
		}
		if run.Share == nil {
			return nil, fmt.Errorf("%s holds a whole run, no share of a storm: %w", dir, ErrNotShares)
		}
		runs = append(runs, run)
	}
	for i, run := range runs {
		if what := differ(runs[0], run); what != "" {
			return nil, fmt.Errorf("%s and %s have different %s: %w", dirs[0], dirs[i], what, ErrNotShares)
		}
		if j := slices.IndexFunc(runs, func(r *Run) bool { return r.Share.K == run.Share.K }); j < i {
			return nil, fmt.Errorf(
				"%s and %s are both share %d/%d: %w",
				dirs[j],
				dirs[i],
				run.Share.K,
				run.Share.N,
				ErrNotShares,
			)
		}
	}
	return runs, nil
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
