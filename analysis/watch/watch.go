// Package watch accounts for the accept queues of listeners over time, in bounded memory: how deep they were and for
// how long, how long connections waited, and when they overflowed. It reads no clock and no kernel: target/watch feeds
// it samples.
package watch

import (
	"time"

	"agistorm/analysis/listeners"
	"agistorm/analysis/record"
	"agistorm/target/container"
)

// Report is what was seen of listeners from one moment to another.
type Report struct {
	Version string `json:"version,omitempty"`
	// Boot is the kernel's number for the time since it started.
	Boot string    `json:"boot"`
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Suspended is how much of that the host slept, in which nothing was seen.
	Suspended time.Duration `json:"suspended_ns,omitempty"`
	// Interrupted: a signal ended the watch before its time, or it had none.
	Interrupted bool `json:"interrupted,omitempty"`

	Listeners  []Listener       `json:"listeners"`
	Namespaces []Namespace      `json:"namespaces"`
	Events     []Event          `json:"events,omitempty"`
	Unseen     listeners.Unseen `json:"unseen,omitzero"`
	Sampling   Sampling         `json:"sampling"`
	// Reasons are the kernel's own drop reasons, where they were counted (--drops); nil elsewhere.
	Reasons *record.DropReasons `json:"drop_reasons,omitempty"`
	// EventsLeftOut is how many later events are only counted.
	EventsLeftOut int `json:"events_left_out,omitempty"`
	// ListenersLeftOut and NamespacesLeftOut are how many have gone and are only counted: what dropped nothing
	// goes first.
	ListenersLeftOut  int `json:"listeners_left_out,omitempty"`
	NamespacesLeftOut int `json:"namespaces_left_out,omitempty"`
	// Awaited are the ports, addresses, processes and containers that were asked for and that nothing has listened
	// on so far.
	Awaited []string `json:"awaited,omitempty"`
}

// Sampling says what the watch itself did.
type Sampling struct {
	Samples int `json:"samples"`
	// CPU that the watch took.
	CPU time.Duration `json:"cpu_ns"`
}

// Listener is a listening TCP socket over time; one that a restart replaced is the same row.
type Listener struct {
	// Listener is it as it was seen last, with findings and advice. Its Drops are those of the last socket
	// since that listens.
	listeners.Listener
	// First and Last time that it was seen listening; Last is the end of the watch for one that still does.
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
	// Gone: nothing listened there at the end.
	Gone bool `json:"gone,omitempty"`
	// Restarts are the sockets after the first one.
	Restarts int `json:"restarts,omitempty"`

	Peak Peak `json:"peak"`
	// Depths is for how long the queue was so deep.
	Depths Distribution `json:"depths"`
	// Waiting is how long connections waited to be accepted; nil where nothing that waited was seen.
	Waiting *Waiting `json:"waiting,omitempty"`
	// DropsSeen is what it dropped within the watch, over restarts and over a counter that wraps; nil where the
	// kernel does not report it.
	DropsSeen *uint64 `json:"drops_seen"`
	// Overflows are the episodes in which it dropped, the gravest ones in order of time.
	Overflows []Overflow `json:"overflows,omitempty"`
	// OverflowCount and OverflowTime are about all of them, those that are not in Overflows too.
	OverflowCount int           `json:"overflow_count,omitempty"`
	OverflowTime  time.Duration `json:"overflow_ns,omitempty"`
	// Timeline is the whole watch in at most MaxSlots slots of equal length.
	Timeline Timeline `json:"timeline"`
}

// Peak is the longest queue that is known of.
type Peak struct {
	Depth int       `json:"depth"`
	At    time.Time `json:"at"`
	// AtLeast: it may have been longer between two samples, by more than 2 % and more than 5 connections. A queue that
	// dropped because it was full is exact.
	AtLeast bool `json:"at_least,omitempty"`
	// Full: it held all that it can.
	Full bool `json:"full,omitempty"`
}

// Distribution is the time-weighted distribution of a depth.
type Distribution struct {
	// Time that was watched, and Mean depth within it.
	Time time.Duration `json:"time_ns"`
	Mean float64       `json:"mean"`
	// Area is the integral of the depth, in connections times seconds: it never shrinks.
	Area float64 `json:"connection_seconds"`
	// P50, P99 and P999: the depth was at most this for so much of the time.
	P50  int `json:"p50"`
	P99  int `json:"p99"`
	P999 int `json:"p999"`
	// Empty and Full are the times in which it held none, and all that it can.
	Empty time.Duration `json:"empty_ns"`
	Full  time.Duration `json:"full_ns"`
}

