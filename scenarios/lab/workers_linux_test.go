package lab

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis/record"
	"agistorm/loadgen"
	"agistorm/loadgen/caller"
	"agistorm/target"
	"agistorm/target/probe"
	"agistorm/target/spec"
	"agistorm/target/work"
)

// serve runs the built-in target in this process.
func serve(t *testing.T) netip.AddrPort {
	t.Helper()
	l, err := target.Listen("127.0.0.1:0", spec.Max(), 1)
	if err != nil {
		t.Fatal(err)
	}
	config := target.DefaultConfig()
	config.Work = work.Work{}
	s, err := target.NewServer(l, config)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(ctx) }()
	t.Cleanup(func() { stop(); <-done; l.Close() })
	return l.Addr()
}

func load(t *testing.T, arrival string, calls int) Load {
	return Load{
		Addresses: []netip.AddrPort{serve(t)}, Arrival: arrival, Calls: calls, Seed: 1,
		Limits: caller.DefaultLimits(), Client: caller.Client{Name: caller.Asterisk}, Engine: loadgen.Auto,
	}
}

func staged(t *testing.T) record.RepeatDir {
	t.Helper()
	dir, err := newDir(t).Stage(StormCell, 1)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestStormOfWorkers(t *testing.T) {
	dir := newDir(t)
	var mutex sync.Mutex
	var last Live
	run, err := Storm(t.Context(), dir, StormOptions{
		Load: load(t, "constant 100/s", 60), Workers: 3, URL: "agi://test",
		Live: func(l Live) { mutex.Lock(); defer mutex.Unlock(); last = l },
	})
	if err != nil {
		t.Fatal(err)
	}
	r, err := dir.Repeat(StormCell, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range r.Attempts {
		if want := time.Duration(i) * 10 * time.Millisecond; a.Seq != uint64(i) || a.Intended != want ||
			a.Outcome != record.Answered {
			t.Fatalf("attempt %d: seq %d, intended %v, %s", i, a.Seq, a.Intended, a.Outcome)
		}
	}
	if len(r.Attempts) != 60 || len(r.Storm.Workers) != 3 || run.Partial != "" {
		t.Errorf("%d attempts, %d workers, partial %q; want 60, 3 and a whole run", len(r.Attempts), len(r.Storm.Workers),
			run.Partial)
	}
	mutex.Lock()
	defer mutex.Unlock()
	if runtime.GOOS == "linux" && (last.Queue == nil || last.Queue.Limit == 0 || len(r.Queue) == 0) {
		t.Errorf("the server's queue was not seen: %+v, %d samples", last.Queue, len(r.Queue))
	}
	if last.Calls != 60 || last.Offered == 0 || last.Offered > 60 || last.Ended() > last.Offered {
		t.Errorf("the last progress was %+v", last)
	}
}

// TestStormCounters: where the server is on this host its kernel's counters are watched during the storm, and
// nowhere else.
func TestStormCounters(t *testing.T) {
	full, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(full)
	if err := errors.Join(syscall.Bind(full, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}),
		syscall.Listen(full, 1)); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(full)
	if err != nil {
		t.Fatal(err)
	}
	o := StormOptions{Load: load(t, "burst", 12), Workers: 1, URL: "agi://test"}
	o.Load.Addresses = []netip.AddrPort{netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}),
		uint16(name.(*syscall.SockaddrInet4).Port))}
	o.Load.Limits.Connect, o.Load.Limits.FirstCommand = 300*time.Millisecond, 300*time.Millisecond
	dir := newDir(t)
	if _, err := Storm(t.Context(), dir, o); err != nil {
		t.Fatal(err)
	}
	r, err := dir.Repeat(StormCell, 1)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(r.Counters); n == 0 || r.Counters[n-1].Gained["ListenOverflows"] < 9 {
		t.Errorf("%v: want the overflows of a queue that holds two or three of 12", r.Counters)
	}
	var elsewhere serverWatch
	if elsewhere.count(counters, r.Kernel.Before, 0); elsewhere.counts != nil {
		t.Error("counters of this host are watched for a server that is elsewhere")
	}
}

