// Package checks reconciles the outcomes of the clients of a storm with what the server accepted and the
// kernel counted.
package checks

import (
	"slices"

	"agistorm/analysis"
	"agistorm/analysis/calls"
	"agistorm/analysis/counters"
	"agistorm/analysis/finding"
	"agistorm/analysis/queue"
	"agistorm/analysis/record"
)

// checks gathers the consistency checks of one storm.
type checks struct {
	all    []finding.Check
	failed []finding.Finding
	medium finding.Place
	// likely cause by what the record shows, with its count; empty where it shows none.
	likely finding.Cause
	count  int
}

// enter adds a check, and a finding where it does not balance: with the cause that the record shows, else
// with the one given. One without a cause has findings of its own.
func (c *checks) enter(rule finding.Rule, residual int64, cause finding.Cause) {
	check := finding.Check{Rule: rule, Medium: c.medium, Residual: residual}
	if c.all = append(c.all, check); residual == 0 || cause == "" {
		return
	}
	if c.likely != "" {
		cause = c.likely
	}
	c.failed = append(c.failed, finding.Finding{Fact: finding.Unbalanced{Check: check, Cause: cause, Count: c.count}})
}

// Reconcile checks the outcomes of the clients against what the server accepted and the kernel counted. Only
// rules that hold with payload are used.
func Reconcile(run *record.Run, s *calls.Storm, r *analysis.Repeat) ([]finding.Check, []finding.Finding) {
	c, raw := &checks{}, s.Raw
	c.attempts(run, raw)
	c.connections(s, r)
	c.fates(raw, r)
	// Elsewhere other traffic counts too.
	if raw.Kernel == nil || !run.Isolation.Own() {
		return c.all, c.failed
	}
	c.likely, c.count = likely(raw, r)
	c.drops(raw.Kernel)
	c.opens(raw, r)
	c.retransmits(raw)
	c.timeouts(raw)
	c.payload(raw)
	c.socket(raw)
	if m := counters.MediumOf(raw.Kernel); m.Known {
		c.medium = m.Place
		c.segments(raw.Kernel, m)
		c.unanswered(s, m)
	}
	return c.all, c.failed
}

func (c *checks) attempts(run *record.Run, raw *record.Repeat) {
	known := calls.Count(raw.Attempts, func(a *record.Attempt) bool { return a.Outcome.Valid() })
	c.enter(finding.RuleOutcomes, int64(known-len(raw.Attempts)), finding.CauseUnknownOutcome)
	cause := finding.CauseRecordCut
	switch {
	case run.Partial == record.Interrupted:
		cause = ""
	case len(run.Merged) > 0:
		cause = finding.CauseShares
	}
	if calls := run.Calls(); calls > 0 {
		c.enter(finding.RulePlanned, int64(len(raw.Attempts)-calls), cause)
	}
}

func (c *checks) connections(s *calls.Storm, r *analysis.Repeat) {
	raw := s.Raw
	seen, ok := calls.TakeCensus(raw, s.Trails)
	logged := calls.LoggedPhantoms(raw, s.Trails)
	if !ok || raw.Target.Queued == nil || logged == nil {
		return
	}
	queued := *raw.Target.Queued + raw.Target.Discarded
	if queued > 0 && seen.Connected < r.Offered {
		return // those that are queued still may be of clients that gave up
	}
	phantoms := seen.Connected + givenUp(s.Trails) + len(s.AcceptedAgain) - seen.Accepted - queued
	c.enter(finding.RulePhantoms, int64(*logged-phantoms), finding.CauseOthersAccepted)
}

// givenUp counts the attempts that never connected for their client, and that the server accepted
// all the same.
func givenUp(all []calls.Trail) (n int) {
	for i := range all {
		if all[i].Peer != nil && all[i].Connected == nil {
			n++
		}
	}
	return n
}

// drops checks tcp_listendrop's callers (net/ipv4/tcp_ipv4.c and tcp_input.c). Without syncookies the kernel
// also drops from three quarters of the SYN queue on, under no counter of its own.
func (c *checks) drops(k *record.Kernel) {
	g, ok := counters.Gains(k, record.ListenDrops, record.ListenOverflows, "TCPReqQFullDrop")
	switch {
	case !ok:
	case k.Sysctls["net.ipv4.tcp_syncookies"] == "0":
		c.enter(finding.RuleDropsNoCookies, max(g[1]+g[2]-g[0], 0), finding.CauseReadBetween)
	default:
		c.enter(finding.RuleDrops, g[0]-g[1]-g[2], finding.CauseMemory)
	}
}

func (c *checks) opens(raw *record.Repeat, r *analysis.Repeat) {
	opens, ok := counters.Gain(raw.Kernel, "TcpActiveOpens")
	// A connect that failed at once may or may not have sent its SYN.
	if !ok || r.Outcomes[record.Unreachable] > 0 || r.Outcomes[record.LocalExhaustion] > 0 {
		return
	}
	// How often a call went on is not known where a server has more than two addresses.
	if again := calls.Moved(raw.Attempts); again > 0 {
		c.enter(finding.RuleOpensMoved, max(int64(r.Offered)+again-opens, 0), finding.CauseReadEarly)
		return
	}
	c.enter(finding.RuleOpens, opens-int64(r.Offered), finding.CauseStrangers)
}

