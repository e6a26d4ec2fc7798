//go:build !linux

package probe

import "net/netip"

// Diag reads the accept queue of a listening TCP socket of any process. Linux only.
type Diag struct{}

// OpenDiag always fails here, with an error that wraps errors.ErrUnsupported.
func OpenDiag(netip.AddrPort) (*Diag, error) { return nil, checkSupport("accept queue") }

// OpenSourceOf always fails here, with an error that wraps errors.ErrUnsupported.
func OpenSourceOf(int, netip.AddrPort) (Source, error) { return nil, checkSupport("accept queue") }

// Inside always fails here, with an error that wraps errors.ErrUnsupported.
func Inside(int, func() error) error { return checkSupport("a network namespace") }

// Sample always fails here.
func (*Diag) Sample() (QueueState, error) { return QueueState{}, checkSupport("accept queue") }

// Listener always fails here.
func (*Diag) Listener() (Listener, error) { return Listener{}, checkSupport("accept queue") }

// Close does nothing here.
func (*Diag) Close() error { return nil }

func (*Diag) sample() (rawSample, error) { return rawSample{}, checkSupport("accept queue") }
func (*Diag) cookie() uint64             { return 0 }
