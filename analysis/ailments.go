package analysis

import (
	"fmt"
	"time"
)

// ailment is one way in which a generator can be held up while its calls are under way.
type ailment struct {
	// of tells for how long the worker was held up, and whether that can have changed what became of a call.
	of func(w *WorkerHealth, tolerance time.Duration) (time.Duration, bool)
	// says it of a worker, after "the generator".
	says func(w *WorkerHealth) string
	// cure is what to change, of a storm of so many workers on so many CPUs (0: not known).
	cure func(workers, cpus int) string
}

// ailments are judged each for itself, the plainest first.
var ailments = []ailment{
	{(*WorkerHealth).starved, waitedFor, cureStarved},
	{(*WorkerHealth).paused, pausedFor, func(int, int) string {
		return "use fewer calls, or more workers with fewer calls each (--workers)"
	}},
	{(*WorkerHealth).busy, busyFor, func(int, int) string {
		return "use more workers (--workers) on as many CPUs, several machines (--worker), or fewer calls"
	}},
}

// starved: only the sum of the waits is known, and so the longest is at most that. A sum within the tolerance
// can have delayed nothing by more; a larger one counts where the thread waited longer than it ran.
func (w *WorkerHealth) starved(tolerance time.Duration) (time.Duration, bool) {
	return w.waited(), w.waited() > tolerance && w.RunQueueShare != nil && *w.RunQueueShare > starvedShare
}

// paused: each pause is known, and while it lasts nothing is seen or answered.
func (w *WorkerHealth) paused(tolerance time.Duration) (time.Duration, bool) {
	return w.longestPause(), w.longestPause() > tolerance
}

// busy: a thread that never slept may have left each event lying, for as long as it was busy at most. One
// that had to wait for its CPU is starved, which says more.
func (w *WorkerHealth) busy(tolerance time.Duration) (time.Duration, bool) {
	if _, starved := w.starved(tolerance); starved {
		return 0, false
	}
	share := part(w.wanted(), w.Wall)
	return w.wanted(), w.wanted() > tolerance && share != nil && *share >= busyShare
}

func waitedFor(w *WorkerHealth) string {
	return fmt.Sprintf("waited for a CPU for %s of the %s in which it needed one%s",
		Duration(w.waited()), Duration(w.wanted()), othersUsed(w.OthersShare))
}

func pausedFor(w *WorkerHealth) string {
	return fmt.Sprintf("was stopped by Go's collector for %s at a time", Duration(w.longestPause()))
}

func busyFor(w *WorkerHealth) string {
	return fmt.Sprintf("had no rest: its thread was busy for %s of %s", Duration(w.wanted()), Duration(w.Wall))
}

func cureStarved(workers, cpus int) string {
	if cpus > 0 && workers > cpus {
		return fmt.Sprintf("use a machine with more CPUs (%d workers share %d), several machines (--worker), or fewer calls", workers, cpus)
	}
	return "give it a CPU of its own, stop other work on the machine, or use fewer calls"
}

// worst is the worker of a storm that was held up for longest; false where none was for long enough.
func (a *ailment) worst(h *Health) (*WorkerHealth, bool) {
	var worst *WorkerHealth
	var longest time.Duration
	if h.Tolerance <= 0 {
		return nil, false // what matters cannot be told
	}
	for i := range h.Workers {
		if held, ails := a.of(&h.Workers[i], h.Tolerance); ails && held > longest {
			worst, longest = &h.Workers[i], held
		}
	}
	return worst, worst != nil
}

// heldUp is what an ailment did in the storms in which calls suffered, or in those in which none did.
type heldUp struct {
	*ailment
	storms int
	cell   *Cell
	repeat *Repeat
	worker *WorkerHealth
}

// find is false where no such storm had the ailment.
func (a *ailment) find(s *Summary, suffered bool) (heldUp, bool) {
	found := heldUp{ailment: a}
	var longest time.Duration
	eachRepeat(s, func(c *Cell, r *Repeat) {
		if r.Health == nil || r.suffered() != suffered {
			return
		}
		w, ails := a.worst(r.Health)
		if !ails {
			return
		}
		found.storms++
		if held, _ := a.of(w, r.Health.Tolerance); held > longest {
			found.cell, found.repeat, found.worker, longest = c, r, w, held
		}
	})
	return found, found.storms > 0
}

// String says what happened, and where it was worst.
func (f heldUp) String() string { return "the generator " + f.says(f.worker) + f.where() }

// where is empty for the only worker of an only storm.
func (f heldUp) where() string {
	text := ""
	if len(f.repeat.Health.Workers) > 1 {
		text = "worker " + f.worker.Share
		if f.worker.Host != "" {
			text += " on " + f.worker.Host
		}
	}
	if f.storms > 1 || f.cell.Backlog != "" {
		text = join(fmt.Sprintf("%s, storm %d", f.cell.Label, f.repeat.N), text)
	}
	switch {
	case text == "":
		return ""
	case f.storms > 1:
		return fmt.Sprintf(" (the worst of %d storms: %s)", f.storms, text)
	}
	return " (" + text + ")"
}

// remedy is what to change.
func (f heldUp) remedy(cpus int) string { return f.cure(len(f.repeat.Health.Workers), cpus) }

// heldUpDoubts are the storms in which calls suffered while their generator was held up.
func heldUpDoubts(s *Summary) []string {
	var lines []string
	for i := range ailments {
		if f, ok := ailments[i].find(s, true); ok {
			lines = append(lines, fmt.Sprintf("%s, so calls may be lost or late by its own doing; %s",
				f, f.remedy(s.Run.Host.CPUs)))
		}
	}
	return lines
}

// heldUpWarnings are those in which no call suffered.
func heldUpWarnings(s *Summary) []string {
	var lines []string
	for i := range ailments {
		if f, ok := ailments[i].find(s, false); ok {
			lines = append(lines, fmt.Sprintf("%s: no call was lost or late there, but latencies are partly its own; to measure them, %s",
				f, f.remedy(s.Run.Host.CPUs)))
		}
	}
	return lines
}
