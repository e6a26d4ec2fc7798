package analysis

import (
	"testing"
	"time"

	"agistorm/analysis/record"
)

// TestEndings: each event is told once, in its order, with its cause as far as it is known.
func TestEndings(t *testing.T) {
	for name, c := range map[string]struct {
		change     func(*record.Attempt)
		peer       []record.Peer
		abort      bool
		sysctl     bool // without a reset that the kernel has counted
		kind, told string
	}{
		"the kernel gave up": {
			change: func(a *record.Attempt) {
				a.SYNRetransmits, a.Outcome, a.Errno, a.Done = p(uint32(2)), record.ConnectTimeout, "ETIMEDOUT", 3080*ms
			},
			kind: "SYN dropped at the full accept queue, and when it was sent again (2 times), given up by the client's kernel (ETIMEDOUT)",
			told: "SYN dropped at +12.0 ms (accept queue 129 of 129), again at about +1.03 s, again at about +2.05 s, given up at +3.08 s by the client's kernel (ETIMEDOUT)",
		},
		"reset by the kernel": {
			change: func(a *record.Attempt) { a.Outcome, a.Errno, a.Done = record.Reset, "ECONNRESET", 20*ms },
			abort:  true,
			kind:   "its last ACK was dropped at the full accept queue, and answered with a reset (tcp_abort_on_overflow)",
			told:   "reset at +20.0 ms before the client could speak (tcp_abort_on_overflow)",
		},
		"accepted too late": {
			change: func(a *record.Attempt) {
				a.Connected, a.Outcome, a.Limit, a.Done = p(13*ms), record.Silent, "first-command", 3013*ms
			},
			peer: []record.Peer{peer(0, 3100*ms, 3120*ms, "gone")},
			kind: "no command within 3s (this storm's limit; Asterisk has none), accepted when the client had gone: work for " +
				"nobody",
			told: "no command by +3.01 s, accepted at +3.10 s when the client had gone",
		},
		"the session's limit was the first": {
			change: func(a *record.Attempt) {
				a.Connected, a.Outcome, a.Limit, a.Done = p(13*ms), record.ProtocolError, "session", 10013*ms
			},
			peer: []record.Peer{peer(0, 11*time.Second, 11*time.Second+ms, "gone")},
			kind: "no end within 10s (this storm's limit; Asterisk has none), accepted when the client had gone: work for " +
				"nobody",
			told: "no end by +10.0 s, accepted at +11.0 s when the client had gone",
		},
		"reset in the middle": {
			change: func(a *record.Attempt) {
				a.Connected, a.FirstCommand, a.Outcome, a.Errno, a.Done = p(13*ms), p(20*ms), record.Reset, "ECONNRESET", 30*ms
			},
			peer: []record.Peer{peer(0, 14*ms, 30*ms, "stopped")},
			kind: "accepted, reset in the middle of the session",
			told: "accepted at +14.0 ms after 1.98 ms in the accept queue, reset at +30.0 ms in the middle of the session",
		},
		"a phantom that only connects": {
			change: func(a *record.Attempt) {
				a.SYNRetransmits, a.SYNACK, a.RTOTime = p(uint32(1)), p(1020*ms), p(ms)
				a.Connected, a.Outcome, a.Done = p(1021*ms), record.Connected, 1021*ms
			},
			kind: "SYN dropped at the full accept queue, answered when it was sent again, connected, but never accepted (phantom): its last ACK was dropped",
			told: "SYN dropped at +12.0 ms (accept queue 129 of 129), answered at +1.02 s, connected for the client at +1.02 s, " +
				"never accepted: its last ACK was dropped (accept queue 129 of 129)",
		},
		"reset at once, and the sysctl alone does not tell why": {
			change: func(a *record.Attempt) { a.Outcome, a.Errno, a.Done = record.Reset, "ECONNRESET", 20*ms },
			sysctl: true,
			kind:   "reset before the client could speak", told: "reset at +20.0 ms before the client could speak",
		},
		"aborted when it was connected": {
			change: func(a *record.Attempt) {
				a.Connected, a.Outcome, a.Errno, a.Done = p(13*ms), record.Reset, "ECONNRESET", 14*ms
			},
			abort: true,
			kind:  "connected, but never accepted (phantom): its last ACK was dropped, answered with a reset (tcp_abort_on_overflow)",
			told: "connected for the client at +12.0 ms, never accepted: its last ACK was dropped (accept queue 129 of 129), " +
				"reset at +14.0 ms (tcp_abort_on_overflow)",
		},
		"reset as soon, and the kernel counted none": {
			change: func(a *record.Attempt) {
				a.Connected, a.Outcome, a.Errno, a.Done = p(13*ms), record.Reset, "ECONNRESET", 14*ms
			},
			sysctl: true,
			kind:   "connected, but never accepted (phantom): its last ACK was dropped, reset when it spoke",
			told:   "connected for the client at +12.0 ms, never accepted: its last ACK was dropped (accept queue 129 of 129), reset at +14.0 ms",
		},
		"reset when its packet was sent again": {
			change: func(a *record.Attempt) {
				a.Connected, a.Outcome, a.Errno, a.Done = p(13*ms), record.Reset, "ECONNRESET", 220*ms
			},
			abort: true,
			kind:  "connected, but never accepted (phantom): its last ACK was dropped, reset when it spoke",
			told:  "connected for the client at +12.0 ms, never accepted: its last ACK was dropped (accept queue 129 of 129), reset at +220 ms",
		},
		"a phantom in time that only connects": {
			change: func(a *record.Attempt) { a.Connected, a.Outcome, a.Done = p(13*ms), record.Connected, 13*ms },
			kind:   "connected, but never accepted (phantom): its last ACK was dropped",
			told:   "connected for the client at +12.0 ms, never accepted: its last ACK was dropped (accept queue 129 of 129)",
		},
		"revived": {
			change: func(a *record.Attempt) { a.Connected, a.FirstCommand = p(13*ms), p(260*ms) },
			peer:   []record.Peer{{At: 250 * ms, Address: call(0, 0).Local, Queued: p(28 * ms), Done: 270 * ms, Fate: record.PeerServed}},
			kind:   "its last ACK was dropped, and a later packet let it into the queue, answered",
			told: "connected for the client at +12.0 ms, its last ACK was dropped (accept queue 129 of 129), in the accept queue from +222 ms, " +
				"accepted at +250 ms, first command at +260 ms",
		},
		"slow, in the queue": {
			change: func(a *record.Attempt) { a.Connected, a.FirstCommand = p(13*ms), p(1500*ms) },
			peer:   []record.Peer{{At: 1212 * ms, Address: call(0, 0).Local, Queued: p(1200 * ms), Done: 1600 * ms, Fate: record.PeerServed}},
			kind:   "accepted, answered 1 s or more after it was connected, most of that in the accept queue",
			told:   "accepted at +1.21 s after 1.20 s in the accept queue, first command at +1.50 s",
		},
		"slow, at work": {
			change: func(a *record.Attempt) { a.Connected, a.FirstCommand = p(13*ms), p(1500*ms) },
			peer:   []record.Peer{peer(0, 20*ms, 1600*ms, record.PeerServed)},
			kind:   "accepted, answered 1 s or more after it was connected, most of that after the accept",
			told:   "accepted at +20.0 ms after 7.98 ms in the accept queue, first command at +1.50 s",
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
			raw.Kernel.Before, raw.Kernel.After = record.Counters{"EmbryonicRsts": 2}, record.Counters{"EmbryonicRsts": 3}
		}
		kind, told := storyOf(t, raw)
		if kind != c.kind || told != c.told {
			t.Errorf("%s:\n got %q\n     %q\nwant %q\n     %q", name, kind, told, c.kind, c.told)
		}
	}
}
