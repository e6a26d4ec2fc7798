package analysis

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"agistorm/analysis/metric"
	"agistorm/analysis/record"
)

// Chain is what became of a number of calls, and why, in the order in which it happened.
type Chain struct {
	// Words for all of them: "SYN dropped at the full accept queue and again 1 s later, given up after 2 s".
	Words string `json:"words"`
	// Outcome of the calls, and what they Suffered.
	Outcome  record.Outcome `json:"outcome"`
	Suffered Suffering      `json:"suffered"`
	// Count over all storms of the setting.
	Count int `json:"count"`
	// Example is one of them, with its times: the one in the middle of the first storm that has any.
	Example string `json:"example"`
	// Storm and Attempt of the example; attempts count from 0.
	Storm   int    `json:"storm"`
	Attempt uint64 `json:"attempt"`
}

// links tells a trail link by link: kind is the same for all attempts of a chain, told has the times and depths.
type links struct{ kind, told []string }

func (l *links) add(kind, told string) {
	l.kind, l.told = append(l.kind, kind), append(l.told, told)
}

// storyteller knows what the storm's accept queue held at any time.
type storyteller struct {
	queue  []record.QueueSample
	limits record.Scenario
	linear int
	full   bool          // the accept queue was full at any time, seen or not
	medium medium        // between clients and server
	lossy  bool          // it dropped packets itself
	every  bool          // and every SYN that was retransmitted and not answered
	late   time.Duration // that the delay line made packets at most, 0 without one
	abort  bool          // last ACKs that met the full accept queue were answered with a reset
	// counters over time; none where somebody else's packets count too.
	counters []record.CounterSample
}

func newStoryteller(run *record.Run, raw *record.Repeat, q *Queue) *storyteller {
	s := &storyteller{
		queue: raw.Queue, limits: run.Scenario, linear: linearTimeouts(raw.Kernel), medium: mediumOf(raw.Kernel),
	}
	s.lossy = s.medium.dropped > 0 && run.Isolation.Own()
	s.full = q != nil && q.WasFull()
	if run.Isolation.Own() {
		s.counters = raw.Counters
	}
	if raw.Kernel != nil {
		resets, _ := gain(raw.Kernel, "EmbryonicRsts")
		s.abort = raw.Kernel.Sysctls["net.ipv4.tcp_abort_on_overflow"] == "1" && resets > 0
		if raw.Kernel.Link != nil {
			s.late = raw.Kernel.Link.LateMax
		}
	}
	return s
}

// tell is the attempt's story, nil links for one that suffered nothing.
func (s *storyteller) tell(t *trail) *links {
	if t.suffered() == "" {
		return nil
	}
	l := &links{}
	s.syns(l, t)
	switch {
	case t.Outcome == record.Refused:
		l.add("refused: nobody listened", "refused at "+at(t.Done))
	case t.Outcome == record.Unreachable:
		l.add("the connect failed with "+t.Errno, "failed at "+at(t.Done)+" with "+t.Errno)
	case t.Outcome == record.ConnectTimeout && t.Limit == "":
		l.add("given up by the client's kernel ("+t.Errno+")", "given up at "+at(t.Done)+" by the client's kernel ("+t.Errno+")")
	case t.Connected == nil && t.Limit == "":
		s.resetAtOnce(l, t)
	case t.Connected == nil:
		l.add(fmt.Sprintf("given up after %v", s.limits.ConnectLimit), "given up at "+at(t.Done))
		s.afterwards(l, t)
	default:
		s.connection(l, t)
	}
	return l
}

// resetAtOnce tells of a connection that was reset before its client had seen it.
func (s *storyteller) resetAtOnce(l *links, t *trail) {
	told := "reset at " + at(t.Done) + " before the client could speak"
	if s.abort {
		l.add("its last ACK was dropped at the full accept queue, and answered with a reset"+abortOnOverflow, told+abortOnOverflow)
		return
	}
	l.add("reset before the client could speak", told)
}

