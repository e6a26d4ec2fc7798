package analysis

import (
	"fmt"
	"slices"

	"agistorm/analysis/record"
)

// ledger is the books of one repeat in the making.
type ledger struct {
	lines    []Balance
	warnings []string
	// likely cause by what the record shows; empty where it shows none.
	likely string
}

// enter writes one line, and warns where it does not balance: with the cause that the record shows, else with the one given.
func (l *ledger) enter(rule string, residual int64, cause string) {
	l.lines = append(l.lines, Balance{Rule: rule, Residual: residual})
	if l.likely != "" {
		cause = l.likely
	}
	if residual != 0 {
		l.warnings = append(l.warnings, fmt.Sprintf("the books do not balance: %s is off by %+d; probably %s", rule, residual, cause))
	}
}

// enterQuietly writes one line as enter does, without the warning where its cause is known.
func (l *ledger) enterQuietly(quietly bool, rule string, residual int64, cause string) {
	n := len(l.warnings)
	l.enter(rule, residual, cause)
	if quietly {
		l.warnings = l.warnings[:n]
	}
}

// balance checks what the clients saw against what the server accepted and the kernel
// counted. Only rules that hold with payload are used.
func balance(run *record.Run, raw *record.Repeat, r *Repeat) *ledger {
	l := &ledger{}
	l.balanceAttempts(run, raw, r)
	l.balanceConnections(raw, r)
	l.balanceFates(raw, r)
	l.likely = likely(run, raw, r)
	// Elsewhere other traffic counts too.
	if raw.Kernel != nil && run.Isolation.Own() {
		l.balanceDrops(raw.Kernel)
		l.balanceOpens(raw, r)
		l.balanceRetransmits(raw)
		l.balanceTimeouts(raw)
		l.balancePayload(raw)
		l.balanceSocket(raw)
		l.balanceSegments(raw.Kernel)
		l.balanceSYNs(raw, r)
	}
	return l
}

func (l *ledger) balanceAttempts(run *record.Run, raw *record.Repeat, r *Repeat) {
	sum := 0
	for _, n := range r.Outcomes {
		sum += n
	}
	l.enter("outcomes = attempts", int64(sum-len(raw.Attempts)), "an outcome that this version does not know")
	if calls := run.Calls(); calls > 0 {
		l.enterQuietly(cutShort(run), rulePlanned, int64(len(raw.Attempts)-calls), unplanned(run))
	}
}

func unplanned(run *record.Run) string {
	if len(run.Merged) > 0 {
		return "a share is missing, or was cut off"
	}
	return "the record of the attempts is not whole"
}

// rulePlanned is the line that a truncated attempts.jsonl breaks.
const rulePlanned = "attempts = calls planned"

func (l *ledger) balanceConnections(raw *record.Repeat, r *Repeat) {
	c, ok := takeCensus(raw, r.trails)
	if !ok || raw.Target.Queued == nil || r.Phantoms == nil {
		return
	}
	if *raw.Target.Queued+raw.Target.Discarded > 0 && c.connected < r.Offered {
		return // those that are queued still may be of clients that gave up
	}
	residual := *r.Phantoms - (c.connected + givenUp(r.trails) + r.acceptedAgain - c.accepted - *raw.Target.Queued - raw.Target.Discarded)
	l.enter("phantoms = connected + accepted too late or twice − accepted − still queued", int64(residual),
		"somebody else's connections")
}

// givenUp counts the attempts that never connected, for all their client knew, and that the server accepted all the same.
func givenUp(all []trail) (n int) {
	for i := range all {
		if all[i].peer != nil && all[i].Connected == nil {
			n++
		}
	}
	return n
}

// balanceDrops checks tcp_listendrop's callers (net/ipv4/tcp_ipv4.c and tcp_input.c). Without
// syncookies the kernel also drops from three quarters of the SYN queue on, under no counter
// of its own.
func (l *ledger) balanceDrops(k *record.Kernel) {
	drops, ok := gain(k, "ListenDrops")
	overflows, ok2 := gain(k, listenOverflows)
	full, ok3 := gain(k, "TCPReqQFullDrop")
	switch {
	case !ok || !ok2 || !ok3:
		return
	case k.Sysctls["net.ipv4.tcp_syncookies"] == "0":
		l.enter("ListenOverflows + TCPReqQFullDrop ≤ ListenDrops", max(overflows+full-drops, 0), "the counters were read in between")
		return
	}
	l.enter("ListenDrops = ListenOverflows + TCPReqQFullDrop", drops-overflows-full,
		"the kernel was short of memory")
}

