package watch

import (
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"agistorm/analysis/watch"
	"agistorm/target/probe"
)

// TestOverflow: a queue that fills is sampled at a fast pace, and its overflow is said when it has ended.
func TestOverflow(t *testing.T) {
	inBubble(t, Config{}, func(f *fake, begin func() *watched) {
		own := f.spaces[0]
		own.listen(fakeSocket(80, 1))
		own.set(1, 0, 5)
		w := begin()
		time.Sleep(time.Second)
		before := f.reads()
		time.Sleep(time.Second)
		if n := f.reads() - before; n > 10 {
			t.Errorf("%d reads a second of an empty queue", n)
		}
		own.count(passiveOpens, 3)
		own.set(1, 3, 5)
		time.Sleep(300 * time.Millisecond)
		before = f.reads()
		time.Sleep(100 * time.Millisecond)
		if n := f.reads() - before; n < 90 {
			t.Errorf("%d reads in 100 ms of one that fills", n)
		}
		own.count(listenOverflows, 2)
		own.set(1, 9, 9)
		time.Sleep(50 * time.Millisecond)
		own.set(1, 0, 9)
		w.said()
		time.Sleep(6 * time.Second)
		w.said("overflow 127.0.0.1:80: 4 drops, peak 9 of 9")
		before = f.reads()
		time.Sleep(time.Second)
		if n := f.reads() - before; n > 10 {
			t.Errorf("%d reads a second when it is empty again", n)
		}
		r := w.end()
		l := r.Listeners[0]
		if l.Peak.Depth != 9 || !l.Peak.Full || *l.DropsSeen != 4 || *l.Drops != 9 || l.OverflowCount != 1 {
			t.Errorf("%+v", l)
		}
		if l.Waiting == nil || l.Waiting.Source != watch.SourceLittle || l.Waiting.Connections != 3 {
			t.Errorf("waiting: %+v", l.Waiting)
		}
		if len(l.Findings) == 0 || l.Findings[0].Code() != "listener-drops" || l.Advice == nil || l.Earlier != nil {
			t.Errorf("findings %+v, advice %+v", l.Findings, l.Advice)
		}
		if grown := r.Namespaces[0].Grown; grown[listenOverflows] != 2 || grown[passiveOpens] != 3 {
			t.Errorf("grown: %v", grown)
		}
	})
}

// TestSelf: the listener that shows the metrics of a watch is no second server, and its connections are not the
// server's. One is accepted after the kernel has counted it, another only at the next sample.
func TestSelf(t *testing.T) {
	inBubble(t, Config{}, func(f *fake, begin func() *watched) {
		own, accepted := f.spaces[0], atomic.Uint64{}
		own.listen(fakeSocket(80, 1))
		f.ready = func(w *Watcher) {
			own.listen(fakeSocket(80, 1), fakeSocket(9573, 2))
			w.Except(fakeSocket(9573, 2).Address, accepted.Load)
		}
		w := begin()
		time.Sleep(time.Second)
		own.count(passiveOpens, 4)
		accepted.Add(1)
		own.set(1, 3, 0)
		time.Sleep(time.Second)
		accepted.Add(1)
		time.Sleep(time.Second)
		own.count(passiveOpens, 6)
		own.set(1, 0, 0)
		time.Sleep(time.Second)
		for _, l := range w.end().Listeners {
			switch {
			case l.Port == 9573 && l.Waiting != nil:
				t.Errorf("its own: %+v", l.Waiting)
			case l.Port == 80 && (l.Waiting == nil || l.Waiting.Source != watch.SourceLittle ||
				l.Waiting.Connections != 8):
				t.Errorf("the server's: %+v", l.Waiting)
			}
		}
	})
}

// TestBusy: while connections come, an empty queue is sampled more often.
func TestBusy(t *testing.T) {
	inBubble(t, Config{}, func(f *fake, begin func() *watched) {
		own := f.spaces[0]
		own.listen(fakeSocket(80, 1))
		w := begin()
		stop := time.Now().Add(2 * time.Second)
		before := f.reads()
		for time.Now().Before(stop) {
			own.count(passiveOpens, 1)
			time.Sleep(10 * time.Millisecond)
		}
		if n := f.reads() - before; n < 30 || n > 42 {
			t.Errorf("%d reads in 2 s", n)
		}
		if l := w.end().Listeners[0]; !l.Peak.AtLeast {
			t.Errorf("more than 5 came before it was sampled more often: %+v", l.Peak)
		}
	})
}

