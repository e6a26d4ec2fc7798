package rules

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

const (
	maxSYNBacklog = "net.ipv4.tcp_max_syn_backlog"
	tcpInput      = "net/ipv4/tcp_input.c, tcp_conn_request"
)

// synQueueRules holds those about half-open connections and cookies.
var synQueueRules = []Rule{
	{
		Name: "syn-queue-bound",
		Statement: "The SYN queue is bounded by the backlog too: backlog + 1 half-open connections " +
			"(backlog before Linux 6.14)",
		own:     true,
		Source:  "include/net/inet_connection_sock.h, inet_csk_reqsk_queue_is_full",
		set:     sysctls{syncookies: 0},
		measure: synQueueBound,
	},
	{
		Name:      "count-syn-queue-full",
		Statement: "A SYN at a full SYN queue without cookies is dropped and counted, but not as an overflow",
		own:       true,
		Source:    tcpInput,
		set:       sysctls{syncookies: 0},
		measure: counting{
			backlog: 4, begin: steps{fillSYNQueue}, do: connect,
			events: []event{{"ListenDrops", 1}, {"TCPReqQFullDrop", 1}, {"ListenOverflows", 0}, {socketDrops, 1}},
		}.measure,
	},
	{
		Name:      "count-cookie",
		Statement: "With cookies it is answered with one, nothing is dropped, and the connect succeeds",
		own:       true,
		Source:    tcpInput,
		set:       sysctls{syncookies: 1},
		measure: counting{
			backlog: 4, begin: steps{fillSYNQueue}, do: connect,
			events: []event{
				{"SyncookiesSent", 1},
				{"TCPReqQFullDoCookies", 1},
				{"SyncookiesRecv", 1},
				{"ListenDrops", 0},
				{socketDrops, 0},
			},
			then: queued, want: "1 queued",
		}.measure,
	},
	{Name: "cookies-always", Statement: "tcp_syncookies 2 sends a cookie for every SYN", own: true,
		Source: "Documentation/networking/ip-sysctl.rst, tcp_syncookies",
		set:    sysctls{syncookies: 2},
		measure: counting{
			backlog: 16, do: offerTwo, events: []event{{"SyncookiesSent", 2}, {"SyncookiesRecv", 2}},
			then: queued, want: "2 queued",
		}.measure},
	{
		Name: "count-cookie-ack",
		Statement: "A last ACK with a cookie at a full accept queue is dropped without RST, " +
			"tcp_abort_on_overflow or not",
		own:    true,
		Source: "net/ipv4/syncookies.c, tcp_get_cookie_sock",
		set:    sysctls{syncookies: 1, abortOverflow: 1},
		measure: counting{
			backlog: 4, begin: steps{fillSYNQueue, holdACK, fillQueue}, do: write,
			events: []event{
				{"SyncookiesRecv", 1},
				{"ListenOverflows", 1},
				{"ListenDrops", 1},
				{socketDrops, 1},
				{"EmbryonicRsts", 0},
				{"TcpOutRsts", 0},
			},
			then: clientState, want: "the client: ESTABLISHED",
		}.measure,
	},
	{Name: "max-syn-backlog-cookies", Statement: "tcp_max_syn_backlog does not matter with cookies", own: true,
		Source: tcpInput, set: sysctls{syncookies: 1, maxSYNBacklog: 16},
		measure: counting{
			backlog: 64, do: makeHalfOpen(40), events: []event{{"ListenDrops", 0}, {"SyncookiesSent", 0}},
			then: halfOpen, want: "40 half-open",
		}.measure},
	{
		Name: "max-syn-backlog-drops",
		Statement: "Without cookies, SYNs of strangers are dropped once more than three quarters of " +
			"tcp_max_syn_backlog are half-open",
		own:    true,
		Source: tcpInput,
		set:    sysctls{syncookies: 0, maxSYNBacklog: 16},
		// Of 16, no more than a quarter may be left. A stranger is an address of which the kernel has no
		// metrics, as every address is in a fresh namespace.
		measure: counting{
			backlog: 64, do: makeHalfOpen(20), events: []event{{"ListenDrops", 7}, {"TCPReqQFullDrop", 0}},
			then: halfOpen, want: "13 half-open",
		}.measure,
	},
	{
		Name:      "time-wait-skips-syn-queue",
		Statement: "A SYN that meets a TIME_WAIT is answered even if the SYN queue is full",
		own:       true,
		Source:    tcpInput + " (tcp_tw_isn)",
		set:       sysctls{syncookies: 0},
		measure:   timeWaitSkipsSYNQueue,
	},
}

// synQueueBound takes both bounds of an older kernel: the kernel's comparison became > in "tcp/dccp: Allow a
// connection when sk_max_ack_backlog is zero" of Linux 6.14, which some stable kernels have too.
func synQueueBound(*site) Finding {
	return boundOf16(listen(16).halfOpen(20), before(6, 14))
}

func boundOf16(got int, old bool) Finding {
	return Finding{
		Expected: "17 (before Linux 6.14: 16) of 20 with backlog 16",
		Measured: fmt.Sprintf("%d of 20 with backlog 16", got),
		Holds:    got == 17 || got == 16 && old,
	}
}

// timeWaitSkipsSYNQueue compares two clients of a full SYN queue: a stranger, and one whose last connection from the
// same port is in TIME_WAIT at the server.
func timeWaitSkipsSYNQueue(*site) Finding {
	l := listen(4)
	port := l.leaveTimeWait()
	fillSYNQueue(l, nil)
	stranger := l.connect()
	before := counters()["TCPReqQFullDrop"]
	returning := l.connectFrom(port)
	await(settle, returning.established)
	return judgeTimeWait(stranger.state(), returning.state(), counters()["TCPReqQFullDrop"]-before)
}

// judgeTimeWait requires the stranger's SYN to be dropped, and the other's not.
func judgeTimeWait(stranger, returning string, dropped uint64) Finding {
	return compare("a stranger %s, from the port in TIME_WAIT %s and %d SYNs dropped",
		[]any{"SYN-SENT", "ESTABLISHED", 0}, []any{stranger, returning, dropped})
}

// leaveTimeWait makes a connection that the server closes first, and returns the client's port.
func (l *listener) leaveTimeWait() int {
	c := l.connect()
	await(settle, func() bool { return l.depth() > 0 })
	server, _, err := unix.Accept4(l.fd, unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK)
	check(os.NewSyscallError("accept4", err))
	check(os.NewSyscallError("close", unix.Close(server)))
	await(settle, func() bool { return c.info().State == closeWait })
	check(os.NewSyscallError("close", unix.Close(c.fd)))
	if !await(settle, func() bool { return l.inState(timeWait) == 1 }) {
		check(fmt.Errorf("no TIME_WAIT at the server within %v", settle))
	}
	return c.port
}