func (l *ledger) balanceOpens(raw *record.Repeat, r *Repeat) {
	opens, ok := gain(raw.Kernel, "TcpActiveOpens")
	// A connect that failed at once may or may not have sent its SYN.
	if !ok || r.Outcomes[record.Unreachable] > 0 || r.Outcomes[record.LocalExhaustion] > 0 {
		return
	}
	// How often a call went on is not known where a server has more than two addresses.
	if again := moved(raw.Attempts); again > 0 {
		l.enter("TcpActiveOpens ≥ offered attempts + those that went on to another address",
			max(int64(r.Offered)+again-opens, 0), "the counters were read too early")
		return
	}
	l.enter("TcpActiveOpens = offered attempts", opens-int64(r.Offered), "somebody else connected in this namespace")
}

func (l *ledger) balanceRetransmits(raw *record.Repeat) {
	kernel, ok := gain(raw.Kernel, "TCPSynRetrans")
	clients, ok2 := clientRetransmits(raw.Attempts)
	if !ok || !ok2 {
		return
	}
	challenges, ok := gain(raw.Kernel, synACKRetransmits)
	if !ok || moved(raw.Attempts) > 0 { // an address that was given up may have been sent more
		l.enter("clients' SYN retransmissions ≤ TCPSynRetrans", max(clients-kernel, 0), "the counters were read too early")
		return
	}
	l.enter("TCPSynRetrans = clients' SYN retransmissions + "+synACKRetransmits, kernel-clients-challenges,
		"somebody else connected in this namespace, or the counters were read too early")
}

// balancePayload checks what holds where clients speak, too: retransmitted payload and FINs count beside the SYNs.
func (l *ledger) balancePayload(raw *record.Repeat) {
	again, ok := gain(raw.Kernel, "TcpRetransSegs")
	rehashed, ok2 := gain(raw.Kernel, "TcpTimeoutRehash")
	challenges, ok3 := gain(raw.Kernel, synACKRetransmits)
	clients, ok4 := clientRetransmits(raw.Attempts)
	if !ok || !ok2 || !ok3 || !ok4 {
		return
	}
	l.enter("clients' SYN retransmissions + "+synACKRetransmits+" ≤ TcpRetransSegs", max(clients+challenges-again, 0), "the counters were read too early")
	l.enter("clients' SYN retransmissions ≤ TcpTimeoutRehash", max(clients-rehashed, 0), "the counters were read too early")
}

// balanceSocket checks that the listener has itself counted all that was dropped; a last ACK without a cookie it counts twice
// (net/ipv4/tcp_ipv4.c, tcp_v4_syn_recv_sock, and tcp_check_req's caller). It is watched from before the first counters to after the last.
func (l *ledger) balanceSocket(raw *record.Repeat) {
	drops, ok := gain(raw.Kernel, "ListenDrops")
	if n := len(raw.Queue); !ok || n == 0 || raw.Queue[n-1].Drops == nil {
		return
	}
	l.enter("ListenDrops ≤ the listener's own drops", max(drops-int64(dropped(raw.Queue)), 0), "another listener in this namespace")
}

// synACKRetransmits counts the SYN-ACKs that were sent again: the client has answered the first, and answers with a challenge ACK.
const synACKRetransmits = "TCPSYNChallenge"

// balanceTimeouts checks that every timer that expired changed its socket's hash or was a SYN-ACK's (net/ipv4/tcp_timer.c); the last
// one of a connect that the kernel gives up does neither.
func (l *ledger) balanceTimeouts(raw *record.Repeat) {
	timeouts, ok := gain(raw.Kernel, "TCPTimeouts")
	rehashed, ok2 := gain(raw.Kernel, "TcpTimeoutRehash")
	challenges, ok3 := gain(raw.Kernel, synACKRetransmits)
	if !ok || !ok2 || !ok3 {
		return
	}
	var given int64
	for i := range raw.Attempts {
		if raw.Attempts[i].Errno == "ETIMEDOUT" {
			given++
		}
	}
	l.enter("TCPTimeouts = TcpTimeoutRehash + "+synACKRetransmits+" + attempts with ETIMEDOUT", timeouts-rehashed-challenges-given,
		"retransmissions of somebody else's")
}

// balanceSegments checks that every segment that was sent arrived, or was dropped on the way: there is no other way in
// these namespaces.
func (l *ledger) balanceSegments(k *record.Kernel) {
	out, ok := gain(k, "TcpOutSegs")
	again, ok2 := gain(k, "TcpRetransSegs")
	in, term, ok3 := arrived(k)
	challenges, ok4 := gain(k, synACKRetransmits)
	m := mediumOf(k)
	if !ok || !ok2 || !ok3 || !ok4 || !m.known {
		return
	}
	rule := "TcpOutSegs + TcpRetransSegs = " + term + " + " + m.term() + " + " + synACKRetransmits
	l.enter(rule, out+again-in-m.dropped-challenges,
		"packets lost elsewhere than at "+m.name+", or still on their way")
}

