package epoll

import (
	"bytes"
	"net"
	"net/netip"
	"os"
	"runtime"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"agistorm/loadgen/engine"
)

// burst is all at once.
type burst int

func (b burst) Len() int           { return int(b) }
func (burst) At(int) time.Duration { return 0 }

// words is a talk of fixed words: each line of the server's is a command.
type words struct{}

var greeting = []byte("one: 1\n")

func (words) Greeting() []byte              { return greeting }
func (words) Open(dst []byte, _ int) []byte { return append(dst, "one: 1\ntwo: 2\n\n"...) }
func (words) Receive(dst []byte, _ int, in []byte) ([]byte, int, error) {
	n := bytes.Count(in, []byte("\n"))
	for range n {
		dst = append(dst, "200 result=0\n"...)
	}
	return dst, n, nil
}
func (words) HangUp(dst []byte, _ int) []byte         { return append(dst, "HANGUP\n"...) }
func (words) Close(dst []byte, _ int) ([]byte, error) { return append(dst, "HANGUP\n"...), nil }

func plan(server netip.AddrPort, calls int) engine.Plan {
	const timeout = 5 * time.Second
	return engine.Plan{
		Addresses: []netip.AddrPort{server}, Schedule: burst(calls), Talk: words{}, LineByLine: true,
		ConnectLimit: timeout, FirstCommandLimit: timeout, SessionLimit: timeout, NotOfferedAfter: timeout,
	}
}

func run(t *testing.T, p engine.Plan) []engine.Flow {
	t.Helper()
	e, err := New(p)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	return e.Run(t.Context(), time.Now())
}

// frugalServer serves one call after another and allocates nothing: what this process allocates meanwhile
// is the engine's.
func frugalServer(t *testing.T, work time.Duration) netip.AddrPort {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(os.NewSyscallError("socket", err))
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(os.NewSyscallError("bind", err))
	}
	if err := unix.Listen(fd, 1000); err != nil {
		t.Fatal(os.NewSyscallError("listen", err))
	}
	name, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		serveFrugally(fd, work)
	}()
	t.Cleanup(func() { _ = unix.Shutdown(fd, unix.SHUT_RDWR); <-done; _ = unix.Close(fd) })
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(name.(*unix.SockaddrInet4).Port))
}

func serveFrugally(listener int, work time.Duration) {
	in, command := make([]byte, 4096), []byte("NOOP\n")
	for {
		r, _, errno := unix.Syscall6(unix.SYS_ACCEPT4, uintptr(listener), 0, 0, 0, 0, 0)
		if errno != 0 {
			return
		}
		fd := int(r)
		for got := 0; got < len("one: 1\ntwo: 2\n\n"); {
			n, err := unix.Read(fd, in)
			if err != nil || n == 0 {
				break
			}
			got += n
		}
		time.Sleep(work)
		_, _ = unix.Write(fd, command)
		_, _ = unix.Read(fd, in)
		_ = unix.Close(fd)
	}
}

// TestRunDoesNotAllocate: ten times the calls, and not one allocation more.
func TestRunDoesNotAllocate(t *testing.T) {
	server := frugalServer(t, 0)
	allocations := func(calls int) uint64 {
		e, err := New(plan(server, calls))
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		flows := e.Run(t.Context(), time.Now())
		runtime.ReadMemStats(&after)
		for i := range flows {
			if flows[i].Cause != engine.Finished || flows[i].Commands != 1 {
				t.Fatalf("attempt %d: %+v", i, flows[i])
			}
		}
		return after.Mallocs - before.Mallocs
	}
	allocations(10) // what is made once
	few, many := allocations(50), allocations(500)
	if many > few+20 { // the runtime's own, now and then
		t.Errorf("%d allocations with 500 calls, %d with 50", many, few)
	}
}

// TestMemory: what the engine keeps of an attempt, in bytes. With the talk it is 512 at most.
func TestMemory(t *testing.T) {
	perAttempt := unsafe.Sizeof(engine.Flow{}) + unsafe.Sizeof(slot{}) +
		3*unsafe.Sizeof(deadline{}) + 3*unsafe.Sizeof(int32(0))
	if perAttempt > 352 {
		t.Errorf("%d bytes an attempt, want 352 at most: the talk needs room too", perAttempt)
	}
}

// begin is what Run does before its first turn.
func begin(e *Engine) {
	e.epoch = time.Now()
	e.clocks = newClocks(e.epoch)
}

// slow is an observer that holds the engine up when the second attempt starts.
type slow time.Duration

func (s *slow) Started() {
	if *s < 0 {
		time.Sleep(time.Duration(-*s))
		*s = 0
	}
	*s = -*s
}
func (*slow) Connected(time.Duration) {}
func (*slow) Ended(*engine.Flow)      {}

