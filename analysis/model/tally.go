package model

import (
	"time"

	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/target/engine"
)

// outcome of an attempt.
type outcome uint8

const (
	answered outcome = iota
	wasConnected
	timedOut
	givenUp // by the kernel
	refused
	phantom
	wasClosed
	wasReset
	silent
	overlong
	outcomes
)

// ends are the outcomes in the record's terms, with the limit or the errno that ended the attempt.
var ends = [outcomes]struct {
	outcome      record.Outcome
	limit, errno string
}{
	answered:     {outcome: record.Answered},
	wasConnected: {outcome: record.Connected},
	timedOut:     {outcome: record.ConnectTimeout, limit: record.LimitConnect},
	givenUp:      {outcome: record.ConnectTimeout, errno: "ETIMEDOUT"},
	refused:      {outcome: record.Refused, errno: "ECONNREFUSED"},
	phantom:      {outcome: record.Phantom},
	wasClosed:    {outcome: record.Closed},
	wasReset:     {outcome: record.Reset, errno: "ECONNRESET"},
	silent:       {outcome: record.Silent, limit: record.LimitFirstCommand},
	overlong:     {outcome: record.ProtocolError, limit: record.LimitSession},
}

// counterName is one of the kernel's counters.
type counterName uint8

const (
	activeOpens counterName = iota
	passiveOpens
	outRsts
	retransSegs
	overflows
	listenDrops
	synQueueDrops
	synQueueCookies
	cookiesSent
	cookiesReceived
	cookiesFailed
	embryonicRsts
	synRetrans
	synChallenges
	lossProbes
	timeouts
	rehashes
	counterNames
)

// kernelNames are the counters' names (net/ipv4/proc.c).
var kernelNames = [counterNames]string{"TcpActiveOpens", "TcpPassiveOpens", "TcpOutRsts", "TcpRetransSegs",
	record.ListenOverflows, record.ListenDrops, "TCPReqQFullDrop", "TCPReqQFullDoCookies", "SyncookiesSent",
	"SyncookiesRecv", "SyncookiesFailed", "EmbryonicRsts", "TCPSynRetrans", "TCPSYNChallenge", "TCPLossProbes",
	"TCPTimeouts", "TcpTimeoutRehash"}

// tally counts what happens in a storm.
type tally struct {
	outcomes                                  [outcomes]int
	late, slow, success, failure, hangup      int
	unserved                                  int
	connected, accepted, discarded            int
	unaccepted, prompt                        int
	retransmits                               uint64
	waits                                     [4]*metric.Recorder // handshake, connect, first command, session
	startLags, replyLags                      *metric.Recorder
	replies                                   int64
	replySum, handlers, lastServed, lastStart time.Duration
	wall                                      time.Duration
	depths                                    depths
	ended                                     bool
	last                                      lastRecord
}

// lastRecord is what observers are shown, and its parts that are pointed to.
type lastRecord struct {
	attempt record.Attempt
	peer    record.Peer
	queued  time.Duration
}

func (t *tally) init(s *sim) {
	for i := range t.waits {
		t.waits[i] = metric.NewRecorder()
	}
	t.startLags, t.replyLags = metric.NewRecorder(), metric.NewRecorder()
	t.depths.limit = s.storm.Listener.Backlog
	for i := range s.sockets {
		s.sockets[i].index = i
		t.sample(s, &s.sockets[i])
	}
}

// connect counts a client that is connected.
func (t *tally) connect(c *call) {
	t.connected++
	if c.side == accepted || c.side == gone {
		t.countAccepted(c)
	}
}

// accept counts a connection that the server has accepted.
func (t *tally) accept(c *call) {
	if c.connected != never {
		t.countAccepted(c)
	}
}

func (t *tally) countAccepted(c *call) {
	if !c.counted {
		c.counted = true
		t.accepted++
	}
}

// reply counts a reply. A host for each client replies at once.
func (t *tally) reply(s *sim, lag time.Duration) {
	t.replies++
	if s.shared {
		t.replySum += lag
		t.replyLags.Add(lag, true)
	}
}

// leave counts a session that the server is through with.
func (t *tally) leave(s *sim, c *call, fate engine.Fate) {
	t.handlers += s.now - c.taken
	if s.observer.Peer == nil {
		return
	}
	t.last.queued = c.taken - c.entered
	t.last.peer = record.Peer{At: c.taken, Address: addressOf(c.seq), Queued: &t.last.queued, Done: s.now,
		Fate: fate.String()}
	if len(s.sockets) > 1 {
		t.last.peer.Socket = int(c.socket) + 1
	}
	s.observer.Peer(&t.last.peer)
}

