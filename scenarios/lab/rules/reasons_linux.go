package rules

import (
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"agistorm/analysis/record"
	"agistorm/target/tracefs"
)

const (
	consumed = "net/ipv4/tcp_input.c, tcp_rcv_state_process (consume_skb)"
	// noSocket is the reason of a segment to a closed port.
	noSocket = "NO_SOCKET"
	// packets that each of these rules lets the kernel drop.
	packets = 7
)

// reasonRules holds those about the reason with which the kernel frees a packet that it drops, if it has one. A tool
// that traces these reasons (the tracepoint skb:kfree_skb) sees no other drop.
var reasonRules = []Rule{
	{
		Name:      "reasonless-syn",
		Statement: "A SYN at a full accept queue is freed without a drop reason: tracing skb:kfree_skb does not show it",
		own:       true,
		Source:    consumed,
		measure: ending{
			backlog: 4, begin: steps{fillQueue},
			events: []event{{"ListenOverflows", packets}, {"ListenDrops", packets}},
		}.measure,
	},
	{
		Name:      "reasonless-syn-queue",
		Statement: "A SYN at a full SYN queue without cookies is freed without a drop reason, too",
		own:       true,
		Source:    consumed,
		set:       sysctls{syncookies: 0},
		measure: ending{
			backlog: 4, begin: steps{fillSYNQueue},
			events: []event{{"ListenDrops", packets}, {"TCPReqQFullDrop", packets}, {"ListenOverflows", 0}},
		}.measure,
	},
	{
		Name: "reason-last-ack",
		Statement: "The last ACK at a full accept queue is freed with the drop reason TCP_LISTEN_OVERFLOW, " +
			"tcp_abort_on_overflow or not (from Linux 6.15 on)",
		own:     true,
		Source:  "net/ipv4/tcp_minisocks.c, tcp_check_req",
		measure: reasonOfLastACK,
	},
	{
		Name: "reason-cookie-ack",
		Statement: "The last ACK with a cookie at a full accept queue is freed with the drop reason NO_SOCKET, " +
			"as if nothing listened (from Linux 6.9 on)",
		own:    true,
		Source: "net/ipv4/syncookies.c, cookie_v4_check",
		set:    sysctls{syncookies: 1},
		measure: ending{
			backlog: 4, begin: steps{fillSYNQueue}, held: true, reasons: map[string]uint64{noSocket: packets},
			// Both came with one series of patches: before, it had no reason of its own.
			needs: "SECURITY_HOOK", since: "Linux 6.9",
			events: []event{{"SyncookiesRecv", packets}, {"ListenOverflows", packets}, {"ListenDrops", packets}},
		}.measure,
	},
}

// reasonOfLastACK measures it without tcp_abort_on_overflow, and with it. The RST at the client has no reason.
func reasonOfLastACK(s *site) Finding {
	const overflow = "TCP_LISTEN_OVERFLOW"
	e := ending{
		backlog: 16, held: true, needs: overflow, since: "Linux 6.15",
		reasons: map[string]uint64{overflow: packets},
		events:  []event{{"ListenOverflows", packets}, {"ListenDrops", packets}},
	}
	f := e.measure(s)
	s.set(abortOverflow, 1)
	aborted := e.measure(s)
	f.Holds = f.Holds && aborted.Holds
	return f.and("the same with tcp_abort_on_overflow", sameText(f.Measured, aborted.Measured))
}

// sameText says whether two measurements are the same; else what the other is.
func sameText(first, other string) string {
	if first == other {
		return "the same with tcp_abort_on_overflow"
	}
	return "with tcp_abort_on_overflow " + other
}

// ending is a measurement of the reasons with which packets end, beside what the kernel counts meanwhile.
type ending struct {
	backlog int
	begin   steps
	// held: the packets are last ACKs, of handshakes that were held back before the queue was filled; else SYNs.
	held   bool
	events []event
	// reasons that are expected; nil are none.
	reasons map[string]uint64
	// needs is a reason without which this kernel lacks the rule, and since the version that has both; may be empty.
	needs, since string
}

func (e ending) measure(*site) Finding {
	runtime.LockOSThread() // the process ends with the rule
	trace := traceThread()
	defer trace.Close()
	if e.needs != "" && !trace.Knows(e.needs) {
		lack("this kernel's drop reasons are older: %s is not among those of skb:kfree_skb (%s)", e.needs, e.since)
	}
	l := listen(e.backlog)
	for _, prepare := range e.begin {
		prepare(l, nil)
	}
	var held []*client
	if e.held {
		held = holdACKs(l, packets)
	}
	before := trace.Read()
	f := l.counted(e.events, func() {
		for i := range packets {
			if e.held {
				held[i].write("x")
			} else {
				l.connect()
			}
		}
	})
	after := trace.Read()
	reasons := judgeReasons(e.reasons, before.By, after.By)
	return f.and(reasons.Expected, reasons.Measured)
}

// judgeReasons requires these reasons and no others to have been given meanwhile.
func judgeReasons(expected, before, after map[string]uint64) Finding {
	got := maps.Clone(after)
	for name, n := range before {
		got[name] -= n
	}
	maps.DeleteFunc(got, func(_ string, n uint64) bool { return n == 0 })
	return compareText(reasonsText(expected), reasonsText(got))
}

// reasonsText writes reasons: "TCP_LISTEN_OVERFLOW 7".
func reasonsText(by map[string]uint64) string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(by)) {
		words = append(words, fmt.Sprintf("%s %d", name, by[name]))
	}
	if len(words) == 0 {
		return "no drop reason"
	}
	return strings.Join(words, ", ")
}

// traceThread counts the reasons of what this thread sends, and proves that it sees them: a SYN to a closed port has
// one. Packets of others, and those that timers send, are not among them.
func traceThread() *tracefs.Counter {
	trace, err := tracefs.StartThread(unix.Gettid())
	proveUntraceable(err)
	check(err)
	if !connectToNothing(trace) {
		check(trace.Close())
		lack("tracefs is there, but shows no drop reason for this thread's own SYN to a closed port")
	}
	return trace
}

// connectToNothing reports whether the trace shows the end of a SYN to a closed port.
func connectToNothing(trace *tracefs.Counter) bool {
	bound := socket()
	check(os.NewSyscallError("bind", unix.Bind(bound, loopback(0))))
	c := &client{fd: socket()}
	_ = c.connect(portOf(bound)) // refused
	return await(settle, func() bool { return trace.Read().By[noSocket] > 0 })
}

// proveUntraceable ends a rule where this user may not trace, or the kernel has no reasons.
func proveUntraceable(err error) {
	if err == nil {
		return
	}
	switch tracefs.Missing(err).Missing.Code {
	case record.NoteReasonsRefused:
		lack("not for this user: only the host's root may trace drop reasons (%v)", err)
	case record.NoteReasonsNoTracefs:
		lack("tracefs is not mounted here; as root: mount -t tracefs tracefs /sys/kernel/tracing (%v)", err)
	case record.NoteReasonsOldKernel:
		lack("this kernel frees packets without a reason; Linux 5.17 and later have one (%v)", err)
	}
}
