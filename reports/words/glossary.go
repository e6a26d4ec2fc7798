package words

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"agistorm/analysis"
	"agistorm/analysis/calls"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
	"agistorm/reports/lists"
)

// Unknown stands for what is not known, LostWait for the wait of a lost call, which has no end.
const (
	Unknown  = "–"
	LostWait = "lost"
)

// Term is a word and what it means.
type Term struct{ Name, Text string }

// meanings of the outcomes, as record defines them.
var meanings = map[record.Outcome]string{
	record.Connected: "The whole call of a client that only connects. It proves a connection, not that a script ran. " +
		"A phantom is not connected.",
	record.Phantom: "The client saw a connection that the server never accepted: its last ACK was dropped at the " +
		"full queue. Asterisk reports such a call as SUCCESS. A client that only connects sees that its FIN is not " +
		"acknowledged; the call is lost.",
	record.Answered: "A whole session: at least one command came, and the server closed. Every other offered call is " +
		"lost, unless it is connected.",
	record.ConnectTimeout: "No connection within the connect timeout. Asterisk's is 2 s: a call survives one lost " +
		"SYN, which is retransmitted after 1 s, but not a second one.",
	record.Refused:     "An RST in answer to the SYN. On Linux that is a closed port, never a full queue.",
	record.Unreachable: "The connect failed with any other error, such as no route.",
	record.Closed: "The server closed before its first command, or while a client that only connects stayed " +
		"connected.",
	record.Reset: "An RST after the connect. Most phantoms end like this.",
	record.Silent: "A connection without a command within the first-command timeout. That is this storm's own: " +
		"Asterisk waits until its caller hangs up.",
	record.ProtocolError: "A session that broke FastAGI's rules or did not end within the session timeout. That " +
		"timeout is this storm's own: Asterisk has none.",
	record.LocalExhaustion: "The generator's own fault: it had no port, descriptor or memory left. The run is " +
		"inconclusive.",
	record.NotOffered: "The generator's own fault: the attempt's time passed before it could start. The run is " +
		"inconclusive.",
}

// Glossary explains the outcomes, and the terms that are no outcome.
func Glossary(success record.Outcome) []Term {
	return append(lists.Map(record.Outcomes, func(o record.Outcome) Term { return Term{string(o), meanings[o]} }),
		Terms(success)...)
}

// Terms are those that are no outcome.
func Terms(success record.Outcome) []Term {
	return []Term{
		{
			"lost",
			"Offered, and not " + string(success) + ": without a connection in time, or connected and never served, " +
				"as a phantom is. What the generator itself did not send is not lost.",
		},
		{
			"late",
			Capital(string(success)) + ", but only after a SYN was lost and retransmitted: 1 s or more late. This is " +
				"the kernel's count, not the clock's.",
		},
		{"reply lag", "The generator's own delay: from the arrival of a server's command at the client to the " +
			"client's reply, without think time. It keeps the server's handler waiting, as no real caller would."},
		{"accept queue", "Connections that the kernel has made and the server has not yet accepted. When it is full, " +
			"the kernel drops what arrives, and tells neither side."},
		{"SYN", "The packet that opens a connection. A client whose SYN is dropped hears nothing, and retransmits it " +
			"after 1 s."},
		{
			"effective backlog",
			"The smaller of the backlog passed to listen() and net.core.somaxconn. On Linux the accept queue holds " +
				"one more, and two more where several CPUs fill it at once.",
		},
	}
}

