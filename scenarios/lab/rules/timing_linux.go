package rules

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"agistorm/target/probe"
)

const tcpTimer = "net/ipv4/tcp_timer.c, tcp_retransmit_timer"

// timingRules wait for the kernel's timers. They allow for a timer wheel that fires up to an eighth late.
var timingRules = []Rule{
	{
		Name: "syn-retransmission",
		Statement: "A dropped SYN is retransmitted after 1 s, once a second for " +
			"tcp_syn_linear_timeouts more, then in twice the time each",
		own:     true,
		slow:    true,
		Source:  tcpTimer,
		measure: retransmissionAsBorn,
	},
	{
		Name:      "syn-doubling",
		Statement: "With tcp_syn_linear_timeouts 0, or on kernels without it, after 1, 3, 7 s",
		own:       true,
		slow:      true,
		Source:    tcpTimer,
		measure:   retransmissionDoubling,
	},
	{
		Name:      "syn-gives-up",
		Statement: "After tcp_syn_retries + tcp_syn_linear_timeouts retransmissions the connect fails with ETIMEDOUT",
		own:       true,
		slow:      true,
		Source:    "net/ipv4/tcp_timer.c, tcp_write_timeout",
		set:       sysctls{"net.ipv4.tcp_syn_retries": 1},
		measure:   synGivesUp,
	},
	{Name: "late-connect-counts-syns", Statement: "After a late connect, TCP_INFO has the number of lost " +
		"SYNs", slow: true,
		Source: "net/ipv4/tcp.c, tcp_get_info", measure: lateConnectCountsSYNs},
	{
		Name: "synack-retransmission",
		Statement: "A SYN-ACK without an ACK is retransmitted after 1 s; after tcp_synack_retries it " +
			"is forgotten, and the client stays ESTABLISHED",
		own:     true,
		slow:    true,
		Source:  "net/ipv4/inet_connection_sock.c, reqsk_timer_handler",
		set:     sysctls{"net.ipv4.tcp_synack_retries": 1},
		measure: synackRetransmission,
	},
	{
		Name: "rto-max-synack",
		Statement: "tcp_rto_max_ms caps the time between retransmitted SYN-ACKs from Linux 6.19 on; before, " +
			"it does not",
		own:     true,
		slow:    true,
		Source:  "net/ipv4/inet_connection_sock.c, reqsk_timer_handler (1e9d3005e02c)",
		set:     sysctls{rtoMax: 1000},
		measure: cappedSYNACK,
	},
}

// rtoMax is the longest retransmission timeout, in milliseconds (Linux 6.15).
const rtoMax = "net.ipv4.tcp_rto_max_ms"

// linearTimeouts is tcp_syn_linear_timeouts, 0 on kernels without it, which is the same.
func linearTimeouts() int {
	if _, err := probe.Sysctl(synLinearTimeouts); errors.Is(err, fs.ErrNotExist) {
		return 0
	}
	return number(synLinearTimeouts)
}

// watched notes when the client's SYN is retransmitted, n times, in a time that is long enough.
func (c *client) watched(begin time.Time, due []time.Duration) (at []time.Duration) {
	last := due[len(due)-1]
	await(time.Until(begin.Add(last+last/lateShare+2*lateSlack)), func() bool {
		for range int(c.info().Total_retrans) - len(at) {
			at = append(at, time.Since(begin))
		}
		return len(at) >= len(due)
	})
	return at
}

// schedule checks the times of n retransmissions to a full queue.
func schedule(linear, n int) Finding {
	l := listen(0)
	l.fill()
	due := retransmissions(linear, n)
	begin := time.Now()
	return onSchedule(due, l.connect().watched(begin, due))
}

func onSchedule(due, at []time.Duration) Finding {
	return Finding{Expected: seconds(due...), Measured: seconds(at...), Holds: allOnTime(due, at)}
}

func retransmissionAsBorn(*site) Finding {
	linear := linearTimeouts()
	f := schedule(linear, min(max(3, linear+2), 6)) // 7 s at most
	f.Expected += fmt.Sprintf(" (tcp_syn_linear_timeouts %d)", linear)
	return f
}

