package reports

import (
	"strings"

	"agistorm/analysis"
	"agistorm/analysis/calls"
	"agistorm/analysis/record"
)

// meanings of the outcomes, as record defines them.
var meanings = map[record.Outcome]string{
	record.Connected: "The whole call of a client that only connects: it proves a connection, not that a script " +
		"ran. A phantom counts as connected.",
	record.Answered: "A whole session: at least one command came, and the server closed. Everything else that " +
		"was offered is a lost call, but for connected.",
	record.ConnectTimeout: "No connection within the connect limit. Asterisk's is 2 s, so a call survives one lost " +
		"SYN, which is retransmitted after 1 s. The second lost SYN ends it.",
	record.Refused:     "An RST in answer to the SYN. On Linux that is a closed port, never a full queue.",
	record.Unreachable: "The connect failed with any other error, such as no route.",
	record.Closed:      "The server closed before its first command.",
	record.Reset:       "An RST after the connect. Of a phantom this is the usual end.",
	record.Silent: "A connection without a command within the first-command limit. That is the storm's own: " +
		"Asterisk waits until its caller hangs up.",
	record.ProtocolError: "A session that broke FastAGI's rules or did not end within the session limit. That limit " +
		"is the storm's own: Asterisk has none.",
	record.LocalExhaustion: "The generator's own fault: no port, descriptor or memory was left. It makes the run inconclusive.",
	record.NotOffered:      "The generator's own fault: the attempt's time passed before it could be started. It makes the run inconclusive.",
}

// glossary tells how to read the outcomes, and the words that are no outcome.
func glossary(s *analysis.Summary) []fact {
	var terms []fact
	for _, o := range record.Outcomes {
		terms = append(terms, fact{string(o), meanings[o]})
	}
	return append(terms,
		fact{"late", upper(success(s)) + ", but only after a SYN was lost and sent again: 1 s or more late. The kernel's count tells, not the clock."},
		fact{"reply lag", "The generator's own delay: from the arrival of a server's command at the client to the " +
			"client's reply, the think time left out. " +
			"It keeps the server's handler waiting, as no real caller would."},
		fact{"phantom", "The client saw a connection that the server never accepted: its last ACK was dropped at the full queue. Asterisk reports such a call as SUCCESS."},
		fact{"effective backlog", "The smaller of what listen(2) was given and net.core.somaxconn. On Linux the accept queue holds one more, and two more where several CPUs fill it at once."},
	)
}

// validity says how far the numbers reach.
func validity(s *analysis.Summary) []string {
	lines := []string{
		"The answer is that of this storm, this many calls and this server. A larger burst, or a slower server, needs a longer queue.",
	}
	if success(s) == record.Connected {
		lines = append(lines, "The client only connected: a call of this run is a connection. Whether scripts run, only a storm with a FastAGI client shows.")
	}
	if foreign(s) {
		lines = append(lines, "The server was not agistorm's own: "+unwatched(s)+"phantoms cannot be told from other losses.")
	} else if link := runOf(s).Scenario.Link; link != "" {
		lines = append(lines, "Generator and server ran on one machine and shared its CPUs, in two namespaces that were joined "+
			"by a link ("+link+"): nothing is lost on it but what the generator's line counts.")
		if hasNoDelay(s) {
			lines = append(lines,
				"The link has hardly any delay: calls “at once” are a steep ramp, as fast as one CPU can connect.")
		}
	} else {
		lines = append(lines,
			"Generator and server ran on one machine over loopback and shared its CPUs: there was no network delay and no loss but the listener's and lo's own.",
			"On loopback the whole handshake runs inside connect(2): calls “at once” are a steep ramp, as fast as one CPU can connect.")
	}
	return append(lines,
		"Latencies run from when a call was meant to start, so a delay of the generator counts too; its start lag and "+
			"reply lag stand with every storm.",
		"Ranges are the least and the most of the storms of a setting. They are no confidence intervals.",
		"Each system has its own rules for the queue: nothing here speaks of others than "+valueOr(runOf(s).Host.OS, "the one it ran on")+".")
}

// hasNoDelay reports whether the storms were played on a link without a round trip.
func hasNoDelay(s *analysis.Summary) bool {
	for i := range s.Cells {
		for j := range s.Cells[i].Repeats {
			if raw := s.Cells[i].Repeats[j].Raw; raw != nil && raw.Kernel != nil && raw.Kernel.Link != nil {
				return raw.Kernel.Link.RTT == 0
			}
		}
	}
	return false
}

// success is what a call is that is not lost.
func success(s *analysis.Summary) record.Outcome { return calls.Success(s.Run) }

// upper lets an outcome begin a sentence.
func upper(o record.Outcome) string { return strings.ToUpper(string(o[:1])) + string(o[1:]) }

// callMeans says what a call is, and when it is lost.
func callMeans(s *analysis.Summary) string {
	if success(s) == record.Connected {
		return "A call is one TCP connection, without a word of FastAGI; it is lost when it was offered and not made."
	}
	return "A call is one FastAGI session as Asterisk opens it; it is lost when it was offered and not answered in full."
}

// unwatched is said where the server's accept queue could not be seen: it ran elsewhere.
func unwatched(s *analysis.Summary) string {
	for i := range s.Cells {
		if _, ok := s.Cells[i].SeenBacklog(); ok {
			return ""
		}
	}
	return "its accept queue was not watched, and "
}

// foreign tells whether the storm went to somebody else's server.
func foreign(s *analysis.Summary) bool {
	for i := range s.Cells {
		if s.Cells[i].Backlog == "" {
			return true
		}
	}
	return false
}
