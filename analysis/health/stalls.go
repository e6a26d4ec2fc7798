package health

import (
	"time"

	"agistorm/analysis"
	"agistorm/analysis/finding"
)

// stall is one way in which a generator can be held up while its calls are under way.
type stall struct {
	// of reports for how long the worker was held up, and whether that can have changed what became of a
	// call.
	of func(w *analysis.WorkerHealth, tolerance time.Duration) (time.Duration, bool)
	by finding.HeldUpBy
	// within is the time of which it was held up; 0 for one pause.
	within func(w *analysis.WorkerHealth) time.Duration
}

// stalls are judged each for itself, the plainest first.
var stalls = []stall{
	{halted, finding.HeldUpStop, func(*analysis.WorkerHealth) time.Duration { return 0 }},
	{starved, finding.HeldUpCPU, neededCPU},
	{paused, finding.HeldUpGC, func(*analysis.WorkerHealth) time.Duration { return 0 }},
	{busy, finding.HeldUpLoad, func(w *analysis.WorkerHealth) time.Duration { return w.Wall }},
}

// halted: a stop of any length changes the latencies, and the outcome of calls whose timeouts ran meanwhile.
func halted(w *analysis.WorkerHealth, _ time.Duration) (time.Duration, bool) {
	return analysis.Deref(w.Stops).Longest, analysis.Deref(w.Stops).Count > 0
}

// starved: only the sum of the waits is known, and so the longest is at most that. A sum within the tolerance
// can have delayed nothing by more; a larger one counts where the thread waited longer than it ran.
func starved(w *analysis.WorkerHealth, tolerance time.Duration) (time.Duration, bool) {
	return waited(w), waited(w) > tolerance && w.RunQueueShare != nil && *w.RunQueueShare > starvedShare
}

// paused: each pause is known, and while it lasts nothing is seen or answered.
func paused(w *analysis.WorkerHealth, tolerance time.Duration) (time.Duration, bool) {
	return pausedLongest(w), pausedLongest(w) > tolerance
}

// busy: a thread that never slept may have left each event lying, for as long as it was busy at most. One
// that had to wait for its CPU is starved, which explains more.
func busy(w *analysis.WorkerHealth, tolerance time.Duration) (time.Duration, bool) {
	if _, starved := starved(w, tolerance); starved {
		return 0, false
	}
	share := part(neededCPU(w), w.Wall)
	return neededCPU(w), neededCPU(w) > tolerance && share != nil && *share >= busyShare
}

// worst is the worker of a storm that was held up for longest; false where none was for long enough.
func (a *stall) worst(h *analysis.Health) (*analysis.WorkerHealth, bool) {
	var worst *analysis.WorkerHealth
	var longest time.Duration
	if h.Tolerance <= 0 {
		return nil, false // what matters is not known
	}
	for w := range analysis.Each(h.Workers) {
		if held, stalled := a.of(w, h.Tolerance); stalled && held > longest {
			worst, longest = w, held
		}
	}
	return worst, worst != nil
}

// heldUp are the storms in which a worker was held up, those in which calls were impaired or the others.
func heldUp(s *analysis.Summary, impaired bool) (all []finding.Finding) {
	for stall := range analysis.Each(stalls) {
		fact := finding.HeldUp{By: stall.by, Hurt: impaired, CPUs: s.Run.Host.CPUs}
		cells, storms := s.StormsWhere(func(c *analysis.Cell, r *analysis.Repeat) bool {
			if r.Health == nil || r.Impaired() != impaired {
				return false
			}
			w, stalled := stall.worst(r.Health)
			if !stalled {
				return false
			}
			if held, _ := stall.of(w, r.Health.Tolerance); held > fact.Held {
				fact.Held, fact.Of, fact.Worst, fact.Storm = held, stall.within(w), c.ID, r.N
				fact.Worker, fact.Workers, fact.Others = workerName(w), len(r.Health.Workers), 0
				if share := w.OthersShare; share != nil && *share >= othersLimit && stall.by == finding.HeldUpCPU {
					fact.Others = *share
				}
			}
			return true
		})
		fact.Storms = storms
		all = append(all, analysis.FactOf(fact, cells)...)
	}
	return all
}

// workerName of a worker: its share, and its machine where it has a name.
func workerName(w *analysis.WorkerHealth) string {
	if w.Host == "" {
		return w.Share
	}
	return w.Share + " on " + w.Host
}

// HeldUpDoubts are the storms in which calls were impaired while their generator was held up.
func HeldUpDoubts(s *analysis.Summary) []finding.Finding { return heldUp(s, true) }

// HeldUpWarnings are those in which no call was impaired.
func HeldUpWarnings(s *analysis.Summary) []finding.Finding { return heldUp(s, false) }
