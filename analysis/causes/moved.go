package causes

import (
	"time"

	"agistorm/analysis/calls"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// moved appends the steps of an attempt that another address than the first has settled: what became of the addresses
// before, and of its own SYNs.
func (e *explainer) moved(steps []finding.Step, t *calls.Trail) []finding.Step {
	if limit := e.limits.ConnectLimit; limit > 0 && *t.Tried-*t.Started < limit {
		steps = append(steps, step(finding.AddressFailed, *t.Started))
	} else { // only the first address's accept queue is watched
		dropped, left := e.firstSYN(*t.Started, *t.Started+t.Way), step(finding.AddressGivenUp, *t.Tried)
		dropped.Again, left.Limit = min(int(t.EarlierSYNRetransmits), e.inTime*given(t, limit)), limit
		steps = append(steps, dropped, left)
	}
	on := step(finding.MovedOn, *t.Tried)
	on.Example.Address = t.Address
	steps = append(steps, on)
	dropped := 0
	if t.SYNRetransmits != nil {
		dropped = int(*t.SYNRetransmits)
		if t.Outcome == record.ConnectTimeout {
			dropped++ // the last one
		}
	}
	if t.Limit == record.LimitConnect {
		dropped = min(dropped, e.inTime+1)
	}
	if dropped > 0 {
		there := step(finding.SYNDroppedThere, *t.Tried)
		there.Again = dropped - 1
		steps = append(steps, there)
	}
	switch {
	case dropped > 0 && t.Established != nil:
		steps = append(steps, step(finding.SYNAnswered, *t.Established))
	case t.Established != nil:
		steps = append(steps, step(finding.AnsweredThere, *t.Established))
	}
	return steps
}

// given counts the addresses that were given up, each after the limit.
func given(t *calls.Trail, limit time.Duration) int {
	if limit <= 0 {
		return 1
	}
	return int(max((*t.Tried-*t.Started)/limit, 1))
}
