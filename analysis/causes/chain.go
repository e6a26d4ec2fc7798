// Package causes explains why calls were lost, late, phantoms, revived or slow: in steps, and in phases of
// their time.
package causes

import (
	"cmp"
	"maps"
	"slices"
	"sort"
	"time"

	"agistorm/analysis/calls"
	"agistorm/analysis/counters"
	"agistorm/analysis/finding"
	"agistorm/analysis/metric"
	"agistorm/analysis/queue"
	"agistorm/analysis/record"
)

// Chain is what became of a number of calls, and why, in the order in which it happened.
type Chain struct {
	// Words for all of them; reports/words fills them in for export, and those of the Example.
	Words string `json:"words,omitempty"`
	// Outcome of the calls, and their Impairment.
	Outcome    record.Outcome   `json:"outcome"`
	Impairment calls.Impairment `json:"impairment"`
	// Count over all storms of the setting.
	Count int `json:"count"`
	// Steps of all of them, with what was seen of one: the one in the middle of the first storm that has any.
	Steps   []finding.Step `json:"steps"`
	Example string         `json:"example,omitempty"`
	// Storm and Attempt of the example; attempts count from 0.
	Storm   int    `json:"storm"`
	Attempt uint64 `json:"attempt"`
}

// explainer holds what the storm's accept queue held at any time.
type explainer struct {
	queue  []record.QueueSample
	limits record.Scenario
	linear int
	// inTime is how often a SYN is retransmitted before the connect timeout.
	inTime int
	full   bool            // the accept queue was full at any time, seen or not
	medium counters.Medium // between clients and server
	lossy  bool            // it dropped packets itself
	every  bool            // and every SYN that was retransmitted and not answered
	late   time.Duration   // that the delay line made packets at most, 0 without one
	// onlyConnects: the clients do no more.
	onlyConnects bool
	abort        bool // last ACKs that met the full accept queue were answered with a reset
	// counters over time; none where the packets of other programs count too.
	counters []record.CounterSample
}

func newExplainer(run *record.Run, raw *record.Repeat, q *metric.Queue) *explainer {
	e := &explainer{
		queue: raw.Queue, limits: run.Scenario, medium: counters.MediumOf(raw.Kernel),
		linear:       calls.LinearTimeouts(raw.Kernel),
		inTime:       int(calls.RetransmitsInTime(raw.Kernel, run.Scenario.ConnectLimit)),
		onlyConnects: calls.Success(run) == record.Connected,
	}
	e.lossy = e.medium.Dropped > 0 && run.Isolation.Own()
	e.full = q != nil && q.WasFull()
	if run.Isolation.Own() {
		e.counters = raw.Counters
	}
	if raw.Kernel != nil {
		resets, _ := counters.Gain(raw.Kernel, "EmbryonicRsts")
		e.abort = raw.Kernel.Sysctls["net.ipv4.tcp_abort_on_overflow"] == "1" && resets > 0
		if raw.Kernel.Link != nil {
			e.late = raw.Kernel.Link.LateMax
		}
	}
	return e
}

// step is one that happened at a time.
func step(code finding.StepCode, at time.Duration) finding.Step {
	return finding.Step{Code: code, Example: finding.Sight{At: at}}
}

// explain appends the steps of an attempt in the order of their times, none for one without an impairment. What the
// server did for a client that had gone is the last.
func (e *explainer) explain(steps []finding.Step, t *calls.Trail) []finding.Step {
	if t.Impairment() == "" {
		return steps
	}
	switch steps = e.ofClient(steps, t); {
	case t.AcceptedInVain():
		return append(steps, step(finding.AcceptedInVain, t.Peer.At))
	case acceptedAfter(t):
		return append(steps, accepted(t))
	}
	return steps
}

// ofClient appends the steps until the client left.
func (e *explainer) ofClient(steps []finding.Step, t *calls.Trail) []finding.Step {
	last := step("", t.Done)
	steps = e.syns(steps, t)
	last.Errno = t.Errno
	switch {
	case t.Outcome == record.Refused:
		return append(steps, step(finding.Refused, t.Done))
	case t.Outcome == record.Unreachable:
		last.Code = finding.ConnectFailed
	case t.Outcome == record.ConnectTimeout && t.Limit == "":
		last.Code = finding.KernelGaveUp
	case t.Connected == nil && t.Limit == "" && e.abort:
		return append(steps, step(finding.LastACKReset, t.Done))
	case t.Connected == nil && t.Limit == "":
		return append(steps, step(finding.ResetEarly, t.Done))
	case t.Connected == nil:
		return append(steps, timeout(t, finding.GaveUp, e.limits.ConnectLimit))
	default:
		return e.connection(steps, t)
	}
	return append(steps, last)
}

