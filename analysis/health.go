package analysis

import (
	"time"

	"agistorm/analysis/metric"
	"agistorm/analysis/record"
)

// Health is how well the generator of one storm was; its lags stand beside it, in Repeat.StartLag and
// Repeat.ReplyLag.
type Health struct {
	Grade Grade `json:"grade"`
	// Tolerance is for how long the generator may be held up: a quarter of the connect limit; 0 where that is
	// not known.
	Tolerance time.Duration `json:"tolerance_ns"`
	// NotOffered and Exhausted attempts never reached the network.
	NotOffered int `json:"not_offered"`
	Exhausted  int `json:"local_exhaustion"`
	// LoopbackDrops are the packets that lo dropped, those of others included where the storm had no
	// namespace of its own; nil where the kernel has no account, and on a link.
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
	// StolenShare is the part of its machine's CPU time that a hypervisor gave to others, 0 to 1; nil where
	// that is not known.
	StolenShare *float64 `json:"stolen_share,omitempty"`
	// OthersShare is the part of its machine's CPU time that processes used which had no part in the storm, 0
	// to 1; nil where that is not known.
	OthersShare *float64 `json:"others_share,omitempty"`
}

// RunHealth is the worst of all storms of a run.
type RunHealth struct {
	Grade Grade `json:"grade"`
	// StartLag has the greatest of each quantile of a storm.
	StartLag metric.Quantiles `json:"start_lag"`
	// ReplyLag has the greatest of each number of a storm, and how many replies there were in all; nil
	// where none is known.
	ReplyLag *ReplyLag `json:"reply_lag,omitempty"`
	// NotOffered and Exhausted attempts of all storms together.
	NotOffered int `json:"not_offered"`
	Exhausted  int `json:"local_exhaustion"`
	// LoopbackDrops and LinkDrops are the most in one storm; nil where no kernel counted them.
	LoopbackDrops *uint64 `json:"lo_rx_dropped,omitempty"`
	LinkDrops     *uint64 `json:"link_dropped,omitempty"`
	// CPUShare and RunQueueShare are the greatest of a worker, and Waited the longest; nil where no worker
	// measured them.
	CPUShare      *float64       `json:"cpu_share,omitempty"`
	RunQueueShare *float64       `json:"run_queue_share,omitempty"`
	Waited        *time.Duration `json:"run_queue_ns,omitempty"`
	// StolenShare is the greatest part of a machine's CPU time that a hypervisor gave to others in a storm;
	// nil where no worker measured it.
	StolenShare *float64 `json:"stolen_share,omitempty"`
	// OthersShare is the greatest part of a machine's CPU time that other processes used in a storm; nil
	// where no record has it.
	OthersShare *float64 `json:"others_share,omitempty"`
	// Pauses has the most, the longest and the longest total of a worker; nil where no worker measured it.
	Pauses *record.Pauses `json:"collector_pauses,omitempty"`
	// Workers are the most of a storm.
	Workers int `json:"workers"`
}

// ReplyLag is how long the server's commands waited for the generator's replies: from the arrival of a
// command at the client's socket, plus the think time, to the write of the reply. A real caller waits
// too, but 0.05 to 0.11 ms at the median: what is longer is the generator's own fault, and holds a
// handler of the server.
type ReplyLag struct {
	// Count of replies.
	Count int `json:"count"`
	// The quantiles are at most a sixteenth or 1 µs too long; Max and Sum are exact.
	P50 time.Duration `json:"p50_ns"`
	P90 time.Duration `json:"p90_ns"`
	P95 time.Duration `json:"p95_ns"`
	P99 time.Duration `json:"p99_ns"`
	Max time.Duration `json:"max_ns"`
	Sum time.Duration `json:"sum_ns"`
	// FromRead reports that it counts from the read of a command: the engine has no arrival stamps.
	FromRead bool `json:"from_read,omitempty"`
	// HandlerTime is the time from the accept of a connection to the end of its session, all
	// connections together; Share is the part of it, 0 to 1, that the lag cost. Both are nil where the
	// server's log has no account, and ShareUnknown is the reason.
	HandlerTime  *time.Duration `json:"handler_time_ns,omitempty"`
	Share        *float64       `json:"share_of_handler_time,omitempty"`
	ShareUnknown metric.Reason  `json:"share_unknown,omitempty"`
	// Grade is what it means for the numbers of the storm; of several storms it is the worst.
	Grade Grade `json:"grade"`
	// PaceDoubted: the share is too high, though no call was lost, late or slow. That none was stands, since
	// a prompter generator would only have helped; how fast the server was does not.
	PaceDoubted bool `json:"pace_doubted,omitempty"`
}

// Quantiles of the lag; its least is not known, and Min is 0.
func (l *ReplyLag) Quantiles() metric.Quantiles {
	if l == nil {
		return metric.Quantiles{}
	}
	return metric.Quantiles{Count: int64(l.Count), P50: l.P50, P90: l.P90, P95: l.P95, P99: l.P99, Max: l.Max}
}

// SetQuantiles takes them all but the least.
func (l *ReplyLag) SetQuantiles(q metric.Quantiles) {
	l.Count, l.P50, l.P90, l.P95, l.P99, l.Max = int(q.Count), q.P50, q.P90, q.P95, q.P99, q.Max
}

// Grade is what a generator's health means for the numbers.
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
