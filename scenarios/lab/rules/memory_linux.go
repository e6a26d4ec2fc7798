package rules

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"agistorm/target/probe"
)

// memoryRules holds those about what a queued connection costs. The kernel's slabs are the whole machine's.
var memoryRules = []Rule{
	{
		Name:      "memory-is-a-socket",
		Statement: "A queued connection holds a whole TCP socket of the kernel, of 1.5 to 6 KB",
		own:       true,
		Source:    "net/ipv4/tcp_minisocks.c, tcp_create_openreq_child",
		measure:   memoryIsASocket,
	},
	{Name: "memory-when-queued", own: true, alone: true,
		Statement: "A queued connection takes 2 to 4.5 KB of the kernel's memory, also when its client has gone",
		Source:    "include/linux/tcp.h, struct tcp_sock and struct tcp_request_sock",
		set:       sysctls{somaxconn: manyQueued},
		measure:   memoryWhenQueued},
}

// tcpProtocol reads what the kernel says of TCP's sockets, which needs no privilege.
func tcpProtocol() probe.Protocol { return must(probe.TCPSockets()) }

// Bounds of a tcp_sock, in bytes: 2.4 KB on 64 bits; less on 32, more with debugging options.
const leastSocket, mostSocket = 1500, 6000

func memoryIsASocket(*site) Finding {
	l := listen(128)
	before := tcpProtocol()
	queued := len(l.fill())
	after := tcpProtocol()
	return socketsFor(queued, after.Sockets-before.Sockets-queued, after.Size) // without the clients'
}

func socketsFor(queued, got, size int) Finding {
	return Finding{
		Expected: fmt.Sprintf("%d sockets for %d connections, of %d to %d B", queued, queued, leastSocket, mostSocket),
		Measured: fmt.Sprintf("%d sockets for %d connections, of %d B", got, queued, size),
		Holds:    got == queued && size >= leastSocket && size <= mostSocket,
	}
}

// slabs reads the kernel's caches, which only the host's root may.
func slabs() map[string]probe.Slab {
	all, err := probe.Slabs()
	switch {
	case errors.Is(err, fs.ErrPermission):
		lack(
			"not for this user: it is in /proc/slabinfo, which only the host's root may read; " +
				"memory-is-a-socket needs no root",
		)
	case errors.Is(err, fs.ErrNotExist):
		lack("this kernel has no /proc/slabinfo")
	}
	check(err)
	return all
}

// perObject adds up the caches of TCP of which each of n new things took one object; 0 where the sockets' own is not
// among them.
func perObject(before, after map[string]probe.Slab, n int) (bytes int, names []string) {
	grown := probe.Grown(before, after, n, "TCP", "request_sock_TCP")
	if !slices.Contains(grown, "TCP") {
		return 0, nil
	}
	for _, name := range grown {
		bytes += after[name].Size
		names = append(names, fmt.Sprintf("%s %d B", name, after[name].Size))
	}
	return bytes, names
}

// manyQueued connections make the growth of a cache clear.
const manyQueued = 4000

// memoryWhenQueued queues many connections whose clients are gone, so that the kernel holds the servers' side
// only.
func memoryWhenQueued(*site) Finding {
	const n = manyQueued
	l := listen(n)
	before := slabs()
	for range n {
		l.connect().abort()
	}
	await(settle, func() bool { return l.depth() == n })
	after := slabs()
	bytes, names := perObject(before, after, l.depth())
	if bytes == 0 {
		check(
			fmt.Errorf(
				"another program changes the kernel's memory: its cache of TCP sockets grew by %d for %d connections",
				after["TCP"].Active-before["TCP"].Active,
				l.depth(),
			),
		)
	}
	return memoryOf(n, l.depth(), bytes, names)
}

func memoryOf(n, queued, bytes int, names []string) Finding {
	const least, most = 2000, 4500
	return Finding{
		Expected: fmt.Sprintf("%d to %d B each of %d", least, most, n),
		Measured: fmt.Sprintf("%d B each of %d (%s)", bytes, queued, strings.Join(names, ", ")),
		Holds:    bytes >= least && bytes <= most && queued == n,
	}
}
