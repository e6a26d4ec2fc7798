// Package analysis holds what a run shows, as data: the types that every question of a run reads, and
// summary.json has. The packages below it answer one question each; package summary puts the answers
// together.
package analysis

import (
	"iter"
	"slices"

	"agistorm/analysis/calls"
	"agistorm/analysis/causes"
	"agistorm/analysis/counters"
	"agistorm/analysis/finding"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/analysis/stats"
)

// Summary is all that can be said about a run (summary.json).
type Summary struct {
	Format int `json:"format"`
	// Conclusive is false where the answer rests on something that is in doubt. A run in which no setting
	// lost a call is conclusive: all were enough.
	Conclusive bool `json:"conclusive"`
	// Answer is what the run shows, and what to change, in the order in which it is stated.
	Answer []finding.Finding `json:"answer"`
	// Doubts are reasons why what the run shows may not be so: of some settings or metrics, or of the run as
	// a whole. A run whose answer rests on no setting that is in doubt is conclusive; its answer leaves these
	// settings out.
	Doubts []finding.Finding `json:"doubts,omitempty"`
	// Recommendation is nil where no setting tried lost nothing, where the settings do not differ, and where the
	// accept queue was not the cause. It is provisional where the run is not conclusive.
	Recommendation *Recommendation `json:"recommendation,omitempty"`
	// Partial is why not every planned storm counts here: the run ended early, or files are missing or
	// broken; nil where all do.
	Partial *finding.Partial `json:"partial,omitempty"`
	// Warnings that belong to the run as a whole, its missing and broken repeats among them; a repeat carries
	// its own.
	Warnings []finding.Finding `json:"warnings,omitempty"`
	// Health of the generator, the worst of all storms; nil without one.
	Health *RunHealth  `json:"health,omitempty"`
	Run    *record.Run `json:"run"`
	Cells  []Cell      `json:"cells"`
	// Comparisons of settings that differ in one thing only, each with its neighbour.
	Comparisons []Comparison `json:"comparisons,omitempty"`
}

// Each visits the elements of a slice in their places.
func Each[T any](all []T) iter.Seq[*T] {
	return func(yield func(*T) bool) {
		for i := range all {
			if !yield(&all[i]) {
				return
			}
		}
	}
}

// Storms visits every storm with its setting, one setting after the other.
func (s *Summary) Storms() iter.Seq2[*Cell, *Repeat] {
	return func(yield func(*Cell, *Repeat) bool) {
		for c := range Each(s.Cells) {
			for r := range Each(c.Repeats) {
				if !yield(c, r) {
					return
				}
			}
		}
	}
}

