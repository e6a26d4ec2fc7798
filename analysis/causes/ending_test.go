package causes

import (
	"testing"
	"time"

	"agistorm/analysis/record"
)

// TestEndings: each event is stated once, in its order, with its cause as far as it is known.
func TestEndings(t *testing.T) {
	for name, c := range map[string]struct {
		change     func(*record.Attempt)
		peer       []record.Peer
		abort      bool
		sysctl     bool // without a reset that the kernel has counted
		kind, seen string
	}{
		"the kernel gave up": {
			change: func(a *record.Attempt) {
				a.SYNRetransmits, a.Outcome, a.Errno, a.Done = p(uint32(2)), record.ConnectTimeout, "ETIMEDOUT", 3080*ms
			},
			kind: "syn-dropped@accept-queue again 2, kernel-gave-up ETIMEDOUT",
			seen: "12ms 129/129 again 1.032s again 2.052s, 3.08s",
		},
		"reset by the kernel": {
			change: func(a *record.Attempt) { a.Outcome, a.Errno, a.Done = record.Reset, "ECONNRESET", 20*ms },
			abort:  true,
			kind:   "last-ack-reset",
			seen:   "20ms",
		},
		"accepted too late": {
			change: func(a *record.Attempt) {
				a.Connected, a.Outcome, a.Limit, a.Done = p(13*ms), record.Silent, "first-command", 3013*ms
			},
			peer: []record.Peer{peer(0, 3100*ms, 3120*ms, "gone")},
			kind: "no-command 3s, accepted-in-vain",
			seen: "3.013s, 3.1s",
		},
		"the session's limit was the first": {
			change: func(a *record.Attempt) {
				a.Connected, a.Outcome, a.Limit, a.Done = p(13*ms), record.ProtocolError, "session", 10013*ms
			},
			peer: []record.Peer{peer(0, 11*time.Second, 11*time.Second+ms, "gone")},
			kind: "no-end 10s, accepted-in-vain",
			seen: "10.013s, 11s",
		},
		"reset in the middle": {
			change: func(a *record.Attempt) {
				a.Connected, a.FirstCommand, a.Outcome, a.Errno, a.Done = p(13*ms), p(20*ms), record.Reset, "ECONNRESET", 30*ms
			},
			peer: []record.Peer{peer(0, 14*ms, 30*ms, "stopped")},
			kind: "accepted, reset-in-session",
			seen: "14ms waited 1.98ms, 30ms",
		},
		"a phantom that only connects": {
			change: func(a *record.Attempt) {
				a.SYNRetransmits, a.SYNACK, a.RTOTime = p(uint32(1)), p(1020*ms), p(ms)
				a.Connected, a.Outcome, a.Done = p(1021*ms), record.Phantom, 1021*ms
			},
			kind: "syn-dropped@accept-queue, syn-answered, phantom",
			seen: "12ms 129/129, 1.02s, 1.02s 129/129",
		},
		"reset at once, and the sysctl alone does not explain it": {
			change: func(a *record.Attempt) { a.Outcome, a.Errno, a.Done = record.Reset, "ECONNRESET", 20*ms },
			sysctl: true,
			kind:   "reset-early", seen: "20ms",
		},
		"aborted when it was connected": {
			change: func(a *record.Attempt) {
				a.Connected, a.Outcome, a.Errno, a.Done = p(13*ms), record.Reset, "ECONNRESET", 14*ms
			},
			abort: true,
			kind:  "phantom, reset-on-overflow",
			seen:  "12.02ms 129/129, 14ms",
		},
		"reset as soon, and the kernel counted none": {
			change: func(a *record.Attempt) {
				a.Connected, a.Outcome, a.Errno, a.Done = p(13*ms), record.Reset, "ECONNRESET", 14*ms
			},
			sysctl: true,
			kind:   "phantom, reset-on-write",
			seen:   "12.02ms 129/129, 14ms",
		},
		"reset when its packet was retransmitted": {
			change: func(a *record.Attempt) {
				a.Connected, a.Outcome, a.Errno, a.Done = p(13*ms), record.Reset, "ECONNRESET", 220*ms
			},
			abort: true,
			kind:  "phantom, reset-on-write",
			seen:  "12.02ms 129/129, 220ms",
		},
		"a phantom in time that only connects": {
			change: func(a *record.Attempt) { a.Connected, a.Outcome, a.Done = p(13*ms), record.Phantom, 13*ms },
			kind:   "phantom",
			seen:   "12.02ms 129/129",
		},
		"revived": {
			change: func(a *record.Attempt) { a.Connected, a.FirstCommand = p(13*ms), p(260*ms) },
			peer: []record.Peer{{At: 250 * ms, Address: call(0, 0).Local, Queued: p(28 * ms), Done: 270 * ms,
				Fate: record.PeerServed}},
			kind: "revived, answered",
			seen: "12.02ms 129/129 entered 222ms accepted 250ms, 260ms",
		},
		"slow, in the queue": {
			change: func(a *record.Attempt) { a.Connected, a.FirstCommand = p(13*ms), p(1500*ms) },
			peer: []record.Peer{{At: 1212 * ms, Address: call(0, 0).Local, Queued: p(1200 * ms), Done: 1600 * ms,
				Fate: record.PeerServed}},
			kind: "accepted, answered-slowly-queued",
			seen: "1.212s waited 1.19998s, 1.5s",
		},
		"slow, at work": {
			change: func(a *record.Attempt) { a.Connected, a.FirstCommand = p(13*ms), p(1500*ms) },
			peer:   []record.Peer{peer(0, 20*ms, 1600*ms, record.PeerServed)},
			kind:   "accepted, answered-slowly-served",
			seen:   "20ms waited 7.98ms, 1.5s",
		},
	} {
		a := call(0, 12*ms)
		c.change(&a)
		raw := joined([]record.Attempt{a}, c.peer...)
		raw.Target.Queued = new(int)
		if c.abort || c.sysctl {
			raw.Kernel.Sysctls["net.ipv4.tcp_abort_on_overflow"] = "1"
		}
		if c.abort {
			raw.Kernel.Before, raw.Kernel.After = record.Counters{
				"EmbryonicRsts": 2,
			}, record.Counters{
				"EmbryonicRsts": 3,
			}
		}
		kind, seen := stepsOf(t, raw)
		if kind != c.kind || seen != c.seen {
			t.Errorf("%s:\n got %q\n     %q\nwant %q\n     %q", name, kind, seen, c.kind, c.seen)
		}
	}
}