const abortOnOverflow = " (tcp_abort_on_overflow)"

// aborted tells of one whose last ACK was answered with a reset; the reset of one that spoke comes only when its packet was sent again, or of a
// connection that the server had.
func (s *storyteller) aborted(t *trail) bool {
	return s.abort && t.never() && t.unaccepted == phantom && t.Done-*t.established < 2*t.way+s.late+revivedAfter
}

// syns tells which SYNs were not answered.
func (s *storyteller) syns(l *links, t *trail) {
	if t.Tried != nil {
		s.moved(l, t)
		return
	}
	lost := int(t.synsLost())
	dropped := lost // those that were sent again
	if t.Outcome == record.ConnectTimeout {
		dropped++ // and the last one
	}
	if t.SYNRetransmits == nil || dropped == 0 {
		return
	}
	first := *t.Started
	why, where := s.firstSYN(first + t.way)
	kind, told := "SYN "+why, fmt.Sprintf("SYN dropped at %s%s", at(first), where)
	if dropped > 1 {
		kind += ", and when it was sent again" + times(dropped-1) + s.again(why, first+t.way, dropped-1)
		for n := 1; n < min(dropped, mostTold); n++ {
			told += ", again at about " + at(first+s.retransmission(n))
		}
		if dropped > mostTold {
			told += ", and " + amount(dropped-mostTold, "more time", "more times")
		}
	}
	l.add(kind, told)
	if t.established != nil {
		l.add("answered when it was sent again", "answered at "+at(*t.established))
	}
}

// firstSYN tells where the first one was dropped: where the kernel counted drops then, at one place only, that one; else as the
// accept queue was seen.
func (s *storyteller) firstSYN(at time.Duration) (kind, told string) {
	kind, told = s.atQueue(at, s.late)
	place := s.droppedAt(at, at+s.late)
	switch {
	case place == "" || strings.Contains(place, " or ") || kind == "dropped "+place:
		return kind, told
	case place == atAcceptQueue:
		return "dropped " + place, "" // it was not seen full then: nobody looked in time
	}
	return "dropped " + place, told
}

// again tells where those were dropped that were sent again, if that is known and not where the first one was.
func (s *storyteller) again(why string, first time.Duration, most int) string {
	if len(s.counters) == 0 {
		return ""
	}
	place := s.droppedAt(first+s.retransmission(1)*100/102, first+s.retransmission(most)+record.TimerSlack)
	if s.every && strings.Contains(place, s.medium.by()) {
		place = s.medium.by()
	}
	if place == "" || why == "dropped "+place {
		return ""
	}
	return " (" + place + ")"
}

// mostTold are the SYNs of one attempt that are told one by one: six are 5 to 63 s, and none of Asterisk's takes longer.
const mostTold = 6

// retransmission is when the SYN was retransmitted for the nth time, from the first. The timer wheel adds some 2 %.
func (s *storyteller) retransmission(n int) time.Duration {
	timers := record.SYNRetransmission(n, s.linear)
	return timers + timers/50
}

// linearTimeouts is the sysctl, 0 where the kernel has none.
func linearTimeouts(k *record.Kernel) int {
	n := 0
	if k != nil {
		_, _ = fmt.Sscan(k.Sysctls["net.ipv4.tcp_syn_linear_timeouts"], &n) // absent is 0
	}
	return n
}

// connection tells what became of a client that was connected.
func (s *storyteller) connection(l *links, t *trail) {
	switch {
	case t.never():
		s.unaccepted(l, t)
	case t.revived():
		s.revived(l, t)
	case t.peer != nil && !t.servedNobody(): // which is told when it happens
		waited, _ := t.queued()
		l.add("accepted", fmt.Sprintf("accepted at %s after %s in the accept queue", at(t.peer.At), Duration(waited)))
	}
	s.ending(l, t)
}

