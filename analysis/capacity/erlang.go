package capacity

import (
	"math"
	"time"

	"agistorm/analysis/erlang"
)

// late is the share of the calls that may wait longer than the first-command timeout: p99 is held against it.
const late = 0.01

// ErlangOf returns what Erlang's formulae say of a question; nil where no handlers are sought, or no call has work.
func ErlangOf(q *Question) *Erlang {
	if !q.Planned || q.MeanWork <= 0 {
		return nil
	}
	e := &Erlang{
		Load:    q.Offered(),
		LeftOut: []Omission{OmitsRetransmission, OmitsConnectTimeout, OmitsFiniteQueue, OmitsShape},
	}
	for e.Handlers = q.busy() + 1; longerThan(e.Handlers, e.Load, q) > late; e.Handlers++ {
	}
	e.Waiting, e.Blocked = erlang.C(e.Handlers, e.Load), erlang.B(e.Handlers, e.Load)
	if e.Waiting > late {
		free := float64(e.Handlers) - e.Load
		e.WaitP99 = time.Duration(float64(q.MeanWork) / free * math.Log(e.Waiting/late))
	}
	return e
}

// longerThan is the share of the calls that wait longer than the first-command timeout: C·exp(-(c-a)·t/w).
func longerThan(handlers int, load float64, q *Question) float64 {
	free := float64(handlers) - load
	return erlang.C(handlers, load) * math.Exp(-free*q.FirstCommandTimeout.Seconds()/q.MeanWork.Seconds())
}
