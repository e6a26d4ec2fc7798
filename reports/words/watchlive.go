package words

import (
	"fmt"
	"strings"
	"time"

	"agistorm/analysis/listeners"
	"agistorm/analysis/watch"
)

// The live view of a watch fits a terminal of 24 lines and 80 columns.
const (
	liveRows  = 16
	liveCells = 79
)

// liveForm are the columns of the live view: queue now, peak, drops, mean waiting time, and the listener.
const liveForm = "%15s %9s %9s %10s  %s"

// WatchLive is a watch at a glance: a line about all of it, the worst listeners, and sums.
func WatchLive(r *watch.Report) []string {
	w := NewWatch(r)
	lines := []string{
		w.liveHead(), "", fmt.Sprintf(liveForm, "queue now", "peak", "drops", "mean wait", "listener"),
	}
	for _, l := range w.Worst[:min(liveRows, len(w.Worst))] {
		lines = append(lines, liveRow(l))
	}
	if n := len(w.Worst) - liveRows; n > 0 {
		lines = append(lines, LeftOutRows(n, "listener", "listeners"))
	}
	lines = append(lines, "", w.liveSums())
	for i, line := range lines {
		cells := []rune(line)
		lines[i] = string(cells[:min(len(cells), liveCells)])
	}
	return lines
}

// liveHead is "1.5 h, 12 listeners, 2 awaited, 3 events, 0.2 % of a CPU".
func (w Watch) liveHead() string {
	parts := []string{TimeSpan(w.Length()), Amount(len(w.Worst), "listener", "listeners")}
	if n := len(w.Awaited); n > 0 {
		parts = append(parts, Count(n)+" awaited")
	}
	if n := len(w.Events) + w.EventsLeftOut; n > 0 {
		parts = append(parts, Amount(n, "event", "events"))
	}
	if length := w.Length(); length > 0 {
		parts = append(parts, Portion(w.Sampling.CPU.Seconds()/length.Seconds())+" of a CPU")
	}
	return strings.Join(parts, ", ")
}

func liveRow(l *watch.Listener) string {
	now, drops, wait := Count(l.Depth)+" of "+Count(l.Holds()), Unknown, Unknown
	if l.Gone {
		now = "gone"
	}
	if l.DropsSeen != nil {
		drops = Count(*l.DropsSeen)
	}
	if l.Waiting != nil {
		wait = Duration(l.Waiting.Mean)
	}
	return fmt.Sprintf(liveForm, now, PeakOf(l.Peak), drops, wait, l.Label())
}

// liveSums are of all listeners and namespaces.
func (w Watch) liveSums() string {
	queued, drops := w.sums()
	var retransmits, cookies uint64
	for i := range w.Namespaces {
		retransmits += w.Namespaces[i].Grown["TCPSynRetrans"]
		cookies += w.Namespaces[i].Grown["SyncookiesSent"]
	}
	return fmt.Sprintf("%s queued, %s dropped, %s, %s", Count(queued), packetsOf(drops),
		Amount(retransmits, "SYN retransmitted", "SYNs retransmitted"), Amount(cookies, "cookie sent", "cookies sent"))
}

func (w Watch) sums() (queued int, drops uint64) {
	for _, l := range w.Worst {
		queued += l.Depth
		drops += l.KnownDrops()
	}
	return queued, drops
}

// WatchStatus says in one line how a watch stands.
func WatchStatus(r *watch.Report) string {
	w := NewWatch(r)
	queued, drops := w.sums()
	text := fmt.Sprintf("%s: %s, %s queued, %s dropped so far", TimeSpan(w.Length()),
		Amount(len(w.Worst), "listener", "listeners"), Count(queued), packetsOf(drops))
	if len(w.Worst) > 0 && w.Worst[0].Peak.Depth > 0 {
		worst := w.Worst[0]
		text += fmt.Sprintf("; worst %s: peak %s of %s", worst.Label(), PeakOf(worst.Peak), Count(worst.Holds()))
	}
	return text + "."
}

// WatchBegins says what is watched, and for how long; 0 is until a signal.
func WatchBegins(r *watch.Report, span time.Duration) []string {
	until := "until a signal ends it"
	if span > 0 {
		until = "for " + TimeSpan(span)
	}
	lines := []string{
		fmt.Sprintf("Watching %s %s.", Amount(len(r.Listeners), "listener", "listeners"), until),
	}
	for _, what := range r.Awaited {
		lines = append(lines, fmt.Sprintf("Nothing listens on %s yet: it is watched as soon as it does.", what))
	}
	return append(lines, Unseen(r.Unseen))
}

// OverflowEnded says what an overflow was, once nothing is dropped any more.
func OverflowEnded(l *listeners.Listener, o watch.Overflow) string {
	within := ""
	if span := o.To.Sub(o.From); span > 0 {
		within = " within " + TimeSpan(span)
	}
	if o.Peak <= o.Limit {
		return fmt.Sprintf("%s dropped %s%s, though its accept queue was not full: at most %s of %s.", l.Label(),
			packetsOf(o.Drops), within, Count(o.Peak), Count(o.Limit+1))
	}
	return fmt.Sprintf("%s dropped %s%s: %s of %s queued before, at most %s.", l.Label(), packetsOf(o.Drops), within,
		Count(o.Before), Count(o.Limit+1), Count(o.Peak))
}

// LinesLost says that the log could not take so many lines.
func LinesLost(n int) string {
	return Amount(n, "line is", "lines are") + " missing here: they came faster than they could be written."
}