func (c *checks) retransmits(raw *record.Repeat) {
	kernel, ok := counters.Gain(raw.Kernel, "TCPSynRetrans")
	clients, ok2 := calls.ClientRetransmits(raw.Attempts)
	if !ok || !ok2 {
		return
	}
	challenges, ok := counters.Gain(raw.Kernel, counters.SYNACKRetransmits)
	if !ok || calls.Moved(raw.Attempts) > 0 { // an address that was given up may have been sent more
		c.enter(finding.RuleSYNsAtLeast, max(clients-kernel, 0), finding.CauseReadEarly)
		return
	}
	c.enter(finding.RuleSYNs, kernel-clients-challenges, finding.CauseStrangers)
}

// payload checks what holds where clients speak, too: retransmitted payload and FINs count beside the SYNs.
func (c *checks) payload(raw *record.Repeat) {
	g, ok := counters.Gains(raw.Kernel, "TcpRetransSegs", "TcpTimeoutRehash", counters.SYNACKRetransmits)
	if clients, known := calls.ClientRetransmits(raw.Attempts); ok && known {
		c.enter(finding.RuleSegmentsAgain, max(clients+g[2]-g[0], 0), finding.CauseReadEarly)
		c.enter(finding.RuleRehashed, max(clients-g[1], 0), finding.CauseReadEarly)
	}
}

// socket checks that the listener has itself counted all that was dropped; a last ACK without a cookie it
// counts twice (net/ipv4/tcp_ipv4.c, tcp_v4_syn_recv_sock, and tcp_check_req's caller). It is watched from
// before the first counters to after the last.
func (c *checks) socket(raw *record.Repeat) {
	drops, ok := counters.Gain(raw.Kernel, record.ListenDrops)
	if n := len(raw.Queue); !ok || n == 0 || raw.Queue[n-1].Drops == nil {
		return
	}
	c.enter(finding.RuleSocket, max(drops-int64(queue.Dropped(raw.Queue)), 0), finding.CauseOtherListener)
}

// timeouts checks that every timer that expired changed its socket's hash or was a SYN-ACK's
// (net/ipv4/tcp_timer.c); the last one of a connect that the kernel gives up does neither.
func (c *checks) timeouts(raw *record.Repeat) {
	g, ok := counters.Gains(raw.Kernel, "TCPTimeouts", "TcpTimeoutRehash", counters.SYNACKRetransmits)
	if !ok {
		return
	}
	given := calls.Count(raw.Attempts, func(a *record.Attempt) bool { return a.Errno == "ETIMEDOUT" })
	c.enter(finding.RuleTimeouts, g[0]-g[1]-g[2]-int64(given), finding.CauseOthersTimers)
}

// segments checks that every segment that was sent arrived, or was dropped on the way: there is no other way
// in these namespaces.
func (c *checks) segments(k *record.Kernel, m counters.Medium) {
	g, ok := counters.Gains(k, "TcpOutSegs", "TcpRetransSegs", counters.SYNACKRetransmits)
	rule, in, known := counters.Arrived(k)
	if ok && known {
		c.enter(rule, g[0]+g[1]-in-m.Dropped-g[2], finding.CauseLostElsewhere)
	}
}

// unanswered checks that every SYN that was not answered is among the packets that the listener dropped, or
// the medium. With a round trip a client gives up SYNs that are answered too late, so there it does not hold.
func (c *checks) unanswered(s *calls.Storm, m counters.Medium) {
	raw := s.Raw
	drops, ok := counters.Gain(raw.Kernel, record.ListenDrops)
	unanswered, ok2 := calls.UnansweredSYNs(raw, s.Trails)
	if !ok || !ok2 || counters.OneWay(raw.Kernel) > 0 {
		return
	}
	residual := max(unanswered-drops-m.Dropped, 0)
	if unanswered < 0 {
		residual = unanswered
	}
	c.enter(finding.RuleUnanswered, residual, finding.CauseLostElsewhere)
}

// likely is the cause that the record shows for counters that do not add up, with a count; empty where it
// shows none.
func likely(raw *record.Repeat, r *analysis.Repeat) (finding.Cause, int) {
	if opens, ok := counters.Gain(raw.Kernel, "TcpActiveOpens"); ok && calls.Moved(raw.Attempts) == 0 &&
		opens > int64(r.Offered) {
		return finding.CauseConnects, int(opens) - r.Offered
	}
	if n := inFlight(raw); n > 0 {
		return finding.CauseInFlight, n
	}
	return "", 0
}

// inFlight is what was retransmitted between the last sample of the counters during the storm and their
// reading after it.
func inFlight(raw *record.Repeat) int {
	total, ok := counters.Gain(raw.Kernel, "TcpRetransSegs")
	if !ok || len(raw.Counters) == 0 {
		return 0
	}
	return int(total - int64(raw.Counters[len(raw.Counters)-1].Gained["TcpRetransSegs"]))
}

// fates checks both kinds of mismatch, which have findings of their own.
func (c *checks) fates(raw *record.Repeat, r *analysis.Repeat) {
	if raw.Target == nil || r.Dialplan == nil || !slices.ContainsFunc(raw.Target.Peers,
		func(p record.Peer) bool { return p.Fate != "" }) {
		return
	}
	c.enter(finding.RuleServed, int64(calls.Unserved(r.Mismatches).Calls), "")
	c.enter(finding.RuleAnswered, int64(calls.Unanswered(r.Mismatches).Calls), "")
}