// Validity states how far the numbers of a run reach.
func Validity(s *analysis.Summary) []string {
	run := runOf(s)
	lines := []string{
		"The answer holds for this storm, this many calls and this server. A larger burst or a slower server needs a " +
			"longer queue.",
	}
	if calls.Success(s.Run) == record.Connected {
		lines = append(lines, "The client only connected: a call of this run is a connection. Only a storm with a "+
			"FastAGI client shows whether scripts run.")
	}
	if run.Simulated != nil {
		return append(lines, "No connection was made: a model of Linux' listen queue made these numbers. A kernel, a "+
			"server and their CPUs can differ. `agistorm plan --validate` shows how far the model holds; a sweep "+
			"without --simulate measures.")
	}
	return append(append(lines, wayOf(s)...),
		"Latencies count from when a call was meant to start, so they include delays of the generator. Its start lag "+
			"and reply lag are shown with every storm.",
		"Ranges are the least and the most of a setting's storms. They are no confidence intervals.",
		"Each system has its own rules for the queue. This report is about "+
			cmp.Or(run.Host.OS, "the one it ran on")+" only.")
}

// wayOf states what lay between clients and server.
func wayOf(s *analysis.Summary) []string {
	const shared = "Generator and server ran on one machine and shared its CPUs, "
	const ramp = "calls “at once” are a steep ramp, as fast as one CPU can connect."
	watched := func(c analysis.Cell) bool { _, ok := c.SeenBacklog(); return ok }
	run := runOf(s)
	link := Link(&run.Scenario)
	switch {
	case External(s) && slices.ContainsFunc(s.Cells, watched):
		return []string{"The server was not agistorm's own: " + phantomsKnown[analysis.PhantomsOf(s)] + "."}
	case External(s):
		return []string{"The server was not agistorm's own: its accept queue was not watched, and " +
			phantomsKnown[analysis.PhantomsOf(s)] + "."}
	case len(analysis.Replaced(run, "link", "rtt")) > 0:
		return []string{shared + "over the link of each setting: loopback, or a veth pair between two namespaces."}
	case link == "":
		return []string{
			shared + "over loopback. There was no network delay and no loss except at the listener and at lo.",
			"On loopback the whole handshake runs inside connect(): " + ramp,
		}
	}
	lines := []string{shared + "in two namespaces joined by a link (" + link + "). The generator's line counts what " +
		"the link dropped."}
	for _, r := range s.Storms() {
		if r.Raw == nil || r.Raw.Kernel == nil || r.Raw.Kernel.Link == nil {
			continue
		}
		if r.Raw.Kernel.Link.RTT == 0 {
			lines = append(lines, "The link has hardly any delay: "+ramp)
		}
		break
	}
	return lines
}

// phantomsKnown states how far phantoms are known.
var phantomsKnown = map[finding.Knowledge]string{
	finding.Known:   "phantoms are known by their clients",
	finding.AtLeast: "phantoms are known by a lower bound",
	finding.Unknown: "phantoms cannot be distinguished from other losses",
}

// runOf is the run's description, never nil.
func runOf(s *analysis.Summary) *record.Run { return cmp.Or(s.Run, &record.Run{}) }

// External reports whether the storm went to a server that agistorm did not start.
func External(s *analysis.Summary) bool {
	return slices.ContainsFunc(s.Cells, func(c analysis.Cell) bool { return c.Backlog == "" })
}

// Call states what a call is, and when it is lost.
func Call(success record.Outcome) string {
	if success == record.Connected {
		return "A call is one TCP connection, without FastAGI. It is lost if it was offered and not made, closed at " +
			"once by the server, or a phantom."
	}
	return "A call is one FastAGI session as Asterisk opens it. It is lost if it was offered and not answered in full."
}

// Table is what a table of settings shows that needs an explanation.
type Table struct {
	Success record.Outcome
	// Ranges of all numbers are shown, not only those of lost calls.
	Ranges bool
	// Lower Bounds, slow and unaccepted calls, settings in doubt and the greatest backlog occur.
	Bounds, Slow, Unaccepted, Doubted, Max bool
	// Late calls, phantoms, waits without an end, and numbers that are not known occur.
	Late, Phantoms, LostWaits, Unknown bool
}

