package calls

import "slices"

// Impairment is how a call fared that did not get in time all that it came for; empty for one that did.
type Impairment string

// The impairments.
const (
	ImpairedLost Impairment = "lost"
	// ImpairedLate: a SYN of it was retransmitted.
	ImpairedLate Impairment = "late"
	// ImpairedRevived: its last ACK was dropped, and a later packet let it in.
	ImpairedRevived Impairment = "revived"
	// ImpairedSlow: it was connected and accepted in time, and waited for its first command.
	ImpairedSlow Impairment = "slow"
)

// Impairments are all of them, the worst first.
var Impairments = []Impairment{ImpairedLost, ImpairedLate, ImpairedRevived, ImpairedSlow}

// Impairment is the worst of them.
func (t *Trail) Impairment() Impairment {
	switch {
	case t.Started == nil:
		return ""
	case t.Outcome.Lost():
		return ImpairedLost
	case t.Late():
		return ImpairedLate
	case t.Revived():
		return ImpairedRevived
	case t.Slow():
		return ImpairedSlow
	}
	return ""
}

// Rank is 0 for the worst.
func (i Impairment) Rank() int { return slices.Index(Impairments, i) }
