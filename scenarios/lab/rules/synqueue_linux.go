package rules

import "fmt"

const (
	maxSYNBacklog = "net.ipv4.tcp_max_syn_backlog"
	tcpInput      = "net/ipv4/tcp_input.c, tcp_conn_request"
)

// synQueueRules returns those about half-open connections and cookies.
func synQueueRules() []Rule {
	return []Rule{
		{
			Name: "syn-queue-bound",
			Says: "The SYN queue is bounded by the backlog too: backlog + 1 half-open connections " +
				"(backlog before Linux 6.14)",
			own:     true,
			Source:  "include/net/inet_connection_sock.h, inet_csk_reqsk_queue_is_full",
			measure: sysctls{syncookies: 0}.measure(synQueueBound),
		},
		{
			Name:    "count-syn-queue-full",
			Says:    "A SYN at a full SYN queue without cookies is dropped and counted, but not as an overflow",
			own:     true,
			Source:  tcpInput,
			measure: sysctls{syncookies: 0}.measure(countSYNQueueFull),
		},
		{
			Name:    "count-cookie",
			Says:    "With cookies it is answered with one, nothing is dropped, and the connect succeeds",
			own:     true,
			Source:  tcpInput,
			measure: sysctls{syncookies: 1}.measure(countCookie),
		},
		{Name: "cookies-always", Says: "tcp_syncookies 2 sends a cookie for every SYN", own: true,
			Source:  "Documentation/networking/ip-sysctl.rst, tcp_syncookies",
			measure: sysctls{syncookies: 2}.measure(cookiesAlways)},
		{
			Name: "count-cookie-ack",
			Says: "A last ACK with a cookie at a full accept queue is dropped without RST, " +
				"tcp_abort_on_overflow or not",
			own:     true,
			Source:  "net/ipv4/syncookies.c, tcp_get_cookie_sock",
			measure: sysctls{syncookies: 1, abortOverflow: 1}.measure(countCookieACK),
		},
		{Name: "max-syn-backlog-cookies", Says: "tcp_max_syn_backlog does not matter with cookies", own: true,
			Source: tcpInput, measure: sysctls{syncookies: 1, maxSYNBacklog: 16}.measure(maxSYNBacklogWithCookies)},
		{
			Name: "max-syn-backlog-drops",
			Says: "Without cookies, SYNs of strangers are dropped once more than three quarters of " +
				"tcp_max_syn_backlog are half-open",
			own:     true,
			Source:  tcpInput,
			measure: sysctls{syncookies: 0, maxSYNBacklog: 16}.measure(maxSYNBacklogDrops),
		},
	}
}

// synQueueBound takes both bounds of an older kernel: the kernel's comparison became > in "tcp/dccp: Allow a
// connection when sk_max_ack_backlog is zero" of Linux 6.14, which some stable kernels have too.
func synQueueBound(s *site) Finding {
	return boundOf16(s.listen(16).halfOpen(20), before(6, 14))
}

func boundOf16(got int, old bool) Finding {
	return Finding{
		"17 (before Linux 6.14: 16) of 20 with backlog 16",
		fmt.Sprintf("%d of 20 with backlog 16", got),
		got == 17 || got == 16 && old,
	}
}

// fullListener returns a listener whose SYN queue is full.
func (s *site) fullListener(backlog int) *listener {
	l := s.listen(backlog)
	for n := l.halfOpen(backlog); n <= backlog; n++ {
		if l.halfOpen(1) == n { // full before backlog + 1: an older kernel
			break
		}
	}
	return l
}

func countSYNQueueFull(s *site) Finding {
	l := s.fullListener(4)
	return l.counted(
		[]event{{"ListenDrops", 1}, {"TCPReqQFullDrop", 1}, {"ListenOverflows", 0}, {socketDrops, 1}},
		func() { l.connect() },
	)
}

func countCookie(s *site) Finding {
	l := s.fullListener(4)
	events := []event{
		{"SyncookiesSent", 1},
		{"TCPReqQFullDoCookies", 1},
		{"SyncookiesRecv", 1},
		{"ListenDrops", 0},
		{socketDrops, 0},
	}
	f := l.counted(events, func() { l.connect() })
	return f.and("1 queued", fmt.Sprintf("%d queued", l.depth()))
}

func cookiesAlways(s *site) Finding {
	l := s.listen(16)
	f := l.counted([]event{{"SyncookiesSent", 2}, {"SyncookiesRecv", 2}}, func() { l.offer(2) })
	return f.and("2 queued", fmt.Sprintf("%d queued", l.depth()))
}

func countCookieACK(s *site) Finding {
	l := s.fullListener(4)
	f, c := l.lastACK(
		[]event{
			{"SyncookiesRecv", 1},
			{"ListenOverflows", 1},
			{"ListenDrops", 1},
			{socketDrops, 1},
			{"EmbryonicRsts", 0},
			{"TcpOutRsts", 0},
		},
	)
	return f.and("the client: ESTABLISHED", "the client: "+c.state())
}

func maxSYNBacklogWithCookies(s *site) Finding {
	l := s.listen(64)
	f := l.counted([]event{{"ListenDrops", 0}, {"SyncookiesSent", 0}}, func() { l.halfOpen(40) })
	return f.and("40 of 40 half-open", fmt.Sprintf("%d of 40 half-open", l.synQueue()))
}

// maxSYNBacklogDrops: of 16, no more than a quarter of 16 may be left; a stranger is an address of which
// the kernel has no metrics, as everyone is in a fresh namespace.
func maxSYNBacklogDrops(s *site) Finding {
	l := s.listen(64)
	f := l.counted([]event{{"ListenDrops", 7}, {"TCPReqQFullDrop", 0}}, func() { l.halfOpen(20) })
	return f.and("13 of 20 half-open", fmt.Sprintf("%d of 20 half-open", l.synQueue()))
}
