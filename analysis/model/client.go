package model

import "time"

// startDue starts the attempts that are due, unless a thread does that when it comes to it.
func (s *sim) startDue() {
	if s.shared {
		s.agenda.heads[startDue] = forever
		s.wakeThread(0)
		return
	}
	s.startNext()
}

// startNext starts the next attempt.
func (s *sim) startNext() *call {
	c := s.table.take()
	c.seq, c.intended, c.started = s.started, s.due, s.now
	if n := len(s.sockets); n > 1 { // the kernel chooses by a hash of addresses and ports (reuseport_select_sock)
		c.socket = int32(scramble(s.storm.Seed^1, uint64(c.seq)) % uint64(n))
	}
	s.started++
	s.planStart()
	s.sendSYN(c)
	return c
}

// wasConnected is called when the client's kernel has a connection.
func (s *sim) wasConnected(c *call) {
	switch {
	case c.state != connecting || c.tcp != established:
	case s.shared:
		s.unsettled(c)
	default:
		s.settle(c)
		s.greet(c)
		s.speak(c)
		s.readAll(c)
	}
}

// settle begins the session of a client that is connected, or was and has been reset since.
func (s *sim) settle(c *call) {
	if c.state != connecting {
		return
	}
	if c.reset {
		s.finish(c, wasReset)
		return
	}
	c.state, c.connected = open, s.now
	s.tally.connect(c)
	if s.storm.Client.Writes == Nothing {
		s.agenda.push(leaveDue, s.now+s.storm.Client.Stay, c.ref, 0)
	}
}

// greet writes the first line of a client that writes line by line.
func (s *sim) greet(c *call) {
	if c.state == open && s.storm.Client.Writes == LineByLine && !s.atOnce {
		s.write(c, line)
	}
}

// speak writes the rest of the environment. The time for the first command counts from then.
func (s *sim) speak(c *call) {
	if c.state != open {
		return
	}
	p := rest
	switch {
	case s.storm.Client.Writes == Nothing:
		return
	case s.storm.Client.Writes == OneWrite || s.atOnce:
		p |= line
	}
	c.spoke = s.now
	s.agenda.push(limitDue, min(s.firstCommandLimit(c), s.sessionLimit(c)), c.ref, 0)
	s.write(c, p)
}

// firstCommandLimit is when an attempt is silent that has no command by then.
func (s *sim) firstCommandLimit(c *call) time.Duration {
	return c.spoke + s.storm.Client.FirstCommandLimit
}

// sessionLimit is when an attempt is too long.
func (s *sim) sessionLimit(c *call) time.Duration { return c.connected + s.storm.Client.SessionLimit }

// overLimit ends an attempt that is over one of its limits; else the other one is to come.
func (s *sim) overLimit(c *call) {
	session, command := s.sessionLimit(c), s.firstCommandLimit(c)
	switch {
	case c.state != open:
	case s.now >= command && c.commands == 0:
		s.finish(c, silent)
	case s.now >= session:
		s.finish(c, overlong)
	case s.now < command && c.commands == 0:
		s.agenda.push(limitDue, min(command, session), c.ref, 0)
	default:
		s.agenda.push(limitDue, session, c.ref, 0)
	}
}

// readable is called when something has come for a client: a command, the server's close, or a reset.
func (s *sim) readable(c *call) {
	switch {
	case c.state == ended:
		s.table.release(c)
	case s.shared:
		s.listed(c)
	case c.state == open:
		s.readAll(c)
	case c.reset: // else the connect is over in a moment
		s.settle(c)
	}
}

// readAll reads what has come.
func (s *sim) readAll(c *call) {
	switch {
	case c.state != open:
	case c.hasLeft && !c.reset: // it waits for an acknowledgement only
	case c.asked:
		s.readCommand(c)
	case c.left:
		s.serverLeft(c)
	case c.reset:
		s.finish(c, wasReset)
	}
}

// readCommand reads a command and answers it, at once or after a thought.
func (s *sim) readCommand(c *call) {
	c.asked = false
	if c.commands++; c.commands == 1 {
		c.answered = s.now
	}
	if think := s.storm.Client.Think; think > 0 {
		c.arrived += think
		s.agenda.push(thought, max(c.arrived, s.now), c.ref, 0)
		return
	}
	s.reply(c)
}

// reply answers a command.
func (s *sim) reply(c *call) {
	if c.state != open {
		return
	}
	lag := max(s.now-c.arrived, 0)
	c.lag, c.lags = max(c.lag, lag), c.lags+lag
	s.tally.reply(s, lag)
	if c.tcp == established {
		s.deliver(c, reply, 0)
	}
}

// serverLeft ends a call whose server has closed.
func (s *sim) serverLeft(c *call) {
	switch {
	case c.commands > 0:
		s.finish(c, answered)
	default:
		s.finish(c, wasClosed)
	}
}

// finEvery is the time between two looks for the acknowledgement of a FIN (loadgen/engine/epoll).
const finEvery = 20 * time.Millisecond

// leave closes the side of a client that says nothing. A server's kernel that holds the connection acknowledges that,
// accepted or not.
func (s *sim) leave(c *call) {
	if c.state != open {
		return
	}
	c.hasLeft, c.end = true, s.now
	s.shutDown(c)
	s.checkFIN(c)
}

// checkFIN ends an attempt whose FIN is acknowledged, or was not within the connect limit.
func (s *sim) checkFIN(c *call) {
	switch {
	case c.state != open:
	case c.firstAcked:
		s.finish(c, wasConnected)
	case s.now-c.end >= s.storm.Client.ConnectLimit:
		s.finish(c, phantom)
	default:
		s.agenda.push(finCheck, s.now+finEvery, c.ref, 0)
	}
}

// overConnectLimit gives a connect up, unless the connection has been made while others had their turn.
func (s *sim) overConnectLimit(c *call) {
	switch {
	case c.state != connecting:
	case c.tcp == synSent:
		s.finish(c, timedOut)
	default:
		s.settle(c)
		s.greet(c)
	}
}

// finish ends an attempt, and closes its socket.
func (s *sim) finish(c *call, o outcome) {
	if c.state == ended {
		return
	}
	c.state, c.outcome, c.end = ended, o, s.now
	s.closeSocket(c)
	s.tally.end(s, c)
	s.settled()
	s.table.release(c)
}
