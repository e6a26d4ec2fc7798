package epoll

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"agistorm/loadgen/engine"
	"agistorm/target/rawsock"
)

// noted notes what the engine asks for, in order.
type noted struct {
	words
	notes []string
}

func (n *noted) Open(dst []byte, i int) []byte {
	n.notes = append(n.notes, fmt.Sprint("environment ", i))
	return n.words.Open(dst, i)
}

func (n *noted) Receive(dst []byte, i int, in []byte) ([]byte, int, error) {
	n.notes = append(n.notes, fmt.Sprint("reply ", i))
	return n.words.Receive(dst, i, in)
}

// accepting is a server whose connections the test handles itself.
func accepting(t *testing.T) (netip.AddrPort, func() net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().(*net.TCPAddr).AddrPort(), func() net.Conn {
		c, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
}

// started is an engine that has started what is due at once, and is driven by hand.
func started(t *testing.T, p engine.Plan) *Engine {
	t.Helper()
	e, err := New(p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	begin(e)
	e.keepTime()
	return e
}

// readText reads what a client has sent so far, of which there must be something.
func readText(t *testing.T, c net.Conn) string {
	t.Helper()
	buffer := make([]byte, 4096)
	if err := c.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	n, err := c.Read(buffer)
	if err != nil {
		t.Fatal(err)
	}
	return string(buffer[:n])
}

// awaitEvents waits for an event of attempt i.
func (e *Engine) awaitEvents(t *testing.T, i int, events int16) {
	t.Helper()
	n, err := unix.Poll([]unix.PollFd{{Fd: e.slots[i].fd, Events: events}}, 10_000)
	if err != nil || n != 1 {
		t.Fatalf("attempt %d has no event: %v", i, err)
	}
}

// TestOrderOfService: all are greeted first; then one environment a turn is written, and a command that has
// come is answered before the next one.
func TestOrderOfService(t *testing.T) {
	const calls = 5
	server, accept := accepting(t)
	talk := &noted{}
	p := plan(server, calls)
	p.Talk = talk
	e := started(t, p)
	var conns []net.Conn
	for i := range calls {
		e.awaitEvents(t, i, unix.POLLOUT)
		conns = append(conns, accept())
	}
	e.turn()
	if want := []string{"environment 0"}; !slices.Equal(talk.notes, want) {
		t.Fatalf("first turn: %q, want %q", talk.notes, want)
	}
	for i, c := range conns[1:] {
		if got := readText(t, c); got != "one: 1\n" {
			t.Errorf("call %d was greeted with %q, want the first line", i+1, got)
		}
	}
	fmt.Fprintln(conns[0], "NOOP")
	e.awaitEvents(t, 0, unix.POLLIN)
	e.turn()
	e.turn()
	if want := []string{"environment 0", "reply 0", "environment 1", "environment 2"}; !slices.Equal(talk.notes, want) {
		t.Errorf("%q, want %q", talk.notes, want)
	}
	if got := readText(t, conns[1]); got != "two: 2\n\n" {
		t.Errorf("the rest of an environment is %q", got)
	}
}

// TestSingleWritesInATurn: environments of one write each are written 16 a turn, and nothing before them.
func TestSingleWritesInATurn(t *testing.T) {
	const calls = 20
	server, accept := accepting(t)
	talk := &noted{}
	p := plan(server, calls)
	p.Talk, p.LineByLine = talk, false
	e := started(t, p)
	for i := range calls {
		e.awaitEvents(t, i, unix.POLLOUT)
	}
	e.turn()
	if got := len(talk.notes); got != singleEnvironmentsATurn {
		t.Errorf("%d environments in a turn, want %d", got, singleEnvironmentsATurn)
	}
	if got := readText(t, accept()); got != "one: 1\ntwo: 2\n\n" {
		t.Errorf("the server received %q", got)
	}
}

// TestHarvestTakesAll: every event that there is comes into its queue at once, however many there are; then
// each turn settles a batch.
func TestHarvestTakesAll(t *testing.T) {
	const calls = eventBuffer + 100
	server, _ := accepting(t)
	p := plan(server, calls)
	e := started(t, p)
	connected := 0
	for i := range calls {
		if n, err := unix.Poll([]unix.PollFd{{Fd: e.slots[i].fd, Events: unix.POLLOUT}}, 0); err == nil && n == 1 {
			connected++
		}
	}
	if connected <= eventBuffer {
		t.Skipf("the kernel's accept queue holds only %d of %d connections here (net.core.somaxconn)", connected, calls)
	}
	e.harvest(0)
	if got := e.unsettled.Len(); got < connected {
		t.Errorf("%d of %d connects were harvested", got, connected)
	}
	for range connected/settlesATurn + 1 {
		e.turn()
	}
	settled := 0
	for i := range e.flows {
		if e.flows[i].HasConnected {
			settled++
		}
	}
	if settled < connected {
		t.Errorf("%d connects are settled, want all %d", settled, connected)
	}
}

// TestServerSpeaksFirst: a command that comes before the environment's turn is answered when all of that
// was sent.
func TestServerSpeaksFirst(t *testing.T) {
	server, accept := accepting(t)
	talk := &noted{}
	p := plan(server, 2)
	p.Talk = talk
	e := started(t, p)
	accept()
	hasty := accept()
	fmt.Fprintln(hasty, "NOOP")
	e.awaitEvents(t, 1, unix.POLLIN)
	e.turn()
	if want := []string{"environment 1", "reply 1", "environment 0"}; !slices.Equal(talk.notes, want) {
		t.Errorf("%q, want %q", talk.notes, want)
	}
}

// TestReplyLag counts from the arrival of a command to its reply, however late the engine comes to read it.
func TestReplyLag(t *testing.T) {
	const held = 30 * time.Millisecond
	server, accept := accepting(t)
	e, err := New(plan(server, 1))
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if _, fromArrival := e.ReplyLags(); !fromArrival {
		t.Fatal("this kernel stamps no arrivals")
	}
	begin(e)
	e.keepTime()
	conn := accept()
	e.awaitEvents(t, 0, unix.POLLOUT)
	e.turn()
	for range 2 {
		asked := time.Now()
		fmt.Fprintln(conn, "NOOP")
		e.awaitEvents(t, 0, unix.POLLIN)
		arrived := time.Now()
		time.Sleep(held)
		before := e.flows[0].ReplyLagSum
		e.turn()
		lag, longest := e.flows[0].ReplyLagSum-before, time.Since(asked)
		if _, fromArrival := e.ReplyLags(); !fromArrival {
			t.Skip("the kernel stopped to stamp arrivals, as after another program's last socket, and the engine reports it")
		}
		// The clocks are paired to 10 µs.
		if least := held - agree; lag < least || lag > longest+agree {
			t.Errorf("a lag of %v for a command that came between %v and %v ago", lag, time.Since(arrived), longest)
		}
	}
	lags, _ := e.ReplyLags()
	if f := &e.flows[0]; lags.Count != 2 || lags.Sum != f.ReplyLagSum || lags.Max != f.ReplyLag || !f.HasReply {
		t.Errorf("%d lags, sum %v, max %v; the call has %v and %v", lags.Count, lags.Sum, lags.Max, f.ReplyLagSum,
			f.ReplyLag)
	}
}

// TestCloseEndsTheWait: a server that has closed waits for no reply, however late that is.
func TestCloseEndsTheWait(t *testing.T) {
	const held = 200 * time.Millisecond
	server, accept := accepting(t)
	p := plan(server, 1)
	e := started(t, p)
	conn := accept()
	e.awaitEvents(t, 0, unix.POLLOUT)
	e.turn()
	asked := time.Now()
	fmt.Fprintln(conn, "NOOP")
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	e.awaitEvents(t, 0, unix.POLLRDHUP)
	e.harvest(0)
	harvested := time.Since(asked)
	time.Sleep(held)
	e.answer()
	f := &e.flows[0]
	if !f.HasReply || f.ReplyLag > harvested+agree {
		t.Errorf("a lag of %v, replied %v; the close was known %v after the command", f.ReplyLag, f.HasReply, harvested)
	}
	if f.Cause != engine.Finished {
		t.Errorf("cause %v, want finished", f.Cause)
	}
}

// TestCloseDuringThought: a close while the client thinks ends the wait too, however late the engine replies.
func TestCloseDuringThought(t *testing.T) {
	server, accept := accepting(t)
	p := plan(server, 1)
	p.Think = 20 * time.Millisecond
	e := started(t, p)
	conn := accept()
	e.awaitEvents(t, 0, unix.POLLOUT)
	e.turn()
	fmt.Fprintln(conn, "NOOP")
	e.awaitEvents(t, 0, unix.POLLIN)
	e.turn()
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	e.awaitEvents(t, 0, unix.POLLRDHUP)
	e.turn()
	known := e.now()
	time.Sleep(200 * time.Millisecond)
	due := e.slots[0].free
	e.keepTime()
	if f := &e.flows[0]; !f.HasReply || f.ReplyLag > max(known-due, 0)+agree {
		t.Errorf("a lag of %v, replied %v; the close was known %v after the reply was due", f.ReplyLag, f.HasReply,
			known-due)
	}
}

// TestHangUpEndsTheWait: after a hang-up, no server waits for the reply.
func TestHangUpEndsTheWait(t *testing.T) {
	server, accept := accepting(t)
	p := plan(server, 1)
	p.HangUpAfter = 50 * time.Millisecond
	e := started(t, p)
	conn := accept()
	e.awaitEvents(t, 0, unix.POLLOUT)
	e.turn()
	fmt.Fprintln(conn, "NOOP")
	e.awaitEvents(t, 0, unix.POLLIN)
	arrived := e.now()
	time.Sleep(200 * time.Millisecond)
	e.turn()
	f := &e.flows[0]
	// On a machine that is held up the command may come after the hang-up: then it waits for its reply as
	// any other.
	if left := f.Connected + p.HangUpAfter; arrived < left && (!f.HasReply || f.ReplyLag > p.HangUpAfter) {
		t.Errorf("a lag of %v, replied %v; the caller hung up after %v", f.ReplyLag, f.HasReply, p.HangUpAfter)
	}
}

// TestStaleSettling: an attempt that went on to the server's next address while it waited to be settled is
// not connected there yet.
func TestStaleSettling(t *testing.T) {
	first, _ := accepting(t)
	p := plan(first, 1)
	p.Addresses = append(p.Addresses, deafServer(t))
	e := started(t, p)
	e.awaitEvents(t, 0, unix.POLLOUT)
	e.harvest(0)
	if !e.tryNext(0) {
		t.Fatal("there is no second address")
	}
	e.settle()
	if f := &e.flows[0]; f.HasConnected || e.slots[0].state != connecting {
		t.Errorf("connected %v, state %v; the second address has not answered", f.HasConnected, e.slots[0].state)
	}
}

// TestCommandBeforeSettling: what comes for an attempt that was opened by its connect timer while it waited
// to be settled is read.
func TestCommandBeforeSettling(t *testing.T) {
	server, accept := accepting(t)
	e := started(t, plan(server, 1))
	conn := accept()
	e.awaitEvents(t, 0, unix.POLLOUT)
	e.harvest(0)
	e.timeOut(0, e.now())
	fmt.Fprintln(conn, "NOOP")
	e.awaitEvents(t, 0, unix.POLLIN)
	e.turn()
	e.turn()
	if got := e.flows[0].Commands; got != 1 {
		t.Errorf("%d commands were read, want 1", got)
	}
}

// TestResetOrClose: a reset whose errno a call has kept to itself leaves EPIPE, as a reset after a close
// does. The FIN of the server distinguishes them, and a command that came before it counts.
func TestResetOrClose(t *testing.T) {
	for name, c := range map[string]struct {
		serve    func(*net.TCPConn)
		cause    engine.Cause
		errno    unix.Errno
		commands uint32
	}{
		"reset": {func(c *net.TCPConn) { _ = c.SetLinger(0) }, engine.Failed, unix.ECONNRESET, 0},
		"a command, then reset": {func(c *net.TCPConn) {
			fmt.Fprintln(c, "NOOP")
			_ = c.SetLinger(0)
		}, engine.Failed, unix.ECONNRESET, 1},
		"closed, then reset": {func(c *net.TCPConn) {
			_ = c.CloseWrite()
			_ = c.SetLinger(0)
		}, engine.Finished, 0, 0},
		"a command, closed, then reset": {func(c *net.TCPConn) {
			fmt.Fprintln(c, "NOOP")
			_ = c.CloseWrite()
			_ = c.SetLinger(0)
		}, engine.Finished, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			server, accept := accepting(t)
			e, err := New(plan(server, 1))
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			begin(e)
			e.keepTime()
			conn := accept().(*net.TCPConn)
			e.awaitEvents(t, 0, unix.POLLOUT)
			e.harvest(0)
			e.settle()
			c.serve(conn)
			conn.Close()
			e.awaitEvents(t, 0, unix.POLLERR)
			rawsock.SocketError(e.slots[0].fd) // takes the errno, as a sendmmsg(2) does whose first line was sent
			e.sendReplies(0)
			f := &e.flows[0]
			if f.Cause != c.cause || f.Errno != c.errno || f.Commands != c.commands {
				t.Errorf("cause %v, errno %v, %d commands; want %v, %v, %d",
					f.Cause, f.Errno, f.Commands, c.cause, c.errno, c.commands)
			}
		})
	}
}

// TestAllIsSaidBeforeTheFarewell: a server that closes early has still been sent the whole environment.
func TestAllIsSaidBeforeTheFarewell(t *testing.T) {
	server, accept := accepting(t)
	p := plan(server, 1)
	e := started(t, p)
	conn := accept()
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	e.awaitEvents(t, 0, unix.POLLRDHUP)
	e.turn()
	received, err := io.ReadAll(conn)
	if want := "one: 1\ntwo: 2\n\nHANGUP\n"; string(received) != want || err != nil {
		t.Errorf("the server received %q, %v; want %q", received, err, want)
	}
}

// TestDeadlinesKeepTheirOrder: one that began before the last one added does not go off before it, nor is
// it lost.
func TestDeadlinesKeepTheirOrder(t *testing.T) {
	d := newDeadlines(10*ms, 2)
	d.add(0, 0, 5*ms)
	d.add(1, 0, 3*ms)
	if _, ok := d.pop(14 * ms); ok {
		t.Error("a deadline went off too early")
	}
	for i := range int32(2) {
		if got, ok := d.pop(15 * ms); !ok || got.i != i {
			t.Errorf("%+v, %v; want attempt %d", got, ok, i)
		}
	}
}

// TestWritesOneSegmentALine: an environment that is handed to the kernel by one call makes as many segments
// as one that is written line by line.
func TestWritesOneSegmentALine(t *testing.T) {
	text := []byte("agi_network: yes\nagi_request: agi://localhost/x\nagi_channel: PJSIP/1\nagi_language: en\n\n")
	segments := func(send func(fd int32)) (uint32, string) {
		server, accept := accepting(t)
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(fd)
		if err := unix.Connect(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}, Port: int(server.Port())}); err != nil {
			t.Fatal(err)
		}
		conn := accept()
		send(int32(fd))
		received := ""
		for len(received) < len(text) {
			received += readText(t, conn)
		}
		info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
		if err != nil {
			t.Fatal(err)
		}
		return info.Data_segs_out, received
	}
	singly, received := segments(func(fd int32) {
		for p := text; len(p) > 0; {
			n, errno := rawsock.Write(fd, p[:rawsock.LineLength(p)])
			if errno != 0 {
				t.Fatal(errno)
			}
			p = p[n:]
		}
	})
	together, received2 := segments(func(fd int32) {
		if n, errno := rawsock.WriteLines(fd, text, &rawsock.Lines{}); n != len(text) || errno != 0 {
			t.Fatalf("%d bytes, %v", n, errno)
		}
	})
	if received != string(text) || received2 != received {
		t.Errorf("the server received %q and %q", received, received2)
	}
	if singly != together || singly < 2 {
		t.Errorf("%d segments by one call, %d by a write for each line", together, singly)
	}
}
