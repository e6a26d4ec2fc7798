//go:build !linux

package probe

import "time"

// Port reads the accept queues of the sockets that listen on a port. Linux only.
type Port struct{}

// Socket is what was seen of one listening socket.
type Socket struct {
	Listener
	// Peak is the longest queue that was seen.
	Peak uint32
}

// Listeners always fails here, with an error that wraps errors.ErrUnsupported.
func Listeners(uint16) ([]Listener, error) { return nil, checkSupport("listeners") }

// OpenPort always fails here, with an error that wraps errors.ErrUnsupported.
func OpenPort(uint16) (*Port, error) { return nil, checkSupport("listeners") }

// StartPortSampler always fails here, with an error that wraps errors.ErrUnsupported.
func StartPortSampler(*Port, time.Duration, func() func()) (*Sampler, error) {
	return nil, checkSupport("listeners")
}

// Sockets returns none here.
func (*Port) Sockets() []Socket { return nil }

// Close does nothing here.
func (*Port) Close() error { return nil }
