package link

import "time"

const (
	ringPackets = 1 << 16
	ringBytes   = 32 << 20 // of the system's memory only what was used
)

// ring holds packets in the order in which they came, in memory that was allocated once.
type ring struct {
	packets      []packet
	first, count int
	bytes        []byte
	free         int // where the next packet begins
}

// packet is where one lies in the ring's bytes, and when it is due.
type packet struct {
	due        time.Duration
	begin, end int
}

// newRing has room for so many packets, and for so many bytes: MTU at least.
func newRing(packets, bytes int) *ring {
	return &ring{packets: make([]packet, packets), bytes: make([]byte, bytes)}
}

// room is where the next packet of up to MTU bytes goes, nil if the ring is full. push then takes it in.
func (r *ring) room() []byte {
	if r.count == len(r.packets) {
		return nil
	}
	if r.count == 0 {
		r.free = 0 // the bytes that are still in the cache
	}
	oldest := r.packets[r.first].begin
	switch {
	case r.count > 0 && r.free <= oldest:
		return r.writable(oldest - 1)
	case len(r.bytes)-r.free >= MTU:
		return r.writable(len(r.bytes))
	}
	// A packet is never cut in two, and free never meets oldest: it would look like an empty ring.
	if oldest <= MTU {
		return nil
	}
	r.free = 0
	return r.writable(oldest - 1)
}

func (r *ring) writable(end int) []byte {
	if end-r.free < MTU {
		return nil
	}
	return r.bytes[r.free : r.free+MTU]
}

// push takes in the first n bytes of room.
func (r *ring) push(n int, due time.Duration) {
	r.packets[(r.first+r.count)%len(r.packets)] = packet{due: due, begin: r.free, end: r.free + n}
	r.count++
	r.free += n
}

// oldest is the packet that is due first, and its bytes; ok is false if there is none.
func (r *ring) oldest() (p []byte, due time.Duration, ok bool) {
	if r.count == 0 {
		return nil, 0, false
	}
	first := r.packets[r.first]
	return r.bytes[first.begin:first.end], first.due, true
}

// pop lets go of the oldest.
func (r *ring) pop() {
	r.first = (r.first + 1) % len(r.packets)
	r.count--
}