// TestOwnDelayIsNoTimeout: an engine that was held up beyond the connect limit does not call a connection
// that the kernel made in time a timeout.
func TestOwnDelayIsNoTimeout(t *testing.T) {
	p := plan(frugalServer(t, 0), 2)
	p.ConnectLimit = 20 * time.Millisecond
	holdUp := slow(60 * time.Millisecond)
	p.Observer = &holdUp
	for i, flow := range run(t, p) {
		if flow.Cause != engine.Finished {
			t.Errorf("attempt %d: cause %d, limit %s, want finished", i, flow.Cause, flow.Limit)
		}
	}
}

// TestOwnDelayIsNoSilence: neither does it call a server silent whose command waits to be read.
func TestOwnDelayIsNoSilence(t *testing.T) {
	p := plan(frugalServer(t, 5*time.Millisecond), 2)
	p.FirstCommandLimit = 20 * time.Millisecond
	p.Schedule = later{}
	holdUp := slow(60 * time.Millisecond)
	p.Observer = &holdUp
	for i, flow := range run(t, p) {
		if flow.Cause != engine.Finished {
			t.Errorf("attempt %d: cause %d, limit %s, want finished", i, flow.Cause, flow.Limit)
		}
	}
}

// later starts the second attempt when the first is connected and waits for its command.
type later struct{}

func (later) Len() int               { return 2 }
func (later) At(i int) time.Duration { return time.Duration(i) * 2 * time.Millisecond }

// TestSecondAddressAfterTheLimit: an address whose queue is full takes the connect limit, the next answers.
func TestSecondAddressAfterTheLimit(t *testing.T) {
	full := deafServer(t)
	p := plan(full, 1)
	p.Addresses = append(p.Addresses, frugalServer(t, 0))
	p.ConnectLimit = 50 * time.Millisecond
	flow := run(t, p)[0]
	if flow.Cause != engine.Finished || flow.Address != 1 || flow.Connected < p.ConnectLimit {
		t.Errorf("%+v, want an answer from the second address after %v", flow, p.ConnectLimit)
	}
}

// deafServer is a listener that accepts no connection and whose queue is full: backlog 0 holds one connection.
func deafServer(t *testing.T) netip.AddrPort {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	name, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	address := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(name.(*unix.SockaddrInet4).Port))
	for range 2 { // two CPUs can put a second one in
		c, err := net.DialTimeout("tcp", address.String(), 100*time.Millisecond)
		if err == nil {
			t.Cleanup(func() { c.Close() })
		}
	}
	return address
}

// TestStaleEvent: what was fetched for the socket of an address that is given up says nothing of the next
// one's.
func TestStaleEvent(t *testing.T) {
	e := &Engine{slots: []slot{{try: 1}}}
	if e.current(&unix.EpollEvent{Fd: 0, Pad: 0}) || !e.current(&unix.EpollEvent{Fd: 0, Pad: 1}) {
		t.Error("an event of the first address passes for one of the second")
	}
}

// TestHeldUp: an engine that comes to an attempt only when its connect limit has passed asks the kernel
// what had become of it by then.
func TestHeldUp(t *testing.T) {
	listen := func(serve func(*net.TCPConn)) netip.AddrPort {
		l, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		go func() {
			if c, err := l.AcceptTCP(); err == nil {
				serve(c)
			}
		}()
		return l.Addr().(*net.TCPAddr).AddrPort()
	}
	gone, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	refused := gone.Addr().(*net.TCPAddr).AddrPort()
	gone.Close()
	for name, c := range map[string]struct {
		server netip.AddrPort
		cause  engine.Cause
		errno  unix.Errno
	}{
		"the server has closed": {listen(func(c *net.TCPConn) { c.CloseWrite() }), engine.Finished, 0},
		"no listener":           {refused, engine.Failed, unix.ECONNREFUSED},
	} {
		e, err := New(plan(c.server, 1))
		if err != nil {
			t.Fatal(err)
		}
		begin(e)
		e.startDue()
		time.Sleep(50 * time.Millisecond)
		if e.slots[0].state == connecting {
			e.timeOut(0, e.now())
		}
		if e.slots[0].state == open {
			e.read(0, true)
		}
		if f := &e.flows[0]; f.Cause != c.cause || f.Errno != c.errno {
			t.Errorf("%s: cause %v, errno %v, limit %v; want %v, %v", name, f.Cause, f.Errno, f.Limit, c.cause, c.errno)
		}
		e.Close()
	}
}

// TestTooLate: a connection that was made after the limit is none, for Asterisk had gone by then.
func TestTooLate(t *testing.T) {
	e := &Engine{plan: engine.Plan{ConnectLimit: 2 * time.Second}, flows: make([]engine.Flow, 1)}
	for _, c := range []struct {
		retransmits uint32
		took        time.Duration
		want        bool
	}{
		{1, 1020 * time.Millisecond, false},
		{2, 2010 * time.Millisecond, false}, // the grain
		{2, 2045 * time.Millisecond, true},
		{0, 2045 * time.Millisecond, false}, // then it is no SYN-ACK's time
	} {
		e.flows[0] = engine.Flow{HasInfo: true, Retransmits: c.retransmits, Tried: time.Second,
			SYNACK: time.Second + c.took}
		if got := e.connectedLate(0); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
