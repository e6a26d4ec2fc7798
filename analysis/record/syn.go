package record

import "time"

// InitialRTO is the first SYN retransmission's timer (TCP_TIMEOUT_INIT in the kernel's include/net/tcp.h, RFC
// 6298).
const InitialRTO = time.Second

// TimerSlack is what the timers of retransmissions may be late by: a slot of the kernel's timer wheel, up to
// 64 ticks of 1 ms, and a little more (kernel/time/timer.c).
const TimerSlack = 70 * time.Millisecond

// Bounds of the retransmissions: the most that net.ipv4.tcp_syn_retries takes (MAX_TCP_SYNCNT), and
// TCP_RTO_MAX (include/net/tcp.h).
const (
	MaxSYNs = 127
	maxRTO  = 2 * time.Minute
)

// SYNRetransmission returns when a SYN is retransmitted for the nth time, counted from 1, after it was first
// sent, by its timers: InitialRTO apart at first where linear, net.ipv4.tcp_syn_linear_timeouts, is not 0;
// then twice as long each time (net/ipv4/tcp_timer.c, tcp_retransmit_timer).
func SYNRetransmission(n, linear int) (at time.Duration) {
	timeout := InitialRTO
	for i := range min(n, MaxSYNs) {
		at += timeout
		if i >= linear {
			timeout = min(2*timeout, maxRTO)
		}
	}
	return at
}
