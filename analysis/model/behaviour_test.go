package model_test

import (
	"reflect"
	"testing"
	"time"

	"agistorm/analysis/model"
	"agistorm/analysis/record"
	"agistorm/target/spec"
)

const ms = time.Millisecond

// ideal is a burst that costs no CPU time, at a server with 5 ms of work a call and one command.
func ideal(behaviour string, calls int) *model.Storm {
	s := storm(behaviour, calls, 4096)
	s.Machine, s.Server.Commands = model.Machine{}, 1
	return s
}

// TestBehaviours: ten calls at once, and when the first and the last command come, worked out by hand.
func TestBehaviours(t *testing.T) {
	for behaviour, want := range map[string]struct {
		first, last time.Duration
		answered    int
	}{
		"thread":        {5 * ms, 5 * ms, 10},
		"env-in-accept": {5 * ms, 5 * ms, 10},
		"async":         {5 * ms, 5 * ms, 10},
		"loop":          {5 * ms, 50 * ms, 10},
		"pool:2":        {5 * ms, 25 * ms, 10},
		"prefork:2":     {5 * ms, 25 * ms, 10},
		"pool:2,hoard":  {5 * ms, 25 * ms, 10},
		"pool:2,reject": {5 * ms, 5 * ms, 2},
		"fork:10,2ms":   {7 * ms, 25 * ms, 10},
		"fork:1,2ms":    {7 * ms, 70 * ms, 10},
		// 1 ms each: all are accepted before any is read, at 20 ms five works are over, their replies are read, and
		// five more works are over.
		"async:1ms":    {21 * ms, 35 * ms, 10},
		"xinetd:4,10s": {5 * ms, 5 * ms, 4},
	} {
		s := ideal(behaviour, 10)
		r := s.Play(model.Observer{})
		l := r.Latencies.FirstCommand
		if l.Min != want.first || l.Max != want.last || r.Outcomes[record.Answered] != want.answered {
			t.Errorf("%s: first commands from %v to %v, want %v to %v; %v",
				behaviour, l.Min, l.Max, want.first, want.last, r.Outcomes)
		}
	}
}

// TestSockets: each socket has a queue of its own, and a thread that is blocked keeps those of its own waiting.
func TestSockets(t *testing.T) {
	s := ideal("reuseport:2", 400)
	s.Listener.Backlog, s.Client.ConnectLimit = 9, 500*ms
	s.Server.Stalls = []spec.Disturbance{{For: 100 * ms, At: 0}}
	r := s.Play(model.Observer{})
	if r.Outcomes[record.Answered] != 2*10 || r.Queue.Peak != 10 {
		t.Errorf("%v, peak %d", r.Outcomes, r.Queue.Peak)
	}
}

// TestOverflow: twenty SYNs at a server that never accepts and holds 5 connections, 20 ms away. The SYN queue takes 5
// and gives cookies for the others; the ACKs of the first 5 come first.
func TestOverflow(t *testing.T) {
	for name, c := range map[string]struct {
		change   func(*model.Storm)
		outcomes map[record.Outcome]int
		counters map[string]uint64
	}{
		"line by line": { // the probe has the second line: it is reset
			func(*model.Storm) {},
			map[record.Outcome]int{record.Silent: 5, record.Reset: 15},
			map[string]uint64{"SyncookiesSent": 15, "SyncookiesRecv": 30, "SyncookiesFailed": 15, "ListenOverflows": 30,
				"ListenDrops": 30, "TcpPassiveOpens": 5, "TCPLossProbes": 15, "TCPReqQFullDoCookies": 15,
				"TcpOutRsts": 15},
		},
		"abort": { // whom the kernel knows by a cookie it does not reset
			func(s *model.Storm) { s.Listener.AbortOnOverflow = true },
			map[record.Outcome]int{record.Silent: 5, record.Reset: 15},
			map[string]uint64{"EmbryonicRsts": 0, "TcpOutRsts": 15},
		},
		"one write": { // every probe is the first segment: only the FINs are reset, of clients that have given up
			func(s *model.Storm) { s.Client.Writes = model.OneWrite },
			map[record.Outcome]int{record.Silent: 20},
			map[string]uint64{"SyncookiesFailed": 15, "TcpOutRsts": 15, "TcpPassiveOpens": 5},
		},
		"connect only": { // a FIN that nobody acknowledges
			func(s *model.Storm) { s.Client.Writes = model.Nothing },
			map[record.Outcome]int{record.Connected: 5, record.Phantom: 15},
			map[string]uint64{"TcpPassiveOpens": 5},
		},
		"without cookies": {
			func(s *model.Storm) { s.Listener.Syncookies = 0 },
			map[record.Outcome]int{record.Silent: 5, record.ConnectTimeout: 15},
			map[string]uint64{"TCPReqQFullDrop": 15, "ListenDrops": 15, "ListenOverflows": 0, "SyncookiesSent": 0},
		},
	} {
		s := ideal("pool:1", 20)
		s.Listener.Backlog, s.Link.RTT = 4, 20*ms
		s.Client.ConnectLimit, s.Client.FirstCommandLimit = 900*ms, time.Second
		s.Server.Stalls = []spec.Disturbance{{For: time.Minute, At: 0}}
		c.change(s)
		r := s.Play(model.Observer{})
		for o, n := range c.outcomes {
			if r.Outcomes[o] != n {
				t.Errorf("%s: %v, want %v", name, r.Outcomes, c.outcomes)
			}
		}
		for counter, n := range c.counters {
			if r.Counters[counter] != n {
				t.Errorf("%s: %s is %d, want %d", name, counter, r.Counters[counter], n)
			}
		}
	}
}