// timeout is the last step of a client that waited for no longer than its limit.
func timeout(t *calls.Trail, code finding.StepCode, limit time.Duration) finding.Step {
	last := step(code, t.Done)
	last.Limit = limit
	return last
}

// aborted reports whether its last ACK was answered with a reset; the reset of one that has sent data comes
// only when its packet was retransmitted, or of a connection that the server had.
func (e *explainer) aborted(t *calls.Trail) bool {
	return e.abort && t.Never() && t.Unaccepted == finding.Phantom &&
		t.Done-*t.Established < 2*t.Way+e.late+calls.RevivedAfter
}

// syns appends the SYNs that were not answered.
func (e *explainer) syns(steps []finding.Step, t *calls.Trail) []finding.Step {
	if t.Tried != nil {
		return e.moved(steps, t)
	}
	again := int(t.SYNsLost()) - 1
	if t.Outcome == record.ConnectTimeout {
		again++ // the last one
	}
	if t.Limit == record.LimitConnect {
		again = min(again, e.inTime)
	}
	if t.SYNRetransmits == nil || again < 0 {
		return steps
	}
	first := *t.Started
	s := e.firstSYN(first, first+t.Way)
	if s.Again = again; again > 0 {
		s.AgainPlaces = e.retransmittedAt(s.Places, first+t.Way, again)
	}
	for n := 1; n <= min(again, mostShown-1); n++ {
		s.Example.Retransmitted = append(s.Example.Retransmitted, min(first+e.retransmission(n), settled(t)))
	}
	if t.Established == nil {
		return append(steps, s)
	}
	return append(steps, s, step(finding.SYNAnswered, *t.Established))
}

// firstSYN returns where the first one was dropped: where the kernel counted drops then, at one place only,
// that one; else as the accept queue was seen.
func (e *explainer) firstSYN(sent, arrived time.Duration) finding.Step {
	s := step(finding.SYNDropped, sent)
	s.Places, s.Example.Queue = e.atQueue(arrived, e.late)
	places := e.droppedAt(arrived, arrived+e.late)
	if len(places) != 1 || slices.Equal(places, s.Places) {
		return s
	}
	if s.Places = places; places[0] == finding.AcceptQueue {
		s.Example.Queue = nil // it was not seen full then: no sample was in time
	}
	return s
}

// retransmittedAt returns where retransmitted ones were dropped, if that is known and not where the first one was.
func (e *explainer) retransmittedAt(first []finding.Place, arrived time.Duration, most int) []finding.Place {
	if len(e.counters) == 0 {
		return nil
	}
	places := e.droppedAt(arrived+e.retransmission(1)*100/102, arrived+e.retransmission(most)+record.TimerSlack)
	if e.every && slices.Contains(places, e.medium.Place) {
		places = []finding.Place{e.medium.Place}
	}
	if slices.Equal(places, first) {
		return nil
	}
	return places
}

// mostShown are the SYNs of one attempt that are shown one by one: six are 5 to 63 s, longer than Asterisk
// waits.
const mostShown = 6

// retransmission is when SYN n was retransmitted, from the first. The timer wheel adds some 2 %.
func (e *explainer) retransmission(n int) time.Duration {
	timers := record.SYNRetransmission(n, e.linear)
	return timers + timers/50
}

// settled is when the connect was: the times of retransmissions are estimates, and none is later.
func settled(t *calls.Trail) time.Duration {
	if t.Established != nil {
		return *t.Established
	}
	return t.Done
}

