package finding

import "time"

// stormKinds are the facts about one storm.
var stormKinds = []Kind{
	{"unbalanced", Unbalanced{}},
	{"unserved-calls", UnservedCalls{}},
	{"unanswered-calls", UnansweredCalls{}},
	{"queue-unsampled", QueueUnsampled{}},
	{"queue-overflow-unseen", QueueUnseen{}},
	{"link-dropped", LinkDropped{}},
	{"link-late", LinkLate{}},
	{"no-kernel-record", NoKernelRecord{}},
	{"still-queued", StillQueued{}},
}

// UnservedCalls are answered for their clients, while the server did not serve them by its own account.
type UnservedCalls struct {
	Calls int `json:"calls"`
	// Fates of their sessions at the server, and how many calls have each.
	Fates map[string]int `json:"fates"`
}

// UnansweredCalls are served by the server's own account, while their clients have no answer.
type UnansweredCalls struct {
	Calls int `json:"calls"`
	// Outcomes for their clients, and how many calls have each.
	Outcomes map[string]int `json:"outcomes"`
}

// QueueUnsampled means that the accept queue was not sampled for so long that its peak may have been missed.
type QueueUnsampled struct {
	Pause time.Duration `json:"pause_ns"`
}

// QueueUnseen means that the accept queue overflowed between two samples; the deepest sample saw Seen of
// Holds.
type QueueUnseen struct {
	Seen  int `json:"seen"`
	Holds int `json:"holds"`
}

// LinkDropped means that the link between clients and server dropped packets itself.
type LinkDropped struct {
	Dropped int `json:"dropped"`
	Packets int `json:"packets"`
}

// LinkLate means that the link delayed 1 % of its packets by P99 or more beyond half of its round trip.
type LinkLate struct {
	P99 time.Duration `json:"p99_ns"`
	RTT time.Duration `json:"rtt_ns"`
}

// NoKernelRecord means that the kernel's counters of the storm are not known.
type NoKernelRecord struct{}

// StillQueued are connections in the accept queue when the storm was over.
type StillQueued struct {
	Connections int `json:"connections"`
	// Drain is how long after the last arrival that was; 0 where the queue was not watched.
	Drain time.Duration `json:"drain_ns,omitempty"`
}
