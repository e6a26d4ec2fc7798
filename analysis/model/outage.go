package model

import (
	"cmp"
	"slices"
	"time"
)

// outage is what keeps the server from accepting: the stalls and restarts that are to come, and the one that is on.
type outage struct {
	plan    []interruption
	isOn    bool
	current interruption
}

// interruption is a stall, or, where it closes the sockets, a restart.
type interruption struct {
	begin, end time.Duration
	closes     bool
}

// planOutages sorts the stalls and restarts.
func (s *sim) planOutages() {
	for _, d := range s.storm.Server.Stalls {
		s.outage.plan = append(s.outage.plan, interruption{d.At, d.At + d.For, false})
	}
	for _, d := range s.storm.Server.Restarts {
		s.outage.plan = append(s.outage.plan, interruption{d.At, d.At + d.For, true})
	}
	slices.SortStableFunc(s.outage.plan, func(a, b interruption) int { return cmp.Compare(a.begin, b.begin) })
	if len(s.outage.plan) > 0 && s.outage.plan[0].begin == 0 {
		s.disturb() // before the first attempt
		return
	}
	s.planDisturbance()
}

// planDisturbance sets the time of the next begin. One that should have begun during another begins after it.
func (s *sim) planDisturbance() {
	if len(s.outage.plan) > 0 {
		s.agenda.push(disturbance, max(s.outage.plan[0].begin, s.now), ref{}, 0)
	}
}

// disturb begins or ends an interruption.
func (s *sim) disturb() {
	o := &s.outage
	switch {
	case o.isOn && o.current.end <= s.now:
		o.isOn = false
		s.resume()
		s.planDisturbance()
	case !o.isOn && len(o.plan) > 0 && o.plan[0].begin <= s.now:
		o.current, o.plan = o.plan[0], o.plan[1:]
		s.interrupt()
	}
}

// interrupt stops accepting. One that closes the sockets and begins late lasts as long all the same.
func (s *sim) interrupt() {
	o := &s.outage
	o.isOn = true
	for i := range s.loops {
		s.hold(&s.loops[i])
	}
	if o.current.closes {
		o.current.end = s.now + o.current.end - o.current.begin
		s.closeListener()
	}
	s.agenda.push(disturbance, max(o.current.end, s.now), ref{}, 0)
}

// resume accepts again.
func (s *sim) resume() {
	for i := range s.sockets {
		s.sockets[i].open = true
	}
	if s.tally.ended {
		return
	}
	for i := range s.loops {
		l := &s.loops[i]
		l.holding = false
		s.accept(l)
		s.wake(l)
	}
}

// hold keeps a thread from accepting.
func (s *sim) hold(l *loop) {
	s.disarm(l)
	l.holding, l.accepts = true, 0
}

// shut closes the sockets for a while, after too many connections in a time.
func (s *sim) shut() {
	if s.outage.isOn {
		return
	}
	s.outage.current = interruption{s.now, s.now + s.storm.Server.Pause, true}
	s.interrupt()
}
