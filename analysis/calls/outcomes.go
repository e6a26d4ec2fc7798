package calls

import (
	"agistorm/analysis/record"
)

// CountOutcomes has every outcome, those that did not occur as 0. An outcome that this
// version does not know is not counted, and the books show it.
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

func CountCalls(attempts []record.Attempt) (offered, lost, tardy int) {
	for i := range attempts {
		a := &attempts[i]
		if a.Outcome.Offered() {
			offered++
		}
		if a.Outcome.Lost() {
			lost++
		}
		if a.Late() {
			tardy++
		}
	}
	return offered, lost, tardy
}

// CountSlow leaves out the connections that waited because their last ACK was dropped: that is not the server's slowness.
func CountSlow(all []Trail) (slow int) {
	for i := range all {
		if all[i].Impairment() == ImpairedSlow {
			slow++
		}
	}
	return slow
}