// onceThere does something as soon as a file of the storm is there.
func onceThere(t *testing.T, dir record.Dir, name string, do func(folder string)) {
	t.Helper()
	folder := filepath.Join(string(dir), "cells", StormCell, "repeat-1.part")
	var watch sync.WaitGroup
	ctx, stop := context.WithCancel(context.Background())
	watch.Go(func() {
		for ctx.Err() == nil {
			if _, err := os.Stat(filepath.Join(folder, name)); err == nil {
				do(folder)
				return
			}
			time.Sleep(time.Millisecond)
		}
	})
	t.Cleanup(func() { stop(); watch.Wait() })
}

// TestInterruptAfterTheEnd: a signal that comes when all attempts have ended cuts nothing off.
func TestInterruptAfterTheEnd(t *testing.T) {
	dir := newDir(t)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	onceThere(t, dir, "storm.json", func(string) { interrupt() })
	run, err := Storm(ctx, dir, StormOptions{Load: load(t, "burst", 5), Workers: 1, URL: "agi://test"})
	if err != nil || run.Partial != "" || ctx.Err() == nil {
		t.Errorf("%v, run %+v: want a whole run although it was interrupted", err, run)
	}
}

// TestMergeThatFails: what the workers have recorded is not thrown away with it.
func TestMergeThatFails(t *testing.T) {
	dir := newDir(t)
	onceThere(t, dir, "worker-0/attempts.jsonl", func(folder string) {
		if err := os.MkdirAll(filepath.Join(folder, "attempts.jsonl", "in the way"), 0o755); err != nil {
			t.Error(err)
		}
	})
	run, err := Storm(t.Context(), dir, StormOptions{Load: load(t, "constant 100/s", 40), Workers: 2, URL: "agi://test"})
	if run != nil || err == nil || !strings.Contains(err.Error(),
		"what the workers recorded is kept in "+filepath.Join(string(dir), "cells")) {
		t.Fatalf("%v, want an error that says where the workers' records are", err)
	}
	if left, _ := filepath.Glob(filepath.Join(string(dir), "cells", StormCell, "repeat-1.part", "worker-[01]",
		"storm.json")); len(left) != 2 {
		t.Errorf("kept %q, want the records of both workers", left)
	}
}

