package analysis

import "slices"

// Suffering is how a call fared that did not get in time all that it came for; empty for one that did.
type Suffering string

// The ways of suffering.
const (
	SufferedLoss Suffering = "lost"
	// SufferedLateness: a SYN of it was sent again.
	SufferedLateness Suffering = "late"
	// SufferedPhantom is a connection that the server never accepted, of a client that wanted no more than to connect.
	SufferedPhantom Suffering = "phantom"
	// SufferedRevival: its last ACK was dropped, and a later packet let it in.
	SufferedRevival Suffering = "revived"
	// SufferedSlowness: it was connected and accepted in time, and waited for its first command.
	SufferedSlowness Suffering = "slow"
)

// Sufferings are all of them, the worst first.
var Sufferings = []Suffering{SufferedLoss, SufferedLateness, SufferedPhantom, SufferedRevival, SufferedSlowness}

// suffered tells the worst of them.
func (t *trail) suffered() Suffering {
	switch {
	case t.Started == nil:
		return ""
	case t.Outcome.Lost():
		return SufferedLoss
	case t.Late():
		return SufferedLateness
	case t.never() && t.unaccepted == phantom:
		return SufferedPhantom
	case t.revived():
		return SufferedRevival
	case t.Slow():
		return SufferedSlowness
	}
	return ""
}

// rank is 0 for the worst.
func (s Suffering) rank() int { return slices.Index(Sufferings, s) }
