package calls

import (
	"agistorm/analysis/record"
)

// CountOutcomes has every outcome, those that did not occur as 0. An outcome that this
// version does not know is not counted, and a check shows it.
func CountOutcomes(attempts []record.Attempt) map[record.Outcome]int {
	counts := make(map[record.Outcome]int, len(record.Outcomes))
	for _, o := range record.Outcomes {
		counts[o] = 0
	}
	for i := range attempts {
		if o := attempts[i].Outcome; o.Valid() {
			counts[o]++
		}
	}
	return counts
}

// CountCalls returns the numbers of offered, lost and late calls.
func CountCalls(attempts []record.Attempt) (offered, lost, late int) {
	return Count(attempts, func(a *record.Attempt) bool { return a.Outcome.Offered() }),
		Count(
			attempts,
			func(a *record.Attempt) bool { return a.Outcome.Lost() },
		), Count(attempts, (*record.Attempt).Late)
}

// CountSlow leaves out the connections that waited because their last ACK was dropped: that is not the
// server's slowness.
func CountSlow(all []Trail) int {
	return count(all, func(t *Trail) bool { return t.Impairment() == ImpairedSlow })
}

// Count returns how many attempts are of a kind.
func Count(attempts []record.Attempt, kind func(*record.Attempt) bool) (n int) {
	for i := range attempts {
		if kind(&attempts[i]) {
			n++
		}
	}
	return n
}

// count returns how many calls are of a kind.
func count(all []Trail, kind func(*Trail) bool) (n int) {
	for i := range all {
		if kind(&all[i]) {
			n++
		}
	}
	return n
}
