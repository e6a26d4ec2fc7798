package queue

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis/calls"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
)

const ms = time.Millisecond

func ptr[T any](v T) *T { return &v }

func TestWatchQueue(t *testing.T) {
	tests := []struct {
		name    string
		samples []record.QueueSample
		want    *metric.Queue
	}{
		{"not watched", nil, nil},
		{"always empty", []record.QueueSample{{At: 0, Limit: 8}, {At: 10 * ms, Limit: 8}}, &metric.Queue{Limit: 8}},
		{
			"up, full, down, and quiet",
			// 2 for 1 ms, 9 for 2 ms, 4 for 1 ms, then empty for ever: (2 + 18 + 4) / 4 = 6
			[]record.QueueSample{
				{At: 0, Depth: 2, Limit: 8}, {At: 1 * ms, Depth: 9, Limit: 8}, {At: 3 * ms, Depth: 4, Limit: 8},
				{At: 4 * ms, Limit: 8}, {At: 100 * ms, Limit: 8},
			},
			&metric.Queue{Limit: 8, Peak: 9, Seen: 9, Full: 2 * ms, Mean: 6, P50: 4, P90: 9, P99: 9, Drain: 4 * ms},
		},
		{
			"at its limit is not over it",
			[]record.QueueSample{{At: 0, Depth: 8, Limit: 8}, {At: 5 * ms, Limit: 8}},
			&metric.Queue{Limit: 8, Peak: 8, Seen: 8, Mean: 8, P50: 8, P90: 8, P99: 8, Drain: 5 * ms},
		},
		{
			"what was before the storm does not count", // 4 for 2 ms
			[]record.QueueSample{{At: -10 * ms, Depth: 4, Limit: 3}, {At: 2 * ms, Limit: 3}},
			&metric.Queue{
				Limit:        3,
				Peak:         4,
				Seen:         4,
				Full:         2 * ms,
				Mean:         4,
				P50:          4,
				P90:          4,
				P99:          4,
				Drain:        2 * ms,
				LongestPause: 2 * ms,
			},
		},
		{
			"the last sample holds for no time", // 0 for 1 ms, 6 for 1 ms
			[]record.QueueSample{{At: 0, Limit: 8}, {At: 1 * ms, Depth: 6, Limit: 8}, {At: 2 * ms, Depth: 6, Limit: 8}},
			&metric.Queue{Limit: 8, Peak: 6, Seen: 6, Mean: 3, P90: 6, P99: 6, Drain: 2 * ms, Left: 6},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, watchQueue(tt.samples, 0, 0)); diff != "" {
				t.Errorf("queue (-want +got):\n%s", diff)
			}
		})
	}
}

// A listener that is closed and opened again counts its drops from 0.
func TestDroppedByANewListener(t *testing.T) {
	var samples []record.QueueSample
	for _, n := range []int{40, 45, -1, 47, 0, 3, 3} { // -1: not known
		s := record.QueueSample{}
		if n >= 0 {
			s.Drops = ptr(uint32(n))
		}
		samples = append(samples, s)
	}
	if got := Dropped(samples); got != 10 {
		t.Errorf("%d dropped, want 7 by the first listener and 3 by the second", got)
	}
}

// TestDepthQuantiles: empty for 10 ms, 5 deep for 60, 20 deep for 30, and then empty.
func TestDepthQuantiles(t *testing.T) {
	sample := func(at time.Duration, depth uint32) record.QueueSample {
		return record.QueueSample{At: at, Depth: depth, Limit: 128}
	}
	q := watchQueue(
		[]record.QueueSample{
			sample(-5*ms, 0),
			sample(10*ms, 5),
			sample(40*ms, 20),
			sample(70*ms, 5),
			sample(100*ms, 0),
			sample(500*ms, 0),
		},
		0,
		0,
	)
	if q.P50 != 5 || q.P90 != 20 || q.P99 != 20 || q.Mean != 9 { // (5·60 + 20·30) / 100
		t.Errorf("%+v", q)
	}
	if q := watchQueue([]record.QueueSample{sample(0, 0), sample(10*ms, 0)}, 0, 0); q.P50 != 0 || q.P99 != 0 {
		t.Errorf("an empty queue: %+v", q)
	}
}

