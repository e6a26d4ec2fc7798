package probe

import (
	"net/netip"
	"time"
)

// Listener is a listening TCP socket of any process.
type Listener struct {
	// Address that it is bound to; without an address it takes connections to all of them. One for IPv6
	// takes those over IPv4, too, unless it has IPV6_V6ONLY.
	Address netip.AddrPort
	// UID of its owner.
	UID uint32
	// Inode is its number in /proc/PID/fd.
	Inode uint32
	// Cookie is the kernel's number for it: no other socket has or had the same.
	Cookie uint64
	// Device that it is bound to, by its index; 0 is none.
	Device uint32
	// MPTCP: it takes MPTCP connections, too, as those of Go do. Only Listeners knows.
	MPTCP bool
	QueueState
}

// Connection is one that waits in an accept queue.
type Connection struct {
	// Local is the address that it came to.
	Local netip.AddrPort
	// Cookie is the kernel's number for its socket.
	Cookie uint64
	// Age is the time since its handshake ended, in steps of a jiffy (tcpi_last_data_sent: the kernel sends no data of
	// its own).
	Age time.Duration
}

// Loopback reports whether it takes connections from its own host only.
func (l *Listener) Loopback() bool { return l.Address.Addr().IsLoopback() }