// packetsIn are the kernel's counters of IP packets by their ECN field, which are all packets (net/ipv4/ip_input.c,
// ip_rcv_core).
var packetsIn = []string{"InNoECTPkts", "InECT0Pkts", "InECT1Pkts", "InCEPkts"}

// arrived counts the segments that came in, with the name of what counts them. TcpInSegs counts buffers: one of several
// segments where GRO merged them, on a link, or where TSO left them whole, on lo (net/ipv4/tcp_ipv4.c, tcp_v4_rcv). IP
// counts the segments in them. Nothing but TCP is in a storm's namespaces. A kernel that does not count IP packets
// merges none on a veth either.
func arrived(k *record.Kernel) (n int64, term string, known bool) {
	for _, name := range packetsIn {
		packets, ok := gain(k, name)
		if !ok {
			n, known = gain(k, "TcpInSegs")
			return n, "TcpInSegs", known
		}
		n += packets
	}
	return n, "IP packets received", true
}

// balanceSYNs checks that every SYN that nobody answered is among the packets that the listener dropped, or the medium.
// With a round trip a client gives up SYNs that are answered too late, so there it does not hold.
func (l *ledger) balanceSYNs(raw *record.Repeat, r *Repeat) {
	if oneWay(raw.Kernel) > 0 {
		return
	}
	drops, ok := gain(raw.Kernel, "ListenDrops")
	unanswered, ok2 := unansweredSYNs(raw, r.trails)
	m := mediumOf(raw.Kernel)
	if !ok || !ok2 || !m.known {
		return
	}
	residual := max(unanswered-drops-m.dropped, 0)
	if unanswered < 0 {
		residual = unanswered
	}
	l.enter("SYNs without an answer ≤ ListenDrops + "+m.term(), residual,
		"packets lost elsewhere than at the listener and at "+m.name+", or counters read too early")
}

// unansweredSYNs of all calls, those sent again included; false where the kernel or a client has no account of them.
func unansweredSYNs(raw *record.Repeat, all []trail) (int64, bool) {
	opens, ok := gain(raw.Kernel, "TcpActiveOpens")
	retransmits, ok2 := clientRetransmits(raw.Attempts)
	failed := slices.ContainsFunc(raw.Attempts, func(a record.Attempt) bool { return a.Outcome == record.Unreachable })
	if !ok || !ok2 || failed || moved(raw.Attempts) > 0 { // an address that was given up may have refused, or answered meanwhile
		return 0, false
	}
	return opens + retransmits - answeredSYNs(all), true
}

// answeredSYNs counts the calls that got a SYN-ACK or a refusal, those that were reset or given up meanwhile included.
func answeredSYNs(all []trail) (n int64) {
	for i := range all {
		if t := &all[i]; t.Connected != nil || t.Outcome == record.Refused || t.Outcome == record.Reset || t.peer != nil {
			n++
		}
	}
	return n
}

// clientRetransmits is false unless every offered attempt has an account of its SYNs.
func clientRetransmits(attempts []record.Attempt) (int64, bool) {
	var sum int64
	for i := range attempts {
		a := &attempts[i]
		switch n, ok := retransmits(a); {
		case ok:
			sum += n
		case a.Outcome.Offered():
			return 0, false
		}
	}
	return sum, true
}

// likely is the cause that the record shows for counters that do not add up; empty where it shows none.
func likely(run *record.Run, raw *record.Repeat, r *Repeat) string {
	if raw.Kernel == nil || !run.Isolation.Own() {
		return ""
	}
	if opens, ok := gain(raw.Kernel, "TcpActiveOpens"); ok && moved(raw.Attempts) == 0 && opens > int64(r.Offered) {
		return amount(int(opens)-r.Offered, "connect", "connects") + " of somebody else's in this namespace"
	}
	if n := inFlight(raw); n > 0 {
		return "retries that were still in flight: TcpRetransSegs grew by " + Count(n) + " after the storm"
	}
	return ""
}

// inFlight is what was sent again between the last look at the counters during the storm and their reading after it.
func inFlight(raw *record.Repeat) int {
	total, ok := gain(raw.Kernel, "TcpRetransSegs")
	if !ok || len(raw.Counters) == 0 {
		return 0
	}
	return int(total - int64(raw.Counters[len(raw.Counters)-1].Gained["TcpRetransSegs"]))
}
