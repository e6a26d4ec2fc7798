package epoll

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"agistorm/loadgen/engine"
	"agistorm/target/rawsock"
)

// connected settles a connect: without an error event it is a connection, else SO_ERROR is the error.
func (e *Engine) connected(i int) {
	if e.slots[i].closing {
		if errno := rawsock.SocketError(e.slots[i].fd); errno != 0 {
			e.fail(i, errno)
			return
		}
	}
	now := e.now()
	e.account(i, now)
	if e.connectedLate(i) {
		e.nextAddress(i, now)
		return
	}
	e.open(i, now)
}

// open begins the session of an attempt whose connection is there.
func (e *Engine) open(i int, now time.Duration) {
	flow, slot := &e.flows[i], &e.slots[i]
	flow.Connected, flow.HasConnected = now, true
	slot.state = open
	e.plan.Observer.Connected(flow.Connected - e.plan.Schedule.At(i))
	if e.plan.Talk == nil && e.plan.HangUpAfter == 0 {
		e.leave(i)
		return
	}
	e.deadlines[sessionTimer].add(i, slot.try, flow.Connected)
	if e.plan.HangUpAfter > 0 {
		e.deadlines[hangUpTimer].add(i, slot.try, flow.Connected)
	}
}

// greet sends the first line where the client writes line by line, and lets the rest of what Open sends
// wait for its turn.
func (e *Engine) greet(i int) {
	slot := &e.slots[i]
	if slot.state != open || slot.speech != silent || e.plan.Talk == nil {
		return
	}
	slot.speech = speaking
	if e.plan.LineByLine {
		e.send(i, e.plan.Talk.Greeting())
	}
	if slot.state == open {
		e.unspoken.Push(int32(i))
	}
}

// sendReplies sends the rest. The server's time to answer begins then: what the others' turns took before
// is not its.
func (e *Engine) sendReplies(i int) {
	slot := &e.slots[i]
	if slot.speech == said || e.plan.Talk == nil {
		return
	}
	text := e.plan.Talk.Open(e.out[:0], i)
	if slot.speech == speaking && e.plan.LineByLine {
		text = text[len(e.plan.Talk.Greeting()):]
	}
	slot.speech = said
	e.send(i, text)
	if slot.state == open {
		e.deadlines[commandTimer].add(i, slot.try, e.now())
	}
}

// read takes what has come (the events are edge-triggered), as long as the socket takes the answers and
// others are not kept waiting. A read that did not fill its buffer has taken all: what comes later makes an
// event of its own (epoll(7)), unless toTheEnd there is an end to be seen that has had its event. A server
// that sends before it has the whole environment is answered after that was sent: Asterisk reads nothing
// before.
func (e *Engine) read(i int, toTheEnd bool) {
	flow, slot := &e.flows[i], &e.slots[i]
	if slot.state == open {
		e.sendReplies(i)
	}
	for turns := 0; slot.state == open && slot.unsent == nil; turns++ {
		if turns == readsATurn {
			slot.toTheEnd = true
			e.list(i)
			return
		}
		n, stamp, errno := rawsock.Receive(slot.fd, &e.message)
		switch {
		case errno == unix.EINTR:
			continue
		case errno == unix.EAGAIN:
			return
		case n == 0, errno == unix.EPIPE:
			e.closed(i)
			return
		case errno != 0:
			e.fail(i, errno)
			return
		}
		flow.BytesIn += uint64(n)
		e.receive(i, e.in[:n], stamp)
		if n < len(e.in) && !toTheEnd {
			return
		}
	}
}

// receive handles what was read; stamp is when its last byte arrived, by the wall clock, 0 without a stamp.
func (e *Engine) receive(i int, in []byte, stamp time.Duration) {
	if e.plan.Talk == nil {
		return
	}
	answer, err := e.parseReceived(i, in)
	if err != nil {
		e.abandon(i, err)
		return
	}
	if len(answer) == 0 {
		return
	}
	slot := &e.slots[i]
	e.unstamped = e.unstamped || stamp == 0
	slot.free = max(slot.free, e.clocks.arrival(stamp, e.now()))
	if e.plan.Think > 0 {
		e.think(i, answer)
	} else {
		e.reply(i, answer)
	}
}

