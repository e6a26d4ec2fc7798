package model

import "time"

// packet is what a segment carries, in bits.
type packet uint8

// Of the client's segments.
const (
	syn packet = 1 << iota
	// next is a sequence number of the SYN's plus one: a listener can check its cookie.
	next
	line  // the first line of the environment
	rest  // the other lines
	reply // to a command
	fin
	rst

	payload = line | rest | reply | fin
)

// Of the server's segments, whose fin and rst are the same.
const (
	synACK packet = 1 << iota
	ack           // of what has come in order
	sack          // of what has come out of order
	command
)

// toClients marks a message of the server's.
const toClients packet = 1 << 7

// lost reports whether a packet is lost on the way.
func (s *sim) lost() bool { return s.lossy && s.random.Float64() < s.storm.Link.Loss }

// transmit sends a segment of the client's. On a wire without delay the sender's CPU takes it through the server's
// kernel at once, unless others wait to be taken: then it comes behind them.
func (s *sim) transmit(c *call, p packet) {
	switch {
	case s.lost():
	case s.way == 0 && !s.batch && s.agenda.idle(toServer):
		s.serverReceives(c, p)
	default:
		s.agenda.push(toServer, s.now+s.way, c.ref, uint8(p))
	}
}

// answer sends a segment of the server's kernel.
func (s *sim) answer(c *call, p packet) {
	switch {
	case s.lost():
	case s.way == 0:
		s.clientReceives(c, p)
	default:
		s.agenda.push(toClient, s.now+s.way, c.ref, uint8(p))
	}
}

// arrive takes a segment of a client's through the server's kernel. Packets that were not sent within a system call
// are taken one after the other.
func (s *sim) arrive(c *call, p packet) {
	made := s.counts[passiveOpens]
	s.serverReceives(c, p)
	if s.shared {
		cost := s.machine.Other
		switch {
		case p&syn != 0:
			cost = s.machine.SYN
		case s.counts[passiveOpens] != made:
			cost = s.machine.Made
		}
		s.occupy(cost)
	}
}

// occupy keeps the CPU of the packets busy.
func (s *sim) occupy(cost time.Duration) {
	s.network = max(s.network, s.now) + cost
	s.agenda.gate(toServer, s.network)
}

// deliver sends data on a connection that both kernels have; it arrives so much later than a packet takes, and later
// still where packets are lost.
func (s *sim) deliver(c *call, p packet, later time.Duration) {
	after := s.way + later
	if s.lossy {
		after += s.again()
	}
	if after == 0 {
		s.takeMessage(c, p)
		return
	}
	s.agenda.push(message, s.now+after, c.ref, uint8(p))
}

func (s *sim) takeMessage(c *call, p packet) {
	if p&toClients != 0 {
		s.clientReceives(c, p&^toClients)
		return
	}
	s.serverReceives(c, p)
}

// again is how long data is late because it was lost, and retransmitted with twice the time-out each time.
func (s *sim) again() (late time.Duration) {
	for timeout := s.timeout(); s.lost() && timeout < maxRTO; timeout *= 2 {
		late += time.Duration(timeout) * jiffy
		s.counts[retransSegs]++
		s.counts[timeouts]++
		s.counts[rehashes]++
	}
	return late
}
