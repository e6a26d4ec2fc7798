package analysis

import (
	"cmp"
	"slices"
	"time"

	"agistorm/analysis/record"
)

// Grade says what a generator's health means for the numbers.
type Grade string

const (
	// HealthWell is a generator that nothing held up for long enough to change what became of a call.
	HealthWell Grade = "well"
	// HealthStrained is one that was held up for so long, but no call was lost or late, or that was
	// slow to reply: only the latencies and the server's pace are partly its own. It is a warning.
	HealthStrained Grade = "strained"
	// HealthLimit is one that may have changed what became of a call: the run is inconclusive, or the
	// setting where only the generator's replies were too slow.
	HealthLimit Grade = "the limit"
)

// worse is the graver of two grades.
func worse(a, b Grade) Grade {
	order := []Grade{HealthWell, HealthStrained, HealthLimit}
	return order[max(slices.Index(order, a), slices.Index(order, b), 0)]
}

// lagShare is the part of the connect limit that the generator may be late by, or held up for. A call that
// is dropped once still fits the limit of Asterisk, 2 s, since its SYN is sent again after 1.00 to 1.07 s; what is left is
// 0.93 s. Half a second of the generator's own takes more than half of that, and a call's fate
// may then be its doing; less cannot decide between the first retransmission and the limit.
const lagShare = 4

func lagLimit(run *record.Run) time.Duration { return run.Scenario.ConnectLimit / lagShare }

// starvedShare is the part of the time in which a thread wanted a CPU that it may have to wait for one. The
// built-in target keeps as many threads as there are CPUs, and on a machine that both share
// each gets its turn: with 2 CPUs a generator waits for a third of that time, with one for half (a sweep
// of 2,000 calls on 2 CPUs: 0.14 to 0.27, storms of 10,000: up to 0.41). A thread that waits longer
// than it runs is competing for CPU.
const starvedShare = 0.5

// busyShare is the part of a storm that a generator's thread may run or wait for a CPU: one
// that had to sleep at least a twentieth of the time had caught up with its events again and again.
const busyShare = 0.95

// Health is how well the generator of one storm was; its lags stand beside it, in Repeat.StartLag and Repeat.ReplyLag.
type Health struct {
	Grade Grade `json:"grade"`
	// Tolerance is for how long the generator may be held up: a quarter of the connect limit; 0 where that is not known.
	Tolerance time.Duration `json:"tolerance_ns"`
	// NotOffered and Exhausted attempts never reached the network.
	NotOffered int `json:"not_offered"`
	Exhausted  int `json:"local_exhaustion"`
	// LoopbackDrops are the packets that lo dropped, those of others included where the storm had no namespace
	// of its own; nil where the kernel does not tell, and on a link.
	LoopbackDrops *uint64 `json:"lo_rx_dropped,omitempty"`
	// LinkDrops are the packets that the link between clients and server dropped; nil without one.
	LinkDrops *uint64 `json:"link_dropped,omitempty"`
	// Workers of the storm, the worst first; none where the record has none.
	Workers []WorkerHealth `json:"workers,omitempty"`
}

// WorkerHealth is how well one worker was.
type WorkerHealth struct {
	record.Worker
	// CPUShare is the part of its wall time that its thread ran, 0 to 1; nil where that is not known.
	CPUShare *float64 `json:"cpu_share,omitempty"`
	// RunQueueShare is the part of the time in which its thread was ready to run that it waited for a CPU, 0
	// to 1; nil where that is not known.
	RunQueueShare *float64 `json:"run_queue_share,omitempty"`
	// StolenShare is the part of its machine's CPU time that a hypervisor gave to others, 0 to 1; nil where that is not known.
	StolenShare *float64 `json:"stolen_share,omitempty"`
	// OthersShare is the part of its machine's CPU time that processes used which had no part in the storm, 0 to 1;
	// nil where that is not known.
	OthersShare *float64 `json:"others_share,omitempty"`
}

