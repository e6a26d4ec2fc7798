package analysis

import (
	"slices"

	"agistorm/analysis/record"
	"agistorm/analysis/stats"
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

// synRetransmits sums the SYN retransmissions of all attempts. It is nil where the engine
// gave no account of an attempt that was served, or of none at all: then nobody knows who was late.
func synRetransmits(attempts []record.Attempt) *uint64 {
	var sum uint64
	told := false
	for i := range attempts {
		a := &attempts[i]
		switch n, ok := retransmits(a); {
		case ok:
			sum += uint64(n)
			told = true
		case a.Outcome.Served():
			return nil
		}
	}
	if !told {
		return nil
	}
	return &sum
}

// spread leaves values as they are. Without values all of it is 0.
func spread(values []float64) Spread {
	if len(values) == 0 {
		return Spread{}
	}
	m := stats.MedianOf(values)
	return Spread{N: m.N, Median: m.Median, Min: slices.Min(values), Max: slices.Max(values), Low: m.Low, High: m.High}
}