// TestNewOneThatDropped: a listener that dropped before it was seen is sampled at a fast pace at once, since its
// clients come back.
func TestNewOneThatDropped(t *testing.T) {
	inBubble(t, Config{}, func(f *fake, begin func() *watched) {
		own := f.spaces[0]
		w := begin()
		one := fakeSocket(80, 1)
		*one.Drops = 7
		own.listen(one)
		time.Sleep(300 * time.Millisecond)
		before := f.reads()
		time.Sleep(100 * time.Millisecond)
		if n := f.reads() - before; n < 90 {
			t.Errorf("%d reads in 100 ms", n)
		}
		if l := w.end().Listeners[0]; *l.DropsSeen != 7 || !l.Peak.Full || *l.Drops != 7 {
			t.Errorf("%+v", l)
		}
	})
}

// TestDropsForAnotherReason: where no queue of the namespace overflowed, one that dropped was not full.
func TestDropsForAnotherReason(t *testing.T) {
	inBubble(t, Config{}, func(f *fake, begin func() *watched) {
		own := f.spaces[0]
		own.listen(fakeSocket(80, 1))
		w := begin()
		time.Sleep(time.Second)
		own.set(1, 0, 4)
		time.Sleep(time.Second)
		if l := w.end().Listeners[0]; l.Peak.Depth != 0 || l.Peak.Full || *l.DropsSeen != 4 {
			t.Errorf("%+v", l.Peak)
		}
	})
}

// TestRestart: another socket at the address is the same row, and one that does not come back is said to have
// vanished.
func TestRestart(t *testing.T) {
	inBubble(t, Config{}, func(f *fake, begin func() *watched) {
		own := f.spaces[0]
		own.listen(fakeSocket(80, 1), fakeSocket(81, 2))
		w := begin()
		time.Sleep(time.Second)
		own.listen(fakeSocket(81, 2))
		time.Sleep(3 * time.Second)
		own.listen(fakeSocket(81, 2), fakeSocket(80, 3))
		time.Sleep(3 * time.Second)
		w.said("restarted 127.0.0.1:80 server3 host 3.3s")
		own.listen(fakeSocket(80, 3))
		time.Sleep(vanishedAfter + time.Second)
		own.listen(fakeSocket(80, 3), fakeSocket(82, 4))
		time.Sleep(5 * time.Second)
		w.said("restarted 127.0.0.1:80 server3 host 3.3s", "vanished 127.0.0.1:81 server2 host",
			"appeared 127.0.0.1:82 server4 host")
		r := w.end()
		rows := map[uint16]watch.Listener{}
		for _, l := range r.Listeners {
			rows[l.Port] = l
		}
		if l := rows[80]; l.Restarts != 1 || l.Gone || l.PID != 3 || !l.Last.Equal(r.To) || !l.First.Equal(r.From) {
			t.Errorf("80: %+v", l)
		}
		if l := rows[81]; !l.Gone || l.Restarts != 0 || l.Last.After(r.To.Add(-15*time.Second)) {
			t.Errorf("81: %+v", l)
		}
		if l := rows[82]; len(r.Listeners) != 3 || l.First.Before(r.From.Add(17*time.Second)) {
			t.Errorf("82: %+v of %d", l, len(r.Listeners))
		}
	})
}

