package analysis

// NoEnd is the wait, in nanoseconds, of a call that was lost before it came so far: longer than any.
const NoEnd = 1e300

// Endless tells whether a wait is that of a lost call, or lies between one and another.
func Endless(ns float64) bool { return ns > NoEnd/1e6 }

// Wait of the calls of a storm for a point of their way.
type Wait struct {
	latency func(*Latencies) *Latency
	// command: only a client that waits for commands comes there.
	command bool
	// kernel: only the kernel's account tells.
	kernel bool
}

// Waits are all that are measured, by the names of their latencies.
var Waits = map[string]Wait{
	"handshake":     {latency: func(l *Latencies) *Latency { return &l.Handshake }, kernel: true},
	"connect":       {latency: func(l *Latencies) *Latency { return &l.Connect }},
	"first-command": {latency: func(l *Latencies) *Latency { return &l.FirstCommand }, command: true},
	"session":       {latency: func(l *Latencies) *Latency { return &l.Session }, command: true},
}

// Of is the wait that percent of the offered calls, 0 to 100, did not exceed, in nanoseconds; 0 is the shortest and 100 the longest, both
// exact. A call that was lost before it came there waited for longer than any other: who loses the half of all calls has no p99 that
// counts, however soon the others came through, and the wait is NoEnd. False where nobody knows.
func (w Wait) Of(r *Repeat, percent float64) (ns float64, known bool) {
	l := w.latency(&r.Latencies)
	lost := min(max(int64(r.Offered)-l.Count, 0), int64(r.Lost))
	switch {
	case w.command && r.Dialplan == nil || w.kernel && r.SYNRetransmits == nil || l.Count+lost == 0:
		return 0, false
	case l.Count == 0:
		return NoEnd, true
	case percent <= 0:
		return float64(l.Min), true
	}
	if lost > 0 {
		percent *= float64(l.Count+lost) / float64(l.Count)
	}
	if percent > 100+1e-9 { // what rounding adds is no call
		return NoEnd, true
	}
	return float64(l.At(min(percent, 100))), true
}
