package rules

import (
	"fmt"
	"slices"
	"strings"

	"agistorm/target/probe"
)

// socketDrops is the name for what the listener itself counts.
const socketDrops = "socket drops"

// counterRules holds those about what the kernel counts. All of them need counters that no other program
// moves.
var counterRules = []Rule{
	{
		Name:      "count-syn-full-queue",
		Statement: "A SYN at a full accept queue is dropped, and counted in three places",
		own:       true,
		Source:    "net/ipv4/tcp_input.c, tcp_conn_request",
		measure:   counting{backlog: 4, begin: steps{fillQueue}, do: connect, events: aSYNDropped}.measure,
	},
	{
		Name:      "abort-never-refuses",
		Statement: "tcp_abort_on_overflow never refuses a SYN: it is dropped without an answer all the same",
		own:       true,
		Source:    "net/ipv4/tcp_input.c, tcp_conn_request",
		set:       sysctls{abortOverflow: 1},
		measure: counting{
			backlog: 4, begin: steps{fillQueue}, do: connect, events: aSYNDropped,
			then: clientState, want: "the client: SYN-SENT",
		}.measure,
	},
	{
		Name:      "count-last-ack",
		Statement: "The last ACK at a full accept queue is dropped; the socket counts it twice",
		own:       true,
		Source:    "net/ipv4/tcp_ipv4.c, tcp_v4_syn_recv_sock and tcp_v4_rcv",
		measure: counting{
			backlog: 4, begin: steps{holdACK, fillQueue}, do: write,
			events: []event{
				{"ListenOverflows", 1}, {"ListenDrops", 1}, {socketDrops, 2}, {"EmbryonicRsts", 0}, {"TcpOutRsts", 0},
			},
		}.measure,
	},
	{
		Name:      "count-last-ack-abort",
		Statement: "With tcp_abort_on_overflow it is answered with RST: the connect had succeeded, then ECONNRESET",
		own:       true,
		Source:    "net/ipv4/tcp_minisocks.c, tcp_check_req",
		set:       sysctls{abortOverflow: 1},
		measure: counting{
			backlog: 4, begin: steps{holdACK, fillQueue}, do: write,
			events: []event{
				{"ListenOverflows", 1}, {"ListenDrops", 1}, {socketDrops, 2}, {"EmbryonicRsts", 1}, {"TcpOutRsts", 1},
			},
			then: clientFailure, want: "the client: reset",
		}.measure,
	},
	{
		Name:      "phantom",
		Statement: "A client whose last ACK was dropped is ESTABLISHED, and the server holds nothing to accept",
		own:       true,
		Source:    "net/ipv4/tcp_minisocks.c, tcp_check_req",
		measure:   phantomHeld,
	},
	{
		Name:      "phantom-revived",
		Statement: "A phantom that has written is accepted once its retransmission finds room",
		own:       true,
		slow:      true,
		Source:    "net/ipv4/tcp_minisocks.c, tcp_check_req",
		measure:   phantomRevived,
	},
	{
		Name:      "overflow-sum",
		Statement: "ListenDrops = ListenOverflows + TCPReqQFullDrop, of a full accept queue and a full SYN queue",
		own:       true,
		Source:    "net/ipv4/tcp_input.c, tcp_conn_request",
		set:       sysctls{syncookies: 0},
		measure:   overflowSum,
	},
}

// counters returns those of the namespace, to which all its programs add.
func counters() map[string]uint64 { return must(probe.Counters()) }

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
	all := counters()
	for _, e := range events {
		value, ok := all[e.name]
		switch {
		case e.name == socketDrops:
			value = uint64(l.drops())
		case !ok && len(all) > 0:
			lack("this kernel has no counter %s among its %d", e.name, len(all))
		}
		list = append(list, int64(value))
	}
	return list
}

// aSYNDropped is what one SYN at a full accept queue comes to.
var aSYNDropped = []event{
	{"ListenOverflows", 1}, {"ListenDrops", 1}, {socketDrops, 1}, {"TCPReqQFullDrop", 0}, {"TcpOutRsts", 0},
}

// step does something to a listener, perhaps by the client of an earlier step. It returns the client that the
// next steps are about.
type step func(*listener, *client) *client

type steps []step

// The steps of countings.
func connect(l *listener, _ *client) *client { return l.connect() }

func fillQueue(l *listener, c *client) *client {
	l.fill()
	return c
}

// fillSYNQueue makes half-open connections until the SYN queue holds no more.
func fillSYNQueue(l *listener, c *client) *client {
	for n := l.halfOpen(l.limit()); n <= l.limit(); n++ {
		if l.halfOpen(1) == n { // full before backlog + 1: an older kernel
			break
		}
	}
	return c
}

func makeHalfOpen(n int) step {
	return func(l *listener, c *client) *client {
		l.halfOpen(n)
		return c
	}
}

func offerTwo(l *listener, c *client) *client {
	l.offer(2)
	return c
}

// holdACK makes a phantom. The first packet that its client sends later carries the ACK that was held back.
func holdACK(l *listener, _ *client) *client { return l.phantom() }

func write(_ *listener, c *client) *client {
	c.write("x")
	return c
}

// What is read after the steps of countings.
func clientState(_ *listener, c *client) string   { return "the client: " + c.state() }
func clientFailure(_ *listener, c *client) string { return "the client: " + c.failure() }
func queued(l *listener, _ *client) string        { return fmt.Sprint(l.depth(), " queued") }
func halfOpen(l *listener, _ *client) string      { return fmt.Sprint(l.synQueue(), " half-open") }

// counting is a measurement of what the kernel counts while something happens to a listener.
type counting struct {
	backlog int
	// begin brings the listener into a state, in which do is counted.
	begin  steps
	do     step
	events []event
	// then is read afterwards and must be want; nil reads nothing.
	then func(*listener, *client) string
	want string
}

func (c counting) measure(*site) Finding {
	l := listen(c.backlog)
	var about *client
	for _, prepare := range c.begin {
		about = prepare(l, about)
	}
	f := l.counted(c.events, func() { about = c.do(l, about) })
	if c.then == nil {
		return f
	}
	return f.and(c.want, c.then(l, about))
}

func phantomHeld(*site) Finding {
	l := listen(4)
	c := l.phantom()
	filled := len(l.fill())
	return judgePhantom(filled, c.state(), c.port, l.drain())
}

// judgePhantom requires as many accepted as were queued behind the phantom, and not itself.
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
func phantomRevived(*site) Finding {
	l := listen(4)
	c := l.phantom()
	l.fill()
	l.counted([]event{{"ListenOverflows", 1}}, func() { c.write("x") })
	l.drain()
	revived := "not accepted within " + short.String()
	if await(short, func() bool { return l.depth() > 0 }) && checkPort(c.port, l.drain()) == "among" {
		revived = "accepted later"
	}
	return compareText("accepted later", revived)
}

// overflowSum makes drops of each kind: three SYNs and a last ACK at a full accept queue, SYNs at a full SYN
// queue.
func overflowSum(*site) Finding {
	l, other := listen(4), listen(4)
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

// sumOf requires some of both kinds.
func sumOf(drops, overflows, full int64) Finding {
	f := compare("%d = %d + %d", []any{overflows + full, overflows, full}, []any{drops, overflows, full})
	f.Holds = f.Holds && overflows > 0 && full > 0
	return f
}
