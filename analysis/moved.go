package analysis

import (
	"fmt"

	"agistorm/analysis/record"
)

// moved tells of an attempt that another address than the first has settled: what became of the addresses before, and of its own SYNs.
func (s *storyteller) moved(l *links, t *trail) {
	if limit := s.limits.ConnectLimit; limit > 0 && *t.Tried-*t.Started < limit {
		l.add("an address failed at once", "an address failed")
	} else {
		s.earlier(l, t)
	}
	l.add("went on to another address", fmt.Sprintf("went on to %s at %s", t.Address, at(*t.Tried)))
	dropped := 0
	if t.SYNRetransmits != nil {
		dropped = int(*t.SYNRetransmits)
		if t.Outcome == record.ConnectTimeout {
			dropped++ // and the last one
		}
	}
	switch {
	case dropped > 0 && t.established != nil:
		l.add("SYN dropped there"+times(dropped)+", answered when it was sent again", "answered at "+at(*t.established)+" when it was sent again")
	case dropped > 0:
		l.add("SYN dropped there"+times(dropped), "SYN dropped there"+times(dropped))
	case t.established != nil:
		l.add("answered there", "answered at "+at(*t.established))
	}
}

// earlier tells of the addresses that were given up; only the first one's accept queue is watched.
func (s *storyteller) earlier(l *links, t *trail) {
	why, where := s.firstSYN(*t.Started + t.way)
	again := int(t.EarlierSYNRetransmits)
	kind, told := "SYN "+why, fmt.Sprintf("SYN dropped at %s%s", at(*t.Started), where)
	if again > 0 {
		kind, told = kind+", and when it was sent again"+times(again), told+", and when it was sent again"+times(again)
	}
	l.add(kind, told)
	l.add(fmt.Sprintf("address given up after %v", s.limits.ConnectLimit), "address given up by "+at(*t.Tried))
}
