//go:build !linux

package probe

// Sockets reads the listening TCP sockets of a network namespace. Linux only.
type Sockets struct{}

// OpenSockets always fails here, with an error that wraps errors.ErrUnsupported.
func OpenSockets() (*Sockets, error) { return nil, checkSupport("accept queues") }

// Close does nothing here.
func (*Sockets) Close() error { return nil }

// Listeners always fails here.
func (*Sockets) Listeners() ([]Listener, error) { return nil, checkSupport("accept queues") }

// Queues always fails here.
func (*Sockets) Queues(func(Queue)) error { return checkSupport("accept queues") }

// Queue always fails here.
func (*Sockets) Queue(*Listener) (Queue, error) { return Queue{}, checkSupport("accept queue") }

// Queued always fails here.
func (*Sockets) Queued(uint16) ([]Connection, error) { return nil, checkSupport("accept queues") }