// connection returns what became of a client that was connected. One that only connects has all that it came for
// before it is accepted.
func (e *explainer) connection(steps []finding.Step, t *calls.Trail) []finding.Step {
	if t.Outcome == record.Connected && !t.Never() && !t.Revived() {
		steps = append(steps, step(finding.Connected, *t.Established))
	}
	switch {
	case revivedByFIN(t):
		s := step(finding.Revived, *t.Established)
		_, s.Example.Queue = e.atQueue(t.Arrived(), calls.Tick+e.late)
		steps = append(steps, s)
	case t.Never():
		s := step(t.Unaccepted, *t.Established)
		if t.Unaccepted == finding.Phantom {
			_, s.Example.Queue = e.atQueue(t.Arrived(), calls.Tick+e.late)
		}
		steps = append(steps, s)
	case t.Revived():
		s := step(finding.Revived, *t.Established)
		_, s.Example.Queue = e.atQueue(t.Arrived(), calls.Tick+e.late)
		s.Example.Entered, _ = t.Entered()
		switch {
		case !acceptedAfter(t): // which has a step of its own
			at := accepted(t).Example.At
			s.Example.Entered, s.Example.Accepted = min(s.Example.Entered, at), &at
		case s.Example.Entered > t.Done: // by the packet with which its client left
			s.Example.Entered = 0
		}
		steps = append(steps, s)
	case t.Peer != nil && !acceptedAfter(t):
		steps = append(steps, accepted(t))
	}
	return e.ending(steps, t)
}

// acceptedAfter reports whether the server had a lost call only when it was over for the client.
func acceptedAfter(t *calls.Trail) bool {
	return t.Peer != nil && t.Outcome.Lost() && t.Peer.At > t.Done && t.FirstCommand == nil
}

// accepted is the accept, after the handshake. The server's clock is read after it, perhaps when the client has its
// first command.
func accepted(t *calls.Trail) finding.Step {
	s := step(finding.Accepted, t.Peer.At)
	if t.Established != nil {
		s.Example.At = max(s.Example.At, *t.Established)
	}
	if t.FirstCommand != nil {
		s.Example.At = min(s.Example.At, *t.FirstCommand)
	}
	s.Example.Waited, _ = t.Queued()
	return s
}

// revivedByFIN reports whether the server's kernel had the connection of a client that only connects by the FIN with
// which that left, and not before.
func revivedByFIN(t *calls.Trail) bool {
	return t.Outcome == record.Phantom && t.Phantom != nil && !*t.Phantom
}

// ending returns how it ended for the client.
func (e *explainer) ending(steps []finding.Step, t *calls.Trail) []finding.Step {
	last := step("", t.Done)
	switch {
	case t.Peer != nil && t.Peer.Fate == record.PeerRejected:
		last.Code = finding.ServerFull
	case t.Outcome == record.Reset:
		last.Code = e.reset(t)
	case t.Outcome == record.Closed && e.onlyConnects:
		last.Code = finding.ClosedAtOnce
	case t.Outcome == record.Closed:
		last.Code = finding.Closed
	case t.Outcome == record.Silent:
		last = timeout(t, finding.NoCommand, e.limits.FirstCommandLimit)
	case t.Outcome == record.Phantom && t.Phantom == nil:
		return steps
	case revivedByFIN(t):
		last.Code = finding.FINRevives
	case t.Outcome == record.Phantom:
		last = timeout(t, finding.FINUnanswered, e.limits.ConnectLimit)
	case t.Limit != "":
		last = timeout(t, finding.NoEnd, e.limits.SessionLimit)
	case t.Outcome.Lost():
		last.Code, last.Example.Error = finding.ProtocolBroken, t.Reason
	case t.FirstCommand != nil:
		last = step(answerCode(t), *t.FirstCommand)
	default: // a client that only connects
		return steps
	}
	return append(steps, last)
}

// reset returns what a reset ended.
func (e *explainer) reset(t *calls.Trail) finding.StepCode {
	switch {
	case t.Never() && t.Unaccepted == finding.Discarded:
		return finding.Reset
	case t.FirstCommand != nil:
		return finding.ResetInSession
	case e.aborted(t):
		return finding.ResetOnOverflow
	case e.onlyConnects:
		return finding.ResetAtOnce
	}
	return finding.ResetOnWrite
}

// answerCode returns where a slow one waited for most of the time for its first command, if that is known.
func answerCode(t *calls.Trail) finding.StepCode {
	queued, ok := t.Queued()
	worked, ok2 := t.Worked()
	switch {
	case t.Impairment() != calls.ImpairedSlow:
		return finding.Answered
	case !ok || !ok2:
		return finding.AnsweredSlowly
	case queued > worked:
		return finding.AnsweredSlowlyQueued
	}
	return finding.AnsweredSlowlyServed
}

