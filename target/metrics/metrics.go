// Package metrics shows a running target to Prometheus.
package metrics

import (
	"io"

	"agistorm/target"
	"agistorm/target/engine"
	"agistorm/target/metrics/openmetrics"
	"agistorm/target/metrics/scrape"
	"agistorm/target/probe"
)

// Snapshot is a target at one moment. A value that the system does not report is nil, and left out.
type Snapshot struct {
	target.Counts
	// Queue is the accept queue, of several the longest; Waiting are the connections in all of them.
	Queue   *probe.QueueState
	Waiting *int
	// Discarded connections were queued when a restart closed the sockets.
	Discarded int
	// Kernel has the counters of the target's network namespace, by the kernel's names.
	Kernel map[string]uint64
}

// Take takes a snapshot.
func Take(l *target.Listener, s *target.Server) Snapshot {
	now := Snapshot{Counts: s.Counts(), Discarded: l.Discarded()}
	if queue, err := l.Queue(); err == nil && l.Kept().Effective != nil {
		now.Queue = &queue
	}
	if n, err := l.Waiting(); err == nil && now.Queue != nil {
		now.Waiting = &n
	}
	now.Kernel, _ = probe.Counters() // elsewhere than on Linux there are none
	return now
}

// families are those of the snapshot; what the system does not report is none.
func (s *Snapshot) families() (list []openmetrics.Family) {
	add := func(name string, kind openmetrics.Kind, help string, samples []openmetrics.Sample) {
		list = append(list, openmetrics.Family{Name: name, Kind: kind, Help: help, Samples: samples})
	}
	counted := func(name, help string, n uint64) { add(name, openmetrics.Counter, help, openmetrics.Counted(n)) }
	gauged := func(name, help string, n uint64) { add(name, openmetrics.Gauge, help, openmetrics.Counted(n)) }
	counted("agistorm_connections_accepted", "Connections that accept(2) returned.", s.Accepted)
	counted("agistorm_sessions_served", "Sessions whose whole script was answered.", s.Served())
	counted("agistorm_sessions_hung_up", "Sessions that the caller's hang-up ended.", s.By[engine.HungUp])
	add("agistorm_sessions_failed", openmetrics.Counter, "Sessions that ended in any other way, by kind.", s.failed())
	gauged("agistorm_sessions_open", "Connections that are open now.", s.Open())
	counted("agistorm_commands_refused", "Commands that the client answered with 510 or 520.", s.RefusedCommands)
	counted("agistorm_accept_errors", "Calls of accept(2) that failed.", s.AcceptErrors)
	counted("agistorm_queue_discarded", "Connections in the accept queue when a restart closed it.",
		uint64(s.Discarded))
	if q := s.Queue; q != nil {
		gauged("agistorm_accept_queue_depth", "Connections in the accept queue, of several the longest.",
			uint64(q.Depth))
		gauged("agistorm_accept_queue_limit", "Effective backlog; the queue holds one more.", uint64(q.Limit))
		if q.Drops != nil {
			counted("agistorm_accept_queue_drops", "What the kernel counts as dropped at these sockets.",
				uint64(*q.Drops))
		}
	}
	if s.Waiting != nil {
		gauged("agistorm_accept_queue_connections", "Connections in all accept queues.", uint64(*s.Waiting))
	}
	for _, counter := range []string{"ListenOverflows", "ListenDrops"} {
		if n, ok := s.Kernel[counter]; ok {
			family := openmetrics.KernelFamily(counter)
			add(family.Name, family.Kind, family.Help, openmetrics.Counted(n))
		}
	}
	return list
}

// failed has every kind, those that never occurred too: a series that begins with its first failure has no
// rate.
func (s *Snapshot) failed() []openmetrics.Sample {
	var samples []openmetrics.Sample
	for f := range engine.Fates {
		if f.Failed() {
			kind := openmetrics.Label{Name: "kind", Value: f.String()}
			samples = append(samples, openmetrics.Sample{Labels: []openmetrics.Label{kind}, Value: float64(s.By[f])})
		}
	}
	return samples
}

// Write writes the snapshot.
func (s *Snapshot) Write(w io.Writer) error { return openmetrics.Write(w, s.families()) }

// Page shows a snapshot for each request.
func Page(l *target.Listener, s *target.Server) scrape.Page {
	return scrape.Page{ContentType: openmetrics.ContentType, Write: func(w io.Writer) error {
		now := Take(l, s)
		return now.Write(w)
	}}
}
