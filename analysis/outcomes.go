package analysis

import (
	"agistorm/analysis/record"
)

// countOutcomes has every outcome, those that did not occur as 0. An outcome that this
// version does not know is not counted, and the books show it.
func countOutcomes(attempts []record.Attempt) map[record.Outcome]int {
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

func countCalls(attempts []record.Attempt) (offered, lost, tardy int) {
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

// countSlow leaves out the connections that waited because their last ACK was dropped: that is not the server's slowness.
func countSlow(all []trail) (slow int) {
	for i := range all {
		if all[i].impairment() == ImpairedSlow {
			slow++
		}
	}
	return slow
}