// TestRevival: phantoms with one write are accepted when there is room again, by a segment that is retransmitted.
func TestRevival(t *testing.T) {
	s := ideal("pool:16", 20)
	s.Listener.Backlog, s.Link.RTT, s.Client.Writes = 4, 20*ms, model.OneWrite
	s.Server.Stalls = []spec.Disturbance{{For: 150 * ms, At: 0}}
	r := s.Play(model.Observer{})
	if r.Outcomes[record.Answered] != 20 || *r.Phantoms != 0 || r.Slow != 0 || r.Queue.Peak != 5 {
		t.Errorf("%v, %d phantoms, %d slow, peak %d", r.Outcomes, *r.Phantoms, r.Slow, r.Queue.Peak)
	}
}

// TestHosts: the SYNs of one host come back in one slot or two, and most get a SYN-ACK before the queue is full;
// those of many hosts come back one by one.
func TestHosts(t *testing.T) {
	s := storm("pool:16", 2000, 128)
	one := s.Play(model.Observer{})
	s.Machine = s.Machine.ServerOnly()
	many := s.Play(model.Observer{})
	if *one.Phantoms < 1000 || *many.Phantoms != 0 || many.Outcomes[record.ConnectTimeout] < 1000 {
		t.Errorf("%d phantoms of one host, %d of many; %v", *one.Phantoms, *many.Phantoms, many.Outcomes)
	}
}

// TestDescriptors: the accept that needs the 256th descriptor waits for the kernel.
func TestDescriptors(t *testing.T) {
	s := storm("thread", 300, 4096)
	s.Server.Work = func(uint64) time.Duration { return time.Second }
	var accepted []time.Duration
	s.Play(model.Observer{Peer: func(p *record.Peer) { accepted = append(accepted, p.At) }})
	longest := 0
	for i := range accepted[1:] {
		if accepted[i+1]-accepted[i] > accepted[longest+1]-accepted[longest] {
			longest = i
		}
	}
	if gap := accepted[longest+1] - accepted[longest]; longest+1 != 244 || gap < 4*ms || gap > 17*ms {
		t.Errorf("accept %d waited %v", longest+1, gap)
	}
}

// TestNothing: a storm without an attempt has no numbers.
func TestNothing(t *testing.T) {
	s := ideal("pool:1", 0)
	if r := s.Play(model.Observer{}); r.Offered != 0 || r.Wall != 0 || r.Queue.Peak != 0 {
		t.Errorf("%+v", r)
	}
	raw, _ := s.Record()
	if len(raw.Attempts)+len(raw.Target.Peers) != 0 {
		t.Errorf("%+v", raw)
	}
}

// TestSeeds: other seeds are other storms, and the same seed is the same to the last attempt.
func TestSeeds(t *testing.T) {
	play := func(seed uint64) *record.Repeat {
		s := storm("pool:16", 500, 64)
		s.Seed = seed
		raw, _ := s.Record()
		return raw
	}
	if !reflect.DeepEqual(play(1), play(1)) || reflect.DeepEqual(play(1), play(2)) {
		t.Error("the seed does not decide")
	}
}
