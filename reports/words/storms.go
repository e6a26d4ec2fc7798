package words

import (
	"maps"
	"slices"
	"strings"

	"agistorm/analysis/finding"
	"agistorm/reports/lists"
)

// stormPhrases are the words for facts about one storm.
var stormPhrases = map[finding.Code]string{
	"unbalanced": `A consistency check failed: {{equation .Check}} is off by {{printf "%+d" .Residual}}. ` +
		`Probable cause: {{cause .}}.`,
	"unserved-calls": `{{amount .Calls "answered call was" "answered calls were"}} not served by the server's own ` +
		`account: {{fates .Fates}}.`,
	"unanswered-calls": `{{amount .Calls "call was" "calls were"}} served by the server's own account but not ` +
		`answered for the client: {{tally .Outcomes}}.`,
	"queue-unsampled": `The accept queue was not sampled for {{duration .Pause}}, so its peak may have been missed.`,
	"queue-overflow-unseen": `The accept queue overflowed between two samples; the deepest sample saw ` +
		`{{count .Seen}} of {{count .Holds}}. How long it was full is not known, and it was deeper than its mean and ` +
		`quantiles show.`,
	"link-dropped": `The link itself dropped {{count .Dropped}} of {{amount .Packets "packet" "packets"}}.`,
	"link-late": `The link was late: 1 % of its packets took {{duration .P99}} or more beyond half of the round trip ` +
		`of {{duration .RTT}}.`,
	"no-kernel-record": `The record has no kernel.json, so the kernel's counters are not known and were not checked.`,
	"still-queued": `{{amount .Connections "connection was" "connections were"}} still in the accept queue when the ` +
		`storm ended.{{with .Drain}} The queue takes more than {{duration .}} to drain after the last arrival.{{end}}`,
}

// stormFunctions are what the phrases of storms can use beside functions.
var stormFunctions = map[string]any{"equation": Equation, "cause": cause, "fates": fates, "tally": tally}

// equations are the consistency checks; {medium} is what the medium dropped.
var equations = map[finding.Rule]string{
	finding.RuleOutcomes:       "outcomes = attempts",
	finding.RulePlanned:        "attempts = calls planned",
	finding.RulePhantoms:       "phantoms = connected + accepted too late or twice − accepted − still queued",
	finding.RuleServed:         "answered calls are served by the server's account",
	finding.RuleAnswered:       "calls served by the server's account are answered",
	finding.RuleDrops:          "ListenDrops = ListenOverflows + TCPReqQFullDrop",
	finding.RuleDropsNoCookies: "ListenOverflows + TCPReqQFullDrop ≤ ListenDrops",
	finding.RuleOpens:          "TcpActiveOpens = offered attempts",
	finding.RuleOpensMoved:     "TcpActiveOpens ≥ offered attempts + those that went on to another address",
	finding.RuleSYNs:           "TCPSynRetrans = clients' SYN retransmissions + TCPSYNChallenge",
	finding.RuleSYNsAtLeast:    "clients' SYN retransmissions ≤ TCPSynRetrans",
	finding.RuleSegmentsAgain:  "clients' SYN retransmissions + TCPSYNChallenge ≤ TcpRetransSegs",
	finding.RuleRehashed:       "clients' SYN retransmissions ≤ TcpTimeoutRehash",
	finding.RuleTimeouts:       "TCPTimeouts = TcpTimeoutRehash + TCPSYNChallenge + attempts with ETIMEDOUT",
	finding.RuleSocket:         "ListenDrops ≤ the listener's own drops",
	finding.RuleSegments:       "TcpOutSegs + TcpRetransSegs = TcpInSegs + {medium} + TCPSYNChallenge",
	finding.RuleSegmentsIP:     "TcpOutSegs + TcpRetransSegs = IP packets received + {medium} + TCPSYNChallenge",
	finding.RuleUnanswered:     "SYNs without an answer ≤ ListenDrops + {medium}",
}

// mediumCounters count what the medium dropped.
var mediumCounters = map[finding.Place]string{
	finding.Loopback: "lo.rx_dropped", finding.Link: "packets dropped by the link",
}

// Equation writes a consistency check: "TcpActiveOpens = offered attempts".
func Equation(c finding.Check) string {
	return strings.Replace(equations[c.Rule], "{medium}", mediumCounters[c.Medium], 1)
}

// checkCauses of a check that does not balance, with its count and medium.
var checkCauses = map[finding.Cause]string{
	finding.CauseUnknownOutcome: "an outcome that this version does not know",
	finding.CauseShares:         "a share is missing or was cut off",
	finding.CauseRecordCut:      "the record of the attempts is incomplete",
	finding.CauseReadEarly:      "the counters were read too early",
	finding.CauseReadBetween:    "the counters were read between two changes",
	finding.CauseMemory:         "the kernel was short of memory",
	finding.CauseStrangers:      "another program connected in this namespace, or the counters were read too early",
	finding.CauseConnects:       "another program connected in this namespace ({count})",
	finding.CauseOthersAccepted: "connections of another program",
	finding.CauseOtherListener:  "another listener in this namespace",
	finding.CauseOthersTimers:   "retransmissions of another program",
	finding.CauseLostElsewhere:  "packets dropped elsewhere than by {medium} or the listener, or still in flight",
	finding.CauseInFlight:       "retransmissions still in flight: TcpRetransSegs grew by {count} after the storm",
}

func cause(u finding.Unbalanced) string {
	return strings.NewReplacer("{count}", Count(u.Count), "{medium}",
		mediumPhrases[u.Medium]).Replace(checkCauses[u.Cause])
}

// fateMeanings say what a session's end at the server means for a call that its client takes for answered.
var fateMeanings = map[string]string{
	"script-timeout": "the server ended the script at its time limit",
	"env-timeout":    "the server ended the session before it had read the environment",
	"gone":           "the server saw the client close first",
	"reset":          "the server saw the connection reset",
	"stopped":        "the server was stopped first",
	"open":           "the session had not ended",
	"protocol":       "the server did not understand a reply",
	"long-line":      "a line was too long for the server",
	"many-lines":     "there were too many lines for the server",
}

// fates writes "16 script-timeout (the server ended the script at its time limit)".
func fates(counts map[string]int) string { return tallied(counts, fateMeanings) }

// tally writes counts by name: "1 reset, 2 silent".
func tally(counts map[string]int) string { return tallied(counts, nil) }

// tallied writes counts by name, each with its meaning in brackets if it has one.
func tallied(counts map[string]int, meanings map[string]string) string {
	return strings.Join(lists.Map(slices.Sorted(maps.Keys(counts)), func(name string) string {
		if meaning := meanings[name]; meaning != "" {
			return Count(counts[name]) + " " + name + " (" + meaning + ")"
		}
		return Count(counts[name]) + " " + name
	}), ", ")
}