// Source says how a waiting time was found.
type Source string

// Sources of waiting times.
const (
	// SourceLittle is Little's law: mean depth by the rate of connections, where one listener of the namespace accepts.
	SourceLittle Source = "little"
	// SourceAges are the ages of connections that were seen in the queue.
	SourceAges Source = "ages"
)

// Waiting is how long connections waited in the accept queue.
type Waiting struct {
	Source Source `json:"source"`
	// Mean over Connections.
	Mean        time.Duration `json:"mean_ns"`
	Connections int           `json:"connections"`
	// Total of their waits: it never shrinks.
	Total time.Duration `json:"total_ns"`
	// Longest that was seen; nil for Little's law alone.
	Longest *time.Duration `json:"longest_ns,omitempty"`
}

// Overflow is an episode in which a listener dropped connections. It ends where none was dropped for EpisodeGap.
type Overflow struct {
	// From is the last sample before its first drop, and To the first one after its last.
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Drops that the kernel counted at the socket.
	Drops uint64 `json:"drops"`
	// Before is how deep the queue was at the last sample before.
	Before int `json:"depth_before"`
	// Peak within it, and Limit: the effective backlog then.
	Peak  int `json:"peak"`
	Limit int `json:"limit"`
}

// MaxSlots bounds the slots of a Timeline.
const MaxSlots = 720

// EpisodeGap is the longest time without a drop within an Overflow: clients come back after 1 s (Linux 6.5 and later),
// or after 1, 2 and 4 s.
const EpisodeGap = 5 * time.Second

// MaxOverflows bounds the Overflows of a Listener; of more the gravest are kept.
const MaxOverflows = 100

// MaxGone bounds the listeners that have gone, and the namespaces, in a Report.
const MaxGone = 1000

// Timeline is a watch in slots of equal length, which grows as the watch does.
type Timeline struct {
	Slot  time.Duration `json:"slot_ns"`
	Slots []Slot        `json:"slots"`
}

// Slot is one part of a Timeline.
type Slot struct {
	// Peak and Mean depth.
	Peak int     `json:"peak"`
	Mean float64 `json:"mean"`
	// Drops that the kernel counted at the socket.
	Drops uint64 `json:"drops,omitempty"`
	// Seen is false where nothing listened, or nothing was sampled.
	Seen bool `json:"seen"`
}

// Namespace is a network namespace over time.
type Namespace struct {
	// Namespace is it as it was seen last; Grown is since the watch began.
	listeners.Namespace
	// Gone: its last process ended within the watch.
	Gone bool `json:"gone,omitempty"`
}

// Counters are those of a Namespace that a watch follows, in the order in which they are shown.
var Counters = []string{
	"ListenOverflows", "ListenDrops", "TcpPassiveOpens", "TCPSynRetrans", "SyncookiesSent", "SyncookiesRecv",
	"SyncookiesFailed", "TCPReqQFullDrop", "TCPReqQFullDoCookies",
}

// Happening is a kind of Event.
type Happening string

// What can happen within a watch.
const (
	// Restarted: another socket listens at the address of one that has gone.
	Restarted Happening = "restarted"
	// Appeared and Vanished are about a listener.
	Appeared Happening = "appeared"
	Vanished Happening = "vanished"
	// NamespaceGone: no process is in the network namespace any more.
	NamespaceGone Happening = "namespace-gone"
	// Wrapped: the listener's counter of drops went past 2^32.
	Wrapped Happening = "wrapped"
	// Suspended: the host slept for Duration.
	Suspended Happening = "suspended"
	// Late: the watch was not scheduled for Duration.
	Late Happening = "late"
	// DiskFull: a file could not be written on; Text names it.
	DiskFull Happening = "disk-full"
)

// MaxEvents bounds the events of a Report.
const MaxEvents = 1000

// Event is what happened within a watch, beside what was sampled.
type Event struct {
	At   time.Time `json:"at"`
	Kind Happening `json:"kind"`
	// Endpoint, Process and Netns of the listener that it is about, as far as it is about one.
	Endpoint string `json:"endpoint,omitempty"`
	Process  string `json:"process,omitempty"`
	Netns    string `json:"netns,omitempty"`
	// Container of the namespace.
	Container *container.Container `json:"container,omitempty"`
	// Duration of what has one.
	Duration time.Duration `json:"duration_ns,omitempty"`
	Text     string        `json:"text,omitempty"`
}
