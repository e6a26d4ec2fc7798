// Package health judges the generator of a storm, and what it depends on: its CPU, its pauses and its
// replies.
package health

import (
	"cmp"
	"slices"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/record"
)

// worse is the graver of two grades.
func worse(a, b analysis.Grade) analysis.Grade {
	order := []analysis.Grade{analysis.HealthWell, analysis.HealthStrained, analysis.HealthLimit}
	return order[max(slices.Index(order, a), slices.Index(order, b), 0)]
}

// lagShare is the part of the connect limit that the generator may be late by, or held up for. A call that is
// dropped once still fits the limit of Asterisk, 2 s, since its SYN is retransmitted after 1.00 to 1.07 s;
// what is left is 0.93 s. Half a second of the generator's own takes more than half of that, and a call's
// fate may then be its doing; less cannot decide between the first retransmission and the limit.
const lagShare = 4

// LagLimit returns how late a call may start.
func LagLimit(run *record.Run) time.Duration { return run.Scenario.ConnectLimit / lagShare }

// starvedShare is the part of the time in which a thread wanted a CPU that it may have to wait for one. The
// built-in target keeps as many threads as there are CPUs, and on a machine that both share
// each gets its turn: with 2 CPUs a generator waits for a third of that time, with one for half (a sweep
// of 2,000 calls on 2 CPUs: 0.14 to 0.27, storms of 10,000: up to 0.41). A thread that waits longer
// than it runs is competing for CPU.
const starvedShare = 0.5

// busyShare is the part of a storm that a generator's thread may run or wait for a CPU: one
// that had to sleep at least a twentieth of the time had caught up with its events again and again.
const busyShare = 0.95

func newWorkerHealth(w record.Worker) analysis.WorkerHealth {
	if w.ReplyLag != nil { // the brackets of all stay in the record
		w.ReplyLag = &record.Lag{Count: w.ReplyLag.Count, Sum: w.ReplyLag.Sum, Max: w.ReplyLag.Max}
	}
	h := analysis.WorkerHealth{Worker: w}
	if w.Thread != nil {
		h.CPUShare = part(w.Thread.CPU, w.Wall)
		h.RunQueueShare = part(w.Thread.Waited, neededCPU(&h))
	}
	if w.Steal != nil {
		h.StolenShare = part(min(w.Steal.Time, w.Wall*time.Duration(w.Steal.CPUs)), w.Wall*time.Duration(w.Steal.CPUs))
	}
	return h
}

// part is nil of nothing.
func part(of, whole time.Duration) *float64 {
	if whole <= 0 {
		return nil
	}
	share := float64(of) / float64(whole)
	return &share
}

// neededCPU returns the time in which the thread ran or waited for a CPU.
func neededCPU(w *analysis.WorkerHealth) time.Duration {
	return analysis.Deref(w.Thread).CPU + analysis.Deref(w.Thread).Waited
}

// waited returns 0 where it is not known.
func waited(w *analysis.WorkerHealth) time.Duration { return analysis.Deref(w.Thread).Waited }

// pausedLongest returns 0 where the pauses were not counted.
func pausedLongest(w *analysis.WorkerHealth) time.Duration { return analysis.Deref(w.Pauses).Longest }

// Judge makes the health of a storm whose calls are counted and whose lags are known.
func Judge(run *record.Run, raw *record.Repeat, r *analysis.Repeat) *analysis.Health {
	h := &analysis.Health{
		Grade:      analysis.HealthWell,
		Tolerance:  LagLimit(run),
		NotOffered: r.Outcomes[record.NotOffered],
		Exhausted:  r.Outcomes[record.LocalExhaustion],
	}
	if dropped := uint64(r.Medium.Dropped); r.Medium.Link() {
		h.LinkDrops = &dropped
	} else if r.Medium.Known {
		h.LoopbackDrops = &dropped
	}
	for _, w := range raw.Storm.Workers {
		health := newWorkerHealth(w)
		health.OthersShare = othersShare(raw.Kernel)
		h.Workers = append(h.Workers, health)
	}
	slices.SortStableFunc(h.Workers, byHealth)
	gradeOf(h, r)
	return h
}

// byHealth puts the worker that was held up for longest first.
func byHealth(a, b analysis.WorkerHealth) int {
	return cmp.Or(
		cmp.Compare(waited(&b), waited(&a)),
		cmp.Compare(pausedLongest(&b), pausedLongest(&a)),
		cmp.Compare(neededCPU(&b), neededCPU(&a)))
}

func gradeOf(h *analysis.Health, r *analysis.Repeat) {
	late := h.Tolerance > 0 && r.StartLag.Max > h.Tolerance
	if h.NotOffered+h.Exhausted > 0 || late || r.LinkWasLimit() {
		h.Grade = analysis.HealthLimit
		return
	}
	if r.ReplyLag != nil {
		h.Grade = r.ReplyLag.Grade
	}
	for stall := range analysis.Each(stalls) {
		if _, stalled := stall.worst(h); !stalled {
			continue
		}
		if r.Impaired() {
			h.Grade = analysis.HealthLimit
		} else {
			h.Grade = worse(h.Grade, analysis.HealthStrained)
		}
	}
}

// WorstHealth is nil where no storm's health is known.
func WorstHealth(s *analysis.Summary) *analysis.RunHealth {
	var worst *analysis.RunHealth
	for _, r := range s.Storms() {
		if r.Health == nil {
			continue
		}
		if worst == nil {
			worst = &analysis.RunHealth{Grade: analysis.HealthWell}
		}
		addStorm(worst, r)
	}
	return worst
}

func addStorm(h *analysis.RunHealth, r *analysis.Repeat) {
	h.Grade = worse(h.Grade, r.Health.Grade)
	h.ReplyLag = worstLag(h.ReplyLag, r.ReplyLag)
	h.NotOffered += r.Health.NotOffered
	h.Exhausted += r.Health.Exhausted
	h.LoopbackDrops = greater(h.LoopbackDrops, r.Health.LoopbackDrops)
	h.LinkDrops = greater(h.LinkDrops, r.Health.LinkDrops)
	h.Workers = max(h.Workers, len(r.Health.Workers))
	h.StartLag = h.StartLag.Worst(r.StartLag)
	for w := range analysis.Each(r.Health.Workers) {
		addWorker(h, w)
	}
}

func addWorker(h *analysis.RunHealth, w *analysis.WorkerHealth) {
	h.CPUShare = greater(h.CPUShare, w.CPUShare)
	h.RunQueueShare = greater(h.RunQueueShare, w.RunQueueShare)
	h.StolenShare = greater(h.StolenShare, w.StolenShare)
	h.OthersShare = greater(h.OthersShare, w.OthersShare)
	if w.Thread != nil {
		h.Waited = greater(h.Waited, &w.Thread.Waited)
	}
	if w.Pauses == nil {
		return
	}
	most := analysis.Deref(h.Pauses)
	h.Pauses = &record.Pauses{Count: max(most.Count, w.Pauses.Count), Longest: max(most.Longest, w.Pauses.Longest),
		Total: max(most.Total, w.Pauses.Total)}
}

// greater is that of two which is known and not the less.
func greater[T cmp.Ordered](a, b *T) *T {
	if a == nil || b != nil && *b > *a {
		return b
	}
	return a
}
