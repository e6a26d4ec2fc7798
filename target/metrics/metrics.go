// Package metrics shows a running target in the OpenMetrics text format 1.0.0, which Prometheus reads
// (https://github.com/prometheus/OpenMetrics, specification/OpenMetrics.md).
package metrics

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"agistorm/target"
	"agistorm/target/engine"
	"agistorm/target/probe"
)

// ContentType of what Write writes.
const ContentType = "application/openmetrics-text; version=1.0.0; charset=utf-8"

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

// sample is one line: its labels, if any, and its value.
type sample struct {
	labels string
	value  uint64
}

// family is a metric with its samples; without any it is left out.
type family struct {
	name, kind, help string
	samples          []sample
}

// kernelNames holds the metrics' names of the kernel's counters.
var kernelNames = map[string]string{
	"ListenOverflows": "agistorm_netns_listen_overflows", "ListenDrops": "agistorm_netns_listen_drops",
}

func (s *Snapshot) families() []family {
	count := func(n uint64) []sample { return []sample{{"", n}} }
	list := []family{
		{"agistorm_connections_accepted", "counter", "Connections that accept(2) returned.", count(s.Accepted)},
		{"agistorm_sessions_served", "counter", "Sessions whose whole script was answered.", count(s.Served())},
		{"agistorm_sessions_hung_up", "counter", "Sessions that the caller's hang-up ended.",
			count(s.By[engine.HungUp])},
		{"agistorm_sessions_failed", "counter", "Sessions that ended in any other way, by kind.", s.failed()},
		{"agistorm_sessions_open", "gauge", "Connections that are open now.", count(s.Open())},
		{"agistorm_commands_refused", "counter", "Commands that the client answered with 510 or 520.",
			count(s.RefusedCommands)},
		{"agistorm_accept_errors", "counter", "Calls of accept(2) that failed.", count(s.AcceptErrors)},
		{"agistorm_queue_discarded", "counter", "Connections in the accept queue when a restart closed it.",
			count(uint64(s.Discarded))},
	}
	add := func(name, kind, help string, n uint64) {
		list = append(list, family{name, kind, help, count(n)})
	}
	if q := s.Queue; q != nil {
		add("agistorm_accept_queue_depth", "gauge", "Connections in the accept queue, of several the longest.",
			uint64(q.Depth))
		add("agistorm_accept_queue_limit", "gauge", "Effective backlog; the queue holds one more.", uint64(q.Limit))
		if q.Drops != nil {
			add("agistorm_accept_queue_drops", "counter", "What the kernel counts as dropped at these sockets.",
				uint64(*q.Drops))
		}
	}
	if s.Waiting != nil {
		add("agistorm_accept_queue_connections", "gauge", "Connections in all accept queues.", uint64(*s.Waiting))
	}
	for _, counter := range []string{"ListenOverflows", "ListenDrops"} {
		if n, ok := s.Kernel[counter]; ok {
			add(kernelNames[counter], "counter", counter+" of the network namespace, all its listeners together.", n)
		}
	}
	return list
}

// failed has every kind, those that never occurred too: a series that begins with its first failure has no
// rate.
func (s *Snapshot) failed() []sample {
	var samples []sample
	for f := range engine.Fates {
		if f.Failed() {
			samples = append(samples, sample{"{kind=" + strconv.Quote(f.String()) + "}", s.By[f]})
		}
	}
	return samples
}

// Write writes the snapshot.
func (s *Snapshot) Write(w io.Writer) error {
	out := bufio.NewWriter(w)
	for _, f := range s.families() {
		fmt.Fprintf(out, "# TYPE %s %s\n# HELP %s %s\n", f.name, f.kind, f.name, f.help)
		suffix := ""
		if f.kind == "counter" {
			suffix = "_total"
		}
		for _, one := range f.samples {
			fmt.Fprintf(out, "%s%s%s %d\n", f.name, suffix, one.labels, one.value)
		}
	}
	fmt.Fprint(out, "# EOF\n")
	return out.Flush()
}

// Handler serves a snapshot at /metrics for each request.
func Handler(l *target.Listener, s *target.Server) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", ContentType)
		now := Take(l, s)
		_ = now.Write(w) // the client is gone
	})
	return mux
}
