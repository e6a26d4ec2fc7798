package model

import (
	"agistorm/analysis/record"
	"agistorm/target/fifo"
)

// socket is one that the server listens with.
type socket struct {
	index int
	open  bool
	// requests in the SYN queue, and those of them whose SYN-ACK was not retransmitted.
	requests, young int
	queue           fifo.Queue[ref]
	drops           uint32
	// waiting are the threads that wait for a connection, in the order in which they began to.
	waiting []int32
}

// serverReceives is what the server's kernel does with a segment of a client's.
func (s *sim) serverReceives(c *call, p packet) {
	l := &s.sockets[c.socket]
	switch {
	case c.side == queued || c.side == accepted:
		s.connectionReceives(c, p)
	case p&rst != 0:
		s.dropRequest(l, c)
		s.table.release(c)
	case c.side == half && p&syn != 0:
		s.counts[synRetrans]++
		s.counts[retransSegs]++
		s.answer(c, synACK)
	case c.side == half:
		s.complete(l, c, p)
	case p&syn != 0 && l.open:
		s.receiveSYN(l, c)
	case c.cookie && p&next != 0:
		s.counts[cookiesReceived]++
		s.complete(l, c, p)
	case c.side != gone || p&payload != 0:
		if c.cookie {
			s.counts[cookiesFailed]++
		}
		s.resetClient(c)
	}
}

// resetClient answers with a reset.
func (s *sim) resetClient(c *call) {
	s.counts[outRsts]++
	s.answer(c, rst)
}

// receiveSYN takes a SYN (net/ipv4/tcp_input.c, tcp_conn_request).
func (s *sim) receiveSYN(l *socket, c *call) {
	limit, cookie := s.storm.Listener.Backlog, false
	if l.requests > limit {
		if s.storm.Listener.Syncookies == 0 {
			s.counts[synQueueDrops]++
			s.drop(l, 1)
			return
		}
		s.counts[synQueueCookies]++
		cookie = true
	}
	switch {
	case l.queue.Len() > limit:
		s.counts[overflows]++
		s.drop(l, 1)
		return
	case cookie:
		s.counts[cookiesSent]++
		c.cookie = true
		s.answer(c, synACK)
		return
	case s.storm.Listener.Syncookies == 0 && s.crowded(l):
		s.drop(l, 1)
		return
	}
	c.side, c.timeouts, c.request, c.cookie = half, 0, never, false
	l.requests++
	l.young++
	s.answer(c, synACK)
	if c.side == half { // on a wire without delay it is mostly over by now
		c.request = wheelTime(s.now, initialRTO, s.slots.phase)
		s.setSlot(initialRTO, requestTimer, c)
	}
}

// crowded reports whether the last quarter of the SYN queue is reached, which without cookies is for clients that the
// kernel has measured a round trip of.
func (s *sim) crowded(l *socket) bool {
	most := s.storm.Listener.MaxSYNBacklog
	if most == 0 {
		most = s.storm.Listener.Backlog
	}
	return !s.proven && most-l.requests < most>>2
}

// drop counts what a listener drops.
func (s *sim) drop(l *socket, counted uint32) {
	s.counts[listenDrops]++
	l.drops += counted
	s.tally.sample(s, l)
}

// complete makes a connection of a request or a cookie, if the accept queue takes it (net/ipv4/tcp_ipv4.c,
// tcp_v4_syn_recv_sock, and tcp_minisocks.c, tcp_check_req). A listener counts twice what is dropped of a request.
func (s *sim) complete(l *socket, c *call, p packet) {
	if l.queue.Len() > s.storm.Listener.Backlog {
		s.counts[overflows]++
		if c.side == nothing {
			s.drop(l, 1)
			return
		}
		s.drop(l, 2)
		if s.storm.Listener.AbortOnOverflow {
			s.dropRequest(l, c)
			s.counts[embryonicRsts]++
			s.resetClient(c)
		}
		return
	}
	s.dropRequest(l, c)
	s.counts[passiveOpens]++
	c.side, c.entered, c.cookie = queued, s.now, false
	l.queue.Push(c.ref)
	s.tally.sample(s, l)
	s.connectionReceives(c, p)
	s.announce(l)
}

// dropRequest takes a request out of the SYN queue.
func (s *sim) dropRequest(l *socket, c *call) {
	if c.side != half {
		return
	}
	l.requests--
	if c.timeouts == 0 {
		l.young--
	}
	c.side, c.request = nothing, never
}

// synACKRetries is net.ipv4.tcp_synack_retries.
const synACKRetries = 5

// requestTimerFired retransmits a SYN-ACK, or gives the request up: the sooner the fuller the SYN queue is, and the
// more of it is old (net/ipv4/inet_connection_sock.c, reqsk_timer_handler).
func (s *sim) requestTimerFired(c *call) {
	l := &s.sockets[c.socket]
	if c.side != half || c.request != s.now {
		return
	}
	retries := synACKRetries
	if l.requests*2 > max(8, s.storm.Listener.Backlog) {
		for young := l.young * 2; retries > 2 && l.requests >= young; young *= 2 {
			retries--
		}
	}
	s.counts[timeouts]++
	if int(c.timeouts) >= retries {
		s.dropRequest(l, c)
		s.table.release(c)
		return
	}
	if c.timeouts++; c.timeouts == 1 {
		l.young--
	}
	s.counts[synRetrans]++
	s.counts[retransSegs]++
	jiffies := min(initialRTO<<c.timeouts, maxRTO)
	c.request = wheelTime(s.now, jiffies, s.slots.phase)
	s.setSlot(jiffies, requestTimer, c)
	s.answer(c, synACK)
}

// connectionReceives takes a segment of a connection that the server's kernel has, accepted or not.
func (s *sim) connectionReceives(c *call, p packet) {
	switch data := p & payload; {
	case p&rst != 0:
		c.broken = true
	case data == 0:
		return
	case p&next != 0:
		c.in |= p | c.ahead
		c.ahead = 0
		s.answer(c, ack)
	case c.in&next == 0:
		c.ahead |= data
		s.answer(c, sack)
		return
	default:
		c.in |= data
		if data&reply != 0 {
			c.replies++
		}
	}
	if c.side == accepted {
		s.readableByServer(c)
	}
}

// closeListener closes the server's sockets: what is queued is reset, and the SYN queue is gone.
func (s *sim) closeListener() {
	for i := range s.sockets {
		l := &s.sockets[i]
		l.open, l.requests, l.young = false, 0, 0
		l.queue.Clear()
		s.tally.sample(s, l)
	}
	for i := range s.table.calls {
		c := &s.table.calls[i]
		switch wasQueued := c.side == queued; {
		case !c.used || c.side == accepted || c.side == gone:
		case wasQueued:
			s.tally.discarded++
			c.side = nothing
			s.resetClient(c)
			s.table.release(c)
		default:
			c.side, c.cookie, c.request = nothing, false, never
			s.table.release(c)
		}
	}
}

// sampleOf is the state of a socket's accept queue.
func (s *sim) sampleOf(l *socket) record.QueueSample {
	return record.QueueSample{At: s.now, Depth: uint32(l.queue.Len()), Limit: uint32(s.storm.Listener.Backlog),
		Drops: &l.drops}
}