// atQueue returns where a packet that arrived at that time, or up to a grain before or after, was dropped, as
// far as the samples show, and the queue. The samples around it count too: the queue may have filled up
// between two, and then the listener's own drops show.
func (e *explainer) atQueue(t, grain time.Duration) ([]finding.Place, *finding.Depth) {
	if len(e.queue) == 0 || t-e.queue[len(e.queue)-1].At > metric.PauseLimit {
		return nil, nil
	}
	after := func(t time.Duration) int {
		return sort.Search(len(e.queue), func(i int) bool { return e.queue[i].At > t })
	}
	first, last := max(after(t-grain)-1, 0), min(after(t+grain), len(e.queue)-1)
	around := e.queue[first : last+1]
	deepest := slices.MaxFunc(around, func(a, b record.QueueSample) int { return cmp.Compare(a.Depth, b.Depth) })
	depth := &finding.Depth{Depth: int(deepest.Depth), Holds: int(deepest.Limit) + 1}
	drops := int(queue.Dropped(around))
	place := finding.NotFull
	switch {
	case deepest.Depth > deepest.Limit:
		place = finding.AcceptQueue
	case drops > 0:
		depth.Drops, place = drops, finding.Listener // its SYN queue was full, or the kernel had no memory
		if e.overflowedThen(t-grain, t+grain) {
			place = finding.AcceptQueue
		}
	case e.lossy:
		place = e.medium.Probably
	}
	return []finding.Place{place}, depth
}

// overflowedThen reports whether the accept queue was full at that time, by the kernel's counters; without
// them, whether it ever was.
func (e *explainer) overflowedThen(from, to time.Duration) bool {
	if len(e.counters) == 0 {
		return e.full
	}
	return counters.GainedWithin(e.counters, record.ListenOverflows, from, to)
}

// Chains returns the chains of the cell's calls that were impaired, the worst first, the most frequent first.
func Chains(run *record.Run, storms []*calls.Storm) []Chain {
	found := map[string]*Chain{}
	for _, s := range storms {
		gather(found, run, s)
	}
	chains := make([]Chain, 0, len(found))
	for _, key := range slices.Sorted(maps.Keys(found)) {
		chains = append(chains, *found[key])
	}
	slices.SortStableFunc(chains, func(a, b Chain) int {
		return cmp.Or(cmp.Compare(a.Impairment.Rank(), b.Impairment.Rank()), cmp.Compare(b.Count, a.Count))
	})
	return chains
}

// gather adds one storm's chains to those that were found before. Its calls are explained in parallel.
func gather(found map[string]*Chain, run *record.Run, s *calls.Storm) {
	e := newExplainer(run, s.Raw, s.Queue)
	e.every = s.AgainByMedium
	parts := slices.Collect(slices.Chunk(s.Trails, explainedTogether))
	kinds := make([]map[string][]*calls.Trail, len(parts))
	record.InParallel(len(parts), func(i int) { kinds[i] = e.kinds(parts[i]) })
	here := map[string][]*calls.Trail{}
	for _, part := range kinds {
		for key, alike := range part {
			here[key] = append(here[key], alike...)
		}
	}
	for key, alike := range here {
		middle := alike[len(alike)/2]
		if found[key] == nil {
			found[key] = &Chain{
				Outcome: middle.Outcome, Impairment: middle.Impairment(), Storm: s.N, Attempt: middle.Seq,
				Steps: e.explain(nil, middle), // once more: kept, those of all calls are more than the calls
			}
		}
		found[key].Count += len(alike)
	}
}

// explainedTogether is how many calls one CPU explains at a time.
const explainedTogether = 1 << 14

// kinds sorts the impaired calls by their impairment and by what their steps have in common.
func (e *explainer) kinds(trails []calls.Trail) map[string][]*calls.Trail {
	found := map[string][]*calls.Trail{}
	var key []byte
	var steps []finding.Step // of one call at a time
	for i := range trails {
		t := &trails[i]
		steps = e.explain(steps[:0], t)
		if len(steps) == 0 {
			continue
		}
		key = append(key[:0], t.Impairment()...)
		for i := range steps {
			key = steps[i].AppendKey(key)
		}
		found[string(key)] = append(found[string(key)], t)
	}
	return found
}

// droppedAt returns where the kernel counted drops of SYNs in that time; none where it counted none, or no
// sample was taken. The samples have a grain: it may name one place too many, but none too few.
func (e *explainer) droppedAt(from, to time.Duration) (places []finding.Place) {
	for _, at := range []struct {
		counter string
		place   finding.Place
	}{
		{record.ListenOverflows, finding.AcceptQueue}, {"TCPReqQFullDrop", finding.SYNQueue},
		{e.medium.Counter, e.medium.Place},
	} {
		if counters.GainedWithin(e.counters, at.counter, from, to) {
			places = append(places, at.place)
		}
	}
	return places
}
