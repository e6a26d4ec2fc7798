package watch

import "net/netip"

// self is a listener of the watch's own, which shows its metrics: it hides that there is one server in the namespace.
type self struct {
	address  netip.AddrPort
	accepted func() uint64
	// before is what it had accepted at the last reading, and owed what of that the counters have not shown yet.
	before, owed uint64
}

// Except names a listener of this process, and what counts the connections that it has accepted. They are taken off
// those of the namespace, so that Little's law still holds for the server there. Call it before Run.
func (w *Watcher) Except(address netip.AddrPort, accepted func() uint64) {
	for _, s := range w.spaces {
		if s.pid == 0 {
			s.self = &self{address: address, accepted: accepted}
		}
	}
}

// isSelf reports whether a place in the namespace is that of the watch's own listener.
func (s *space) isSelf(p place) bool { return s.self != nil && s.self.address == p.address }

// others are the connections of a window that came to other listeners than the watch's own.
func (s *space) others(opens *uint64) *uint64 {
	if s.self == nil {
		return opens
	}
	accepted := s.self.accepted()
	came := accepted - s.self.before
	s.self.before = accepted
	if opens == nil {
		s.self.owed = 0
		return nil
	}
	// A connection is accepted a moment after the kernel has counted it, perhaps in the next window.
	owed := s.self.owed + came
	taken := min(owed, *opens)
	s.self.owed = owed - taken
	rest := *opens - taken
	return &rest
}