// Legend explains the table, a line for each term.
func (t Table) Legend() []string {
	ranges := "Median of a setting's storms; lost calls also with (least–most). "
	if t.Ranges {
		ranges = "Median of a setting's storms, and (least–most) where they differ. "
	}
	first := ranges + "connect: the wait of all offered calls" +
		textIf(t.LostWaits, "; "+LostWait+" where so many were lost that it has no end") + "." +
		textIf(t.Unknown, " p99 needs 100 calls. "+Unknown+" is not known.")
	lines := []string{first}
	for _, term := range []struct {
		shown bool
		text  string
	}{
		{t.Late, "late: " + string(t.Success) + ", but only after a lost SYN, so 1 s or more late."},
		{t.Phantoms, "phantoms: connected for the client, never accepted by the server."},
		{t.Slow, "slow: answered, but connected for 1 s or more before the first command came."},
		{t.Bounds, AtLeast("") + "so many at least: more are not known."},
		{t.Unaccepted, "unaccepted: still in the accept queue when the record ended, neither served nor lost."},
		{t.Doubted, "? after a setting: what it shows is inconclusive, for the reason given above."},
		{t.Max, record.BacklogMax + ": " + Count(record.MaxBacklog) + "."},
	} {
		if term.shown {
			lines = append(lines, term.text)
		}
	}
	return lines
}

// Brief explains the table of a glance in a line: what occurs in it, and is not plain.
func (t Table) Brief(storms int, lostWait, unknown bool) string {
	terms := []string{}
	for _, term := range []struct {
		shown bool
		text  string
	}{
		{storms > 1, fmt.Sprintf("medians of %d storms", storms)},
		{t.Late, "late: by 1 s or more"},
		{t.Slow, "slow: 1 s or more until the first command"},
		{lostWait, "wait " + LostWait + ": never answered"},
		{unknown, Unknown + ": not known"},
	} {
		if term.shown {
			terms = append(terms, term.text)
		}
	}
	if len(terms) == 0 {
		return ""
	}
	return Capital(strings.Join(terms, "; ")) + "."
}

func textIf(is bool, text string) string {
	if !is {
		return ""
	}
	return text
}

// moreLegend explains the table of what the first one has no room for.
var moreLegend = []string{
	"lost of all: share of the calls of all storms, with its 95 % interval (Wilson), as if each call were a trial of " +
		"its own. lost SYNs: those without a SYN-ACK.",
	"mean queue, queue full: of the accept queue, until it was last not empty. drained after: from the last arrival " +
		"until then.",
	"from start, p99 of connected: connect latency of the calls that connected, from when the generator really began " +
		"them. Every other latency counts from the intended start: otherwise a delayed generator would hide the " +
		"server's slowest moments (coordinated omission).",
	"SUCCESS unserved: calls reported as SUCCESS although no script ran, of all that AGISTATUS reports so.",
}

// MoreLegend explains that table; without a dialplan it has no SUCCESS.
func MoreLegend(dialplan bool) []string {
	if !dialplan {
		return moreLegend[:len(moreLegend)-1]
	}
	return moreLegend
}

// WorkerLegend explains the table of the generator's workers.
const WorkerLegend = "ran: the part of the storm for which its thread had a CPU. waited for a CPU: ready to run " +
	"while none was free; in brackets the part of the time in which it wanted one. slowest reply: the longest time " +
	"from a server's command to its reply."

// Worker states how a worker of the generator did in a storm, with its values in the order of that table.
func Worker(worker, storm string, values ...string) string {
	return fmt.Sprintf("worker %s (%s): %s calls, ran for %s of the storm, waited for a CPU for %s, longest GC "+
		"pause %s, slowest reply %s", worker, storm, values[0], values[1], values[2], values[3], values[4])
}

// NeighbourLegend explains the table of settings against each other.
func NeighbourLegend() string {
	return "Each setting against the next one, where they differ in one thing only. " + TestLegend()
}

// SideLegend explains the table of two runs.
func SideLegend(old, new string) string {
	return "old is " + old + ", new is " + new + ". " + TestLegend()
}
