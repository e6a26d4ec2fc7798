package analysis

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

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

// mismatches hold a client's answered against the server's own account: an answered call that the
// server did not serve, and a served one that is not answered. A caller that has hung up has a session
// that ends early on both sides. None for a client that only connects, and without the server's log.
func mismatches(run *record.Run, all []trail) []Mismatch {
	if Success(run) != record.Answered {
		return nil
	}
	counts := map[Mismatch]int{}
	for i := range all {
		t := &all[i]
		if t.peer == nil || t.peer.Fate == "" {
			continue // nobody knows
		}
		answered, served := t.Outcome == record.Answered, t.peer.Fate == record.PeerServed
		hungUp := answered && t.peer.Fate == record.PeerHungUp
		if answered != served && !hungUp {
			counts[Mismatch{Outcome: t.Outcome, Fate: t.peer.Fate}]++
		}
	}
	var found []Mismatch
	for m, n := range counts {
		m.Count = n
		found = append(found, m)
	}
	slices.SortFunc(found, func(a, b Mismatch) int {
		return cmp.Or(first(a.notServed(), b.notServed()), cmp.Compare(b.Count, a.Count),
			strings.Compare(a.Fate+string(a.Outcome), b.Fate+string(b.Outcome)))
	})
	return found
}

// notServed reports whether the calls are answered for their clients only.
func (m Mismatch) notServed() bool { return m.Outcome == record.Answered }

// notServed are the storm's calls that are answered, and not served by the server's own account.
func (r *Repeat) notServed() []Mismatch {
	return slices.DeleteFunc(slices.Clone(r.Mismatches), func(m Mismatch) bool { return !m.notServed() })
}

// fateMeanings say what a session's end at the server means for a call that its client takes for answered.
var fateMeanings = map[string]string{
	"script-timeout": "the server ended the script when its time was over",
	"env-timeout":    "the server ended the session before the environment was whole",
	"gone":           "the server saw the client close first",
	"reset":          "the server saw the connection reset",
	"stopped":        "the server was stopped first",
	"open":           "the session had not ended",
	"protocol":       "the server did not understand a reply",
	"long-line":      "a line was too long for the server",
	"many-lines":     "there were too many lines for the server",
}

// fateWords are "16 script-timeout (the server ended the script when its time was over)".
func fateWords(fates map[string]int) string {
	var parts []string
	for _, fate := range slices.Sorted(maps.Keys(fates)) {
		part := Count(fates[fate]) + " " + fate
		if meaning := fateMeanings[fate]; meaning != "" {
			part += " (" + meaning + ")"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

// mismatchWarnings are of one storm.
func mismatchWarnings(r *Repeat) (lines []string) {
	unserved, fates, unanswered, outcomes := 0, map[string]int{}, 0, []string{}
	for _, m := range r.Mismatches {
		if m.notServed() {
			unserved += m.Count
			fates[m.Fate] += m.Count
			continue
		}
		unanswered += m.Count
		outcomes = append(outcomes, Count(m.Count)+" "+string(m.Outcome))
	}
	if unserved > 0 {
		lines = append(lines, fmt.Sprintf("%s for the client and not served by the server's own account: %s",
			amount(unserved, "call is answered", "calls are answered"), fateWords(fates)))
	}
	if unanswered > 0 {
		lines = append(lines, fmt.Sprintf("%s by the server's own account and not answered for the client: %s",
			amount(unanswered, "call is served", "calls are served"), strings.Join(outcomes, ", ")))
	}
	return lines
}

// balanceFates enters both kinds of mismatch; their own warnings say more than a sum that is off.
func (l *ledger) balanceFates(raw *record.Repeat, r *Repeat) {
	if raw.Target == nil || r.Dialplan == nil || !slices.ContainsFunc(raw.Target.Peers,
		func(p record.Peer) bool { return p.Fate != "" }) {
		return
	}
	unserved, unanswered := int64(0), int64(0)
	for _, m := range r.Mismatches {
		if m.notServed() {
			unserved += int64(m.Count)
		} else {
			unanswered += int64(m.Count)
		}
	}
	l.enterQuietly(true, ruleServed, unserved, "")
	l.enterQuietly(true, ruleAnswered, unanswered, "")
}

// The lines that mismatches break.
const (
	ruleServed   = "answered calls are served by the server's account"
	ruleAnswered = "calls served by the server's account are answered"
)