func retransmissionDoubling(s *site) Finding {
	if linearTimeouts() > 0 {
		s.set(synLinearTimeouts, 0)
	}
	return schedule(0, 3)
}

func synGivesUp(s *site) Finding {
	if linearTimeouts() > 1 {
		s.set(synLinearTimeouts, 1)
	}
	linear := linearTimeouts()
	l := listen(0)
	l.fill()
	due := retransmissions(linear, linear+2) // the last of them is not sent any more
	end := due[len(due)-1]
	begin := time.Now()
	c := l.connect()
	await(end+end/lateShare+2*lateSlack, func() bool { return c.info().State != synSent })
	at := time.Since(begin)
	return gaveUp(linear+1, end, c.failure(), int(c.info().Total_retrans), at)
}

// gaveUp requires the connect to time out when it was due, with all retransmissions sent.
func gaveUp(due int, end time.Duration, word string, sent int, at time.Duration) Finding {
	const words = "%s at %s after %d"
	return Finding{
		Expected: fmt.Sprintf(words, "timed out", seconds(end), due),
		Measured: fmt.Sprintf(words, word, seconds(at), sent),
		Holds:    word == "timed out" && sent == due && onTime(end, at),
	}
}

func lateConnectCountsSYNs(*site) Finding {
	l := listen(0)
	l.fill()
	begin := time.Now()
	drops := l.drops()
	c := l.connect()
	if await(settle, func() bool { return l.drops() > drops }) {
		l.drain()
	}
	await(short, c.established)
	at := time.Since(begin)
	return oneLost(int(c.info().Total_retrans), at)
}

func oneLost(n int, at time.Duration) Finding {
	return Finding{
		Expected: "1 lost, connected at 1 s",
		Measured: fmt.Sprintf("%d lost, connected at %s", n, seconds(at)),
		Holds:    n == 1 && onTime(time.Second, at),
	}
}

// withoutACK makes a half-open connection whose ACKs are all held back, and counts the SYN-ACKs retransmitted to it.
func (l *listener) withoutACK() (c *client, sent func() int) {
	filter(l.fd, dropAcks)
	before := counters()["TCPSynRetrans"]
	c = l.connect()
	await(settle, func() bool { return l.synQueue() == 1 })
	return c, func() int { return int(counters()["TCPSynRetrans"] - before) }
}

// synackRetransmission holds all ACKs back for good. The client answers a repeated SYN-ACK with a challenge
// ACK.
func synackRetransmission(*site) Finding {
	l := listen(4)
	begin := time.Now()
	c, sent := l.withoutACK()
	await(short, func() bool { return sent() > 0 })
	first := time.Since(begin)
	await(short, func() bool { return l.synQueue() == 0 })
	return forgotten(sent(), first, time.Since(begin), c.state())
}

// forgotten requires one SYN-ACK retransmitted and then none; the client gets no word of that.
func forgotten(sent int, first, gone time.Duration, state string) Finding {
	due := retransmissions(0, 2)
	f := compare("%d retransmitted at %s, forgotten at %s, the client is %s",
		[]any{1, seconds(due[0]), seconds(due[1]), "ESTABLISHED"}, []any{sent, seconds(first), seconds(gone), state})
	f.Holds = sent == 1 && onTime(due[0], first) && onTime(due[1], gone) && state == "ESTABLISHED"
	return f
}

// cappedSYNACK measures when the first two SYN-ACKs are retransmitted.
func cappedSYNACK(*site) Finding {
	l := listen(4)
	begin := time.Now()
	_, sent := l.withoutACK()
	var at []time.Duration
	await(short, func() bool {
		for range sent() - len(at) {
			at = append(at, time.Since(begin))
		}
		return len(at) >= 2
	})
	return judgeCapped(before(6, 19), at)
}

// judgeCapped requires the second one a second after the first where the cap counts, else two.
func judgeCapped(old bool, at []time.Duration) Finding {
	due := []time.Duration{time.Second, 2 * time.Second}
	if old {
		due = retransmissions(0, 2)
	}
	f := onSchedule(due, at)
	f.Expected += " (with tcp_rto_max_ms 1000)"
	return f
}
