// Package tracefs counts the reasons with which the kernel frees packets, by its tracepoint skb:kfree_skb, in a tracing
// instance of its own. Only the host's root may. It changes nothing that other tracing sees, and leaves nothing behind:
// what a process that was killed has left, the next one removes.
//
// The tracepoint is the whole host's: a count is of every network namespace, and of whatever came with the protocols
// of the internet. A SYN at a full accept queue is freed without a reason, so that no count has it.
package tracefs

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"strconv"
	"strings"

	"agistorm/analysis/record"
)

// ErrNoTracefs is wrapped by the error where tracefs is not mounted and cannot be.
var ErrNoTracefs = errors.New("tracefs is not mounted")

// Count begins to count, and returns what ends that: it returns the counts, or why there are none.
func Count() (end func() *record.DropReasons) {
	counter, err := Start()
	if err != nil {
		missing := Missing(err)
		return func() *record.DropReasons { return &missing }
	}
	return func() *record.DropReasons {
		counted := counter.Read()
		_ = counter.Close() // an instance that is left is removed by the next one
		return &counted
	}
}

// Missing is the account of drop reasons that could not be counted, because of the error of Start.
func Missing(err error) record.DropReasons {
	note := &record.Note{Code: record.NoteReasonsUnreadable, Error: err.Error()}
	switch {
	case errors.Is(err, errNoReason):
		note.Code = record.NoteReasonsOldKernel
	case errors.Is(err, ErrNoTracefs):
		note.Code = record.NoteReasonsNoTracefs
	case errors.Is(err, fs.ErrPermission):
		note.Code = record.NoteReasonsRefused
	case errors.Is(err, errors.ErrUnsupported):
		note.Code = record.NoteReasonsNotLinux
	}
	return record.DropReasons{Missing: note}
}

// account is what a Counter has counted.
type account struct {
	tally tally
	lost  uint64
	// failure ended the counting.
	failure error
}

// reasons returns a copy.
func (a *account) reasons() record.DropReasons {
	if a.failure != nil {
		return Missing(a.failure)
	}
	return record.DropReasons{By: maps.Clone(a.tally.by), Lost: a.lost}
}

// instancePrefix begins the names of our tracing instances.
const instancePrefix = "agistorm-"

// instanceName returns the name of the n-th instance of a process.
func instanceName(pid, n int) string { return fmt.Sprintf("%s%d-%d", instancePrefix, pid, n) }

// ownerOf returns the process that made an instance; false for one that is not ours.
func ownerOf(instance string) (pid int, ours bool) {
	rest, ours := strings.CutPrefix(instance, instancePrefix)
	first, second, two := strings.Cut(rest, "-")
	pid, err := strconv.Atoi(first)
	n, err2 := strconv.Atoi(second)
	ours = ours && two && err == nil && err2 == nil && pid > 0 && instanceName(pid, n) == instance
	return pid, ours
}
