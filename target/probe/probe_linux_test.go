package probe

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// listen opens a listener of plain TCP on loopback and returns its descriptor.
func listen(t testing.TB, multipath bool) (net.Listener, int) {
	t.Helper()
	var config net.ListenConfig
	config.SetMultipathTCP(multipath)
	l, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	raw, err := l.(*net.TCPListener).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	fd := -1
	if err := raw.Control(func(f uintptr) { fd = int(f) }); err != nil {
		t.Fatal(err)
	}
	return l, fd
}

func dial(t testing.TB, l net.Listener) {
	t.Helper()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
}

// eventually waits for what the kernel does in its own time.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for range 2000 {
		if ok() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("never: %s", what)
}

func TestListener(t *testing.T) {
	l, fd := listen(t, false)
	most, err := Somaxconn()
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(fd, 7); err != nil {
		t.Fatal(err)
	}
	limit := min(7, most)
	calls := min(3, limit+1)
	for range calls {
		dial(t, l)
	}
	var q QueueState
	eventually(t, "all wait", func() bool {
		var err error
		if q, err = queueOf(fd); err != nil {
			t.Fatal(err)
		}
		return int(q.Depth) == calls
	})
	if int(q.Limit) != limit || q.Drops == nil || *q.Drops != 0 {
		t.Errorf("got %+v, want limit %d and 0 drops", q, limit)
	}
}

func TestListenerErrors(t *testing.T) {
	if _, err := queueOf(-1); !errors.Is(err, unix.EBADF) {
		t.Errorf("no descriptor: %v, want EBADF", err)
	}
	idle, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(idle)
	if _, err := queueOf(idle); err == nil {
		t.Error("a socket that does not listen: no error")
	}
}

// TestMultipathListener: its own drop count stays 0 whatever happens, so there is none.
func TestMultipathListener(t *testing.T) {
	_, fd := listen(t, true)
	if p, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PROTOCOL); err != nil || p != unix.IPPROTO_MPTCP {
		t.Skipf("this kernel gives no MPTCP socket: protocol %d, %v", p, err)
	}
	if q, err := queueOf(fd); err == nil && q.Drops != nil {
		t.Errorf("got drops %d", *q.Drops)
	}
}

func TestCountersOfThisKernel(t *testing.T) {
	before, err := Counters()
	if err != nil {
		t.Fatal(err)
	}
	l, _ := listen(t, false)
	dial(t, l)
	after, err := Counters()
	if err != nil {
		t.Fatal(err)
	}
	if after["TcpActiveOpens"] <= before["TcpActiveOpens"] {
		t.Errorf("TcpActiveOpens: %d, then %d", before["TcpActiveOpens"], after["TcpActiveOpens"])
	}
	for _, name := range []string{"ListenOverflows", "ListenDrops", "TCPReqQFullDrop", "TCPSynRetrans", "lo.rx_dropped"} {
		if _, ok := after[name]; !ok {
			t.Errorf("%s is absent", name)
		}
	}
}

// TestCountersOf: the same values as all counters have, of this process and of the calling thread.
func TestCountersOf(t *testing.T) {
	names := []string{"ListenOverflows", "TcpPassiveOpens", "TcpRtoMin", "TcpMaxConn", "NoSuchCounter", "RtoMin"}
	for _, pid := range []int{0, os.Getpid()} {
		all, err := Counters()
		some, err2 := CountersOf(pid, names)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		for _, name := range names {
			n, ok := some[name]
			if want, there := all[name]; ok != there || n < want {
				t.Errorf("process %d, %s: %d %t, want %d %t or more", pid, name, n, ok, want, there)
			}
		}
		if len(some) != 3 {
			t.Errorf("%v", some)
		}
	}
	if _, err := CountersOf(1<<30, names); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a process that does not exist: %v", err)
	}
}

func TestSomaxconn(t *testing.T) {
	n, err := Somaxconn()
	text, sysctlErr := Sysctl("net.core.somaxconn")
	if err != nil || sysctlErr != nil || strconv.Itoa(n) != text {
		t.Errorf("Somaxconn %d, %v; sysctl %q, %v", n, err, text, sysctlErr)
	}
}

// queueOf reads the queue of one socket.
func queueOf(fd int) (QueueState, error) {
	var g Group
	if err := g.Set(fd); err != nil {
		return QueueState{}, err
	}
	return g.Queue()
}

// grouped is a group of these sockets.
func grouped(t testing.TB, fds ...int) *Group {
	t.Helper()
	g := &Group{}
	if err := g.Set(fds...); err != nil {
		t.Fatal(err)
	}
	return g
}

