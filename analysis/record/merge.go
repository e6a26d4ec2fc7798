package record

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Part makes the folder for worker k's half of a storm that several play together.
func (d RepeatDir) Part(k int) (RepeatDir, error) {
	part := d.part(k)
	return part, os.MkdirAll(string(part), 0o755)
}

func (d RepeatDir) part(k int) RepeatDir {
	return RepeatDir(filepath.Join(string(d), fmt.Sprintf("worker-%d", k)))
}

// MergeParts writes what one worker would have written that had played the storm of these
// parts alone, and removes the parts.
func (d RepeatDir) MergeParts(ks []int) error {
	parts := make([]*Repeat, len(ks))
	for i, k := range ks {
		var err error
		if parts[i], err = d.part(k).readUnlisted(); err != nil {
			return err
		}
	}
	whole, attempts, err := joinParts(parts)
	if err != nil {
		return err
	}
	if err := d.WriteStorm(&whole, slices.Values(attempts)); err != nil {
		return err
	}
	for _, k := range ks {
		err = errors.Join(err, os.RemoveAll(string(d.part(k))))
	}
	return err
}

// readUnlisted reads what has no list.
func (d RepeatDir) readUnlisted() (*Repeat, error) {
	in, err := openFolder(string(d), "")
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return in.read(unlisted())
}

// joinParts makes one generator's half of those of a storm that was played in parts, whose offsets count from
// one common start. The attempts are in the order of their sequence numbers; that two parts have the same one
// is an error.
func joinParts(parts []*Repeat) (Storm, []Attempt, error) {
	var storms []Storm
	var attempts []Attempt
	for _, r := range parts {
		storms = append(storms, r.Storm)
		attempts = append(attempts, r.Attempts...)
	}
	slices.SortStableFunc(attempts, func(a, b Attempt) int { return cmp.Compare(a.Seq, b.Seq) })
	for i := 1; i < len(attempts); i++ {
		if attempts[i].Seq == attempts[i-1].Seq {
			return Storm{}, nil, fmt.Errorf(
				"attempt %d is in two parts of the storm: want shares that have none in common",
				attempts[i].Seq,
			)
		}
	}
	return mergeStorms(storms), attempts, nil
}

// mergeStorms returns the account of all: times that passed side by side are not added up, those on CPUs are.
func mergeStorms(storms []Storm) Storm {
	whole := storms[0]
	whole.Workers, whole.Lacks = nil, nil
	var engines []string
	for i := range storms {
		s := &storms[i]
		engines = union(engines, []string{s.Engine})
		if s.Start.Before(whole.Start) {
			whole.Start = s.Start
		}
		whole.Wall = max(whole.Wall, s.Wall)
		whole.NotOfferedAfter = max(whole.NotOfferedAfter, s.NotOfferedAfter)
		whole.Lacks = union(whole.Lacks, s.Lacks)
		whole.Workers = append(whole.Workers, s.Workers...)
		if i > 0 {
			whole.CPU = sum(whole.CPU, s.CPU)
		}
	}
	whole.Engine = strings.Join(engines, ", ")
	return whole
}

// sum returns nil where either is not known.
func sum(a, b *time.Duration) *time.Duration {
	if a == nil || b == nil {
		return nil
	}
	total := *a + *b
	return &total
}

func union[S ~[]E, E comparable](a, b S) S {
	for _, v := range b {
		if !slices.Contains(a, v) {
			a = append(a, v)
		}
	}
	return a
}