// parseReceived passes the bytes to the talk, and counts its commands.
func (e *Engine) parseReceived(i int, in []byte) (answer []byte, err error) {
	flow := &e.flows[i]
	answer, commands, err := e.plan.Talk.Receive(e.out[:0], i, in)
	flow.CountCommands(commands, e.now())
	return answer, err
}

// think keeps the answer until its time has come; nothing is read meanwhile.
func (e *Engine) think(i int, answer []byte) {
	slot := &e.slots[i]
	e.deadlines[thinkTimer].add(i, slot.try, slot.free)
	slot.free += e.plan.Think
	slot.unsent, slot.thinking = append([]byte(nil), answer...), true
}

// reply writes an answer that was due at slot.free, and counts how long after that, or how long until the
// server closed.
func (e *Engine) reply(i int, answer []byte) {
	flow, slot := &e.flows[i], &e.slots[i]
	rest, errno := e.write(i, answer)
	now, due := e.now(), slot.free
	slot.free = now
	until := now
	if slot.closing {
		until = min(now, slot.closed)
	}
	lag := e.plan.Lag(flow.Connected, due, until)
	flow.Replied(lag)
	e.lags.Add(lag)
	e.sent(i, rest, errno)
}

// hangUp hangs up the caller: the client sends so, and stays until the server closes.
func (e *Engine) hangUp(i int) {
	if e.plan.Talk == nil {
		e.leave(i)
		return
	}
	e.sendReplies(i) // a caller may hang up before it is the call's turn
	if e.slots[i].state == open {
		e.send(i, e.plan.Talk.HangUp(e.out[:0], i))
	}
}

// finEvery is the time between two looks for the acknowledgement of a client's FIN, for which there is no event.
const finEvery = 20 * time.Millisecond

// leave closes the client's side of a connection on which nothing was sent. A kernel that holds the connection
// acknowledges that, accepted or not, and with TCP_DEFER_ACCEPT makes it now. Of a phantom it knows nothing: it
// does not answer, or with a reset.
func (e *Engine) leave(i int) {
	flow := &e.flows[i]
	e.freePort(e.slots[i].fd)
	if errno := rawsock.Shutdown(e.slots[i].fd); errno != 0 {
		e.fail(i, errno) // the server has reset it
		return
	}
	flow.Left, flow.LeftAt = true, e.now()
	e.checkFIN(i, flow.LeftAt)
}

// checkFIN ends an attempt whose FIN is acknowledged, or was not within the connect limit.
func (e *Engine) checkFIN(i int, now time.Duration) {
	flow, slot := &e.flows[i], &e.slots[i]
	if !e.acknowledged(i) {
		if flow.HasFIN && now-flow.LeftAt < e.plan.ConnectLimit {
			e.deadlines[finTimer].add(i, slot.try, now)
			return
		}
		flow.Phantom = flow.HasFIN
	}
	e.end(i, engine.Finished, now)
}

// acknowledged reports whether the FIN of a client that has sent nothing else is acknowledged: SYN and FIN count
// as a byte each (tcp_snd_una_update in the kernel's net/ipv4/tcp_input.c). Flow.HasFIN is false where the kernel
// does not report it. A FIN that came twice is reported by a DSACK: then its first was not dropped.
func (e *Engine) acknowledged(i int) bool {
	flow := &e.flows[i]
	size, errno := rawsock.TCPInfo(e.slots[i].fd, &e.info)
	known := size >= end(unsafe.Offsetof(e.info.Dsack_dups), unsafe.Sizeof(e.info.Dsack_dups))
	if flow.HasFIN = errno == 0 && known; flow.HasFIN && e.info.Dsack_dups == 0 {
		flow.FINRetransmits = e.info.Total_retrans - flow.Retransmits
	}
	return flow.HasFIN && e.info.Bytes_acked >= 2
}

