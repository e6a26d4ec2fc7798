package probe

// Queue is the accept queue of a listening socket, without a pointer.
type Queue struct {
	// Cookie is the kernel's number for the socket.
	Cookie uint64
	// Depth and Limit are those of QueueState, and Drops, where Counted says that the kernel reports them.
	Depth, Limit, Drops uint32
	Counted             bool
}
