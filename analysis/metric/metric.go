// Package metric holds the numbers of a storm and the registry of all metrics: what each is called, in which
// unit and of which calls it is, which way is better, and what it is in a storm or why that is unknown.
// Gates, tables, comparisons and exports read the registry; a new metric is one entry in it.
package metric

import (
	"slices"
	"strings"
	"sync"
	"time"

	"agistorm/analysis/record"
)

// Unit of a metric's values.
type Unit string

// The units.
const (
	Calls       Unit = "calls"
	SYNs        Unit = "SYNs"
	Connections Unit = "connections"
	Time        Unit = "ns"
	Rate        Unit = "calls/s"
	Percent     Unit = "%"
)

// Population is what a metric is a number of: one name has one population everywhere.
type Population string

// The populations.
const (
	// OfOffered calls: a lost one has waited without end.
	OfOffered Population = "offered calls"
	// OfConnected calls: those that the kernel has an account of.
	OfConnected Population = "connected calls"
	// OfTime is of the time in which the accept queue was in use.
	OfTime Population = "time"
	// OfGenerator is of the generator itself: no delay of its own puts it in doubt.
	OfGenerator Population = "generator"
)

// Better is the direction in which a metric improves.
type Better string

// The directions.
const (
	Fewer   Better = "fewer"
	More    Better = "more"
	Neither Better = "neither"
)

// Client is the kind of client that can have a metric.
type Client int

// The clients.
const (
	AnyClient Client = iota
	// SpeakingClient waits for commands; one that only connects never has it.
	SpeakingClient
	// ConnectingClient closes once it has connected.
	ConnectingClient
)

// Table is where a report shows a metric.
type Table int

// The tables.
const (
	NoTable Table = iota
	// MainTable always shows it.
	MainTable
	// MainTableIfAny shows it where a storm has any.
	MainTableIfAny
	// MoreTable is the second one.
	MoreTable
)

// Metric is one named number of a storm.
type Metric struct {
	// Name is what gates call it: Of, or Func(Of).
	Name, Func, Of string
	Unit           Unit
	Population     Population
	Better         Better
	// Head is its title in a table, in two lines.
	Head [2]string
	// Column names it in exports, without its unit.
	Column string
	Table  Table
	// Compared metrics are those in which two samples of storms are held against each other; Benchmarked ones
	// go to benchstat.
	Compared, Benchmarked bool
	// OughtToBeZero in every storm.
	OughtToBeZero bool
	// Client that can have it.
	Client Client
	// Logged: only a target that keeps a log knows it.
	Logged bool
	// Pace: it measures how fast the server was: it depends on how prompt the replies are, even where no call
	// was impaired.
	Pace bool
	// Outcome that it counts; empty if it counts something else.
	Outcome record.Outcome
	// Whole: its values are whole numbers.
	Whole bool
	// percentile that it is, 0 for none.
	percentile float64
	// Of100 is what 100 % of it is in a storm; nil where a share means nothing.
	Of100 func(*Storm) float64
	// Measure gives its value in a storm.
	Measure func(*Storm) Value
}

// Title is the head in one line.
func (m *Metric) Title() string {
	if strings.HasSuffix(m.Head[0], "-") {
		return m.Head[0] + m.Head[1]
	}
	return strings.TrimSpace(m.Head[0] + " " + m.Head[1])
}

// Enough reports whether so many calls are enough to show it: a percentile of too few is the maximum under
// another name.
func (m *Metric) Enough(calls int64) bool { return m.percentile == 0 || Enough(calls, m.percentile) }

// Value is what a metric is in a storm.
type Value struct {
	// Number in the metric's unit; a wait of a lost call is stats.NoEnd.
	Number float64
	// Unknown is why Number is not known; empty where it is.
	Unknown Reason
	// Least reports that Number, though unknown, is known to be no less.
	Least bool
	// Gap without a sample, for QueueUnsampled.
	Gap time.Duration
}

// Known reports whether the number is known.
func (v Value) Known() bool { return v.Unknown == "" }

// Reason is why a metric is not known.
type Reason string

// The reasons.
const (
	// NoSuchCall: no call of the storm has such a latency or lag.
	NoSuchCall Reason = "no-such-call"
	// NoKernelAccount: the engine cannot ask the kernel for SYN retransmissions.
	NoKernelAccount Reason = "no-kernel-account"
	// NoServerLog: the server keeps no log of its connections.
	NoServerLog Reason = "no-server-log"
	// OpenSessions: the server's log lacks the end of a session.
	OpenSessions Reason = "open-sessions"
	// OnlyConnects: the client waits for no command.
	OnlyConnects Reason = "only-connects"
	// QueueUnwatched: the accept queue was not watched.
	QueueUnwatched Reason = "queue-unwatched"
	// QueueUnsampled: the accept queue was not sampled for too long.
	QueueUnsampled Reason = "queue-unsampled"
	// OverflowUnseen: the accept queue overflowed between two samples, and was full at no sample.
	OverflowUnseen Reason = "overflow-unseen"
	// NotDrained: connections were still queued when the watch of the accept queue ended.
	NotDrained Reason = "queue-not-drained"
	// NoReplies: nothing was replied, or the record is older than 0.2.
	NoReplies Reason = "no-replies"
	// NoTime: calls were served in no time.
	NoTime Reason = "no-time"
)

func known[T int | uint32 | uint64 | float64 | time.Duration](n T) Value {
	return Value{Number: float64(n)}
}

func unknown(why Reason) Value { return Value{Unknown: why} }

// optional is a number that is nil where it is not known.
func optional[T int | uint64 | float64](n *T, why Reason) Value {
	if n == nil {
		return unknown(why)
	}
	return known(*n)
}

// function names a function of something.
func function(name, of string) string { return name + "(" + of + ")" }

// All are the metrics in the order in which tables and exports show them.
var All = sync.OnceValue(func() []*Metric {
	return slices.Concat(calls(), latencies(), startLags(), replyLags(), rates(), queues())
})

var byName = sync.OnceValue(func() map[string]*Metric {
	all := map[string]*Metric{}
	for _, m := range All() {
		all[m.Name] = m
	}
	return all
})

// Find returns the metric of storms of that name; nil without one.
func Find(name string) *Metric { return byName()[name] }

// Named returns the metric of that name, of storms or of listeners, which there must be.
func Named(name string) *Metric {
	if m := Find(name); m != nil {
		return m
	}
	for _, m := range OfListeners() {
		if m.Name == name {
			return m
		}
	}
	panic("no metric " + name)
}

// Select lists the metrics that are wanted, in their order.
func Select(wanted func(*Metric) bool) []*Metric {
	return slices.DeleteFunc(slices.Clone(All()), func(m *Metric) bool { return !wanted(m) })
}
