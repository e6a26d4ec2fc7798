package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"agistorm/analysis/record"
	"agistorm/scenarios/arrival/packets"
)

const us = time.Microsecond

// attempt that connected from a port; reported is the kernel's account of its handshake, where it lost
// SYNs the time beyond the first second.
func attempt(port uint16, started, connected, reported time.Duration, lost uint32) record.Attempt {
	a := record.Attempt{Local: client(port).String(), Started: &started, Connected: &connected, SYNRetransmits: &lost}
	if lost == 0 {
		a.RTT = &reported
	} else {
		a.RTOTime = &reported
	}
	return a
}

// aStorm that began at began by its record.
func aStorm(attempts ...record.Attempt) *record.Repeat {
	return &record.Repeat{Storm: record.Storm{Start: began, Address: server.String()}, Attempts: attempts}
}

func TestJoinStorm(t *testing.T) {
	// 1: plain. 2: one SYN lost. 3: a SYN that lo dropped unseen. 4: never connected.
	repeat := aStorm(
		attempt(1, 10*us, 500*us, 7*us, 0),
		attempt(2, 20*us, 1_100_000*us, 2000*us, 1),
		attempt(3, 30*us, 1_100_000*us, 2000*us, 1),
		record.Attempt{Local: client(4).String(), Outcome: record.ConnectTimeout},
	)
	s, err := joinStorm(repeat, newHandshakes([]packets.Packet{
		syn(1, 12*us), synAck(1, 16*us),
		syn(2, 24*us), syn(2, 1_020_000*us), synAck(2, 1_020_024*us),
		syn(3, 1_030_000*us), synAck(3, 1_030_003*us),
		syn(4, 40*us),
	}, server))
	if err != nil {
		t.Fatal(err)
	}
	// Attempt 1 began its connect 2 µs before its SYN, none came closer.
	if want := began.Add(2 * us); !s.epoch.Equal(want) {
		t.Errorf("the storm began at %v by its packets, want %v", s.epoch, want)
	}
	for name, test := range map[string]struct {
		got  joined
		want joined
	}{
		"handshakes": {s.handshakes(false), joined{pairs: []pair{{7 * us, 4 * us}}}},
		"handshakes, SYN lost": {s.handshakes(true),
			joined{pairs: []pair{{1_002_000 * us, 1_020_000 * us}}, leftOut: 1}},
		"connects":           {s.connects(false), joined{pairs: []pair{{500 * us, 4 * us}}}},
		"connects, SYN lost": {s.connects(true), joined{pairs: []pair{{1_100_000 * us, 1_020_000 * us}}, leftOut: 1}},
	} {
		if !slices.Equal(test.got.pairs, test.want.pairs) || test.got.leftOut != test.want.leftOut ||
			test.got.early != 0 {
			t.Errorf("%s: %+v, want %+v", name, test.got, test.want)
		}
	}
}

// A connect can be longer than its handshake and nevertheless end before the packets allow.
func TestConnectTooShort(t *testing.T) {
	tests := map[string]struct {
		connected time.Duration
		early     int
	}{
		"after the SYN-ACK":                   {116 * us, 0},
		"at its instant":                      {114 * us, 0},
		"before it, but after long waiting":   {113 * us, 1},
		"in less time than from SYN to reply": {3 * us, 1},
	}
	for name, test := range tests {
		// The first attempt lays the epoch: 2 µs after the record's. The second's SYN-ACK is at 116 µs, so
		// 114 µs after it.
		s, err := joinStorm(
			aStorm(attempt(1, 10*us, 500*us, 7*us, 0), attempt(2, 100*us, test.connected, 7*us, 0)),
			newHandshakes([]packets.Packet{syn(1, 12*us), synAck(1, 16*us), syn(2, 112*us), synAck(2, 116*us)}, server))
		if err != nil {
			t.Fatal(err)
		}
		if got := s.connects(false).early; got != test.early {
			t.Errorf("%s: %d too short, want %d", name, got, test.early)
		}
	}
}

// What shares its port is left out: which of the two took how long is unknown.
func TestSharedPort(t *testing.T) {
	again := syn(2, 900*us)
	again.Seq = 1
	s, err := joinStorm(aStorm(attempt(1, 10*us, 500*us, 7*us, 0), attempt(2, 10*us, 3*us, 7*us, 0)),
		newHandshakes([]packets.Packet{syn(1, 12*us), synAck(1, 16*us), syn(2, 2*us), synAck(2, 8*us), again}, server))
	if err != nil {
		t.Fatal(err)
	}
	if j := s.connects(false); len(j.pairs) != 1 || j.leftOut != 1 || j.early != 0 {
		t.Errorf("%+v, want one pair, one left out, none too short", j)
	}
	if want := began.Add(2 * us); !s.epoch.Equal(want) {
		t.Errorf("epoch %v, want %v: the shared port proves nothing", s.epoch, want)
	}
}

func TestJoinStormErrors(t *testing.T) {
	list := []packets.Packet{syn(1, 12*us), synAck(1, 16*us), syn(2, 12*us)}
	for name, test := range map[string]struct {
		attempt record.Attempt
		says    string
	}{
		"no packet": {attempt(3, 10*us, 500*us, 7*us, 0),
			"127.0.0.1:3 connected, and the capture has no whole handshake"},
		"no SYN-ACK": {attempt(2, 10*us, 500*us, 7*us, 0),
			"127.0.0.1:2 connected, and the capture has no whole handshake"},
		"clock was set": {attempt(1, time.Minute, time.Minute, 7*us, 0), "the wall clock was set"},
	} {
		_, err := joinStorm(aStorm(test.attempt), newHandshakes(list, server))
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: error %v, want one that says %q", name, err, test.says)
		}
	}
}

func TestJoinDialer(t *testing.T) {
	found := newHandshakes(
		[]packets.Packet{syn(1, 0), synAck(1, 4*us), syn(2, 0), syn(2, 1_020_000*us), synAck(2, 1_020_004*us)},
		server,
	)
	j, err := joinDialer(
		[]byte(
			"{\"local\":\"127.0.0.1:1\",\"connect_ns\":350000000}\n{\"local\":\"127.0.0.1:2\",\"connect_ns\":1400000000}\n",
		),
		found,
	)
	want := []pair{{350 * time.Millisecond, 4 * us}, {1400 * time.Millisecond, 1_020_004 * us}}
	if err != nil || !slices.Equal(j.pairs, want) {
		t.Errorf("%+v, %v; want %v", j, err, want)
	}
	for line, says := range map[string]string{
		"{\"local\":\"127.0.0.1:1\",\"connect_ns\":1}\nnonsense\n": "line 2",
		"{\"local\":\"127.0.0.1:3\",\"connect_ns\":1}\n":           "line 1: 127.0.0.1:3 connected",
		"{\"local\":\"somewhere\",\"connect_ns\":1}\n":             "somewhere",
	} {
		if _, err := joinDialer([]byte(line), found); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: error %v, want one that says %q", line, err, says)
		}
	}
}
