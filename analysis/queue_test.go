package analysis

import (
	"slices"
	"testing"
	"time"

	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// TestOverflowProvesAFullQueue: looks are 3 ms apart while a queue is empty, and a burst that came and went between two of them is known
// by what the kernel counted, as far as nobody else can have caused it.
func TestOverflowProvesAFullQueue(t *testing.T) {
	kernel := func(overflows uint64) *record.Kernel {
		return &record.Kernel{Before: record.Counters{listenOverflows: 7}, After: record.Counters{listenOverflows: 7 + overflows}}
	}
	looks := func(depth, drops uint32) []record.QueueSample {
		return []record.QueueSample{{At: 0, Limit: 32, Drops: ptr(uint32(4))}, {At: 3 * ms, Depth: depth, Limit: 32, Drops: ptr(4 + drops)}, {At: 6 * ms, Limit: 32, Drops: ptr(4 + drops)}}
	}
	for name, c := range map[string]struct {
		samples []record.QueueSample
		kernel  *record.Kernel
		alone   bool
		peak    uint32
		unseen  bool
	}{
		"no overflow":                            {looks(20, 0), kernel(0), true, 20, false},
		"an overflow in a namespace of its own":  {looks(20, 0), kernel(1), true, 33, true},
		"seen full":                              {looks(33, 52), kernel(26), true, 33, false},
		"two CPUs added at once":                 {looks(34, 52), kernel(26), true, 34, false},
		"a broken handshake":                     {looks(20, 1), kernel(0), true, 20, false},
		"somebody else's overflow":               {looks(20, 0), kernel(3), false, 20, false},
		"its own drops, counters not known":      {looks(20, 52), nil, false, 33, true},
		"its own drops, and overflows somewhere": {looks(20, 52), kernel(26), false, 33, true},
		"its own drops, and no overflow at all":  {looks(20, 1), kernel(0), false, 20, false},
	} {
		q := queueOf(&record.Repeat{Queue: c.samples, Kernel: c.kernel}, nil, c.alone)
		if q.Peak != c.peak || q.Unseen() != c.unseen || q.Seen != c.samples[1].Depth {
			t.Errorf("%s: %+v, want a peak of %d", name, q, c.peak)
		}
	}
}

// TestOverflowUnseenIsSaid in the storm's warnings.
func TestOverflowUnseenIsSaid(t *testing.T) {
	run, all := madeRun(cellOf{tuned(128), storms(made{calls: 20, late: 2, peak: 60, overflows: 2})})
	warnings := Summarise(run, all).Cells[0].Repeats[0].Warnings
	if !slices.Contains(facts(warnings), finding.Fact(finding.QueueUnseen{Seen: 60, Holds: 129})) {
		t.Errorf("warnings %+v", warnings)
	}
}

// TestWatchThatBeganLate: mean and quantiles are of the time that was watched.
func TestWatchThatBeganLate(t *testing.T) {
	q := watchQueue([]record.QueueSample{{At: 5 * ms, Depth: 50, Limit: 128}, {At: 100 * ms, Depth: 60, Limit: 128}, {At: 200 * ms, Limit: 128}}, 0, 0)
	if q.P50 != 60 || q.P90 != 60 || q.P99 != 60 || q.Mean < 55.1 || q.Mean > 55.2 { // (50·95 + 60·100) / 195
		t.Errorf("%+v", q)
	}
}

// A burst that came and went between two looks is known by who had come and was not accepted yet.
func TestRebuilt(t *testing.T) {
	const us = time.Microsecond
	of := func(at, accepted time.Duration) trail {
		return trail{Attempt: &record.Attempt{}, established: ptr(at), peer: &record.Peer{At: accepted, Queued: ptr(accepted - at)}}
	}
	all := []trail{
		of(10*us, 50*us), of(20*us, 60*us), of(60*us, 90*us), of(65*us, 70*us), of(80*us, 95*us), // at 65 µs: that of 60 µs and this
		of(0, 800*us), // it was deeper by this one all the while
		{Attempt: &record.Attempt{}, established: ptr(5 * us)}, // never accepted
	}
	late := of(15*us, time.Second) // its last ACK was dropped: it came 200 ms later
	late.peer.Queued = ptr(500 * time.Millisecond)
	again := of(12*us, 900*us) // its SYN was sent again: that is known to a tick only
	again.SYNRetransmits = ptr(uint32(1))
	all = append(all, late, again)
	if got := rebuilt(all); got != 3 {
		t.Errorf("%d deep, want 3", got)
	}
	if got := rebuilt([]trail{of(7*us, 7*us)}); got != 0 {
		t.Errorf("%d deep with one that was accepted as it came", got)
	}
	if got := rebuilt(nil); got != 0 {
		t.Errorf("%d deep without a connection", got)
	}
	looked := []record.QueueSample{{At: 0, Limit: 8}, {At: time.Second, Limit: 8}}
	for sockets, want := range map[int]uint32{0: 3, 1: 3, 2: 0} {
		q := queueOf(&record.Repeat{Queue: looked, Target: &record.Target{Sockets: sockets}}, all, true)
		if q.Peak != want || q.Seen != 0 || q.Unseen() {
			t.Errorf("%d sockets: %+v, want a peak of %d", sockets, q, want)
		}
	}
	far := &record.Kernel{Link: &record.Link{RTT: time.Millisecond}}
	if q := queueOf(&record.Repeat{Queue: looked, Target: &record.Target{}, Kernel: far}, all, true); q.Peak != 0 {
		t.Errorf("%+v: over a link nobody knows when a packet came", q)
	}
	shallow := []record.QueueSample{{At: 0, Limit: 2}, {At: time.Second, Limit: 2}}
	if q := queueOf(&record.Repeat{Queue: shallow, Target: &record.Target{}}, all, true); q.Peak != 2 || q.WasFull() {
		t.Errorf("%+v: full without an overflow that the kernel counted", q)
	}
}
