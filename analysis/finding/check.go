package finding

// Rule names a consistency check: two sums that must be equal, or one that must not be the larger.
type Rule string

// The rules of the attempts and the server's account.
const (
	// RuleOutcomes: every attempt has one outcome that is known.
	RuleOutcomes Rule = "outcomes"
	// RulePlanned: there are as many attempts as calls were planned.
	RulePlanned Rule = "planned"
	// RulePhantoms: connections for the clients = connections of the server + phantoms.
	RulePhantoms Rule = "phantoms"
	// RuleServed: answered calls are served by the server's account.
	RuleServed Rule = "served"
	// RuleAnswered: calls served by the server's account are answered.
	RuleAnswered Rule = "answered"
)

// The rules of the kernel's counters. Medium is lo or the link.
const (
	// RuleDrops: ListenDrops are those of the two queues; RuleDropsNoCookies without SYN cookies, where there
	// are more.
	RuleDrops          Rule = "drops"
	RuleDropsNoCookies Rule = "drops-no-cookies"
	// RuleOpens: TcpActiveOpens are the attempts; RuleOpensMoved where clients went on to another address.
	RuleOpens      Rule = "opens"
	RuleOpensMoved Rule = "opens-moved"
	// RuleSYNs: TCPSynRetrans are the clients' and those of SYN-ACKs; RuleSYNsAtLeast where not all are
	// counted.
	RuleSYNs        Rule = "syn-retransmissions"
	RuleSYNsAtLeast Rule = "syn-retransmissions-at-least"
	// RuleSegmentsAgain and RuleRehashed: SYN retransmissions are among all retransmissions.
	RuleSegmentsAgain Rule = "retransmitted-segments"
	RuleRehashed      Rule = "rehashed"
	// RuleTimeouts: every timer that expired has its cause.
	RuleTimeouts Rule = "timeouts"
	// RuleSocket: the listener counted all ListenDrops itself.
	RuleSocket Rule = "listener-drops"
	// RuleSegments: every segment sent arrived or was dropped by the medium; RuleSegmentsIP by the packets
	// that IP counted.
	RuleSegments   Rule = "segments"
	RuleSegmentsIP Rule = "segments-ip"
	// RuleUnanswered: every SYN without an answer was dropped by the listener or the medium.
	RuleUnanswered Rule = "unanswered-syns"
)

// Check is a rule and what it came to in one storm.
type Check struct {
	Rule Rule `json:"rule"`
	// Medium that the rule is about: lo or the link.
	Medium Place `json:"medium,omitempty"`
	// Residual is left minus right, for "≤" only what is too much: 0 balances.
	Residual int64 `json:"residual"`
	// Words are the rule as an equation; reports/words fills them in for export.
	Words string `json:"words,omitempty"`
}

// Same reports whether two checks are of one rule.
func (c Check) Same(o Check) bool { return c.Rule == o.Rule && c.Medium == o.Medium }

// Cause of a check that does not balance, as far as the record shows one.
type Cause string

// The causes.
const (
	CauseUnknownOutcome Cause = "unknown-outcome"
	CauseShares         Cause = "share-missing"
	CauseRecordCut      Cause = "record-cut"
	CauseReadEarly      Cause = "counters-read-early"
	CauseReadBetween    Cause = "counters-read-between"
	CauseMemory         Cause = "kernel-memory"
	// CauseStrangers: other programs connected in this namespace; CauseConnects has the count.
	CauseStrangers      Cause = "strangers"
	CauseConnects       Cause = "strangers-connected"
	CauseOthersAccepted Cause = "others-accepted"
	CauseOtherListener  Cause = "other-listener"
	CauseOthersTimers   Cause = "others-timers"
	CauseLostElsewhere  Cause = "lost-elsewhere"
	// CauseInFlight: retransmissions went on after the storm.
	CauseInFlight Cause = "in-flight"
)

// Unbalanced is a consistency check that failed.
type Unbalanced struct {
	Check
	Cause Cause `json:"cause"`
	// Count of CauseConnects and CauseInFlight.
	Count int `json:"count,omitempty"`
}