// TestGroup: of two sockets it reports the longer queue, all that wait and all drops, and keeps the drops
// when they are gone.
func TestGroup(t *testing.T) {
	short, shortFD := listen(t, false)
	long, longFD := listen(t, false)
	if err := unix.Listen(longFD, 1); err != nil {
		t.Fatal(err)
	}
	g := grouped(t, shortFD, longFD)
	dial(t, short)
	dial(t, long)
	dial(t, long)
	eventually(t, "three wait", func() bool { n, err := g.Waiting(); return err == nil && n == 3 })
	for range 2 { // it is full: their SYNs are dropped
		go func() {
			d := net.Dialer{Timeout: 100 * time.Millisecond}
			if conn, err := d.Dial("tcp", long.Addr().String()); err == nil {
				conn.Close()
			}
		}()
	}
	eventually(t, "two are dropped", func() bool { q, err := g.Queue(); return err == nil && *q.Drops >= 2 })
	before, err := g.Queue()
	if err != nil || before.Depth != 2 || before.Limit != 1 {
		t.Errorf("%+v, %v: want two in a queue of one and one more", before, err)
	}
	if err := g.Set(); err != nil {
		t.Fatal(err)
	}
	if q, err := g.Queue(); err != nil || q.Depth != 0 || q.Limit != before.Limit || *q.Drops < *before.Drops {
		t.Errorf("without sockets %+v, %v; before %+v", q, err, before)
	}
	if err := g.Set(-1); !errors.Is(err, unix.EBADF) {
		t.Errorf("a bad descriptor: %v", err)
	}
}

func TestSampler(t *testing.T) {
	l, fd := listen(t, false)
	start := Monotonic()
	s, err := StartSampler(grouped(t, fd), DefaultInterval)
	if err != nil {
		t.Fatal(err)
	}
	dial(t, l)
	eventually(t, "one waits", func() bool { q, err := queueOf(fd); return err == nil && q.Depth == 1 })
	time.Sleep(20 * time.Millisecond)
	samples := s.Stop()
	end := Monotonic()
	if s.Err() != nil || len(samples) < 3 {
		t.Fatalf("%d samples, %v", len(samples), s.Err())
	}
	if samples[0].Depth != 0 || samples[len(samples)-1].Depth != 1 {
		t.Errorf("depth from %d to %d, want from 0 to 1", samples[0].Depth, samples[len(samples)-1].Depth)
	}
	last := start
	for i, sample := range samples {
		if sample.At < last || sample.At > end || sample.Drops == nil {
			t.Errorf("sample %d of %d: %+v after %v", i, len(samples), sample, last)
		}
		last = sample.At
	}
	if n, longest := s.Samples(); n < len(samples) || longest <= 0 || longest > end-start {
		t.Errorf("%d readings for %d samples, at most %v apart", n, len(samples), longest)
	}
	if again := s.Stop(); len(again) != len(samples) {
		t.Errorf("stopped again: %d samples, before %d", len(again), len(samples))
	}
}

func TestSamplerOfAClosedListener(t *testing.T) {
	_, fd := listen(t, false)
	own, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 900) // a number that is not used again soon
	if err != nil {
		t.Fatal(err)
	}
	s, err := StartSampler(grouped(t, own), time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	unix.Close(own)
	<-s.done
	if samples := s.Stop(); !errors.Is(s.Err(), unix.EBADF) || len(samples) == 0 {
		t.Errorf("%d samples, %v, want EBADF", len(samples), s.Err())
	}
}

func TestSampleAllocatesNothing(t *testing.T) {
	_, fd := listen(t, false)
	p, err := openProbe(fd)
	if err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() { _, _ = p.sample() }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkSample(b *testing.B) {
	_, fd := listen(b, false)
	p, err := openProbe(fd)
	if err != nil {
		b.Fatal(err)
	}
	s := &Sampler{probe: p, kept: make([]keptSample, 0, 1<<16)}
	b.ReportAllocs()
	for b.Loop() {
		if !s.take() {
			b.Fatal(s.lastErr)
		}
		s.kept = s.kept[:min(len(s.kept), 1<<16-1)]
	}
}

func BenchmarkCounters(b *testing.B) {
	for b.Loop() {
		if _, err := Counters(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSampler is what it costs to sample a queue that is not empty, and at an empty one: the share of
// a core that this process uses meanwhile, in percent.
func BenchmarkSampler(b *testing.B) {
	for name, waiting := range map[string]int{"busy": 1, "idle": 0} {
		b.Run(name, func(b *testing.B) {
			l, fd := listen(b, false)
			for range waiting {
				dial(b, l)
			}
			eventually(b, "it waits",
				func() bool { q, err := queueOf(fd); return err == nil && int(q.Depth) == waiting })
			var used, wall time.Duration
			readings := 0
			for b.Loop() {
				cpu, began := processCPU(b), time.Now()
				s, err := StartSampler(grouped(b, fd), DefaultInterval)
				if err != nil {
					b.Fatal(err)
				}
				time.Sleep(2 * time.Second)
				s.Stop()
				used, wall = used+processCPU(b)-cpu, wall+time.Since(began)
				n, _ := s.Samples()
				readings += n
			}
			b.ReportMetric(100*used.Seconds()/wall.Seconds(), "%core")
			b.ReportMetric(float64(readings)/wall.Seconds(), "samples/s")
		})
	}
}

func processCPU(tb testing.TB) time.Duration {
	tb.Helper()
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
