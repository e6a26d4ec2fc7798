package metric

import "time"

// Queue is the accept queue during one storm.
type Queue struct {
	Limit uint32 `json:"limit"`
	// Peak is the deepest: what was Seen, or more where the kernel counted an overflow, which only a full
	// queue has (Limit + 1), or where more connections had come than the server had accepted, by the clients'
	// kernels and its log. A burst comes and goes between two samples.
	Peak uint32 `json:"peak"`
	Seen uint32 `json:"deepest_seen"`
	// Full is how long the queue was over its limit, that is at Limit + 1 or more.
	Full time.Duration `json:"full_ns"`
	// Dropped is what the listener itself counted as dropped meanwhile: between two samples the queue can
	// fill and empty.
	Dropped uint32 `json:"dropped,omitempty"`
	// Mean is the time-weighted depth from the storm's start, or the first sample, until the queue was last
	// not empty. The quantiles are of the same time: for half of it the queue was no deeper than P50.
	Mean float64 `json:"mean"`
	P50  uint32  `json:"p50"`
	P90  uint32  `json:"p90"`
	P99  uint32  `json:"p99"`
	// Drain is how long after the last arrival the queue was not empty for good; 0 where it was empty by
	// then.
	Drain time.Duration `json:"drain_ns"`
	// Left connections were still queued when the watch ended: then Drain is the least that it can be.
	Left uint32 `json:"left,omitempty"`
	// Elsewhere is how many overflows the kernel counted at other listeners of the server's namespace: this one
	// dropped nothing.
	Elsewhere uint64 `json:"overflows_elsewhere,omitempty"`
	// Stall is when the server accepted nothing for longest, and then took at once what was queued; nil where
	// it did not.
	Stall *Stall `json:"stall,omitempty"`
	// LongestPause between two samples of the queue, until the last call was settled: from 100 ms on it may
	// have been deeper than Peak.
	LongestPause time.Duration `json:"longest_pause_ns"`
}

// Stall is a time in which the server accepted no connection, though there were some.
type Stall struct {
	From time.Duration `json:"from_ns"`
	To   time.Duration `json:"to_ns"`
	// Needed is how many connections a queue must hold for that time.
	Needed int `json:"needed"`
	// Open: the watch ended before the server accepted again.
	Open bool `json:"open,omitempty"`
}

// PauseLimit is the time without a sample from which a queue's peak may have been missed.
const PauseLimit = 100 * time.Millisecond

// Watched reports whether the queue was sampled often enough: else it may have been deeper than its Peak, and
// the other numbers are wrong.
func (q *Queue) Watched() bool { return q.LongestPause <= PauseLimit }

// WasFull reports whether the queue was full at any time.
func (q *Queue) WasFull() bool { return q.Peak > q.Limit }

// Unseen reports whether the queue overflowed between two samples, and was full at none: Full and Drain are
// the least that they can be, and Mean and the quantiles are of what was seen.
func (q *Queue) Unseen() bool { return q.WasFull() && q.Seen <= q.Limit }

// Holds is how many connections fill it (sk_acceptq_is_full in the kernel's include/net/sock.h).
func (q *Queue) Holds() float64 { return float64(q.Limit) + 1 }

// Instant is how long a queue was full that overflowed between two samples, at the least, in nanoseconds.
const Instant = 1

// queueMetric declares a metric of the accept queue.
type queueMetric struct {
	name, column string
	head         [2]string
	unit         Unit
	table        Table
	of           func(*Queue) float64
	// counted: the kernel's counters and the server's log show it too, beside the samples.
	counted bool
	whole   bool
	// grows: what no sample saw can only add to it.
	grows bool
	// ends with the queue: of one that was not empty when the watch ended it is the least that it can be.
	ends bool
}

var queueMetrics = []queueMetric{
	{name: "max", column: "queue_peak", head: [2]string{"deepest", "queue"}, unit: Connections, counted: true,
		whole: true, of: func(q *Queue) float64 { return float64(q.Peak) }},
	{name: "mean", column: "queue_mean", head: [2]string{"mean", "queue"}, unit: Connections, table: MoreTable,
		of: func(q *Queue) float64 { return q.Mean }},
	{name: "full", column: "queue_full", head: [2]string{"queue", "full"}, unit: Time, table: MoreTable, grows: true,
		of: fullTime},
	{name: "drain", column: "drain", head: [2]string{"drained", "after"}, unit: Time, table: MoreTable, grows: true,
		ends: true, of: func(q *Queue) float64 { return float64(q.Drain) }},
}

// queues are the metrics of the accept queue.
func queues() (all []*Metric) {
	for _, f := range queueMetrics {
		m := &Metric{
			Name: function(f.name, "queue"), Func: f.name, Of: "queue", Unit: f.unit, Population: OfTime, Better: Fewer,
			Head: f.head, Column: f.column, Table: f.table, Pace: true, Measure: f.measure,
			Whole: f.whole,
		}
		if f.unit == Connections {
			m.Of100 = func(s *Storm) float64 { return s.Queue.Holds() }
		}
		all = append(all, m)
	}
	return all
}

func fullTime(q *Queue) float64 {
	if q.WasFull() {
		return max(float64(q.Full), Instant)
	}
	return float64(q.Full)
}

func (m *queueMetric) measure(s *Storm) Value {
	q := s.Queue
	switch {
	case q == nil:
		return unknown(QueueUnwatched)
	case !q.Watched():
		return Value{Number: m.of(q), Unknown: QueueUnsampled, Least: m.counted, Gap: q.LongestPause}
	case m.ends && q.Left > 0:
		return Value{Number: m.of(q), Unknown: NotDrained, Least: true}
	case q.Unseen() && !m.counted:
		return Value{Number: m.of(q), Unknown: OverflowUnseen, Least: m.grows}
	}
	return known(m.of(q))
}

// Socket is one of the sockets that the server listened with on its port, each with a queue of its own.
type Socket struct {
	Address string `json:"address,omitempty"`
	// Effective backlog, and the Peak of its queue; nil where they were not watched by themselves.
	Effective *int `json:"effective_backlog,omitempty"`
	Peak      *int `json:"peak,omitempty"`
	// Drops of the socket; nil where the kernel does not report it.
	Drops *int `json:"drops,omitempty"`
	// Calls that came out of its queue; nil without the server's log.
	Calls *int `json:"calls,omitempty"`
}
