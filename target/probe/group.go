package probe

import "sync"

// Group reads the accept queues of the listening TCP sockets of one server, all of this process, as one: the
// longest of them, the limit that they have in common, and the drops of all. Its methods may be called from
// several goroutines. Linux only.
type Group struct {
	mu       sync.Mutex
	sockets  []*queueProbe
	hasDrops bool
	// limit and drops of the sockets that the group had before.
	limit, drops uint32
}

// Set exchanges the sockets; there may be none, for a server that is down. The caller must keep the
// descriptors open until they are exchanged. The error is for one that does not listen.
func (g *Group) Set(descriptors ...int) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	var sockets []*queueProbe
	for _, fd := range descriptors {
		p, err := openProbe(fd)
		if err != nil {
			return err
		}
		sockets = append(sockets, p)
	}
	if last, _, err := g.read(); err == nil {
		g.limit, g.drops = last.limit, last.drops
	}
	g.sockets = sockets
	if len(sockets) > 0 {
		g.hasDrops = sockets[0].knowsDrops()
	}
	return nil
}

// Queue reads the queues. Without sockets, none waits.
func (g *Group) Queue() (QueueState, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	s, _, err := g.read()
	if err != nil {
		return QueueState{}, err
	}
	return s.state(g.hasDrops, &s.drops), nil
}

// Waiting is the number of connections in all the queues.
func (g *Group) Waiting() (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	_, all, err := g.read()
	return all, err
}

// read gives what the group reports, and how many wait in all queues.
func (g *Group) read() (rawSample, int, error) {
	sum, all := rawSample{limit: g.limit, drops: g.drops}, 0
	for _, socket := range g.sockets {
		s, err := socket.sample()
		if err != nil {
			return rawSample{}, 0, err
		}
		sum.depth, sum.limit = max(sum.depth, s.depth), s.limit
		sum.drops += s.drops
		all += int(s.depth)
	}
	return sum, all, nil
}

func (g *Group) sample() (rawSample, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	s, _, err := g.read()
	return s, err
}

func (g *Group) knowsDrops() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.hasDrops
}
