package watch

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"agistorm/analysis/watch"
	"agistorm/target/netns"
	"agistorm/target/probe"
)

// Variables that make this program the test in a namespace of its own, or a server there or in a further one.
const (
	apart   = "WATCH_TEST_INSIDE"
	serving = "WATCH_TEST_SERVE"
)

func TestMain(m *testing.M) {
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0") // else each child sleeps 1 s at its end under the race detector
	if address := os.Getenv(serving); address != "" {
		serve(address)
	}
	os.Exit(m.Run())
}

// serve listens until stdin ends, and accepts nothing.
func serve(address string) {
	err := netns.LoopbackUp()
	if err == nil {
		_, err = net.Listen("tcp4", address)
	}
	fmt.Println("ready", err)
	_, _ = os.Stdin.Read(make([]byte, 1))
	os.Exit(0)
}

// again runs a test of this program in a network namespace of its own, and fails or skips as that does.
func again(t *testing.T, name string) {
	t.Helper()
	mode := netns.Net
	if os.Geteuid() != 0 {
		mode = netns.User
	}
	child := exec.Command(os.Args[0], "-test.run="+name, "-test.v")
	child.Env = append(os.Environ(), apart+"=1")
	child.SysProcAttr = netns.Attributes(mode)
	out, err := child.CombinedOutput()
	if err != nil && len(out) == 0 {
		if exec.Command("unshare", "--user", "--map-root-user", "--net", "true").Run() != nil {
			t.Skipf("this machine refuses the namespace to unshare(1) too: %v", err)
		}
	}
	if err != nil || !strings.Contains(string(out), "--- PASS") {
		t.Errorf("in the namespace: %v\n%s", err, out)
	}
}

// plant starts a server in a further namespace, and returns what ends it.
func plant(t *testing.T, address string, pid *atomic.Int64) (end func()) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), serving+"="+address)
	child.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	text := make([]byte, 100)
	n, err := out.Read(text)
	if got := string(text[:n]); got != "ready <nil>\n" {
		t.Fatalf("the server says %q, %v", got, err)
	}
	pid.Store(int64(child.Process.Pid))
	end = func() { in.Close(); _ = child.Wait() }
	t.Cleanup(end)
	return end
}

// TestKernel watches a listener that overflows, restarts and goes, and a namespace that comes and goes.
func TestKernel(t *testing.T) {
	if os.Getenv(apart) == "" {
		again(t, "^TestKernel$")
		return
	}
	if err := netns.LoopbackUp(); err != nil {
		t.Fatal(err)
	}
	const backlog = 20
	address := "127.0.0.1:7000"
	fd := listenAt(t, 7000, backlog)
	news := make(chan string, 100)
	kernel := &some{}
	w, err := start(Config{Said: func(n News) { news <- newsText(n) }}, kernel)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	// Of 30 the queue takes 21; SYNs of the others are dropped, and again with each retransmission.
	for range 30 {
		connectTo(t, 7000)
	}
	here := func() *watch.Listener { return at(w.Now(), 7000) }
	await(t, "it is full", func() bool { return here().Peak.Full && *here().DropsSeen >= 9 })
	await(t, "waiting times are known", func() bool { return here().Waiting != nil })
	drops := dropsOf(t, fd)
	await(t, "all drops are seen", func() bool { return *here().DropsSeen >= drops })
	_ = syscall.Close(fd)
	await(t, "it has gone", func() bool { return here().Gone })
	fd = listenAt(t, 7000, backlog)
	await(t, "it is back", func() bool { return here().Restarts == 1 })
	end := plant(t, "127.0.0.1:7001", &kernel.also)
	await(t, "another has come", func() bool { return at(w.Now(), 7001).Process != "" })
	end()
	expect(t, news, "restarted "+address, "appeared 127.0.0.1:7001", "namespace-gone", "overflow "+address)
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	r := w.End()
	w.Close()
	l := at(r, 7000)
	if l.Peak.Depth != backlog+1 || l.Peak.AtLeast || l.Restarts != 1 || l.Gone || l.Process == "" ||
		*l.DropsSeen < drops {
		t.Errorf("%+v", l)
	}
	// 21 came to the first socket, and the others to the second one.
	if l.Waiting.Source != watch.SourceLittle || l.Waiting.Connections != 30 || l.Waiting.Longest == nil {
		t.Errorf("waiting %+v", l.Waiting)
	}
	if o := at(r, 7001); !o.Gone || o.Netns == l.Netns {
		t.Errorf("%+v", o)
	}
	_ = syscall.Close(fd)
}

