package calls

import (
	"slices"
	"strconv"
	"time"

	"agistorm/analysis/counters"
	"agistorm/analysis/record"
)

// againByMedium reports whether the listener dropped as many SYNs as calls had their first one dropped, and
// the medium, which had dropped none by the time when the last call started, the others: then the medium
// dropped every one that was retransmitted. With a round trip a SYN that was answered too late counts as not
// answered, and nothing is known.
func againByMedium(run *record.Run, s *Storm) bool {
	m, raw := s.Medium, s.Raw
	if !m.Watched || m.Dropped == 0 || !run.Isolation.Own() || counters.OneWay(raw.Kernel) > 0 {
		return false
	}
	if len(raw.Counters) == 0 || counters.GainedWithin(raw.Counters, m.Counter, -1, lastStart(raw.Attempts)) {
		return false // it may have dropped first ones too
	}
	unanswered, known := UnansweredSYNs(raw, s.Trails)
	return known && unanswered-m.Dropped == int64(firstSYNsLost(raw.Attempts))
}

// lastStart is when the last of the calls started.
func lastStart(attempts []record.Attempt) (last time.Duration) {
	for i := range attempts {
		if s := attempts[i].Started; s != nil {
			last = max(last, *s)
		}
	}
	return last
}

// firstSYNsLost counts the calls whose first SYN was not answered.
func firstSYNsLost(attempts []record.Attempt) int {
	return Count(attempts, func(a *record.Attempt) bool {
		sent, _ := Retransmits(a)
		return sent > 0 || a.Outcome == record.ConnectTimeout
	})
}

// UnansweredSYNs of all calls, those retransmitted included; false where the kernel or a client has no
// account of them.
func UnansweredSYNs(raw *record.Repeat, all []Trail) (int64, bool) {
	opens, ok := counters.Gain(raw.Kernel, "TcpActiveOpens")
	retransmits, ok2 := ClientRetransmits(raw.Attempts)
	failed := slices.ContainsFunc(raw.Attempts, func(a record.Attempt) bool { return a.Outcome == record.Unreachable })
	if !ok || !ok2 || failed ||
		Moved(raw.Attempts) > 0 { // an address that was given up may have refused, or answered meanwhile
		return 0, false
	}
	return opens + retransmits - answeredSYNs(all), true
}

// answeredSYNs counts the calls that got a SYN-ACK or a refusal, those that were reset or given up meanwhile
// included.
func answeredSYNs(all []Trail) int64 {
	return int64(count(all, func(t *Trail) bool {
		return t.Connected != nil || t.Outcome == record.Refused || t.Outcome == record.Reset || t.Peer != nil
	}))
}

// ClientRetransmits is false unless every offered attempt has an account of its SYNs.
func ClientRetransmits(attempts []record.Attempt) (int64, bool) {
	sum, _, ok := sumRetransmits(attempts, record.Outcome.Offered)
	return sum, ok
}

// sumRetransmits sums the lost SYNs of the attempts with an account of them, and counts these attempts. It is
// false where an outcome that needs an account has none.
func sumRetransmits(attempts []record.Attempt, needed func(record.Outcome) bool) (sum int64, counted int, ok bool) {
	for i := range attempts {
		a := &attempts[i]
		switch n, ok := Retransmits(a); {
		case ok:
			sum += n
			counted++
		case needed(a.Outcome):
			return 0, 0, false
		}
	}
	return sum, counted, true
}

// SYNRetransmissions sums the SYN retransmissions of all attempts. It is nil where the engine gave no account
// of an attempt that was served, or of none at all: then it is not known which calls were late.
func SYNRetransmissions(attempts []record.Attempt) *uint64 {
	sum, counted, ok := sumRetransmits(attempts, record.Outcome.Served)
	if !ok || counted == 0 {
		return nil
	}
	total := uint64(sum)
	return &total
}

// LostSYNs counts the SYNs that were not answered: those that were retransmitted in time, and the last of each
// connect that was given up, the call's own and those to addresses before. It is nil where the engine has no
// account.
func LostSYNs(raw *record.Repeat, connectLimit time.Duration) *uint64 {
	sum := SYNRetransmissions(raw.Attempts)
	if sum == nil {
		return nil
	}
	inTime := RetransmitsInTime(raw.Kernel, connectLimit)
	for i := range raw.Attempts {
		a := &raw.Attempts[i]
		given := addressesGivenUp(a, connectLimit)
		*sum += given - late(a.EarlierSYNRetransmits, max(given, 1)*inTime)
		if a.Outcome == record.ConnectTimeout {
			*sum++
		}
		if a.Limit == record.LimitConnect && a.SYNRetransmits != nil {
			*sum -= late(*a.SYNRetransmits, inTime)
		}
	}
	return sum
}

// late are the retransmissions of a connect beyond those in time.
func late(retransmits uint32, inTime uint64) uint64 {
	return uint64(retransmits) - min(uint64(retransmits), inTime)
}

// RetransmitsInTime is how often a SYN is retransmitted before the connect limit. What a kernel sends later, since the
// generator was late to give up, is not dropped for all that is known.
func RetransmitsInTime(k *record.Kernel, limit time.Duration) (n uint64) {
	if limit <= 0 {
		return record.MaxSYNs
	}
	linear := LinearTimeouts(k)
	for n < record.MaxSYNs && record.SYNRetransmission(int(n)+1, linear) < limit {
		n++
	}
	return n
}

// LinearTimeouts is net.ipv4.tcp_syn_linear_timeouts, 0 where the kernel has none.
func LinearTimeouts(k *record.Kernel) (n int) {
	if k != nil {
		n, _ = strconv.Atoi(k.Sysctls["net.ipv4.tcp_syn_linear_timeouts"]) // absent is 0
	}
	return n
}

// addressesGivenUp counts the addresses that a call had given up before the one that settled it: each took
// the connect limit, one that failed takes no time to speak of.
func addressesGivenUp(a *record.Attempt, connectLimit time.Duration) uint64 {
	if a.Tried == nil || a.Started == nil || connectLimit <= 0 {
		return 0
	}
	return uint64(max(*a.Tried-*a.Started, 0) / connectLimit)
}

// Retransmits are the lost SYNs of an attempt, to all addresses; false without an account.
func Retransmits(a *record.Attempt) (int64, bool) {
	if a.SYNRetransmits == nil {
		return 0, false
	}
	return int64(*a.SYNRetransmits) + int64(a.EarlierSYNRetransmits), true
}
