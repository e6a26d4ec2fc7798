package analysis

import (
	"time"

	"agistorm/analysis/record"
	"agistorm/analysis/stats"
)

// Shares are parts of the offered calls of all storms of a cell, with their intervals. The intervals take each call for an
// independent trial; calls of one storm share its luck, so what lies between storms shows better in a Spread.
type Shares struct {
	Lost stats.Proportion `json:"lost"`
	// Late is nil where nobody can tell.
	Late     *stats.Proportion                   `json:"late,omitempty"`
	Outcomes map[record.Outcome]stats.Proportion `json:"outcomes"`
}

func (c *Cell) shares() Shares {
	offered, lost, late := 0, 0, 0
	for i := range c.Repeats {
		r := &c.Repeats[i]
		offered += r.Offered
		lost += r.Lost
		late += r.Late
	}
	s := Shares{Lost: stats.Wilson(lost, offered), Outcomes: map[record.Outcome]stats.Proportion{}}
	if c.LateKnown() {
		p := stats.Wilson(late, offered)
		s.Late = &p
	}
	for _, o := range record.Outcomes {
		if o.Offered() {
			s.Outcomes[o] = stats.Wilson(c.total(o), offered)
		}
	}
	return s
}

// lostSYNs counts the SYNs that nobody answered: those that were sent again, and the last of each connect that was given
// up, the call's own and those to addresses before. It is nil where the engine cannot tell.
func lostSYNs(attempts []record.Attempt, connectLimit time.Duration) *uint64 {
	sum := synRetransmits(attempts)
	if sum == nil {
		return nil
	}
	for i := range attempts {
		a := &attempts[i]
		*sum += addressesGivenUp(a, connectLimit)
		if a.Outcome == record.ConnectTimeout {
			*sum++
		}
	}
	return sum
}

// addressesGivenUp counts the addresses that a call had given up before the one that settled it: each took the connect limit, one
// that failed takes no time to speak of.
func addressesGivenUp(a *record.Attempt, connectLimit time.Duration) uint64 {
	if a.Tried == nil || a.Started == nil || connectLimit <= 0 {
		return 0
	}
	return uint64(max(*a.Tried-*a.Started, 0) / connectLimit)
}

// servedRate is the calls a second that got all that they came for, from the first intended start to the end of the last
// of them; nil where none was served or it took no time.
func servedRate(attempts []record.Attempt) *float64 {
	served, began, ended := 0, time.Duration(0), time.Duration(0)
	for i := range attempts {
		a := &attempts[i]
		if i == 0 || a.Intended < began {
			began = a.Intended
		}
		if a.Outcome.Served() {
			served++
			ended = max(ended, a.Done)
		}
	}
	if served == 0 || ended <= began {
		return nil
	}
	rate := float64(served) / (ended - began).Seconds()
	return &rate
}

// lastArrival is the last intended start of a storm.
func lastArrival(attempts []record.Attempt) time.Duration {
	last := time.Duration(0)
	for i := range attempts {
		last = max(last, attempts[i].Intended)
	}
	return last
}
