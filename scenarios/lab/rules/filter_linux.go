package rules

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// Loopback has no round trip: a handshake is over before connect(2) returns. Filters at the sockets
// (socket(7), SO_ATTACH_FILTER; the packet begins at the TCP header) hold single packets back, so that
// handshakes can be stopped half-way, without forged packets and without a privilege.
var (
	// dropAll at a client: no SYN-ACK arrives, its connection stays half-open.
	dropAll = []unix.SockFilter{{Code: unix.BPF_RET | unix.BPF_K, K: 0}}
	// dropAcks at a listener: SYNs pass, the last packet of a handshake does not.
	dropAcks = []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_B | unix.BPF_ABS, K: flagsAt},
		{Code: unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K, K: synFlag, Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: 0xFFFF},
		{Code: unix.BPF_RET | unix.BPF_K, K: 0},
	}
)

// The flags of the TCP header (RFC 9293, 3.1).
const (
	flagsAt = 13
	synFlag = 2
)

func filter(fd int, program []unix.SockFilter) {
	p := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	check(os.NewSyscallError("setsockopt SO_ATTACH_FILTER",
		unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &p)))
}

func unfilter(fd int) {
	check(os.NewSyscallError("setsockopt SO_DETACH_FILTER",
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DETACH_FILTER, 0)))
}

// halfOpen makes n connects that no SYN-ACK reaches, one by one, and returns how many the SYN queue holds
// then.
func (l *listener) halfOpen(n int) int {
	for range n {
		before, drops := l.synQueue(), l.drops()
		cookies := counters()["SyncookiesSent"]
		l.connectWith(dropAll)
		await(settle, func() bool {
			return l.synQueue() > before || l.drops() > drops || counters()["SyncookiesSent"] > cookies
		})
	}
	return l.synQueue()
}

// phantom makes a connection that is ESTABLISHED for the client, and half-open (or a cookie) for the server,
// because its last ACK was held back.
func (l *listener) phantom() *client {
	drops := l.drops()
	filter(l.fd, dropAcks)
	c := l.connect()
	// What a filter holds back is a drop of the socket (net/ipv4/tcp_ipv4.c, tcp_v4_rcv).
	if !await(settle, func() bool { return c.established() && l.drops() > drops }) {
		check(fmt.Errorf("a SYN-ACK and the ACK to it were not seen within %v", settle))
	}
	unfilter(l.fd)
	return c
}

// synQueue returns how many half-open connections the listener has.
func (l *listener) synQueue() int { return l.inState(synReceived) }

// inState returns how many connections to the listener's port are in a state.
func (l *listener) inState(state int) (n int) {
	for line := range strings.Lines(proc("/proc/thread-self/net/tcp")) {
		if stateAt(line, l.port) == state {
			n++
		}
	}
	return n
}

// proc returns the text of a file.
func proc(path string) string { return string(must(os.ReadFile(path))) }

// stateAt returns the state of the connection to the port in a line of /proc/net/tcp (net/ipv4/tcp_ipv4.c,
// get_openreq4): "sl: local remote state …", addresses and ports in hexadecimal; 0 for any other line.
func stateAt(line string, port int) int {
	var slot, localPort, remotePort, state int
	var local, remote uint32
	n, _ := fmt.Sscanf(line, "%d: %x:%x %x:%x %x", &slot, &local, &localPort, &remote, &remotePort, &state)
	if n != 6 || localPort != port {
		return 0
	}
	return state
}
