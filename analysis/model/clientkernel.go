package model

// clientReceives is what a client's kernel does with a segment of the server's.
func (s *sim) clientReceives(c *call, p packet) {
	switch {
	case p&rst != 0:
		s.wasReset(c)
	case p&synACK != 0:
		s.synACKed(c)
	case p&sack != 0: // the first segment is missing there: it is retransmitted at once (net/ipv4/tcp_recovery.c)
		if c.tcp != closed && !c.firstAcked {
			s.counts[retransSegs]++
			s.transmit(c, c.first)
		}
	case p&ack != 0:
		s.acknowledged(c)
	case c.tcp != established: // the client has closed its socket
		if p&fin != 0 {
			c.tcp = closed
			s.table.release(c)
			return
		}
		s.counts[outRsts]++
		s.transmit(c, rst)
	case p&command != 0:
		c.asked, c.arrived = true, s.now
		s.readable(c)
	case p&fin != 0:
		c.left = true
		s.readable(c)
	}
}

// sendSYN begins a connection.
func (s *sim) sendSYN(c *call) {
	s.counts[activeOpens]++
	s.transmit(c, syn)
	if c.state == connecting && c.tcp == synSent {
		s.setTimer(c, initialRTO)
		s.agenda.push(connectDue, c.started+s.storm.Client.ConnectLimit, c.ref, 0)
	}
}

// synACKed takes a SYN-ACK. One of a connection that is there is answered with a challenge ACK
// (net/ipv4/tcp_input.c, tcp_validate_incoming), one for no connection with a reset.
func (s *sim) synACKed(c *call) {
	switch c.tcp {
	case synSent:
		c.tcp, c.synAck, c.timer = established, s.now, never
		s.transmit(c, next)
		s.wasConnected(c)
	case closed:
		s.counts[outRsts]++
		s.transmit(c, rst)
	default:
		s.counts[synChallenges]++
		if c.first == 0 {
			s.transmit(c, next)
		} else {
			s.transmit(c, 0)
		}
	}
}

// wasReset ends a connection: of one that is not there yet it is a refusal.
func (s *sim) wasReset(c *call) {
	if c.tcp == closed {
		return
	}
	refusedSYN := c.tcp == synSent
	c.tcp, c.timer, c.reset = closed, never, true
	switch {
	case c.state == ended:
		s.table.release(c)
	case refusedSYN:
		s.finish(c, refused)
	default:
		s.readable(c)
	}
}

// write sends data. Nagle's algorithm holds it back until the first segment is acknowledged. What follows later line
// by line takes a round trip more: its own first line goes alone, too.
func (s *sim) write(c *call, p packet) {
	switch {
	case c.tcp == closed:
	case c.first == 0:
		c.first = next | p
		s.transmit(c, c.first)
		if !c.firstAcked && c.tcp != closed {
			s.setTimer(c, s.timeout())
		}
	case !c.firstAcked:
		c.held |= p
	case p&rest != 0:
		s.deliver(c, p, 2*s.way)
	default:
		s.deliver(c, p, 0)
	}
}

// acknowledged sends what was held back, and once more what was sent before its time: nobody knows whether it came.
func (s *sim) acknowledged(c *call) {
	if c.firstAcked || c.tcp == closed {
		return
	}
	c.firstAcked, c.timer = true, never
	if p := c.held | c.second; p != 0 {
		c.held, c.second = 0, 0
		s.deliver(c, p, 0)
	}
}

// closeSocket is close(2). The FIN takes along what Nagle's algorithm held back (net/ipv4/tcp_output.c,
// tcp_send_fin).
func (s *sim) closeSocket(c *call) {
	switch {
	case c.tcp == synSent || c.side == gone || c.left:
		c.tcp, c.timer = closed, never
	case c.tcp == established:
		c.tcp = orphan
		s.shutDown(c)
	}
}

// shutDown sends a FIN.
func (s *sim) shutDown(c *call) {
	if c.first == 0 || c.firstAcked {
		s.write(c, fin)
		return
	}
	c.second |= c.held | fin
	c.held = 0
	s.transmit(c, c.second)
}

// setTimer sets the timer of a client's connection.
func (s *sim) setTimer(c *call, jiffies int64) {
	if s.shared {
		c.timer = wheelTime(s.now, jiffies, s.slots.phase)
		s.setSlot(jiffies, clientTimer, c)
		return
	}
	c.timer = wheelTime(s.now, jiffies, s.phaseOf(c))
	s.agenda.push(timerDue, c.timer, c.ref, 0)
}

// timeout is the time-out of data, and of the tail-loss probe, which is never later (net/ipv4/tcp_output.c,
// tcp_schedule_loss_probe).
func (s *sim) timeout() int64 { return minRTO + int64(2*s.way/jiffy) }

// clientTimerFired retransmits.
func (s *sim) clientTimerFired(c *call) {
	switch {
	case c.timer != s.now: // another was set since, or none is needed
	case c.tcp == synSent:
		s.retransmitSYN(c)
	case c.tcp != closed && !c.firstAcked:
		s.retransmitData(c)
	}
}

// synRetries is net.ipv4.tcp_syn_retries; the linear ones come on top (net/ipv4/tcp_timer.c, tcp_write_timeout).
const synRetries = 6

func (s *sim) retransmitSYN(c *call) {
	linear := uint32(s.storm.Listener.LinearSYNs)
	s.counts[timeouts]++
	if c.retransmits >= synRetries+linear {
		c.tcp = closed
		s.finish(c, givenUp)
		return
	}
	c.retransmits++
	s.counts[synRetrans]++
	s.counts[retransSegs]++
	s.counts[rehashes]++
	s.transmit(c, syn)
	if c.tcp == synSent && c.state == connecting {
		back := c.retransmits - min(c.retransmits, linear)
		s.setTimer(c, min(initialRTO<<back, maxRTO))
	}
}

// orphanRetries is how often the data of a closed socket is retransmitted (net/ipv4/tcp_timer.c, tcp_orphan_retries).
const orphanRetries = 8

// retransmitData sends a tail-loss probe first: new data if there is any, else the last that was sent; then the first
// segment, with twice the time-out each time.
func (s *sim) retransmitData(c *call) {
	switch {
	case !c.probed && c.held|c.second != 0:
		c.probed = true
		s.counts[lossProbes]++
		c.second |= c.held
		c.held = 0
		s.setTimer(c, s.timeout())
		s.transmit(c, c.second)
		return
	case !c.probed:
		c.probed = true
		s.counts[lossProbes]++
		s.setTimer(c, s.timeout())
	default:
		s.counts[timeouts]++
		s.counts[rehashes]++
		if c.tcp == orphan && c.backoff >= orphanRetries {
			c.tcp, c.timer = closed, never
			s.table.release(c)
			return
		}
		c.backoff++
		s.setTimer(c, min(s.timeout()<<c.backoff, maxRTO))
	}
	s.counts[retransSegs]++
	s.transmit(c, c.first)
}