// unaccepted tells of a connection that the server never accepted.
func (s *storyteller) unaccepted(l *links, t *trail) {
	told := "connected for the client at " + at(*t.established)
	switch t.unaccepted {
	case phantom:
		_, where := s.atQueue(t.arrived(), tick+s.late)
		told += ", never accepted: its last ACK was dropped" + where
	case leftOver:
		told += ", left in the accept queue"
	case discarded:
		told += ", discarded with the accept queue"
	case unclear:
		told += ", never accepted"
	}
	l.add(t.unaccepted.words(), told)
}

// revived tells of one that came into the accept queue long after its client had been connected.
func (s *storyteller) revived(l *links, t *trail) {
	_, where := s.atQueue(t.arrived(), tick+s.late)
	entered, _ := t.entered()
	told := fmt.Sprintf("connected for the client at %s, its last ACK was dropped%s, in the accept queue from %s", at(*t.established), where, at(entered))
	if !t.servedNobody() { // which is told when it happens
		told += ", accepted at " + at(t.peer.At)
	}
	l.add("its last ACK was dropped, and a later packet let it into the queue", told)
}

// ending tells how it ended for the client.
func (s *storyteller) ending(l *links, t *trail) {
	rejected := t.peer != nil && t.peer.Fate == record.PeerRejected
	switch {
	case rejected:
		l.add("closed at once: the server was full", "closed at "+at(t.Done)+": the server was full")
	case t.Outcome == record.Reset:
		s.reset(l, t)
	case t.Outcome == record.Closed:
		l.add("closed before a command", "closed at "+at(t.Done)+" before a command")
	case t.Outcome == record.Silent:
		l.add(fmt.Sprintf("no command within %v%s", s.limits.FirstCommandLimit, notAsterisks), "no command by "+at(t.Done))
		s.afterwards(l, t)
	case t.Limit != "":
		l.add(fmt.Sprintf("no end within %v%s", s.limits.SessionLimit, notAsterisks), "no end by "+at(t.Done))
		s.afterwards(l, t)
	case t.Outcome.Lost():
		l.add("the protocol was broken", "broken at "+at(t.Done)+": "+t.Reason)
	case t.FirstCommand != nil:
		l.add(t.answered(), "first command at "+at(*t.FirstCommand))
	case !t.never(): // which has told that it was connected
		l.add("connected", "connected at "+at(*t.Connected))
	}
}

// notAsterisks follows a limit that Asterisk has not: it waits until its caller hangs up (res_agi.c).
const notAsterisks = " (this storm's limit; Asterisk has none)"

// reset tells what a reset ended.
func (s *storyteller) reset(l *links, t *trail) {
	switch {
	case t.never() && t.unaccepted == discarded:
		l.add("reset", "reset at "+at(t.Done))
	case t.FirstCommand != nil:
		l.add("reset in the middle of the session", "reset at "+at(t.Done)+" in the middle of the session")
	case s.aborted(t):
		l.add("answered with a reset"+abortOnOverflow, "reset at "+at(t.Done)+abortOnOverflow)
	default:
		l.add("reset when it spoke", "reset at "+at(t.Done))
	}
}

// answered says where a slow one waited for most of the time for its first command, if that is known.
func (t *trail) answered() string {
	queued, ok := t.queued()
	worked, ok2 := t.worked()
	switch {
	case t.suffered() != SufferedSlowness:
		return "answered"
	case !ok || !ok2:
		return "answered 1 s or more after it was connected"
	case queued > worked:
		return "answered 1 s or more after it was connected, most of that in the accept queue"
	}
	return "answered 1 s or more after it was connected, most of that after the accept"
}

// afterwards tells of work for nobody.
func (s *storyteller) afterwards(l *links, t *trail) {
	if t.servedNobody() {
		l.add("accepted when the client had gone: work for nobody", "accepted at "+at(t.peer.At)+" when the client had gone")
	}
}

// tick is the grain of the kernel's time of a SYN-ACK: at 250 Hz 4 ms, at 100 Hz 10 ms.
const tick = 10 * time.Millisecond

