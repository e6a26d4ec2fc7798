package queue

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis/metric"
	"agistorm/analysis/record"
)

// arriving are calls at 100/s for 5 s, of which those in a time got a first command.
func arriving(from, until time.Duration) (all []record.Attempt) {
	for at := time.Duration(0); at < 5*time.Second; at += 10 * ms {
		a := record.Attempt{Intended: at, Started: ptr(at), Outcome: record.Answered}
		if from <= at && at < until {
			a.FirstCommand = ptr(at + ms)
		}
		all = append(all, a)
	}
	return all
}

// often repeats samples every 10 ms until the next, as the sampler does.
func often(samples []record.QueueSample) (all []record.QueueSample) {
	for i, s := range samples {
		all = append(all, s)
		for i+1 < len(samples) && s.At+10*ms < samples[i+1].At {
			s.At += 10 * ms
			all = append(all, s)
		}
	}
	return all
}

// TestStall tells a server that stops from one that is slow.
func TestStall(t *testing.T) {
	depths := func(every time.Duration, depth ...uint32) (all []record.QueueSample) {
		for i, d := range depth {
			all = append(all, record.QueueSample{At: time.Duration(i) * every, Depth: d, Limit: 128})
		}
		return often(all)
	}
	// It stops at 1 s, is full at 2 s, and accepts all of it at 4 s.
	stops := often([]record.QueueSample{
		{At: 0, Limit: 128}, {At: time.Second, Depth: 1, Limit: 128}, {At: 1500 * ms, Depth: 50, Limit: 128},
		{At: 2 * time.Second, Depth: 129, Limit: 128}, {At: 4 * time.Second, Depth: 90, Limit: 128},
		{At: 4010 * ms, Depth: 30, Limit: 128}, {At: 4020 * ms, Limit: 128}, {At: 5 * time.Second, Limit: 128},
	})
	ends := slices.IndexFunc(stops, func(s record.QueueSample) bool { return s.At == 2*time.Second })
	blind := slices.DeleteFunc(slices.Clone(stops), func(s record.QueueSample) bool {
		return 2*time.Second < s.At && s.At < 3*time.Second
	})
	stall := metric.Stall{From: time.Second, To: 4 * time.Second, Needed: 1 + 299}
	served := arriving(0, time.Second)
	// 20 calls met a full queue just before it stopped, 8 of which connected before, too.
	dropped := slices.Clone(served)
	for i := range 28 {
		a := &dropped[i]
		a.SYNRetransmits, a.Connected = ptr(uint32(1)), ptr(2*time.Second)
		if i < 8 {
			a.Connected = ptr(900 * ms)
		}
	}
	// It stops at 1 s, and takes a third of a second for half of what waits at 3 s.
	drains := often([]record.QueueSample{
		{At: 0, Limit: 1000}, {At: time.Second, Depth: 1, Limit: 1000}, {At: 2 * time.Second, Depth: 100, Limit: 1000},
		{At: 3 * time.Second, Depth: 200, Limit: 1000}, {At: 3010 * ms, Depth: 195, Limit: 1000},
		{At: 3300 * ms, Depth: 95, Limit: 1000}, {At: 3600 * ms, Limit: 1000},
	})
	for name, c := range map[string]struct {
		raw  record.Repeat
		want *metric.Stall
	}{
		"it stops, and is no faster than its pool": {record.Repeat{Queue: drains, Attempts: served},
			&metric.Stall{From: time.Second, To: 3010 * ms, Needed: 1 + 200}},
		"it stops": {record.Repeat{Queue: stops, Attempts: served}, &stall},
		"SYNs were dropped before": {record.Repeat{Queue: stops, Attempts: dropped},
			&metric.Stall{From: time.Second, To: 4 * time.Second, Needed: 1 + 299 + 20}},
		"not watched": {record.Repeat{Attempts: served}, nil},
		"it never accepts again": {record.Repeat{Queue: stops[:ends+1], Attempts: served},
			&metric.Stall{From: time.Second, To: 2 * time.Second, Needed: 1 + 99, Open: true}},
		"not sampled meanwhile":     {record.Repeat{Queue: blind, Attempts: served}, nil},
		"a first command meanwhile": {record.Repeat{Queue: stops, Attempts: arriving(0, 3*time.Second)}, nil},
		"an accept meanwhile, by the server's log": {record.Repeat{Queue: stops, Attempts: served,
			Target: &record.Target{Peers: []record.Peer{{At: 2 * time.Second}}}}, nil},
		"none, by its log": {record.Repeat{Queue: stops, Attempts: served,
			Target: &record.Target{Peers: []record.Peer{{At: 990 * ms}, {At: 4 * time.Second}}}}, &stall},
		"one of several sockets": {record.Repeat{Queue: stops, Attempts: served,
			Served: &record.Served{Sockets: make([]record.ServedSocket, 2)}}, nil},
		"one of several listeners": {record.Repeat{Queue: stops, Attempts: served,
			Storm: record.Storm{Address: "127.0.0.1:4573"}, Kernel: &record.Kernel{Listeners: []record.Listener{
				{Address: "0.0.0.0:4573"}, {Address: "0.0.0.0:4573"}}}}, nil},
		"a slow server: 1 call/s": {record.Repeat{
			Queue: depths(time.Second, 6, 5, 4, 3, 2, 1, 0), Attempts: served}, nil},
		"a slow server, and the watch ends": {record.Repeat{
			Queue: depths(time.Second, 9, 8, 7, 6, 6, 6), Attempts: served}, nil},
		"all handlers busy, in waves": {record.Repeat{
			Queue: depths(time.Second, 90, 60, 30, 0, 0), Attempts: served}, nil},
		"a pause that is too short": {record.Repeat{Queue: depths(100*ms, 6, 9, 1, 0), Attempts: served}, nil},
	} {
		if diff := cmp.Diff(c.want, stallOf(&c.raw)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestElsewhere: overflows that the kernel counted, while the listener dropped nothing, are another's.
func TestElsewhere(t *testing.T) {
	raw := record.Repeat{
		Queue: []record.QueueSample{
			{At: 0, Depth: 3, Limit: 128, Drops: ptr(uint32(7))}, {At: ms, Limit: 128, Drops: ptr(uint32(7))},
		},
		Storm:  record.Storm{Address: "10.0.0.1:4573"},
		Kernel: &record.Kernel{Before: record.Counters{"ListenOverflows": 1}, After: record.Counters{"ListenOverflows": 41}},
		Served: &record.Served{},
	}
	if q := Measure(&raw, nil, true); q.Elsewhere != 40 || q.Peak != 3 {
		t.Errorf("%+v, want 40 elsewhere and a peak of 3", q)
	}
	raw.Kernel.Listeners = []record.Listener{{Address: "0.0.0.0:4573", Drops: 40}}
	if q := Measure(&raw, nil, true); q.Elsewhere != 0 || q.Peak != 129 {
		t.Errorf("%+v, want a full queue: another socket of the port dropped them", q)
	}
}
