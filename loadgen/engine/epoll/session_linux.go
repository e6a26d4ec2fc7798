package epoll

import (
	"bytes"
	"time"

	"golang.org/x/sys/unix"

	"agistorm/loadgen/engine"
	"agistorm/target/rawsock"
)

// connected settles a connect: without an error event it is a connection, else SO_ERROR tells.
func (e *Engine) connected(i int, events uint32) {
	if events&(unix.EPOLLERR|unix.EPOLLHUP) != 0 {
		if errno := rawsock.SocketError(e.slots[i].fd); errno != 0 {
			e.fail(i, errno)
			return
		}
	}
	now := e.now()
	e.account(i, now)
	if e.tooLate(i) {
		e.loseAddress(i, now)
		return
	}
	e.open(i, now)
}

// open begins the session of an attempt whose connection is there.
func (e *Engine) open(i int, now time.Duration) {
	flow, slot := &e.flows[i], &e.slots[i]
	flow.Connected, flow.HasConnected = now, true
	slot.state = open
	if e.plan.Observer != nil {
		e.plan.Observer.Connected(flow.Connected - e.plan.Schedule.At(i))
	}
	if e.plan.Talk == nil && e.plan.HangUpAfter == 0 {
		e.end(i, engine.Finished, flow.Connected)
		return
	}
	e.deadlines[sessionTimer].add(i, slot.try, flow.Connected)
	if e.plan.HangUpAfter > 0 {
		e.deadlines[hangUpTimer].add(i, slot.try, flow.Connected)
	}
	slot.silent = e.plan.Talk != nil
}

// greet says the first words, once. The server's time to answer begins with them: what the others' turns took before is not its.
func (e *Engine) greet(i int) {
	if slot := &e.slots[i]; slot.silent && slot.state == open {
		slot.silent = false
		e.deadlines[commandTimer].add(i, slot.try, e.now())
		e.send(i, e.plan.Talk.Open(e.out[:0], i))
	}
}

// goOn gives each attempt whose reading was broken off another turn.
func (e *Engine) goOn() {
	turns := len(e.talkative)
	for k := range turns {
		i := e.talkative[k]
		e.slots[i].talkative = false
		e.read(int(i), true) // may put this attempt, or others, behind the ones that had their turn
		e.keepTime()
	}
	e.talkative = e.talkative[:copy(e.talkative, e.talkative[turns:])]
}

// read takes what has come (the events are edge-triggered), as long as the
// socket takes the answers and others are not kept waiting. A read that did not fill its buffer has
// taken all: what comes later makes an event of its own (epoll(7)), unless toTheEnd there
// is an end to be seen that has had its event.
func (e *Engine) read(i int, toTheEnd bool) {
	flow, slot := &e.flows[i], &e.slots[i]
	for turns := 0; slot.state == open && slot.unsent == nil; turns++ {
		if turns == readsATurn {
			e.breakOffReading(i)
			return
		}
		n, errno := rawsock.Read(slot.fd, e.in)
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
		e.receive(i, e.in[:n])
		if n < len(e.in) && !toTheEnd {
			return
		}
	}
}

func (e *Engine) breakOffReading(i int) {
	if !e.slots[i].talkative {
		e.slots[i].talkative = true
		e.talkative = append(e.talkative, int32(i))
	}
}

func (e *Engine) receive(i int, in []byte) {
	if e.plan.Talk == nil {
		return
	}
	flow := &e.flows[i]
	answer, commands, err := e.plan.Talk.Receive(e.out[:0], i, in)
	if commands > 0 && !flow.HasCommand {
		flow.FirstCommand, flow.HasCommand = e.now(), true
	}
	flow.Commands += uint32(commands)
	switch {
	case err != nil:
		e.breakOff(i, err)
	case e.plan.Think > 0 && len(answer) > 0:
		e.think(i, answer)
	default:
		e.send(i, answer)
	}
}