// Recommendation is the least setting with which, and with all larger ones tried, no call was lost or late in
// any storm. Where only lost calls can be avoided it is the least from which on none was lost.
type Recommendation struct {
	// Somaxconn to set at least, and what the application must give listen(2) at least. It is a setting that
	// was tried, unless that was 2147483647: then it is the least power of two with room above Peak.
	Somaxconn int `json:"net.core.somaxconn"`
	Backlog   int `json:"backlog"`
	// Change is what must change.
	Change Change `json:"change"`
	// Peak is the deepest accept queue seen with that setting, in connections; 0 where it was not watched.
	Peak uint32 `json:"peak_queue"`
	// Margin is the part of a queue of Backlog that was free when it was deepest, 0 to 1; nil where it was
	// not watched.
	Margin *float64 `json:"margin,omitempty"`
	// Late is the median number of calls per storm that were served only after a SYN retransmission there;
	// 0 also where the engine has no account.
	Late float64 `json:"late"`
	// Provisional: the run is not conclusive, so that another one may recommend something else.
	Provisional bool `json:"provisional,omitempty"`
	// LossFree is the least effective backlog from which on no call was lost: Backlog, or less where calls
	// were late with it, the median of LossFreeLate a storm.
	LossFree     int     `json:"loss_free_backlog"`
	LossFreeLate float64 `json:"loss_free_late,omitempty"`
	// Useful is the longest backlog of any use: at the rate at which calls were served, one that is queued
	// behind more of them waits for longer than its caller does (the first-command limit). 0 where the server
	// was not seen at its limit.
	Useful int `json:"useful_backlog,omitempty"`
	// Untried: only the greatest setting was enough, or the one that was is longer than Useful, and this one was
	// not stormed itself; it has room above Peak. Tried is the effective backlog that was.
	Untried bool `json:"untried,omitempty"`
	Tried   int  `json:"tried_backlog,omitempty"`
	// Own: the server keeps a backlog of its own, and passes as many to listen(2) by itself.
	Own bool `json:"own_backlog,omitempty"`
	// From is the effective backlog of a server of which no other was tried: then Backlog has room for Waiting of
	// the Calls of a storm, or where the queue did not overflow for Peak. Here is net.core.somaxconn where the server
	// runs; nil where it is not known, and for a command.
	From    int  `json:"from_backlog,omitempty"`
	Waiting int  `json:"waiting_calls,omitempty"`
	Calls   int  `json:"calls,omitempty"`
	Here    *int `json:"net.core.somaxconn_here,omitempty"`
	// TryLonger: this was the longest queue tried, and it was full, so that calls were late; a longer one may
	// serve them in time.
	TryLonger bool `json:"try_longer,omitempty"`
}

// Change is what must change for an effective backlog: the kernel keeps the smaller of what the application
// gives listen(2) and net.core.somaxconn.
type Change string

const (
	// ChangeSysctl means that a larger somaxconn was enough for an application that asks for all of it.
	ChangeSysctl Change = "net.core.somaxconn"
	// ChangeApplication means that no somaxconn tried was too small, but a backlog of the application was.
	ChangeApplication Change = "application"
	// ChangeBoth means that calls were impaired under a small somaxconn, and under a large one with an application
	// that asks for too little.
	ChangeBoth Change = "both"
)

// Cell is one setting with all its repeats.
type Cell struct {
	record.Cell
	// Label as tables and figures show it, e.g. "somaxconn 128" or "backlog 128 (somaxconn 4096)".
	Label   string   `json:"label"`
	Repeats []Repeat `json:"repeats"`
	// Metrics over the repeats that know them, by their names in the registry, each in its unit. What no
	// repeat knows is absent.
	Metrics map[string]Spread `json:"metrics"`
	// Over the repeats, each in calls per storm. Late has N 0 where the engine has no account.
	Lost     Spread  `json:"lost"`
	Late     Spread  `json:"late"`
	Slow     Spread  `json:"slow"`
	Phantoms *Spread `json:"phantoms,omitempty"`
	// Outcomes over the repeats, each in attempts per storm; every outcome is there.
	Outcomes map[record.Outcome]Spread `json:"outcomes"`
	// Shares of the calls of all storms.
	Shares Shares `json:"shares"`
	// SYNsLost is the number of SYNs per call that were not answered; nil where the engine has no account.
	SYNsLost *Spread `json:"syns_lost_per_call,omitempty"`
	// ServedRate in calls/s; nil where none was served.
	ServedRate *Spread `json:"served_per_second,omitempty"`
	// QueuePeak is the deepest accept queue and QueueMean its time-weighted mean, in connections; QueueFull
	// is how long it was full, and Drain how long it was not empty after the last arrival, both in
	// nanoseconds. Nil where it was not watched.
	QueuePeak *Spread `json:"queue_peak,omitempty"`
	QueueMean *Spread `json:"queue_mean,omitempty"`
	QueueFull *Spread `json:"queue_full_ns,omitempty"`
	Drain     *Spread `json:"drain_ns,omitempty"`
	// Latencies pooled over the repeats.
	Latencies metric.Latencies `json:"latencies"`
	// ReplyLag of the generator, pooled over the repeats; nil where none is known.
	ReplyLag *ReplyLag `json:"reply_lag,omitempty"`
	// FromStart are the latencies from the actual start instead of the intended one: what a tool shows that
	// leaves out its own delays (coordinated omission). They are here for comparison; nothing else uses
	// them. Handshake is the same.
	FromStart metric.Latencies `json:"from_actual_start"`
	// Dialplan is what AGISTATUS would have said, over all storms; nil for a client that only connects.
	Dialplan *metric.Dialplan `json:"agi_status,omitempty"`
	// Phases of the served calls; nil without the built-in target's log.
	Phases *causes.Phases `json:"phases,omitempty"`
	// Chains say why calls were lost or late, were phantoms or revived, or waited for the server.
	Chains []causes.Chain `json:"chains,omitempty"`
}

