package model

import "agistorm/analysis/record"

// Observer gets what happens in a storm, in the order of time. Each function may be nil. What a pointer is to is valid
// until the function returns.
type Observer struct {
	// Attempt has ended.
	Attempt func(*record.Attempt)
	// Queue is the depth of a socket's accept queue after it has changed.
	Queue func(socket int, sample record.QueueSample)
	// Peer is a connection that the server is through with.
	Peer func(*record.Peer)
}
