package model

import (
	"slices"
	"time"

	"agistorm/target/engine"
	"agistorm/target/fifo"
)

// Bounds of what a thread of the server does before it looks for others (target/engine/epoll).
const (
	maxEvents    = 32
	acceptsATurn = 256
)

// loop is an accepting thread of the server.
type loop struct {
	index     int32
	socket    int32
	admission engine.Admission
	// shared: other threads accept from the same socket.
	shared bool
	// running: a turn is planned, or it is in the middle of one.
	running   bool
	woken     bool // and has done nothing since
	idleSince time.Duration
	// holding: it does not accept for now. armed: it is told of connections.
	holding, armed bool
	// accepts are how many more it takes in a row; events and due are the events and the ends of work that it has
	// still to handle of those that there were when it looked. handled: it looks for ends of work next.
	accepts, events, due int
	handled              bool
	// ready are the sessions that something has come for, and toAccept; listed: that is among them.
	ready  fifo.Queue[ref]
	listed bool
	// over are the sessions whose work is over, and kept those that wait for a handler.
	over, kept fifo.Queue[ref]
	// forking is the session that a process is being made for, and blocking the one whose work blocks the thread.
	forking, blocking               ref
	isForking, isForked, isBlocking bool
}

// toAccept stands among the sessions of a thread for its listening socket.
var toAccept = ref{place: -1}

func (s *sim) startServer() {
	rules := &s.storm.Server.Rules
	s.loops = make([]loop, max(rules.Loops, 1))
	for i := range s.sockets {
		s.sockets[i].open = true
	}
	for i := range s.loops {
		socket := min(i, len(s.sockets)-1)
		s.loops[i] = loop{index: int32(i), socket: int32(socket), admission: engine.NewAdmission(rules),
			shared: len(s.sockets) < len(s.loops)}
		s.arm(&s.loops[i])
	}
}

// arm lets a thread be told of connections.
func (s *sim) arm(l *loop) {
	if l.armed || l.holding {
		return
	}
	l.armed = true
	socket := &s.sockets[l.socket]
	socket.waiting = append(socket.waiting, l.index)
	if socket.queue.Len() > 0 {
		s.tellOf(l)
	}
}

func (s *sim) disarm(l *loop) {
	if l.armed {
		l.armed = false
		socket := &s.sockets[l.socket]
		i := slices.Index(socket.waiting, l.index)
		socket.waiting = slices.Delete(socket.waiting, i, i+1)
	}
}

// announce tells the threads that wait for a connection; of those that share a socket the first that is idle
// (EPOLLEXCLUSIVE; the kernel's fs/eventpoll.c, ep_poll_callback).
func (s *sim) announce(socket *socket) {
	for _, i := range socket.waiting {
		l := &s.loops[i]
		idle := !l.running
		s.tellOf(l)
		if idle {
			return
		}
	}
}

// tellOf lists the listening socket among the events of a thread.
func (s *sim) tellOf(l *loop) {
	if !l.listed {
		l.listed = true
		l.ready.Push(toAccept)
	}
	s.wake(l)
}

// wake lets a thread run that is idle.
func (s *sim) wake(l *loop) {
	if l.running {
		return
	}
	l.running, l.woken = true, true
	if wake := s.machine.wake(s.now, l.idleSince); wake > 0 {
		s.agenda.push(loopTurn, s.now+wake, ref{place: l.index}, 0)
		return
	}
	s.loopTurn(l)
}

// loopTurn lets a thread do one thing after another, as far as they take no time; with a machine it needs a CPU.
func (s *sim) loopTurn(l *loop) {
	cpu := &s.cpus[0]
	if len(s.cpus) > 1 {
		cpu = s.freeCPU()
	}
	if free := max(*cpu, s.displaced); free > s.now {
		s.agenda.push(loopTurn, free, ref{place: l.index}, 0)
		return
	}
	for {
		used, waits, ok := s.nextTask(l)
		if !ok {
			l.running, l.idleSince = false, s.now
			return
		}
		if l.woken {
			l.woken = false
			used += s.machine.Switch
		}
		if used+waits > 0 {
			*cpu = s.now + used
			s.agenda.push(loopTurn, s.now+used+waits, ref{place: l.index}, 0)
			return
		}
	}
}

