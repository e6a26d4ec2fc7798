package probe

import (
	"cmp"
	"slices"
)

// Port reads the accept queues of all the sockets that listen on a port, each by itself, in the network
// namespace in which it was opened: those of a server that shares the port between its workers
// (SO_REUSEPORT), or that listens on several addresses. It needs no privilege, and is not for use by several
// at once. Linux only.
type Port struct {
	dump *dump
	// sockets that were seen, by their cookies.
	sockets map[uint64]*Socket
	round   int
}

// Socket is what was seen of one listening socket.
type Socket struct {
	// Listener as it was last seen. The queue of one that has closed is empty.
	Listener
	// Peak is the longest queue that was seen.
	Peak uint32

	round   int // in which it was last seen
	dropped uint32
}

// OpenPort opens the sockets of a port; there may be none yet.
func OpenPort(port uint16) (*Port, error) {
	d, err := openDump(port)
	if err != nil {
		return nil, err
	}
	return &Port{dump: d, sockets: map[uint64]*Socket{}}, nil
}

func (p *Port) lasts() queue { return p }

// Sample reads the longest of the queues with its limit, and the drops of all, those that have closed included.
func (p *Port) Sample() (QueueState, error) {
	sum, err := p.sample()
	if err != nil {
		return QueueState{}, err
	}
	return sum.state(), nil
}

func (p *Port) sample() (sum rawSample, err error) {
	p.round++
	err = p.dump.each(p.see)
	for _, s := range p.sockets {
		if s.round != p.round {
			s.Depth = 0
		}
		if s.Depth > sum.depth || s.Depth == sum.depth && s.Limit > sum.limit {
			sum.depth, sum.limit = s.Depth, s.Limit
		}
		sum.drops += s.dropped
		sum.hasDrops = sum.hasDrops || s.Drops != nil
	}
	return sum, err
}

// Listener reads the first of the sockets.
func (p *Port) Listener() (Listener, error) {
	if _, err := p.sample(); err != nil {
		return Listener{}, err
	}
	for _, s := range p.Sockets() {
		if p.sockets[s.Cookie].round == p.round {
			return s.Listener, nil
		}
	}
	return Listener{}, ErrNoListener
}

// see takes down one socket as it is now.
func (p *Port) see(message []byte, now rawSample) {
	cookie := native.Uint64(message[diagCookie:])
	s := p.sockets[cookie]
	if s == nil {
		s = &Socket{Listener: parseListener(message, now)}
		p.sockets[cookie] = s
	}
	s.round = p.round
	s.Depth, s.Limit, s.Peak, s.dropped = now.depth, now.limit, max(s.Peak, now.depth), now.drops
}

// Sockets returns those that were seen, in the order of their inodes.
func (p *Port) Sockets() []Socket {
	var all []Socket
	for _, s := range p.sockets {
		socket := *s
		if socket.Drops != nil {
			socket.Drops = &socket.dropped
		}
		all = append(all, socket)
	}
	slices.SortFunc(all, func(a, b Socket) int { return cmp.Compare(a.Inode, b.Inode) })
	return all
}

// Close closes the socket to the kernel.
func (p *Port) Close() error { return p.dump.close() }