// TestGroup: sockets that share an address are a row each, and are found though the kernel has one of them found.
func TestGroup(t *testing.T) {
	inBubble(t, Config{}, func(f *fake, begin func() *watched) {
		own := f.spaces[0]
		own.listen(fakeSocket(80, 1), fakeSocket(80, 2))
		w := begin()
		time.Sleep(time.Second)
		own.count(listenOverflows, 1)
		own.set(2, 8, 1)
		time.Sleep(500 * time.Millisecond)
		before := f.reads()
		time.Sleep(100 * time.Millisecond)
		if n := f.reads() - before; n < 90 {
			t.Errorf("%d reads in 100 ms", n)
		}
		deep := fakeSocket(80, 2)
		deep.Depth, *deep.Drops = 8, 1
		own.listen(deep, fakeSocket(80, 3))
		time.Sleep(3 * time.Second)
		w.said("restarted 127.0.0.1:80 server3 host 300ms")
		r := w.end()
		if len(r.Listeners) != 2 || r.Listeners[0].Cookie != 2 || r.Listeners[0].Peak.Depth != 9 ||
			r.Listeners[0].Sockets != 2 || r.Listeners[1].Restarts != 1 || r.Listeners[1].Peak.Depth != 0 {
			t.Errorf("%+v", r.Listeners)
		}
	})
}

// TestRestartBeside: a server that begins to listen again before its old process has ended is one row.
func TestRestartBeside(t *testing.T) {
	inBubble(t, Config{}, func(f *fake, begin func() *watched) {
		own := f.spaces[0]
		own.listen(fakeSocket(80, 1))
		w := begin()
		time.Sleep(time.Second)
		own.set(1, 0, 4)
		time.Sleep(time.Second)
		old := fakeSocket(80, 1)
		*old.Drops = 4
		own.listen(old, fakeSocket(80, 2))
		time.Sleep(10 * time.Second)
		own.count(listenOverflows, 1)
		own.set(2, 3, 2)
		time.Sleep(time.Second)
		one := fakeSocket(80, 2)
		one.Depth, *one.Drops = 3, 2
		own.listen(one)
		time.Sleep(time.Second)
		own.set(2, 3, 3)
		time.Sleep(10 * time.Second)
		w.said("appeared 127.0.0.1:80 server2 host", "overflow 127.0.0.1:80: 4 drops, peak 0 of 9",
			"restarted 127.0.0.1:80 server2 host", "overflow 127.0.0.1:80: 3 drops, peak 9 of 9")
		r := w.end()
		if len(r.Listeners) != 1 {
			t.Fatalf("%+v", r.Listeners)
		}
		l := r.Listeners[0]
		if *l.DropsSeen != 7 || l.Restarts != 1 || l.PID != 2 || l.Gone || l.Peak.Depth != 9 || l.Depth != 3 ||
			l.OverflowCount != 2 || !l.First.Equal(r.From) || l.Sockets != 0 {
			t.Errorf("%+v", l)
		}
	})
}

// TestNamespaces: one that comes is taken up, one that is refused is counted, and one whose last process ends is let
// go with one event.
func TestNamespaces(t *testing.T) {
	inBubble(t, Config{}, func(f *fake, begin func() *watched) {
		f.add(7, 70).refused = fs.ErrPermission
		w := begin()
		time.Sleep(time.Second)
		box := f.add(5, 50)
		box.listen(fakeSocket(80, 1), fakeSocket(81, 2))
		time.Sleep(3 * time.Second)
		w.said("appeared 127.0.0.1:80 server1 50", "appeared 127.0.0.1:81 server2 50")
		if n := f.opens(); n != 2 {
			t.Errorf("%d namespaces are open", n)
		}
		f.do(func() { delete(f.spaces, 5) })
		time.Sleep(600 * time.Millisecond) // less than listEvery: the end of the process is noticed
		w.said("appeared 127.0.0.1:80 server1 50", "appeared 127.0.0.1:81 server2 50", "namespace-gone 50")
		if n := f.opens(); n != 1 {
			t.Errorf("%d namespaces are open: it is held", n)
		}
		f.add(6, 60) // nothing listens there
		time.Sleep(time.Minute)
		f.do(func() { delete(f.spaces, 6) })
		time.Sleep(time.Minute)
		r := w.end()
		if len(r.Events) != 3 || r.Events[2].Container == nil || r.Events[2].Container.Name != "c5" {
			t.Errorf("%+v", r.Events)
		}
		if len(r.Listeners) != 2 || !r.Listeners[0].Gone || !r.Listeners[1].Gone {
			t.Errorf("%+v", r.Listeners)
		}
		if len(r.Namespaces) != 1 || r.Namespaces[0].Netns != "50" || !r.Namespaces[0].Gone ||
			r.Unseen.Namespaces != 1 || r.Unseen.Processes != 3 {
			t.Errorf("%+v, unseen %+v", r.Namespaces, r.Unseen)
		}
	})
}