// TestOverflowProvesAFullQueue: samples are 3 ms apart while a queue is empty, and a burst that came and
// went between two of them is known by what the kernel counted, as far as nothing else can have caused it.
func TestOverflowProvesAFullQueue(t *testing.T) {
	kernel := func(overflows uint64) *record.Kernel {
		return &record.Kernel{
			Before: record.Counters{"ListenOverflows": 7},
			After:  record.Counters{"ListenOverflows": 7 + overflows},
		}
	}
	samples := func(depth, drops uint32) []record.QueueSample {
		return []record.QueueSample{
			{At: 0, Limit: 32, Drops: ptr(uint32(4))},
			{At: 3 * ms, Depth: depth, Limit: 32, Drops: ptr(4 + drops)},
			{At: 6 * ms, Limit: 32, Drops: ptr(4 + drops)},
		}
	}
	for name, c := range map[string]struct {
		samples []record.QueueSample
		kernel  *record.Kernel
		alone   bool
		peak    uint32
		unseen  bool
	}{
		"no overflow":                            {samples(20, 0), kernel(0), true, 20, false},
		"an overflow in a namespace of its own":  {samples(20, 0), kernel(1), true, 33, true},
		"seen full":                              {samples(33, 52), kernel(26), true, 33, false},
		"two CPUs added at once":                 {samples(34, 52), kernel(26), true, 34, false},
		"a broken handshake":                     {samples(20, 1), kernel(0), true, 20, false},
		"another listener's overflow":            {samples(20, 0), kernel(3), false, 20, false},
		"its own drops, counters not known":      {samples(20, 52), nil, false, 33, true},
		"its own drops, and overflows somewhere": {samples(20, 52), kernel(26), false, 33, true},
		"its own drops, and no overflow at all":  {samples(20, 1), kernel(0), false, 20, false},
	} {
		q := Measure(&record.Repeat{Queue: c.samples, Kernel: c.kernel}, nil, c.alone)
		if q.Peak != c.peak || q.Unseen() != c.unseen || q.Seen != c.samples[1].Depth {
			t.Errorf("%s: %+v, want a peak of %d", name, q, c.peak)
		}
	}
}

// TestWatchThatBeganLate: mean and quantiles are of the time that was watched.
func TestWatchThatBeganLate(t *testing.T) {
	q := watchQueue(
		[]record.QueueSample{
			{At: 5 * ms, Depth: 50, Limit: 128},
			{At: 100 * ms, Depth: 60, Limit: 128},
			{At: 200 * ms, Limit: 128},
		},
		0,
		0,
	)
	if q.P50 != 60 || q.P90 != 60 || q.P99 != 60 || q.Mean < 55.1 || q.Mean > 55.2 { // (50·95 + 60·100) / 195
		t.Errorf("%+v", q)
	}
}

// A burst that came and went between two samples is known by what had come and was not accepted yet.
func TestRebuilt(t *testing.T) {
	const us = time.Microsecond
	of := func(at, accepted time.Duration) calls.Trail {
		return calls.Trail{
			Attempt:     &record.Attempt{},
			Established: ptr(at),
			Peer:        &record.Peer{At: accepted, Queued: ptr(accepted - at)},
		}
	}
	all := []calls.Trail{
		of(
			10*us,
			50*us,
		), of(20*us, 60*us), of(60*us, 90*us), of(65*us, 70*us), of(80*us, 95*us), // at 65 µs: that of 60 µs and this
		of(0, 800*us), // it was deeper by this one all the while
		{Attempt: &record.Attempt{}, Established: ptr(5 * us)}, // never accepted
	}
	late := of(15*us, time.Second) // its last ACK was dropped: it came 200 ms later
	late.Peer.Queued = ptr(500 * time.Millisecond)
	again := of(12*us, 900*us) // its SYN was retransmitted: that is known to a tick only
	again.SYNRetransmits = ptr(uint32(1))
	all = append(all, late, again)
	if got := rebuilt(all); got != 3 {
		t.Errorf("%d deep, want 3", got)
	}
	if got := rebuilt([]calls.Trail{of(7*us, 7*us)}); got != 0 {
		t.Errorf("%d deep with one that was accepted as it came", got)
	}
	if got := rebuilt(nil); got != 0 {
		t.Errorf("%d deep without a connection", got)
	}
	samples := []record.QueueSample{{At: 0, Limit: 8}, {At: time.Second, Limit: 8}}
	for sockets, want := range map[int]uint32{0: 3, 1: 3, 2: 0} {
		q := Measure(&record.Repeat{Queue: samples, Target: &record.Target{Sockets: sockets}}, all, true)
		if q.Peak != want || q.Seen != 0 || q.Unseen() {
			t.Errorf("%d sockets: %+v, want a peak of %d", sockets, q, want)
		}
	}
	far := &record.Kernel{Link: &record.Link{RTT: time.Millisecond}}
	if q := Measure(&record.Repeat{Queue: samples, Target: &record.Target{}, Kernel: far}, all, true); q.Peak != 0 {
		t.Errorf("%+v: over a link it is not known when a packet came", q)
	}
	shallow := []record.QueueSample{{At: 0, Limit: 2}, {At: time.Second, Limit: 2}}
	if q := Measure(&record.Repeat{Queue: shallow, Target: &record.Target{}}, all, true); q.Peak != 2 || q.WasFull() {
		t.Errorf("%+v: full without an overflow that the kernel counted", q)
	}
}

func TestDrainBeginsWithTheLastArrival(t *testing.T) {
	samples := []record.QueueSample{
		{At: 0, Depth: 3, Limit: 8},
		{At: 100 * ms, Depth: 1, Limit: 8},
		{At: 400 * ms, Limit: 8},
		{At: 900 * ms, Limit: 8},
	}
	for last, want := range map[time.Duration]time.Duration{0: 400 * ms, 150 * ms: 250 * ms, 600 * ms: 0} {
		if got := watchQueue(samples, last, 0).Drain; got != want {
			t.Errorf("last call at %v: drained %v after it, want %v", last, got, want)
		}
	}
}
