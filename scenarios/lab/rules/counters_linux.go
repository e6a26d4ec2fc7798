package rules

import (
	"fmt"
	"slices"
	"strings"

	"agistorm/target/probe"
)

// socketDrops is the name for what the listener itself counts.
const socketDrops = "socket drops"

// counterRules returns those about what the kernel counts. All of them need counters that no other program
// moves.
func counterRules() []Rule {
	return []Rule{
		{
			Name:    "count-syn-full-queue",
			Says:    "A SYN at a full accept queue is dropped, and counted in three places",
			own:     true,
			Source:  "net/ipv4/tcp_input.c, tcp_conn_request",
			measure: countSYN,
		},
		{
			Name:    "abort-never-refuses",
			Says:    "tcp_abort_on_overflow never refuses a SYN: it is dropped without an answer all the same",
			own:     true,
			Source:  "net/ipv4/tcp_input.c, tcp_conn_request",
			measure: sysctls{abortOverflow: 1}.measure(abortNeverRefuses),
		},
		{
			Name:    "count-last-ack",
			Says:    "The last ACK at a full accept queue is dropped; the socket counts it twice",
			own:     true,
			Source:  "net/ipv4/tcp_ipv4.c, tcp_v4_syn_recv_sock and tcp_v4_rcv",
			measure: countLastACK,
		},
		{
			Name:    "count-last-ack-abort",
			Says:    "With tcp_abort_on_overflow it is answered with RST: the connect had succeeded, then ECONNRESET",
			own:     true,
			Source:  "net/ipv4/tcp_minisocks.c, tcp_check_req",
			measure: sysctls{abortOverflow: 1}.measure(countLastACKAbort),
		},
		{
			Name:    "phantom",
			Says:    "A client whose last ACK was dropped is ESTABLISHED, and the server holds nothing to accept",
			own:     true,
			Source:  "net/ipv4/tcp_minisocks.c, tcp_check_req",
			measure: phantomHeld,
		},
		{
			Name:    "phantom-revived",
			Says:    "A phantom that has written is accepted once its retransmission finds room",
			own:     true,
			slow:    true,
			Source:  "net/ipv4/tcp_minisocks.c, tcp_check_req",
			measure: phantomRevived,
		},
		{
			Name:    "overflow-sum",
			Says:    "ListenDrops = ListenOverflows + TCPReqQFullDrop, of a full accept queue and a full SYN queue",
			own:     true,
			Source:  "net/ipv4/tcp_input.c, tcp_conn_request",
			measure: sysctls{syncookies: 0}.measure(overflowSum),
		},
	}
}

// counters returns those of the namespace, to which all its programs add.
func (s *site) counters() map[string]uint64 {
	all, err := probe.Counters()
	s.must(err)
	return all
}

// event is how much a counter moves, as it is expected or as it was measured.
type event struct {
	name string
	by   int64
}

// tally writes events: "ListenOverflows +1, ListenDrops +1".
func tally(events []event) string {
	var words []string
	for _, e := range events {
		words = append(words, fmt.Sprintf("%s %+d", e.name, e.by))
	}
	return strings.Join(words, ", ")
}

// counted does something and compares what the events came to: it waits until they are as expected, or the
// time is over.
func (l *listener) counted(expected []event, do func()) Finding {
	before := l.reading(expected)
	do()
	var got []event
	await(settle, func() bool {
		got = nil
		after := l.reading(expected)
		for i, e := range expected {
			got = append(got, event{e.name, after[i] - before[i]})
		}
		return sameEvents(expected, got).Holds
	})
	return sameEvents(expected, got)
}

func sameEvents(expected, got []event) Finding { return compareText(tally(expected), tally(got)) }

// reading returns the counters of the events, and the socket's own.
func (l *listener) reading(events []event) (list []int64) {
	all := l.s.counters()
	for _, e := range events {
		value, ok := all[e.name]
		switch {
		case e.name == socketDrops:
			value = uint64(l.drops())
		case !ok && len(all) > 0:
			l.s.lack("this kernel has no counter %s among its %d", e.name, len(all))
		}
		list = append(list, int64(value))
	}
	return list
}