// Repeat is one storm's numbers.
type Repeat struct {
	// N counts from 1.
	N int `json:"repeat"`
	metric.Storm
	// Metrics that are known, by their names in the registry, each in its unit; null is the wait of a lost
	// call, which has no end. Unknown has the reasons of the others.
	Metrics map[string]stats.Number  `json:"metrics"`
	Unknown map[string]metric.Reason `json:"unknown,omitempty"`
	// PhantomFates is what became of phantoms, and of connections whose client had gone; nil without the log.
	PhantomFates *calls.PhantomFates `json:"phantom_fates,omitempty"`
	// Server is the user's own one, and Sockets are those that a server listened with; the latter are empty where
	// there is one only.
	Server  *record.Served  `json:"server,omitempty"`
	Sockets []metric.Socket `json:"sockets,omitempty"`
	// Counters gained during the storm, only those that are not 0.
	Counters record.Counters `json:"counters,omitempty"`
	// DropReasons are those of the whole host; nil where they were not asked for.
	DropReasons *record.DropReasons `json:"drop_reasons,omitempty"`
	// Overflows of the listener by the kernel's count, and when; nil where there was none, or it was not
	// sampled.
	Overflows *counters.Overflows `json:"overflows,omitempty"`
	// Checks: the identities that were checked, each with what it is off by.
	Checks []finding.Check `json:"checks,omitempty"`
	// Addresses of the server, where it has several; calls that never started are in none.
	Addresses []calls.Address `json:"addresses,omitempty"`
	// ReplyLag of the generator; nil where nothing was replied, and in records before 0.2.
	ReplyLag *ReplyLag `json:"reply_lag,omitempty"`
	// Health of the generator.
	Health *Health `json:"health,omitempty"`
	// Mismatches between what clients and server say of the same calls; empty where they agree, or the
	// server keeps no log.
	Mismatches []calls.Mismatch `json:"mismatches,omitempty"`
	// LostToLimits are lost calls that only a limit of the storm ended; nil where there are none.
	LostToLimits *calls.LimitLosses `json:"lost_to_limits,omitempty"`
	// Damaged files of the record, a line each: the numbers that they held are missing or wrong; empty where
	// all are as they were written.
	Damaged []string `json:"damaged,omitempty"`
	// Warnings of this repeat: what did not balance, what the generator was late with.
	Warnings []finding.Finding `json:"warnings,omitempty"`
	// Raw is the record behind the numbers, for figures.
	Raw *record.Repeat `json:"-"`
	// Medium between clients and server, and whether it dropped every SYN that was retransmitted and not
	// answered.
	Medium        counters.Medium `json:"-"`
	AgainByMedium bool            `json:"-"`
}

// RunDoubts are the doubts that concern the run as a whole: it proves nothing of any setting.
func (s *Summary) RunDoubts() []finding.Finding {
	return slices.DeleteFunc(slices.Clone(s.Doubts), func(f finding.Finding) bool { return len(f.Settings) > 0 })
}

