package record

// Memory is what a connection takes at the server, measured on one machine: the clients' ends are not in it. What is
// nil could not be measured; Unknown is why.
type Memory struct {
	// Queued and Accepted are the kernel's bytes per connection, while it waits in the accept queue and once it was
	// accepted, without any data; Connections of them were measured together, by the Method.
	Queued      *int   `json:"queued_bytes,omitempty"`
	Accepted    *int   `json:"accepted_bytes,omitempty"`
	Connections int    `json:"connections,omitempty"`
	Method      string `json:"method,omitempty"`
	// QueuedIn and AcceptedIn are the kernel's caches that these bytes were found in.
	QueuedIn   []KernelCache `json:"queued_in,omitempty"`
	AcceptedIn []KernelCache `json:"accepted_in,omitempty"`
	// Session is the bytes of the server's own memory per open session, of so many Sessions (the growth of VmRSS).
	Session  *int `json:"session_bytes,omitempty"`
	Sessions int  `json:"sessions,omitempty"`
	// Unknown is why a number is missing or, with MethodSockets, a lower bound; nil where neither is so.
	Unknown *Note `json:"unknown,omitempty"`
}

// KernelCache is one of the kernel's caches: the bytes of an object, with its share of what the pages waste.
type KernelCache struct {
	Name  string `json:"name"`
	Bytes int    `json:"bytes"`
}

// Methods of measuring the kernel's memory.
const (
	// MethodSlabs: the caches that grew by one object for each connection, by /proc/slabinfo.
	MethodSlabs = "slabs"
	// MethodSockets: the size of a TCP socket alone, by /proc/net/protocols. It is a lower bound.
	MethodSockets = "sockets"
)

// AtLeast reports whether the kernel's bytes are a lower bound.
func (m *Memory) AtLeast() bool { return m.Method == MethodSockets }
