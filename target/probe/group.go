package probe

import "sync"

// Group reads the accept queues of the listening TCP sockets of one server, all of this process, as one: the
// longest of them, the limit that they have in common, and the drops of all. Its methods may be called from
// several goroutines. Linux only.
type Group struct {
	mu      sync.Mutex
	sockets []*queueProbe
	// before has the limit and the drops of the sockets that the group had before.
	before rawSample
}

// Set exchanges the sockets; there may be none, for a server that is down. The caller must keep the
// descriptors open until they are exchanged. The error is for one that does not listen.
func (g *Group) Set(descriptors ...int) error {
	var sockets []*queueProbe
	for _, fd := range descriptors {
		p, err := openProbe(fd)
		if err != nil {
			return err
		}
		sockets = append(sockets, p)
	}
	last, _, err := g.read()
	g.mu.Lock()
	defer g.mu.Unlock()
	if err == nil {
		last.depth = 0
		g.before = last
	}
	g.sockets = sockets
	return nil
}

// Queue reads the queues. Without sockets, none waits.
func (g *Group) Queue() (QueueState, error) {
	s, err := g.sample()
	if err != nil {
		return QueueState{}, err
	}
	return s.state(), nil
}

// Waiting is the number of connections in all the queues.
func (g *Group) Waiting() (int, error) {
	_, all, err := g.read()
	return all, err
}

func (g *Group) sample() (rawSample, error) {
	s, _, err := g.read()
	return s, err
}

// read gives what the group reports, and how many wait in all queues.
func (g *Group) read() (sum rawSample, all int, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	sum = g.before
	for _, socket := range g.sockets {
		s, err := socket.sample()
		if err != nil {
			return rawSample{}, 0, err
		}
		sum = rawSample{max(sum.depth, s.depth), s.limit, sum.drops + s.drops, s.hasDrops}
		all += int(s.depth)
	}
	return sum, all, nil
}