// freeCPU is that of the server's CPUs which is free first.
func (s *sim) freeCPU() *time.Duration {
	first := &s.cpus[0]
	for i := range s.cpus {
		if s.cpus[i] < *first {
			first = &s.cpus[i]
		}
	}
	return first
}

// nextTask does one thing and returns the CPU time that it used, and for how long the thread waits then; false if
// there was nothing to do.
func (s *sim) nextTask(l *loop) (used, waits time.Duration, ok bool) {
	for {
		switch {
		case l.isBlocking:
			l.isBlocking = false
			return s.worked(l, l.blocking), 0, true
		case l.isForked:
			l.isForking, l.isForked = false, false
			s.begin(l, s.table.find(l.forking))
			l.accepts = acceptsATurn
		case l.accepts > 0:
			if s.acceptNext(l) {
				return s.machine.Accept + s.storm.Server.Rules.EventCost, s.growFiles(), true
			}
		case l.events > 0:
			l.events--
			l.handled = l.events == 0
			r := l.ready.Pop()
			if r == toAccept {
				l.listed, l.accepts = false, acceptsATurn
				continue
			}
			if used, waits, ok := s.pump(l, r); ok {
				return used, waits, true
			}
		case l.due > 0:
			l.due--
			return s.worked(l, l.over.Pop()), 0, true
		case !l.look():
			return 0, 0, false
		}
	}
}

// look fetches what there is: after events the ends of work, and else events; false if there is neither.
func (l *loop) look() bool {
	if !l.handled {
		l.events = min(maxEvents, l.ready.Len())
	}
	if l.handled = false; l.events == 0 {
		l.due = l.over.Len()
	}
	return l.events+l.due > 0 || l.ready.Len() > 0
}

// accept lets a thread accept now.
func (s *sim) accept(l *loop) {
	if l.accepts == 0 && !l.holding {
		l.accepts = acceptsATurn
	}
}

// acceptNext accepts one connection, if the rules admit it and there is one.
func (s *sim) acceptNext(l *loop) bool {
	socket := &s.sockets[l.socket]
	switch {
	case l.holding || l.isForking || !l.admission.Accepts():
		l.accepts = 0
		s.disarm(l)
		return false
	case socket.queue.Len() == 0:
		l.accepts = 0
		s.arm(l)
		return false
	}
	c := s.table.find(socket.queue.Pop())
	s.tally.sample(s, socket)
	if l.accepts--; l.accepts == 0 {
		s.arm(l) // there may be more: the others first
	}
	s.enter(l, c)
	return true
}

// growFiles is how long an accept waits because the table of descriptors is full, or another thread is making a
// larger one. A thread has two descriptors beside its socket.
func (s *sim) growFiles() time.Duration {
	used := s.open + s.machine.Used + 2*len(s.loops) + len(s.sockets)
	switch {
	case s.files == 0 || used < s.files/2:
		return 0
	case used >= s.files:
		s.files *= 2
		grace := float64(s.machine.GraceMost-s.machine.GraceLeast) * s.random.Float64()
		s.grown = s.now + s.machine.GraceLeast + time.Duration(grace)
	}
	return max(s.grown-s.now, 0)
}

// enter does with a connection what the rules decide.
func (s *sim) enter(l *loop, c *call) {
	c.side, c.taken, c.loop = accepted, s.now, l.index
	s.open++
	s.tally.accept(c)
	switch l.admission.Enter(s.now) {
	case engine.Serve:
		if cost := s.storm.Server.Rules.ForkTime; cost > 0 {
			l.forking, l.isForking = c.ref, true
			s.agenda.push(forkDone, s.now+s.machine.Accept+cost, ref{place: l.index}, 0)
			return
		}
		s.begin(l, c)
	case engine.Keep:
		l.kept.Push(c.ref)
	case engine.Refuse:
		s.hangUp(c, engine.Rejected, s.machine.Accept)
	case engine.Shut:
		s.hangUp(c, engine.Rejected, s.machine.Accept)
		s.shut()
	}
}

// forkDone lets a thread accept again.
func (s *sim) forkDone(l *loop) {
	l.isForked = true
	s.wake(l)
}

// begin serves a connection.
func (s *sim) begin(l *loop, c *call) {
	c.phase, c.number = reading, s.served
	s.served++
	if c.in != 0 || c.broken {
		l.ready.Push(c.ref)
		s.wake(l)
	}
}