// aSYNDropped is what one SYN at a full accept queue comes to.
var aSYNDropped = []event{
	{"ListenOverflows", 1}, {"ListenDrops", 1}, {socketDrops, 1}, {"TCPReqQFullDrop", 0}, {"TcpOutRsts", 0},
}

func countSYN(s *site) Finding {
	l := s.listen(4)
	l.fill()
	return l.counted(aSYNDropped, func() { l.connect() })
}

func abortNeverRefuses(s *site) Finding {
	l := s.listen(4)
	l.fill()
	var c *client
	f := l.counted(aSYNDropped, func() { c = l.connect() })
	state := "the client still waits"
	if c.info().State != synSent {
		state = "the client: " + c.failure()
	}
	return f.and("the client still waits", state)
}

// lastACK lets the ACK of a handshake reach a full accept queue: the first packet of the client after its
// held back ACK carries the same ACK, and a byte.
func (l *listener) lastACK(expected []event) (Finding, *client) {
	c := l.phantom()
	l.fill()
	return l.counted(expected, func() { c.write("x") }), c
}

func countLastACK(s *site) Finding {
	f, _ := s.listen(
		4,
	).lastACK(
		[]event{{"ListenOverflows", 1}, {"ListenDrops", 1}, {socketDrops, 2}, {"EmbryonicRsts", 0}, {"TcpOutRsts", 0}},
	)
	return f
}

func countLastACKAbort(s *site) Finding {
	f, c := s.listen(
		4,
	).lastACK(
		[]event{{"ListenOverflows", 1}, {"ListenDrops", 1}, {socketDrops, 2}, {"EmbryonicRsts", 1}, {"TcpOutRsts", 1}},
	)
	return f.and("the client: reset", "the client: "+c.failure())
}

func phantomHeld(s *site) Finding {
	l := s.listen(4)
	c := l.phantom()
	filled := len(l.fill())
	return judgePhantom(filled, c.state(), c.port, l.drain())
}

// judgePhantom wants as many accepted as were queued behind the phantom, and not itself.
func judgePhantom(queued int, state string, port int, accepted []int) Finding {
	return compare("client %s; %d accepted, it is %s them", []any{"ESTABLISHED", queued, "not among"},
		[]any{state, len(accepted), checkPort(port, accepted)})
}

func checkPort(port int, ports []int) string {
	if slices.Contains(ports, port) {
		return "among"
	}
	return "not among"
}

// phantomRevived waits for the retransmission of the client's byte, at least 0.2 s later, or the server's of
// its SYN-ACK, 1 s later.
func phantomRevived(s *site) Finding {
	l := s.listen(4)
	_, c := l.lastACK([]event{{"ListenOverflows", 1}})
	l.drain()
	revived := "not accepted within " + short.String()
	if await(short, func() bool { return l.depth() > 0 }) && checkPort(c.port, l.drain()) == "among" {
		revived = "accepted later"
	}
	return compareText("accepted later", revived)
}

// overflowSum makes drops of each kind: three SYNs and a last ACK at a full accept queue, SYNs at a full SYN
// queue.
func overflowSum(s *site) Finding {
	l, other := s.listen(4), s.listen(4)
	events := []event{{"ListenDrops", 0}, {"ListenOverflows", 0}, {"TCPReqQFullDrop", 0}}
	before := l.reading(events)
	c := l.phantom()
	l.fill()
	l.offer(3)
	drops := l.drops()
	c.write("x")
	await(settle, func() bool { return l.drops() > drops })
	other.halfOpen(8)
	after := l.reading(events)
	return sumOf(after[0]-before[0], after[1]-before[1], after[2]-before[2])
}

// sumOf wants some of both kinds.
func sumOf(drops, overflows, full int64) Finding {
	f := compare("%d = %d + %d", []any{overflows + full, overflows, full}, []any{drops, overflows, full})
	f.Holds = f.Holds && overflows > 0 && full > 0
	return f
}