// TestTooManyOpenFiles: a namespace that cannot be opened now counts as unseen, and is tried again.
func TestTooManyOpenFiles(t *testing.T) {
	inBubble(t, Config{}, func(f *fake, begin func() *watched) {
		box := f.add(5, 50)
		box.listen(fakeSocket(80, 1))
		box.refused = syscall.EMFILE
		w := begin()
		if n := w.Now().Unseen.Namespaces; n != 1 {
			t.Errorf("%d are unseen", n)
		}
		f.do(func() { box.refused = nil })
		time.Sleep(3 * time.Second)
		if r := w.end(); r.Unseen.Namespaces != 0 || len(r.Listeners) != 1 {
			t.Errorf("%d are unseen, %d listeners", r.Unseen.Namespaces, len(r.Listeners))
		}
	})
}

// TestOverflowOfANamespaceThatGoes: its last overflow has ended with it.
func TestOverflowOfANamespaceThatGoes(t *testing.T) {
	inBubble(t, Config{}, func(f *fake, begin func() *watched) {
		box := f.add(5, 50)
		box.listen(fakeSocket(80, 1))
		w := begin()
		box.count(listenOverflows, 1)
		box.set(1, 9, 2)
		time.Sleep(time.Second)
		f.do(func() { delete(f.spaces, 5) })
		time.Sleep(3 * time.Second)
		w.said("overflow 127.0.0.1:80: 2 drops, peak 9 of 9", "namespace-gone 50")
		w.end()
	})
}

// TestSuspended: the host sleeps for an hour, in which nothing is seen.
func TestSuspended(t *testing.T) {
	inBubble(t, Config{}, func(f *fake, begin func() *watched) {
		f.spaces[0].listen(fakeSocket(80, 1))
		w := begin()
		time.Sleep(time.Minute)
		f.do(func() { f.slept = time.Hour })
		time.Sleep(time.Minute)
		w.said("suspended 1h0m0s")
		r := w.end()
		if r.Suspended != time.Hour || r.To.Sub(r.From).Round(time.Second) != time.Hour+2*time.Minute {
			t.Errorf("suspended %v of %v", r.Suspended, r.To.Sub(r.From))
		}
		seen := r.Listeners[0].Depths.Time
		if seen > 2*time.Minute || seen < 119*time.Second {
			t.Errorf("seen for %v", seen)
		}
	})
}

// TestLate: the watch itself is not scheduled for a minute. The clock of a bubble stands still meanwhile, so the host's
// goes on.
func TestLate(t *testing.T) {
	inBubble(t, Config{}, func(f *fake, begin func() *watched) {
		f.spaces[0].listen(fakeSocket(80, 1))
		w := begin()
		time.Sleep(time.Minute)
		f.do(func() { f.start = f.start.Add(-time.Minute) })
		time.Sleep(time.Minute)
		w.said("late 1m0s")
		if seen := w.end().Listeners[0].Depths.Time; seen > 2*time.Minute {
			t.Errorf("seen for %v", seen)
		}
	})
}

// TestWrapped: drops past 2^32 go on counting.
func TestWrapped(t *testing.T) {
	inBubble(t, Config{}, func(f *fake, begin func() *watched) {
		own := f.spaces[0]
		own.listen(fakeSocket(80, 1))
		own.set(1, 0, 1<<32-3)
		w := begin()
		time.Sleep(time.Second)
		own.set(1, 0, 7)
		time.Sleep(time.Second)
		w.said("wrapped 127.0.0.1:80 server1 host")
		if l := w.end().Listeners[0]; *l.DropsSeen != 10 || *l.Drops != 7 {
			t.Errorf("%d drops seen, %d at the socket", *l.DropsSeen, *l.Drops)
		}
	})
}