func newWorkerHealth(w record.Worker) WorkerHealth {
	if w.ReplyLag != nil { // the brackets of all stay in the record
		w.ReplyLag = &record.Lag{Count: w.ReplyLag.Count, Sum: w.ReplyLag.Sum, Max: w.ReplyLag.Max}
	}
	h := WorkerHealth{Worker: w}
	if w.Thread != nil {
		h.CPUShare = part(w.Thread.CPU, w.Wall)
		h.RunQueueShare = part(w.Thread.Waited, h.wanted())
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

// wanted is the time in which the thread ran or waited for a CPU.
func (w *WorkerHealth) wanted() time.Duration {
	if w.Thread == nil {
		return 0
	}
	return w.Thread.CPU + w.Thread.Waited
}

// waited is 0 where it is not known.
func (w *WorkerHealth) waited() time.Duration {
	if w.Thread == nil {
		return 0
	}
	return w.Thread.Waited
}

// longestPause is 0 where the pauses were not counted.
func (w *WorkerHealth) longestPause() time.Duration {
	if w.Pauses == nil {
		return 0
	}
	return w.Pauses.Longest
}

// judge makes the health of a storm whose calls are counted and whose lags are known.
func judge(run *record.Run, raw *record.Repeat, r *Repeat) *Health {
	h := &Health{
		Grade:      HealthWell,
		Tolerance:  lagLimit(run),
		NotOffered: r.Outcomes[record.NotOffered],
		Exhausted:  r.Outcomes[record.LocalExhaustion],
	}
	if dropped := uint64(r.medium.dropped); r.medium.link() {
		h.LinkDrops = &dropped
	} else if r.medium.known {
		h.LoopbackDrops = &dropped
	}
	for _, w := range raw.Storm.Workers {
		health := newWorkerHealth(w)
		health.OthersShare = othersShare(raw.Kernel)
		h.Workers = append(h.Workers, health)
	}
	slices.SortStableFunc(h.Workers, byHealth)
	h.grade(r)
	return h
}

// byHealth puts the worker that was held up for longest first.
func byHealth(a, b WorkerHealth) int {
	return cmp.Or(
		cmp.Compare(b.waited(), a.waited()),
		cmp.Compare(b.longestPause(), a.longestPause()),
		cmp.Compare(b.wanted(), a.wanted()))
}

func (h *Health) grade(r *Repeat) {
	late := h.Tolerance > 0 && r.StartLag.Max > h.Tolerance
	if h.NotOffered+h.Exhausted > 0 || late || linkWasLimit(r) {
		h.Grade = HealthLimit
		return
	}
	if r.ReplyLag != nil {
		h.Grade = r.ReplyLag.Grade
	}
	for i := range stalls {
		if _, ails := stalls[i].worst(h); !ails {
			continue
		}
		if r.suffered() {
			h.Grade = HealthLimit
		} else {
			h.Grade = worse(h.Grade, HealthStrained)
		}
	}
}

// suffered reports whether any call was lost, or is known to be late: only then can a generator that was held up
// have changed what became of a call. That it hid a loss since it came too slowly shows in its start lag.
func (r *Repeat) suffered() bool { return r.Lost > 0 || r.Late > 0 }

// RunHealth is the worst of all storms of a run.
type RunHealth struct {
	Grade Grade `json:"grade"`
	// StartLag has the greatest of each quantile of a storm.
	StartLag Quantiles `json:"start_lag"`
	// ReplyLag has the greatest of each number of a storm, and how many replies there were in all; nil
	// where none is known.
	ReplyLag *ReplyLag `json:"reply_lag,omitempty"`
	// NotOffered and Exhausted attempts of all storms together.
	NotOffered int `json:"not_offered"`
	Exhausted  int `json:"local_exhaustion"`
	// LoopbackDrops and LinkDrops are the most in one storm; nil where no kernel told.
	LoopbackDrops *uint64 `json:"lo_rx_dropped,omitempty"`
	LinkDrops     *uint64 `json:"link_dropped,omitempty"`
	// CPUShare and RunQueueShare are the greatest of a worker, and Waited the longest; nil where no worker told.
	CPUShare      *float64       `json:"cpu_share,omitempty"`
	RunQueueShare *float64       `json:"run_queue_share,omitempty"`
	Waited        *time.Duration `json:"run_queue_ns,omitempty"`
	// StolenShare is the greatest part of a machine's CPU time that a hypervisor gave to others in a storm; nil where no worker told.
	StolenShare *float64 `json:"stolen_share,omitempty"`
	// OthersShare is the greatest part of a machine's CPU time that other processes used in a storm; nil where no
	// record tells.
	OthersShare *float64 `json:"others_share,omitempty"`
	// Pauses has the most, the longest and the longest total of a worker; nil where no worker told.
	Pauses *record.Pauses `json:"collector_pauses,omitempty"`
	// Workers are the most of a storm.
	Workers int `json:"workers"`
}

// WorstHealth is nil where no storm's health is known.
func WorstHealth(s *Summary) *RunHealth {
	var worst *RunHealth
	eachRepeat(s, func(_ *Cell, r *Repeat) {
		if r.Health == nil {
			return
		}
		if worst == nil {
			worst = &RunHealth{Grade: HealthWell}
		}
		worst.add(r)
	})
	return worst
}

func (h *RunHealth) add(r *Repeat) {
	h.Grade = worse(h.Grade, r.Health.Grade)
	h.ReplyLag = worstLag(h.ReplyLag, r.ReplyLag)
	h.NotOffered += r.Health.NotOffered
	h.Exhausted += r.Health.Exhausted
	h.LoopbackDrops = greater(h.LoopbackDrops, r.Health.LoopbackDrops)
	h.LinkDrops = greater(h.LinkDrops, r.Health.LinkDrops)
	h.Workers = max(h.Workers, len(r.Health.Workers))
	lag := &h.StartLag
	lag.Count += r.StartLag.Count
	for _, q := range []struct{ of, with *time.Duration }{
		{&lag.P50, &r.StartLag.P50}, {&lag.P90, &r.StartLag.P90}, {&lag.P99, &r.StartLag.P99},
		{&lag.Min, &r.StartLag.Min}, {&lag.Max, &r.StartLag.Max},
	} {
		*q.of = max(*q.of, *q.with)
	}
	for i := range r.Health.Workers {
		h.addWorker(&r.Health.Workers[i])
	}
}

func (h *RunHealth) addWorker(w *WorkerHealth) {
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
	if h.Pauses == nil {
		h.Pauses = &record.Pauses{}
	}
	h.Pauses.Count = max(h.Pauses.Count, w.Pauses.Count)
	h.Pauses.Longest = max(h.Pauses.Longest, w.Pauses.Longest)
	h.Pauses.Total = max(h.Pauses.Total, w.Pauses.Total)
}

// greater is that of two which is known and not the less.
func greater[T cmp.Ordered](a, b *T) *T {
	if a == nil || b != nil && *b > *a {
		return b
	}
	return a
}
