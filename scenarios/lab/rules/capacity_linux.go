package rules

import (
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"

	"agistorm/target/probe"
)

const afInet = "net/ipv4/af_inet.c, inet_listen"

// capacityRules holds those about the length of the queue. Those that are not own need no namespace.
var capacityRules = []Rule{
	{Name: "capacity", Statement: "The accept queue holds backlog + 1 connections",
		Source: "include/net/sock.h, sk_acceptq_is_full", measure: capacity},
	{Name: "capacity-of-zero", Statement: "listen(0) makes a queue of one",
		Source: "include/net/sock.h, sk_acceptq_is_full", measure: capacityOfZero},
	clampRule("clamp-int-max", "listen(INT_MAX)", 1<<31-1),
	clampRule("clamp-minus-one", "listen(-1)", -1),
	clampRule("clamp-two-to-31", "listen(2^31), which is INT_MIN in C,", -1<<31),
	{Name: "wrap-two-to-32", Statement: "listen(2^32) gives 0: only 32 bits count",
		Source: "net/socket.c, sys_listen", measure: wrapsAround},
	{Name: "somaxconn-cuts", Statement: "listen(n) keeps the smaller of n and net.core.somaxconn", own: true,
		Source: "net/socket.c, __sys_listen_socket", set: sysctls{somaxconn: 64},
		measure: somaxconnCuts},
	{Name: "somaxconn-not-retroactive", own: true,
		Statement: "A change of somaxconn has no effect on a listening socket until it listens again",
		Source:    "net/socket.c, __sys_listen_socket",
		set:       sysctls{somaxconn: 64},
		measure:   somaxconnNotRetroactive},
	{Name: "relisten-up", Statement: "listen again with a larger backlog works at once and loses no queued connection",
		Source: afInet, measure: relistenUp},
	{
		Name:      "relisten-down",
		Statement: "listen again with a smaller backlog works at once and loses no queued connection",
		Source:    afInet,
		measure:   relistenDown,
	},
	{
		Name:      "depth-is-reported",
		Statement: "TCP_INFO and sock_diag agree on the queue's depth and on the backlog that was kept",
		Source:    "net/ipv4/tcp.c, tcp_get_info; net/ipv4/tcp_diag.c",
		measure:   depthIsReported,
	},
	{
		Name:      "shared-port-own-queues",
		Statement: "Sockets that share a port (SO_REUSEPORT) have a queue each: one drops while the other has room",
		Source:    "net/core/sock_reuseport.c",
		measure:   sharedPort,
	},
	{Name: "queued-no-descriptor", Statement: "A queued connection takes no file descriptor of the server",
		Source: "net/socket.c, do_accept", measure: queuedNoDescriptor},
}

func capacity(*site) Finding {
	backlogs := []int{1, 4, 16, 128}
	var limits, got []int
	for _, n := range backlogs {
		l := listen(n)
		limits = append(limits, l.limit()) // outside of a namespace of our own somaxconn may be less than n
		got = append(got, l.offer(l.limit()+3))
	}
	return judgeCapacity(backlogs, limits, got)
}

// judgeCapacity requires each queue to hold one more than its limit.
func judgeCapacity(backlogs, limits, got []int) Finding {
	var want []int
	for _, n := range limits {
		want = append(want, n+1)
	}
	of := fmt.Sprintf(" with backlogs %s", numbers(backlogs))
	return compareText(numbers(want)+of, numbers(got)+of)
}

func capacityOfZero(*site) Finding {
	return compareText("1 queued of 3", fmt.Sprintf("%d queued of 3", listen(0).offer(3)))
}

// clampRule returns one for a backlog that the kernel takes as unsigned, and so as larger than any limit.
func clampRule(name, call string, n int32) Rule {
	return Rule{Name: name, Statement: call + " gives net.core.somaxconn", Source: "net/socket.c, __sys_listen_socket",
		measure: func(*site) Finding {
			return compareText(
				fmt.Sprint("backlog ", sysctl(somaxconn)),
				fmt.Sprint("backlog ", listen(int(n)).limit()),
			)
		}}
}

