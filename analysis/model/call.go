package model

import "time"

// never is an instant that has not come.
const never = time.Duration(-1)

// attemptState is how far an attempt is for its client.
type attemptState uint8

const (
	connecting attemptState = iota
	open
	ended
)

// tcpState is that of a connection in the client's kernel.
type tcpState uint8

const (
	synSent tcpState = iota
	established
	orphan // closed by the client, and what it has sent is not acknowledged
	closed
)

// side is what the server's kernel has of a connection.
type side uint8

const (
	nothing  side = iota // perhaps a cookie
	half                 // a request in the SYN queue
	queued               // in the accept queue
	accepted             // the server's application has it
	gone                 // and has closed it
)

// phase is how far a session is for the server's application.
type phase uint8

const (
	unserved phase = iota
	reading        // the environment
	working
	asking // a command was sent
)

// call is one attempt with its connection, from its start until both sides are through with it.
type call struct {
	ref
	seq    int
	socket int32
	used   bool // the place is in use

	state                                       attemptState
	outcome                                     outcome
	intended, started, connected, answered, end time.Duration
	// spoke is when the environment was written.
	spoke time.Duration
	// synAck is when the client's kernel had the SYN-ACK.
	synAck      time.Duration
	retransmits uint32
	commands    uint32
	// arrived is when the command that waits for a reply came; lag and lags are the longest and the sum.
	arrived, lag, lags time.Duration
	// What waits for the client: a command, the server's close, a reset.
	asked, left, reset bool
	listed             bool // in a list of the thread that plays all clients
	hasLeft            bool // a client that says nothing has closed its side

	tcp tcpState
	// first is what was sent behind the SYN, held waits for its acknowledgement, and second was sent without.
	first, held, second packet
	firstAcked, probed  bool
	backoff             uint8
	timer               time.Duration // when the client's timer fires

	side      side
	cookie    bool // the SYN-ACK was one
	timeouts  uint8
	request   time.Duration // when the timer of its request fires
	entered   time.Duration // when it came into the accept queue
	taken     time.Duration // when it was accepted
	in, ahead packet        // what the server's kernel has received in order, and out of order
	replies   uint8
	broken    bool // the client has reset it
	phase     phase
	loop      int32
	number    uint64
	sent      int // commands
	read      bool
	counted   bool // as accepted of a client that was connected
}

// table holds the calls that are in flight.
type table struct {
	calls []call
	free  []int32
	inUse int
}

// find returns a call; nil if it is over.
func (t *table) find(r ref) *call {
	if c := &t.calls[r.place]; c.used && c.age == r.age {
		return c
	}
	return nil
}

// take returns a place for a new call. No other call may be pointed to meanwhile: the table may move.
func (t *table) take() *call {
	if len(t.free) == 0 {
		t.free = append(t.free, int32(len(t.calls)))
		t.calls = append(t.calls, call{ref: ref{place: int32(len(t.calls))}})
	}
	c := &t.calls[t.free[len(t.free)-1]]
	t.free = t.free[:len(t.free)-1]
	*c = call{ref: ref{c.place, c.age + 1}, used: true, connected: never, answered: never, synAck: never,
		timer: never, request: never}
	t.inUse++
	return c
}

// release gives the place of a call back once neither side has anything of it.
func (t *table) release(c *call) {
	if !c.used || c.state != ended || c.tcp != closed || c.side != nothing && c.side != gone {
		return
	}
	c.used = false
	t.free = append(t.free, c.place)
	t.inUse--
}
