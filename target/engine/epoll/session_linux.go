package epoll

import (
	"time"

	"golang.org/x/sys/unix"

	"agistorm/target/engine"
	"agistorm/target/rawsock"
)

// pump takes a session as far as it comes without waiting.
func (l *loop) pump(i int32) {
	s := l.table.slot(i)
	for reads := 0; ; {
		switch s.session.Need() {
		case engine.Bytes:
			if !s.readable {
				return
			}
			if reads++; reads > readsATurn {
				if !s.talkative {
					s.talkative = true
					l.talkative = append(l.talkative, i)
				}
				return
			}
			l.read(i)
		case engine.Work:
			if s.working || !l.work(i) {
				return
			}
		case engine.Room:
			if !l.write(i) {
				return
			}
		case engine.Nothing:
			l.finish(i)
			return
		}
	}
}

// read reads once. A read that does not fill the buffer has taken all there was, but an end or an error
// that epoll reported comes after it.
func (l *loop) read(i int32) {
	s := l.table.slot(i)
	n, errno := rawsock.Read(s.fd, l.in)
	if errno != unix.EAGAIN && errno != unix.EINTR {
		l.spend()
	}
	switch {
	case errno == unix.EAGAIN:
		s.readable = false
	case errno == unix.EINTR:
	case errno != 0:
		s.session.End(fateOf(errno))
	case n == 0:
		s.session.End(engine.Gone)
	default:
		s.readable = n == len(l.in) || s.closing
		s.session.Take(l.in[:n])
		l.listen(i)
	}
}

// listen counts a client whose environment has been read.
func (l *loop) listen(i int32) {
	s := l.table.slot(i)
	if s.session.EnvironmentRead() && !s.environmentRead {
		s.environmentRead = true
		s.timer = noTimer
		l.admission.EnvironmentRead()
	}
}

// work begins the session's work; true if it is done already.
func (l *loop) work(i int32) bool {
	s := l.table.slot(i)
	d := l.engine.plan.Work(s.number)
	switch {
	case d > 0 && l.engine.plan.Rules.WorkBlocks:
		if !l.sleep(d) {
			s.session.End(engine.Stopped)
			return true
		}
	case d > 0:
		s.working = true
		l.working.push(due{l.now() + d, i, s.generation})
		l.admit() // with EnvBlocksAccept it may accept again
		return false
	}
	l.worked(i)
	l.admit()
	return true
}

// worked is the end of the work: the script begins.
func (l *loop) worked(i int32) {
	s := l.table.slot(i)
	s.working = false
	s.session.Worked()
	l.startTimer(scriptTimer, i)
}

// sleep is work that blocks the thread; false if it was cut short.
func (l *loop) sleep(d time.Duration) bool {
	began := l.now()
	defer func() { l.blocked += l.now() - began }()
	work := time.NewTimer(d)
	defer work.Stop()
	select {
	case <-work.C:
		return true
	case <-l.engine.cut:
		return false
	}
}

// spend spins until the thread has used the CPU time that an event costs. The time that it waits for a CPU
// does not count.
func (l *loop) spend() {
	cost := l.engine.plan.Rules.EventCost
	if cost == 0 {
		return
	}
	began := l.now()
	for start := l.cpuTime(); l.cpuTime()-start < cost; {
	}
	l.blocked += l.now() - began
}

// cpuTime is the CPU time that the thread has used; without such a clock, the time that has passed.
func (l *loop) cpuTime() time.Duration {
	used, err := rawsock.Clock(unix.CLOCK_THREAD_CPUTIME_ID)
	if err != nil {
		return l.now()
	}
	return used
}

// write sends what the socket takes; false if it takes nothing now.
func (l *loop) write(i int32) bool {
	s := l.table.slot(i)
	n, errno := rawsock.Write(s.fd, s.session.Output())
	switch {
	case errno == unix.EAGAIN:
		return l.awaitRoom(i)
	case errno == unix.EINTR:
	case errno != 0:
		s.session.End(fateOf(errno))
	default:
		s.session.Sent(n)
	}
	return true
}

// awaitRoom makes epoll report when the socket takes more. Few sessions need it: those of clients that do
// not read.
func (l *loop) awaitRoom(i int32) bool {
	s := l.table.slot(i)
	if s.awaited {
		return false // epoll reports it already; a second EPOLL_CTL_MOD would report readable bytes at once
	}
	s.awaited = true
	event := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLOUT | unix.EPOLLRDHUP | unix.EPOLLET, Fd: i,
		Pad: s.generation}
	if errno := rawsock.Watch(l.epfd, unix.EPOLL_CTL_MOD, s.fd, &event); errno != 0 {
		s.session.End(engine.Stopped)
		return true
	}
	return false
}

// fateOf is what an error of a connection means.
func fateOf(errno unix.Errno) engine.Fate {
	if errno == unix.ECONNRESET || errno == unix.ETIMEDOUT || errno == unix.EHOSTUNREACH {
		return engine.Reset
	}
	return engine.Gone // EPIPE: the client had closed
}