// think keeps the answer until its time has come; nothing is read meanwhile.
func (e *Engine) think(i int, answer []byte) {
	slot := &e.slots[i]
	slot.unsent, slot.thinking = append([]byte(nil), answer...), true
	e.deadlines[thinkTimer].add(i, slot.try, e.now())
}

// hangUp lets the caller hang up: the client says so, and stays until the server closes.
func (e *Engine) hangUp(i int) {
	if e.plan.Talk == nil {
		e.end(i, engine.Finished, e.now())
		return
	}
	e.greet(i) // a caller may go before the others have been settled
	if e.slots[i].state != open {
		return
	}
	words := e.plan.Talk.HangUp(e.out[:0], i)
	if slot := &e.slots[i]; slot.unsent != nil {
		slot.unsent = append(slot.unsent, words...)
		return
	}
	e.send(i, words)
}

// closed answers the server's FIN with the last words and ends the attempt.
func (e *Engine) closed(i int) {
	if e.plan.Talk != nil {
		farewell, err := e.plan.Talk.Close(e.out[:0], i)
		if err != nil {
			e.breakOff(i, err)
			return
		}
		// The server may be gone for good: what becomes of the last words changes nothing.
		if n, errno := rawsock.Write(e.slots[i].fd, farewell); errno == 0 {
			e.flows[i].BytesOut += uint64(n)
		}
	}
	e.end(i, engine.Finished, e.now())
}

// send writes p, or keeps what the socket does not take.
func (e *Engine) send(i int, p []byte) {
	rest, errno := e.write(i, p)
	if errno == unix.EPIPE {
		e.hearOut(i)
		return
	}
	if errno != 0 {
		e.fail(i, errno)
		return
	}
	if len(rest) > 0 {
		e.slots[i].unsent = append([]byte(nil), rest...)
	}
}

// hearOut reads what a server said that cannot be answered any more. EPIPE is a reset after the server's FIN (net/ipv4/tcp_input.c,
// tcp_reset): it had closed, and what the client went on saying was not wanted.
func (e *Engine) hearOut(i int) {
	flow := &e.flows[i]
	for e.plan.Talk != nil {
		n, errno := rawsock.Read(e.slots[i].fd, e.in)
		if n <= 0 || errno != 0 {
			break
		}
		flow.BytesIn += uint64(n)
		_, commands, err := e.plan.Talk.Receive(e.out[:0], i, e.in[:n])
		if commands > 0 && !flow.HasCommand {
			flow.FirstCommand, flow.HasCommand = e.now(), true
		}
		if flow.Commands += uint32(commands); err != nil {
			e.breakOff(i, err)
			return
		}
	}
	e.closed(i)
}

// flush goes on with what the socket did not take, and then with what it had to say meanwhile.
func (e *Engine) flush(i int) {
	slot := &e.slots[i]
	if slot.unsent == nil || slot.thinking {
		return
	}
	p := slot.unsent
	slot.unsent = nil
	e.send(i, p)
	if slot.unsent == nil {
		e.read(i, true)
	}
}

// write returns what the socket did not take.
func (e *Engine) write(i int, p []byte) ([]byte, unix.Errno) {
	fd, flow := e.slots[i].fd, &e.flows[i]
	for len(p) > 0 {
		n, errno := rawsock.Write(fd, p[:turn(p, e.plan.LineByLine)])
		switch errno {
		case 0:
			flow.BytesOut += uint64(n)
			p = p[n:]
		case unix.EINTR:
		case unix.EAGAIN:
			return p, 0
		default:
			return p, errno
		}
	}
	return nil, 0
}

// turn is how much of p one write takes: its first line, or all of it.
func turn(p []byte, lineByLine bool) int {
	if !lineByLine {
		return len(p)
	}
	if end := bytes.IndexByte(p, '\n'); end >= 0 {
		return end + 1
	}
	return len(p)
}
