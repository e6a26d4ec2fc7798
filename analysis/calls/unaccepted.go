package calls

import (
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// markUnaccepted classifies the connections that were never accepted, as far as the server's counts show: one
// that was left in the queue is not reset while the storm lasts, and one that was discarded always is, unless
// its client had left.
func markUnaccepted(all []Trail, target *record.Target) {
	resets, others := 0, 0
	for i := range all {
		switch {
		case !all[i].Never() || all[i].Outcome == record.Phantom:
		case all[i].Outcome == record.Reset:
			resets++
		default:
			others++
		}
	}
	ofReset, ofOthers := classify(target, resets, others)
	for i := range all {
		t := &all[i]
		switch t.Unaccepted = ofOthers; {
		case t.Outcome == record.Phantom:
			t.Unaccepted = finding.Phantom
		case t.Outcome == record.Reset:
			t.Unaccepted = ofReset
		case t.Phantom != nil && ofOthers != finding.Discarded: // the client's kernel knows that it is none
			t.Unaccepted = finding.LeftInQueue
		}
	}
}

// classify returns what those are that a reset ended, and what the others are: the kernel counts what is left
// in a queue, and names no client.
func classify(t *record.Target, resets, others int) (ofReset, ofOthers finding.StepCode) {
	switch {
	case t == nil:
		return finding.Phantom, finding.Phantom
	case t.Queued == nil && t.Discarded == 0:
		return finding.Phantom, finding.NeverAccepted
	case t.Queued == nil:
		return finding.NeverAccepted, finding.NeverAccepted
	case t.Discarded == 0 && *t.Queued == 0:
		return finding.Phantom, finding.Phantom
	case t.Discarded == 0 && others <= *t.Queued:
		return finding.Phantom, finding.LeftInQueue
	case t.Discarded == 0:
		return finding.Phantom, finding.NeverAccepted
	case resets+others > *t.Queued+t.Discarded:
		return finding.NeverAccepted, finding.NeverAccepted
	case *t.Queued == 0:
		return finding.Discarded, finding.Discarded
	case resets == t.Discarded:
		return finding.Discarded, finding.LeftInQueue
	}
	return finding.Discarded, finding.NeverAccepted
}