// end counts an attempt that has ended.
func (t *tally) end(s *sim, c *call) {
	t.outcomes[c.outcome]++
	t.retransmits += uint64(c.retransmits)
	t.lastStart = max(t.lastStart, c.intended)
	if s.shared {
		t.startLags.Add(c.started-c.intended, true)
	}
	t.countDialplan(c)
	t.measure(s, c)
	if s.observer.Attempt != nil {
		s.describe(&t.last.attempt, c)
		s.observer.Attempt(&t.last.attempt)
	}
}

// measure counts a call's waits, as the methods of record.Attempt give them.
func (t *tally) measure(s *sim, c *call) {
	if c.connected == never {
		return
	}
	if c.connected == c.intended { // at once, as most where nothing takes time
		t.prompt++
	} else {
		t.waits[0].Add(c.synAck-c.started, true)
		t.waits[1].Add(c.connected-c.intended, true)
	}
	if c.commands > 0 {
		t.waits[2].Add(c.answered-c.intended, true)
	}
	if c.outcome == answered {
		t.waits[3].Add(c.end-c.intended, true)
	}
	if c.outcome != answered && c.outcome != wasConnected {
		return
	}
	t.lastServed = max(t.lastServed, c.end)
	switch {
	case c.retransmits > 0:
		t.late++
	case c.outcome == answered && c.answered-c.connected >= record.InitialRTO && !s.revived(c):
		t.slow++
	}
}

// revivedAfter is how much later than its last ACK a connection came into the accept queue whose ACK was dropped
// (analysis/calls, RevivedAfter).
const revivedAfter = 150 * time.Millisecond

func (s *sim) revived(c *call) bool { return c.entered-c.synAck-s.way > revivedAfter }

// countDialplan counts as metric.Dialplan does.
func (t *tally) countDialplan(c *call) {
	switch {
	case c.outcome == silent || c.outcome == overlong:
		t.hangup++
	case c.outcome == timedOut || c.outcome == givenUp || c.outcome == refused ||
		c.outcome == wasReset && c.connected == never:
		t.failure++
	default:
		t.success++
		if c.commands == 0 && c.outcome != wasConnected {
			t.unserved++
		}
	}
}

// sample counts a socket's queue after a change; of several sockets it is the longest queue that counts.
func (t *tally) sample(s *sim, l *socket) {
	longest := l.queue.Len()
	if len(s.sockets) > 1 {
		for i := range s.sockets {
			longest = max(longest, s.sockets[i].queue.Len())
		}
	}
	t.depths.change(s.now, longest)
	if s.observer.Queue != nil {
		s.observer.Queue(l.index, s.sampleOf(l))
	}
}

// depths are the depths of the accept queue over time.
type depths struct {
	limit, depth, peak int
	since              time.Duration
	// held is how long the queue was of each depth, up to end, when it was last not empty.
	held []time.Duration
	end  time.Duration
}

func (d *depths) change(now time.Duration, depth int) {
	if depth == d.depth {
		return
	}
	d.hold(now)
	d.depth, d.peak = depth, max(d.peak, depth)
}

// hold counts the time until now for the depth that the queue has.
func (d *depths) hold(now time.Duration) {
	for len(d.held) <= d.depth {
		d.held = append(d.held, 0)
	}
	d.held[d.depth] += now - d.since
	if d.depth > 0 {
		d.end = now
	}
	d.since = now
}

// queue sums the depths up; the last call was to arrive at lastCall, and the last was settled at wall.
func (d *depths) queue(lastCall, wall time.Duration) *metric.Queue {
	if d.depth > 0 && wall > d.since {
		d.hold(wall)
	}
	q := &metric.Queue{Limit: uint32(d.limit), Peak: uint32(d.peak), Seen: uint32(d.peak),
		Drain: max(d.end-lastCall, 0), Left: uint32(d.depth)}
	var area float64
	for depth, held := range d.held {
		area += float64(depth) * float64(held)
		if depth > d.limit {
			q.Full += held
		}
	}
	if d.end > 0 {
		q.Mean = area / float64(d.end)
	}
	q.P50, q.P90, q.P99 = d.quantile(50), d.quantile(90), d.quantile(99)
	return q
}

// quantile is the depth that the queue did not exceed for that percent of the time.
func (d *depths) quantile(percent int64) uint32 {
	var passed time.Duration
	for depth, held := range d.held {
		if passed += held; passed >= d.end*time.Duration(percent)/100 && passed > 0 {
			return uint32(depth)
		}
	}
	return 0
}
