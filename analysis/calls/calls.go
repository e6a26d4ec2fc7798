// Package calls joins the accounts of one storm's calls, those of the clients, of their kernel and of the
// server, and counts what became of them.
package calls

import (
	"agistorm/analysis/counters"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
)

// Storm is the calls of one storm with all that is known of each.
type Storm struct {
	N      int
	Raw    *record.Repeat
	Trails []Trail
	// AcceptedAgain are the duplicate accepts.
	AcceptedAgain []*record.Peer
	// Medium between clients and server, and whether it dropped every SYN that was retransmitted and not
	// answered.
	Medium        counters.Medium
	AgainByMedium bool
	// Queue of the server; nil where it was not watched.
	Queue *metric.Queue
}

// Follow follows every call of storm n.
func Follow(run *record.Run, n int, raw *record.Repeat) *Storm {
	s := &Storm{N: n, Raw: raw, Trails: trails(raw), Medium: counters.MediumOfStorm(run, raw)}
	s.AcceptedAgain = duplicateAccepts(raw, s.Trails)
	s.AgainByMedium = againByMedium(run, s)
	return s
}
