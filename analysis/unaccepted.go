package analysis

import "agistorm/analysis/record"

// unaccepted is what became of a connection that the client had, and that the server never accepted.
type unaccepted uint8

const (
	// phantom: its last ACK was dropped.
	phantom unaccepted = iota
	// leftOver: it was in the accept queue until the storm was over.
	leftOver
	// discarded: it was in the accept queue when the server closed it, and the kernel has reset it.
	discarded
	// unclear is one of them: the kernel counts what is left in a queue, and names nobody.
	unclear
)

// markUnaccepted sorts out who was never accepted, as far as the server's counts tell: a connection that was left in the queue is
// not reset while the storm lasts, and one that was discarded always is, unless its client had gone.
func markUnaccepted(all []trail, target *record.Target) {
	resets, others := 0, 0
	for i := range all {
		switch {
		case !all[i].never():
		case all[i].Outcome == record.Reset:
			resets++
		default:
			others++
		}
	}
	ofReset, ofOthers := sortOut(target, resets, others)
	for i := range all {
		all[i].unaccepted = ofOthers
		if all[i].Outcome == record.Reset {
			all[i].unaccepted = ofReset
		}
	}
}

// sortOut tells what those are whom a reset ended, and what the others are.
func sortOut(t *record.Target, resets, others int) (ofReset, ofOthers unaccepted) {
	switch {
	case t == nil:
		return phantom, phantom
	case t.Queued == nil && t.Discarded == 0:
		return phantom, unclear
	case t.Queued == nil:
		return unclear, unclear
	case t.Discarded == 0 && *t.Queued == 0:
		return phantom, phantom
	case t.Discarded == 0 && others <= *t.Queued:
		return phantom, leftOver
	case t.Discarded == 0:
		return phantom, unclear
	case resets+others > *t.Queued+t.Discarded:
		return unclear, unclear
	case *t.Queued == 0:
		return discarded, discarded
	case resets == t.Discarded:
		return discarded, leftOver
	}
	return discarded, unclear
}

// words of what became of it.
func (u unaccepted) words() string {
	switch u {
	case leftOver:
		return "connected, but left in the accept queue to the end of the storm"
	case discarded:
		return "connected, but discarded with the accept queue when the server closed it"
	case unclear:
		return "connected, but never accepted: its last ACK was dropped (phantom), or it was left in the accept queue"
	}
	return "connected, but never accepted (phantom): its last ACK was dropped"
}