// DoubtsOf are the doubts that concern a metric of a cell, those of the run as a whole included. Without a
// metric they are those of all that the cell shows.
func (s *Summary) DoubtsOf(id, name string) []finding.Finding {
	measured := ""
	if m := metric.Find(name); m != nil {
		measured = m.Of
	}
	return slices.DeleteFunc(slices.Clone(s.Doubts), func(f finding.Finding) bool {
		return !f.Concerns(id) || !f.ConcernsMetric(name, measured)
	})
}

// ServedNothing reports whether a server that is not the built-in one got calls, and served none: it fails, whatever
// was asked of it.
func (s *Summary) ServedNothing() bool {
	own := len(s.Run.Scenario.Process) > 0
	offered := 0
	for c := range Each(s.Cells) {
		if c.Backlog != "" && !own || c.Served() > 0 {
			return false
		}
		offered += c.Sum(func(r *Repeat) int { return r.Offered })
	}
	return offered > 0
}

// AllLost reports whether every storm of every setting lost every call, beyond the doubts of the generator.
func (s *Summary) AllLost() bool {
	return len(s.Cells) > 0 && !slices.ContainsFunc(s.Cells, func(c Cell) bool { return !c.AllLost() })
}

// AllLost reports whether every storm of the setting lost every call in a way that no delay of the generator causes.
func (c *Cell) AllLost() bool {
	return len(c.Repeats) > 0 && !slices.ContainsFunc(c.Repeats, func(r Repeat) bool { return !r.AllLost() })
}

// AllLost reports whether every call of the storm was lost in a way that no delay of the generator causes: refused,
// closed by the server, or at an accept queue that was full. What reset a connection is known where the queue was
// watched.
func (r *Repeat) AllLost() bool {
	refused := r.Outcomes[record.Refused] + r.Outcomes[record.Unreachable] + r.Outcomes[record.Closed]
	if r.Queue != nil {
		refused += r.Outcomes[record.Reset]
	}
	full := r.Queue != nil && r.Queue.WasFull()
	return r.Offered > 0 && (refused == r.Offered || r.Lost == r.Offered && full)
}

// ServerEnded reports whether the user's own server ended, or was stopped, in the storm.
func (r *Repeat) ServerEnded() bool { return r.Server != nil && r.Server.Ended != nil }

// ServerDied reports whether the user's own server ended, or was stopped, in every storm of a setting, and each of
// these lost calls: no delay of the generator causes that.
func (s *Summary) ServerDied() bool {
	survived := func(r Repeat) bool { return !r.ServerEnded() || r.Lost == 0 }
	return slices.ContainsFunc(s.Cells, func(c Cell) bool {
		return len(c.Repeats) > 0 && !slices.ContainsFunc(c.Repeats, survived)
	})
}

// About is a fact about settings, or without one about the run as a whole.
func About(fact finding.Fact, cells ...*Cell) finding.Finding {
	f := finding.Finding{Fact: fact}
	for _, c := range cells {
		f.Settings = append(f.Settings, c.ID)
	}
	return f
}

// FactIf is a fact about settings, or without one about the run as a whole, where it is one; else nothing.
func FactIf(is bool, fact finding.Fact, cells ...*Cell) []finding.Finding {
	if !is {
		return nil
	}
	return []finding.Finding{About(fact, cells...)}
}

// FactOf is a fact about those settings; nothing without any.
func FactOf(fact finding.Fact, cells []*Cell) []finding.Finding {
	return FactIf(len(cells) > 0, fact, cells...)
}

// StormsWhere counts the storms that hit holds of, and gathers their settings.
func (s *Summary) StormsWhere(hit func(*Cell, *Repeat) bool) (cells []*Cell, storms int) {
	for c, r := range s.Storms() {
		if !hit(c, r) {
			continue
		}
		if storms++; !slices.Contains(cells, c) {
			cells = append(cells, c)
		}
	}
	return cells, storms
}

// SummaryFormat is the version of Summary that this version makes.
const SummaryFormat = 2