// readableByServer is called when something has come for a session.
func (s *sim) readableByServer(c *call) {
	if c.phase == reading || c.phase == asking {
		l := &s.loops[c.loop]
		l.ready.Push(c.ref)
		s.wake(l)
	}
}

// pump takes a session as far as it comes without waiting.
func (s *sim) pump(l *loop, r ref) (used, waits time.Duration, ok bool) {
	c := s.table.find(r)
	if c == nil || c.side != accepted {
		return 0, 0, false
	}
	cost := s.storm.Server.Rules.EventCost
	used = s.machine.Read + cost
	switch {
	case c.phase == asking && c.replies > 0:
		c.replies--
		return s.ask(l, c, s.machine.Command+cost), 0, true
	case c.phase != reading && c.phase != asking:
		return 0, 0, false
	case c.broken:
		s.close(l, c, engine.Reset, used)
	case c.phase == reading && c.in&rest != 0:
		c.read = true
		l.admission.EnvironmentRead()
		return s.work(l, c, used)
	case c.in&fin != 0:
		s.close(l, c, engine.Gone, used)
	}
	return used, 0, true
}

// work begins the work of a session, whose environment took so much CPU time to read.
func (s *sim) work(l *loop, c *call, used time.Duration) (_, waits time.Duration, _ bool) {
	d := time.Duration(0)
	if s.storm.Server.Work != nil {
		d = s.storm.Server.Work(c.number)
	}
	switch {
	case d > 0 && s.storm.Server.Rules.WorkBlocks:
		c.phase = working
		l.blocking, l.isBlocking = c.ref, true
		return used, d, true
	case d > 0:
		c.phase = working
		s.agenda.push(workDone, s.now+used+d, c.ref, 0)
	default:
		used = s.ask(l, c, used+s.machine.Command)
	}
	s.admit(l)
	return used, 0, true
}

// workDone lists a session whose work is over.
func (s *sim) workDone(c *call) {
	l := &s.loops[c.loop]
	l.over.Push(c.ref)
	s.wake(l)
}

// worked begins the script of a session, and returns the CPU time that this takes.
func (s *sim) worked(l *loop, r ref) time.Duration {
	c := s.table.find(r)
	if s.storm.Server.Rules.WorkBlocks {
		used := s.ask(l, c, s.machine.Command)
		s.admit(l)
		return used
	}
	return s.ask(l, c, s.machine.Command+s.storm.Server.Rules.EventCost)
}

// ask sends the next command, or closes after the last, at the end of the CPU time that this takes, which it returns.
// Of a client that is gone it learns then.
func (s *sim) ask(l *loop, c *call, used time.Duration) time.Duration {
	if c.sent == s.storm.Server.Commands {
		s.close(l, c, engine.Served, used)
		return used
	}
	c.sent++
	c.phase = asking
	s.deliver(c, toClients|command, used)
	switch {
	case c.side != accepted || c.replies > 0:
	case c.broken:
		s.close(l, c, engine.Reset, used)
	case c.in&fin != 0:
		s.close(l, c, engine.Gone, used)
	}
	return used
}

// close ends a session, and lets the next in.
func (s *sim) close(l *loop, c *call, fate engine.Fate, used time.Duration) {
	l.admission.Leave(c.read)
	s.proven = true
	s.hangUp(c, fate, used)
	s.admit(l)
}

// hangUp closes a connection. What was not read turns the FIN into a reset (net/ipv4/tcp.c, __tcp_close).
func (s *sim) hangUp(c *call, fate engine.Fate, used time.Duration) {
	unread := c.phase == unserved && c.in&payload != 0
	c.side = gone
	s.open--
	s.tally.leave(s, c, fate)
	switch {
	case c.tcp == orphan:
		c.tcp = closed
	case c.tcp == closed:
	case unread:
		s.resetClient(c)
	default:
		s.deliver(c, toClients|fin, used)
	}
	s.table.release(c)
}

// admit serves those that can be served now: first those that were kept, then those in the accept queue.
func (s *sim) admit(l *loop) {
	for l.kept.Len() > 0 && l.admission.Promote() {
		s.begin(l, s.table.find(l.kept.Pop()))
	}
	if !l.armed {
		s.accept(l)
	}
}