// TestLostWorker: a worker that is killed takes its own share with it, and no other.
func TestLostWorker(t *testing.T) {
	dir := staged(t)
	w, err := startWorkers(t.Context(), stormOrder{Load: load(t, "constant 50/s", 60), Dir: dir}, 3, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.kill()
	time.AfterFunc(300*time.Millisecond, func() { _ = w.children[1].cmd.Process.Kill() })
	err = errors.Join(w.run(t.Context(), probe.Monotonic()+headStart, nil), w.finish())
	if err == nil || !strings.Contains(err.Error(), "worker 1 of 3: the storm process was killed by signal 9") {
		t.Errorf("%v, want an error that names worker 1 of 3", err)
	}
	shares := shareSizes(t, dir, 3)
	if diff := cmp.Diff(map[uint64]int{0: 20, 2: 20}, shares); diff != "" {
		t.Errorf("attempts by share (-want +got):\n%s", diff)
	}
	if left, _ := filepath.Glob(string(dir) + "/worker-[02]"); len(left) > 0 {
		t.Errorf("%v were left behind", left)
	}
}

// shareSizes counts the attempts of each of n shares in a staged storm.
func shareSizes(t *testing.T, dir record.RepeatDir, n uint64) map[uint64]int {
	t.Helper()
	into := record.Dir(filepath.Dir(filepath.Dir(filepath.Dir(string(dir)))))
	if err := into.Commit(StormCell, 1); err != nil {
		t.Fatal(err)
	}
	r, err := into.Repeat(StormCell, 1)
	if err != nil {
		t.Fatal(err)
	}
	sizes := map[uint64]int{}
	for _, a := range r.Attempts {
		sizes[a.Seq%n]++
	}
	return sizes
}

// TestStoppedWorkers: what had ended when the storm was stopped is kept.
func TestStoppedWorkers(t *testing.T) {
	dir := staged(t)
	w, err := startWorkers(t.Context(), stormOrder{Load: load(t, "constant 50/s", 600), Dir: dir}, 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.kill()
	ctx, stop := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer stop()
	if err := errors.Join(w.run(ctx, probe.Monotonic()+headStart, nil), w.finish()); err != nil {
		t.Fatal(err)
	}
	if sizes := shareSizes(t, dir, 2); sizes[0] < 3 || sizes[1] < 3 || sizes[0]+sizes[1] > 300 {
		t.Errorf("attempts by share %v, want some of each and not all", sizes)
	}
}

// TestWorkerThatCannotPrepare: the error says which and why, and no process is left.
func TestWorkerThatCannotPrepare(t *testing.T) {
	order := stormOrder{Load: load(t, "burst", 10), Dir: staged(t)}
	order.Sources = loadgen.Sources{Addrs: []netip.Addr{netip.MustParseAddr("192.0.2.1")}, Low: 20000, High: 20100}
	_, err := startWorkers(t.Context(), order, 2, nil)
	if err == nil || !strings.Contains(err.Error(), "worker 0 of 2: ") || !strings.Contains(err.Error(), "192.0.2.1") ||
		!strings.HasSuffix(err.Error(), "(and 1 more)") {
		t.Errorf("%v, want one line that names worker 0 of 2, the source and one more", err)
	}
}

// TestWatchedAddress: of a server with several addresses the queue is watched at the first where a socket listens.
func TestWatchedAddress(t *testing.T) {
	server := serve(t)
	closed := netip.AddrPortFrom(server.Addr(), 1)
	w, why := watchServer([]netip.AddrPort{closed, server})
	defer w.close()
	if w.queue() == nil || why != nil {
		t.Errorf("the second address was not found: %+v", why)
	}
	if none, why := watchServer([]netip.AddrPort{closed}); none.queue() != nil || why.Code != record.NoteNotListening {
		t.Errorf("nothing listens: %+v", why)
	}
}

// TestUnwatched: why a server's queue cannot be watched is known; one of several sockets can.
func TestUnwatched(t *testing.T) {
	shared, err := target.Listen("127.0.0.1:0", spec.Max(), 2)
	if err != nil {
		t.Fatal(err)
	}
	defer shared.Close()
	server := netip.MustParseAddrPort(shared.Addr().String())
	elsewhere := netip.AddrPortFrom(netip.MustParseAddr("192.0.2.9"), server.Port())
	if _, why := watchServer([]netip.AddrPort{elsewhere}); why == nil ||
		why.Error != "192.0.2.9 is not an address of this host" {
		t.Errorf("%v: %+v", elsewhere, why)
	}
	w, why := watchServer([]netip.AddrPort{server})
	defer w.close()
	if p := w.process(); why != nil || p == nil || !slices.Equal(p.Kinds, []string{"go"}) {
		t.Errorf("%v: %+v, by %+v", server, why, p)
	}
}

// TestRepeatsOfAStorm: a storm at an external server is repeated with other callers, each in a record of its own.
func TestRepeatsOfAStorm(t *testing.T) {
	dir := newDir(t)
	run, err := Storm(t.Context(), dir, StormOptions{Load: load(t, "burst", 4), Workers: 1, URL: "agi://test", Repeats: 2})
	if err != nil || run.Repeats != 2 || run.Partial != "" {
		t.Fatalf("%+v, %v; want a whole run of two storms", run, err)
	}
	if p := run.ServerProcess; p == nil || !slices.Equal(p.Kinds, []string{"go"}) {
		t.Errorf("the server's process is %+v, want one that is built by Go", p)
	}
	for n := range 2 {
		r, err := dir.Repeat(StormCell, n+1)
		if err != nil || len(r.Attempts) != 4 || r.Kernel == nil {
			t.Errorf("storm %d: %+v, %v", n+1, r, err)
		}
	}
}