// at is the listener of a port.
func at(r *watch.Report, port uint16) *watch.Listener {
	for i := range r.Listeners {
		if r.Listeners[i].Port == port {
			return &r.Listeners[i]
		}
	}
	return &watch.Listener{}
}

func listenAt(t *testing.T, port, backlog int) int {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err == nil {
		err = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1)
	}
	if err == nil {
		err = syscall.Bind(fd, &syscall.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}})
	}
	if err == nil {
		err = syscall.Listen(fd, backlog)
	}
	if err != nil {
		t.Fatal(err)
	}
	return fd
}

func connectTo(t *testing.T, port int) {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	err = syscall.Connect(fd, &syscall.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}})
	if err != nil && err != syscall.EINPROGRESS {
		t.Fatal(err)
	}
}

// dropsOf reads SO_MEMINFO of this process's own socket, which is another way than the watch's.
func dropsOf(t *testing.T, fd int) uint64 {
	t.Helper()
	g := &probe.Group{}
	if err := g.Set(fd); err != nil {
		t.Fatal(err)
	}
	q, err := g.Queue()
	if err != nil || q.Drops == nil {
		t.Fatalf("%+v %v", q, err)
	}
	return uint64(*q.Drops)
}

// some is the kernel of this host without the namespaces of others, which tests beside this one begin and end.
type some struct {
	linux
	also atomic.Int64 // a process whose namespace is the test's, too
}

func (s *some) namespaces() (all []netns.Inhabited, own uint64, hidden int, err error) {
	all, own, hidden, err = s.linux.namespaces()
	return slices.DeleteFunc(all, func(n netns.Inhabited) bool {
		return n.Inode != own && !slices.Contains(n.PIDs, int(s.also.Load()))
	}), own, hidden, err
}

// await is for a watch on a machine that does other things, too.
func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 1000 {
		if ok() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("in vain: %s", what)
}

// expect waits until all has been said, in whatever order.
func expect(t *testing.T, news <-chan string, want ...string) {
	t.Helper()
	limit := time.After(20 * time.Second)
	for len(want) > 0 {
		select {
		case got := <-news:
			i := slices.IndexFunc(want, func(w string) bool { return strings.HasPrefix(got, w) })
			if i < 0 {
				t.Errorf("said: %s", got)
				continue
			}
			want = slices.Delete(want, i, i+1)
		case <-limit:
			t.Fatalf("not said: %q", want)
		}
	}
}

// BenchmarkIdle watches 100 listeners to which nobody comes, a second each time, and reports the CPU that it takes.
func BenchmarkIdle(b *testing.B) {
	for range 100 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		defer l.Close()
	}
	w, err := start(Config{}, &some{})
	if err != nil {
		b.Fatal(err)
	}
	defer w.Close()
	go func() { _ = w.Run(b.Context()) }()
	time.Sleep(3 * time.Second) // the first look is over, and paces are found
	from, began := w.kernel.cpu(), time.Now()
	for b.Loop() {
		time.Sleep(time.Second)
	}
	used := w.kernel.cpu() - from
	b.ReportMetric(100*used.Seconds()/time.Since(began).Seconds(), "CPU%")
	b.ReportMetric(float64(len(w.Now().Listeners)), "listeners")
}

// BenchmarkFilling watches one listener whose queue is never empty: how often it is sampled, and the CPU of that.
func BenchmarkFilling(b *testing.B) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	w, err := start(Config{What: []string{fmt.Sprint(l.Addr().(*net.TCPAddr).Port)}}, &some{})
	if err != nil {
		b.Fatal(err)
	}
	defer w.Close()
	go func() { _ = w.Run(b.Context()) }()
	from, samples, began := w.kernel.cpu(), w.Now().Sampling.Samples, time.Now()
	for b.Loop() {
		time.Sleep(time.Second)
	}
	span := time.Since(began).Seconds()
	b.ReportMetric(100*(w.kernel.cpu()-from).Seconds()/span, "CPU%")
	b.ReportMetric(float64(w.Now().Sampling.Samples-samples)/span, "samples/s")
}
