//go:build !linux

package probe

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

// Queued always fails here, with an error that wraps errors.ErrUnsupported.
func Queued(uint16) ([]Connection, error) { return nil, checkSupport("accept queue") }

// OpenPort always fails here, with an error that wraps errors.ErrUnsupported.
func OpenPort(uint16) (*Port, error) { return nil, checkSupport("listeners") }

// Sample always fails here.
func (*Port) Sample() (QueueState, error) { return QueueState{}, checkSupport("listeners") }

// Listener always fails here.
func (*Port) Listener() (Listener, error) { return Listener{}, checkSupport("listeners") }

func (p *Port) lasts() queue { return p }

func (*Port) sample() (rawSample, error) { return rawSample{}, checkSupport("listeners") }

// Sockets returns none here.
func (*Port) Sockets() []Socket { return nil }

// Close does nothing here.
func (*Port) Close() error { return nil }