// wrapsAround calls listen(2) past C's int.
func wrapsAround(*site) Finding {
	hasBits(strconv.IntSize)
	l := listen(5)
	backlog := uint64(1) << 32
	_, _, errno := unix.Syscall(unix.SYS_LISTEN, uintptr(l.fd), uintptr(backlog), 0)
	if errno != 0 {
		check(os.NewSyscallError("listen", errno))
	}
	return compareText("backlog 0", fmt.Sprint("backlog ", l.limit()))
}

// hasBits ends a rule where no call can be given 2^32.
func hasBits(n int) {
	if n < 64 {
		lack("this program's system calls have arguments of %d bits: 2^32 cannot be given", n)
	}
}

func somaxconnCuts(*site) Finding {
	var got []int
	for _, n := range []int{10, 63, 64, 1000} {
		got = append(got, listen(n).limit())
	}
	return compareText("10, 63, 64, 64", numbers(got))
}

func somaxconnNotRetroactive(s *site) Finding {
	l := listen(1000)
	var got []any
	for _, limit := range []int{128, 32} {
		s.set(somaxconn, limit)
		got = append(got, l.limit())
		l.listen(1000)
		got = append(got, l.limit())
	}
	return compare("set 128: %d, listen: %d, set 32: %d, listen: %d", []any{64, 128, 128, 32}, got)
}

func relistenUp(*site) Finding {
	l := listen(4)
	first := l.fill()
	l.listen(16)
	depth := l.offer(15)
	return judgeRaised(depth, l.drain(), first)
}

// judgeRaised requires the five of a backlog of 4 to be the first of the 17 of one of 16.
func judgeRaised(depth int, accepted, first []int) Finding {
	lost := "all 5 of before accepted first"
	if len(first) != 5 || len(accepted) < 5 || !slices.Equal(accepted[:5], first) {
		lost = "some of before lost"
	}
	return compareText("17 queued, all 5 of before accepted first", fmt.Sprintf("%d queued, %s", depth, lost))
}

func relistenDown(*site) Finding {
	l := listen(9)
	clients := l.fill()
	l.listen(4)
	l.offer(1)
	return judgeLowered(l.limit(), l.depth(), l.drain(), clients)
}

// judgeLowered requires the ten of a backlog of 9 to be there still, under one of 4, and accepted in their
// order.
func judgeLowered(limit, depth int, accepted, clients []int) Finding {
	return compare("backlog %d, %d still queued, one more dropped, all accepted: %t", []any{4, 10, true},
		[]any{limit, depth, slices.Equal(accepted, clients)})
}

func depthIsReported(*site) Finding {
	l := listen(7)
	l.offer(3)
	diag := must(probe.OpenDiag(netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(l.port))))
	defer diag.Close()
	q := must(diag.Sample())
	return compare(
		"TCP_INFO %d of %d, sock_diag %d of %d",
		[]any{3, 7, 3, 7},
		[]any{l.depth(), l.limit(), q.Depth, q.Limit},
	)
}

func sharedPort(*site) Finding {
	a := listenWith(0, true, 4)
	b := listenWith(a.port, true, 4)
	// The kernel chooses by a hash of the addresses: 64 connects miss one of two once in 10^12 times.
	const connects = 64
	for range connects {
		a.connect()
	}
	await(settle, func() bool { return a.drops()+b.drops() >= connects-10 })
	return queueEach(a.depth(), b.depth(), a.drops(), b.drops())
}

func queueEach(depthA, depthB int, dropsA, dropsB int64) Finding {
	return compareText("5 and 5 queued of 64, both dropped some",
		fmt.Sprintf("%d and %d queued of 64, %s dropped some", depthA, depthB, countDropped(dropsA, dropsB)))
}

func countDropped(a, b int64) string {
	switch {
	case a > 0 && b > 0:
		return "both"
	case a > 0 || b > 0:
		return "one"
	}
	return "none"
}

func queuedNoDescriptor(*site) Finding {
	l := listen(64)
	before := descriptors()
	l.fill()
	return noneOfTheServer(descriptors() - before)
}

func noneOfTheServer(more int) Finding {
	return compare("%d more for 65 connections: the clients'", []any{65}, []any{more})
}

// descriptors returns how many this process has open.
func descriptors() int { return len(must(os.ReadDir("/proc/self/fd"))) }
