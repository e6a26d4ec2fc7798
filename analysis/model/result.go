package model

import (
	"time"

	"agistorm/analysis/metric"
	"agistorm/analysis/record"
)

// Observer gets what happens in a storm, in the order of time. Each function may be nil. What a pointer is to is
// valid until the function returns.
type Observer struct {
	// Attempt has ended.
	Attempt func(*record.Attempt)
	// Queue is the depth of a socket's accept queue after it has changed.
	Queue func(socket int, sample record.QueueSample)
	// Peer is a connection that the server is through with.
	Peer func(*record.Peer)
}

// Result is what a storm has come to.
type Result struct {
	// Storm has what all metrics are taken from.
	metric.Storm
	// Counters of the kernel, by its names: what they gained.
	Counters record.Counters
	// Wall time from the start until the last attempt was settled.
	Wall time.Duration
	// discarded connections were queued when the server closed its sockets.
	discarded int
	// lag of all replies; nil without one.
	lag *record.Lag
}

func (s *sim) result() *Result {
	t := &s.tally
	r := &Result{Counters: record.Counters{}, Wall: t.wall, discarded: t.discarded, Storm: metric.Storm{
		Offered: s.total, Outcomes: map[record.Outcome]int{}, Late: t.late, Slow: t.slow, Unaccepted: &t.unaccepted,
		OnlyConnects: s.storm.Client.Writes == Nothing,
	}}
	for _, o := range record.Outcomes {
		r.Outcomes[o] = 0
	}
	for o, n := range t.outcomes {
		r.Outcomes[ends[o].outcome] += n
	}
	for o, n := range r.Outcomes {
		if o.Lost() {
			r.Lost += n
		}
	}
	for name, n := range s.counts {
		r.Counters[kernelNames[name]] = n
	}
	s.fillIn(&r.Storm)
	r.lag = t.lag()
	return r
}

// lag is the distribution of the reply lags, as a record has it.
func (t *tally) lag() *record.Lag {
	if t.replies == 0 {
		return nil
	}
	lags := t.replyLags.Latency()
	l := &record.Lag{Count: int(t.replies), Sum: t.replySum, Max: lags.Max}
	if lags.Count == 0 { // a host for each client replies at once
		l.Brackets = []record.LagBracket{{Below: time.Microsecond, Count: l.Count}}
	}
	for _, bar := range lags.Histogram.Distribution() {
		if bar.Count > 0 {
			below := time.Duration(bar.To+1) * time.Microsecond
			l.Brackets = append(l.Brackets, record.LagBracket{Below: below, Count: int(bar.Count)})
		}
	}
	return l
}

// fillIn fills in what is not counted by outcomes.
func (s *sim) fillIn(r *metric.Storm) {
	t := &s.tally
	lost := t.retransmits + uint64(t.outcomes[timedOut]+t.outcomes[givenUp])
	r.SYNRetransmits, r.SYNsLost = &t.retransmits, &lost
	for i := range 2 {
		t.waits[i].AddMany(0, int64(t.prompt))
	}
	phantoms := max(t.connected-t.accepted-t.unaccepted-t.discarded, 0)
	r.Latencies = metric.Latencies{Handshake: t.waits[0].Latency(), Connect: t.waits[1].Latency(),
		FirstCommand: t.waits[2].Latency(), Session: t.waits[3].Latency()}
	r.Queue = t.depths.queue(t.lastStart, t.wall)
	for i := range s.sockets {
		r.Queue.Dropped += s.sockets[i].drops
	}
	r.StartLag = t.startLags.Latency().Quantiles
	if !s.shared {
		r.StartLag.Count = int64(s.total)
	}
	if r.OnlyConnects {
		phantoms = t.outcomes[phantom]
		r.Phantoms = &phantoms
		return
	}
	r.Phantoms = &phantoms
	r.Dialplan = &metric.Dialplan{Success: t.success, Failure: t.failure, Hangup: t.hangup, Unserved: t.unserved}
	if n := t.outcomes[answered]; n > 0 {
		if took := t.lastServed - s.storm.Starts.At(0); took > 0 {
			rate := float64(n) / took.Seconds()
			r.ServedRate = &rate
		}
	}
	s.fillInReplies(&r.Replies)
}

func (s *sim) fillInReplies(r *metric.Replies) {
	t := &s.tally
	r.Quantiles, r.Sum = t.replyLags.Latency().Quantiles, t.replySum
	r.Count = t.replies
	if t.handlers > 0 {
		share := float64(t.replySum) / float64(t.handlers)
		r.Share = &share
	}
}
