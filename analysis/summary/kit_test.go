package summary

import (
	"time"

	"agistorm/analysis/record"
)

const ms = time.Millisecond

// call is an attempt that began at an instant, from a port of its own.
func call(seq int, began time.Duration) record.Attempt {
	return record.Attempt{
		Seq: uint64(seq), Intended: began, Started: &began, SYNRetransmits: new(uint32), RTT: p(20 * time.Microsecond),
		Local: "10.0.0.1:" + string(rune('1'+seq)) + "000", Outcome: record.Answered,
	}
}

func p[T any](v T) *T { return &v }

// joined is a storm with the server's log, whose queue was full, with one more than 128, for the first 100 ms
// and from 1 s to 1.1 s.
func joined(attempts []record.Attempt, peers ...record.Peer) *record.Repeat {
	full := func(at time.Duration, depth uint32) record.QueueSample {
		return record.QueueSample{At: at, Depth: depth, Limit: 128}
	}
	return &record.Repeat{
		Attempts: attempts,
		Queue: []record.QueueSample{
			full(0, 0),
			full(1*ms, 129),
			full(100*ms, 20),
			full(1000*ms, 129),
			full(1100*ms, 20),
			full(3000*ms, 0),
		},
		Target: &record.Target{Peers: peers},
		Kernel: &record.Kernel{Sysctls: map[string]string{"net.ipv4.tcp_syn_linear_timeouts": "4"}},
	}
}

func peer(seq int, at, done time.Duration, fate string) record.Peer {
	return record.Peer{At: at, Done: done, Fate: fate, Address: call(seq, 0).Local}
}

var limits = record.Scenario{
	ConnectLimit:      2 * time.Second,
	FirstCommandLimit: 3 * time.Second,
	SessionLimit:      10 * time.Second,
}

// onVeth puts a storm on a link that dropped so many packets.
func onVeth(raw *record.Repeat, dropped uint64) *record.Repeat {
	if raw.Kernel == nil {
		raw.Kernel = &record.Kernel{}
	}
	raw.Kernel.Link = &record.Link{Kind: "veth", Forwarded: 100, Dropped: dropped}
	return raw
}

// reset is a connection that the server reset.
func reset(seq int) record.Attempt {
	a := call(seq, 12*ms)
	a.Connected, a.Outcome, a.Errno, a.Done = p(13*ms), record.Reset, "ECONNRESET", 220*ms
	return a
}