// closed answers the server's FIN with the last words and ends the attempt.
func (e *Engine) closed(i int) {
	if e.flows[i].Left {
		return // and its kernel's acknowledgement, which checkFIN sees
	}
	if e.plan.Talk != nil {
		farewell, err := e.plan.Talk.Close(e.out[:0], i)
		if err != nil {
			e.abandon(i, err)
			return
		}
		// The server may have gone: whether the last bytes arrive does not matter.
		if n, errno := rawsock.Write(e.slots[i].fd, farewell); errno == 0 {
			e.flows[i].BytesOut += uint64(n)
		}
	}
	e.end(i, engine.Finished, e.now())
}

// send writes p behind what the socket has not taken yet, and keeps what it does not take.
func (e *Engine) send(i int, p []byte) {
	if slot := &e.slots[i]; slot.unsent != nil {
		slot.unsent = append(slot.unsent, p...)
		return
	}
	rest, errno := e.write(i, p)
	e.sent(i, rest, errno)
}

// sent handles what a write has returned.
func (e *Engine) sent(i int, rest []byte, errno unix.Errno) {
	switch {
	case errno == unix.EPIPE:
		e.drain(i)
	case errno != 0:
		e.fail(i, errno)
	case len(rest) > 0:
		e.slots[i].unsent = append([]byte(nil), rest...)
	}
}

// drain reads commands that cannot be answered any more. EPIPE is a reset after the server's FIN (tcp_reset
// in the kernel's net/ipv4/tcp_input.c): it had closed, and further bytes of the client were not wanted.
// Without a FIN it is a reset: sendmmsg(2) keeps the ECONNRESET of any line but its first to itself.
func (e *Engine) drain(i int) {
	for e.plan.Talk != nil {
		n, errno := rawsock.Read(e.slots[i].fd, e.in)
		if n <= 0 || errno != 0 {
			break
		}
		e.flows[i].BytesIn += uint64(n)
		if _, err := e.parseReceived(i, e.in[:n]); err != nil {
			e.abandon(i, err)
			return
		}
	}
	if !e.hadFIN(i) {
		e.fail(i, unix.ECONNRESET)
		return
	}
	e.closed(i)
}

// hadFIN reports whether the server's FIN has come to a connection of which all was read: the kernel counts
// it as a byte received (tcp_rcv_nxt_update in net/ipv4/tcp_input.c). It is true where the kernel does not
// report it.
func (e *Engine) hadFIN(i int) bool {
	size, errno := rawsock.TCPInfo(e.slots[i].fd, &e.info)
	known := size >= end(unsafe.Offsetof(e.info.Bytes_received), unsafe.Sizeof(e.info.Bytes_received))
	return errno != 0 || !known || e.info.Bytes_received > e.flows[i].BytesIn
}

// flush goes on with what the socket did not take.
func (e *Engine) flush(i int) {
	slot := &e.slots[i]
	p := slot.unsent
	slot.unsent = nil
	e.send(i, p)
}

// thought ends the think time of an answer.
func (e *Engine) thought(i int) {
	slot := &e.slots[i]
	p := slot.unsent
	slot.unsent, slot.thinking = nil, false
	e.reply(i, p)
	if slot.unsent == nil {
		slot.toTheEnd = true
		e.list(i)
	}
}

// write returns what the socket did not take.
func (e *Engine) write(i int, p []byte) ([]byte, unix.Errno) {
	flow := &e.flows[i]
	for len(p) > 0 {
		n, errno := e.writeSome(e.slots[i].fd, p)
		flow.BytesOut += uint64(n)
		p = p[n:]
		switch errno {
		case 0, unix.EINTR:
		case unix.EAGAIN:
			return p, 0
		default:
			return p, errno
		}
	}
	return nil, 0
}

// writeSome writes what the client writes at once: all of p, or line by line, each by itself.
func (e *Engine) writeSome(fd int32, p []byte) (int, unix.Errno) {
	if e.plan.LineByLine && rawsock.LineLength(p) < len(p) {
		return rawsock.WriteLines(fd, p, &e.lines)
	}
	return rawsock.Write(fd, p)
}
