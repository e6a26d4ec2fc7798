package rules

import "fmt"

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