// atQueue says where a packet that arrived at that time, or up to a grain before or after, was dropped, as far as the samples
// tell. The looks around it count too: the queue may have filled up between two, and then the listener's own drops tell.
func (s *storyteller) atQueue(t, grain time.Duration) (kind, told string) {
	if len(s.queue) == 0 || t-s.queue[len(s.queue)-1].At > metric.PauseLimit {
		return "dropped", ""
	}
	after := func(t time.Duration) int {
		return sort.Search(len(s.queue), func(i int) bool { return s.queue[i].At > t })
	}
	first, last := max(after(t-grain)-1, 0), min(after(t+grain), len(s.queue)-1)
	deepest := slices.MaxFunc(s.queue[first:last+1], func(a, b record.QueueSample) int { return cmp.Compare(a.Depth, b.Depth) })
	depth := fmt.Sprintf("accept queue %s of %s", Count(int(deepest.Depth)), Count(int(deepest.Limit)+1))
	drops := dropped(s.queue[first : last+1])
	held, between := " ("+depth+")", fmt.Sprintf(" (%s between two looks, %s)", amount(int(drops), "drop", "drops"), depth)
	switch {
	case deepest.Depth > deepest.Limit:
		return "dropped " + atAcceptQueue, held
	case drops > 0 && s.overflowedThen(t-grain, t+grain):
		return "dropped " + atAcceptQueue, between
	case drops > 0: // its SYN queue was, or the kernel had no memory
		return "dropped by the listener", between
	case s.lossy:
		return "dropped, not at the accept queue: probably " + s.medium.by(), held
	}
	return "dropped, and the accept queue was not seen full", held
}

// overflowedThen tells whether the accept queue was full at that time, by the kernel's counters; without them, whether it ever was.
func (s *storyteller) overflowedThen(from, to time.Duration) bool {
	if len(s.counters) == 0 {
		return s.full
	}
	return gainedWithin(s.counters, listenOverflows, from, to+lookLag)
}

// at is an instant of the storm: "+12.3 ms".
func at(d time.Duration) string { return "+" + Duration(d) }

func times(n int) string {
	if n == 1 {
		return ""
	}
	return fmt.Sprintf(" (%d times)", n)
}

// chainsOf are the chains of the cell's calls that suffered, the worst first, the most frequent first.
func chainsOf(run *record.Run, repeats []Repeat) []Chain {
	found := map[string]*Chain{}
	for i := range repeats {
		gather(found, run, &repeats[i])
	}
	chains := make([]Chain, 0, len(found))
	for _, c := range found {
		chains = append(chains, *c)
	}
	slices.SortFunc(chains, func(a, b Chain) int {
		return cmp.Or(cmp.Compare(a.Suffered.rank(), b.Suffered.rank()), cmp.Compare(b.Count, a.Count), strings.Compare(a.Words, b.Words))
	})
	return chains
}

// gather adds one storm's chains to those that were found before.
func gather(found map[string]*Chain, run *record.Run, r *Repeat) {
	teller := newStoryteller(run, r.Raw, r.Queue)
	teller.every = r.againByMedium
	here := map[string][]*trail{}
	for i := range r.trails {
		t := &r.trails[i]
		if l := teller.tell(t); l != nil {
			key := string(t.suffered()) + ": " + strings.Join(l.kind, ", ")
			here[key] = append(here[key], t)
		}
	}
	for key, list := range here {
		middle := list[len(list)/2]
		told := teller.tell(middle) // once more: kept, those of all calls are more than the calls
		c := found[key]
		if c == nil {
			c = &Chain{Words: strings.Join(told.kind, ", "), Outcome: middle.Outcome, Suffered: middle.suffered(), Storm: r.N,
				Attempt: middle.Seq, Example: strings.Join(told.told, ", ")}
			found[key] = c
		}
		c.Count += len(list)
	}
}