// TestWhat: what was asked for and does not listen yet is awaited; a restart by another process is the same row.
func TestWhat(t *testing.T) {
	inBubble(t, Config{What: []string{"80", "server", "c5", "127.0.0.1:443"}}, func(f *fake, begin func() *watched) {
		own := f.spaces[0]
		own.listen(fakeSocket(443, 1), fakeSocket(444, 2))
		w := begin()
		if got := fmt.Sprint(w.Now().Awaited); got != "[80 c5 server]" {
			t.Errorf("awaited: %s", got)
		}
		time.Sleep(time.Second)
		f.add(5, 50).listen(fakeSocket(9, 9))
		own.listen(fakeSocket(443, 1), fakeSocket(444, 2), fakeSocket(80, 3))
		time.Sleep(3 * time.Second)
		own.listen(fakeSocket(443, 1), fakeSocket(444, 2), fakeSocket(80, 4))
		time.Sleep(3 * time.Second)
		w.said("appeared 127.0.0.1:80 server3 host", "appeared 127.0.0.1:9 server9 50",
			"restarted 127.0.0.1:80 server4 host 300ms")
		r := w.end()
		if got := fmt.Sprint(r.Awaited); got != "[server]" || len(r.Listeners) != 3 {
			t.Errorf("awaited: %s; %+v", got, r.Listeners)
		}
	})
}

// TestKernelStopsAnswering: for a while is no reason to end, for longer is.
func TestKernelStopsAnswering(t *testing.T) {
	f := newFake()
	w, err := start(Config{}, f)
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("no buffer space")
	w.spaces[0].kernel = failing{f.spaces[0], broken}
	for range failuresInTurn - 1 {
		if err := w.sweepAll(0); err != nil {
			t.Fatalf("too early: %v", err)
		}
	}
	if err := w.sweepAll(0); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	if err := w.discover(0); err != nil || w.spaces[0].failed {
		t.Errorf("it is not opened again: %v", err)
	}
	w.failures = 0
	if err := w.sweepAll(0); err != nil || w.failures != 0 {
		t.Errorf("%v after %d failures", err, w.failures)
	}
}

type failing struct {
	sockets
	err error
}

func (f failing) Queues(func(probe.Queue)) error { return f.err }

// TestForgets: a host that begins and ends listeners and namespaces all the time needs bounded memory, and those that
// dropped something stay.
func TestForgets(t *testing.T) {
	inBubble(t, Config{}, func(f *fake, begin func() *watched) {
		own := f.spaces[0]
		w := begin()
		const rounds, each = 20, 80
		for round := range uint64(rounds) {
			var all []probe.Listener
			for i := range uint64(each) {
				one := fakeSocket(uint16(1+round*each+i), 1+round*each+i)
				if round == 1 {
					one.Drops = new(uint32)
					*one.Drops = 1
				}
				all = append(all, one)
			}
			own.listen(all...)
			time.Sleep(vanishedAfter + 2*time.Second)
		}
		own.listen()
		time.Sleep(vanishedAfter + 2*time.Second)
		r := w.end()
		if len(r.Listeners) != watch.MaxGone || r.ListenersLeftOut != rounds*each-watch.MaxGone {
			t.Errorf("%d rows, %d left out", len(r.Listeners), r.ListenersLeftOut)
		}
		if len(r.Events) != watch.MaxEvents || r.EventsLeftOut != 2*rounds*each-watch.MaxEvents {
			t.Errorf("%d events, %d left out", len(r.Events), r.EventsLeftOut)
		}
		dropped := 0
		for _, l := range r.Listeners {
			if *l.DropsSeen > 0 {
				dropped++
			}
		}
		if dropped != each {
			t.Errorf("%d rows with drops, want %d", dropped, each)
		}
	})
}

// TestErrors of the first look.
func TestErrors(t *testing.T) {
	f := newFake()
	delete(f.spaces, 0)
	if _, err := start(Config{}, f); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
	if _, err := New(Config{}); runtime.GOOS != "linux" && !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("%v", err)
	}
}
