package calls

import (
	"cmp"
	"slices"
	"strings"

	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// Mismatch counts calls of which client and server say different things, joined by the client's address.
type Mismatch struct {
	// Outcome of the calls for their clients.
	Outcome record.Outcome `json:"outcome"`
	// Fate of their sessions for the server; see record.Peer.
	Fate  string `json:"fate"`
	Count int    `json:"count"`
}

// Mismatches hold a client's answered against the server's own account: an answered call that the
// server did not serve, and a served one that is not answered. A caller that has hung up has a session
// that ends early on both sides. None for a client that only connects, and without the server's log.
func Mismatches(run *record.Run, all []Trail) []Mismatch {
	if Success(run) != record.Answered {
		return nil
	}
	counts := map[Mismatch]int{}
	for i := range all {
		t := &all[i]
		if t.Peer == nil || t.Peer.Fate == "" {
			continue // not known
		}
		answered, served := t.Outcome == record.Answered, t.Peer.Fate == record.PeerServed
		hungUp := answered && t.Peer.Fate == record.PeerHungUp
		if answered != served && !hungUp {
			counts[Mismatch{Outcome: t.Outcome, Fate: t.Peer.Fate}]++
		}
	}
	var found []Mismatch
	for m, n := range counts {
		m.Count = n
		found = append(found, m)
	}
	rank := func(m Mismatch) int {
		if m.Outcome == record.Answered {
			return 0
		}
		return 1
	}
	slices.SortFunc(found, func(a, b Mismatch) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(b.Count, a.Count),
			strings.Compare(a.Fate+string(a.Outcome), b.Fate+string(b.Outcome)))
	})
	return found
}

// Unserved counts the calls that are answered for their clients, and that the server did not serve.
func Unserved(all []Mismatch) finding.UnservedCalls {
	fact := finding.UnservedCalls{Fates: map[string]int{}}
	for _, m := range all {
		if m.Outcome == record.Answered {
			fact.Calls += m.Count
			fact.Fates[m.Fate] += m.Count
		}
	}
	return fact
}

// Unanswered counts the calls that the server served, and that are not answered for their clients.
func Unanswered(all []Mismatch) finding.UnansweredCalls {
	fact := finding.UnansweredCalls{Outcomes: map[string]int{}}
	for _, m := range all {
		if m.Outcome != record.Answered {
			fact.Calls += m.Count
			fact.Outcomes[string(m.Outcome)] += m.Count
		}
	}
	return fact
}
