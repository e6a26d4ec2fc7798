package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"agistorm/analysis/record"
)

// The parts of a run: a folder each with a capture, and what the client reports: in storms a run
// directory, for the dialer a file.
const (
	burstFolder    = "burst"    // all calls at once, a queue with room for all
	overflowFolder = "overflow" // a queue that is too small
	dialerFolder   = "dialer"   // the burst again, by the idiomatic client
	runFolder      = "run"
	connectsFile   = "connects.jsonl"
)

// pair is one connect as its client reports it and as the packets show it.
type pair struct{ reported, seen time.Duration }

// joined are the connects that the client reported, each with its packets.
type joined struct {
	pairs []pair
	// leftOut are connects with which the packets cannot be compared: the client's port has served
	// twice, or lo had dropped a SYN before the capture (its backlog was full, net.core.netdev_max_backlog).
	leftOut int
	// early are connects that the client reports earlier than the packets show them.
	early int
}

// storm is one storm of agistorm with its packets.
type storm struct {
	attempts []record.Attempt // those that connected
	packets  []*handshake     // one for each
	epoch    time.Time        // the storm's first instant by the packets' clock
}

// readStorm reads and joins a storm. The server is the one that the record names.
func readStorm(folder string) (*storm, netip.AddrPort, error) {
	repeat, err := record.Dir(filepath.Join(folder, runFolder)).Repeat("storm", 1)
	if err != nil {
		return nil, netip.AddrPort{}, err
	}
	server, err := netip.ParseAddrPort(repeat.Storm.Address)
	if err != nil {
		return nil, server, fmt.Errorf("%s: the storm's address: %w", folder, err)
	}
	found, err := readCapture(folder, server)
	if err != nil {
		return nil, server, err
	}
	s, err := joinStorm(repeat, found)
	if err != nil {
		err = fmt.Errorf("%s: %w", folder, err)
	}
	return s, server, err
}

// joinStorm finds the packets of every attempt that connected; it fails where there are none.
func joinStorm(r *record.Repeat, found handshakes) (*storm, error) {
	s := &storm{}
	for _, a := range r.Attempts {
		if a.Connected == nil || a.Started == nil {
			continue
		}
		h, err := found.find(a.Local)
		if err != nil {
			return nil, fmt.Errorf("attempt %d: %w", a.Seq, err)
		}
		s.attempts, s.packets = append(s.attempts, a), append(s.packets, h)
	}
	return s, s.findEpoch(r.Storm.Start)
}

// find is the handshake of a client that reports a connection.
func (all handshakes) find(client string) (*handshake, error) {
	address, err := netip.ParseAddrPort(client)
	if err != nil {
		return nil, fmt.Errorf("client %q: %w", client, err)
	}
	h := all[address]
	if h == nil || h.answer.IsZero() {
		return nil, fmt.Errorf("%s connected, and the capture has no whole handshake of it", client)
	}
	return h, nil
}

// clockError bounds how far the record's first instant may be from the packets'. It was read off two
// clocks, one after the other; a clock that was set meanwhile is further off.
const clockError = time.Millisecond

// findEpoch lays the storm's first instant on the packets' clock. The record's offsets are of
// CLOCK_MONOTONIC, the packets' stamps of the wall clock; no attempt's first SYN can be older than
// its connect(2), and the latest instant for which that holds is the one that excuses most.
func (s *storm) findEpoch(start time.Time) error {
	for i, h := range s.packets {
		if at := h.first.Add(-*s.attempts[i].Started); !h.shared && (s.epoch.IsZero() || at.Before(s.epoch)) {
			s.epoch = at
		}
	}
	if off := s.epoch.Sub(start); !s.epoch.IsZero() && off.Abs() > clockError {
		return fmt.Errorf("the storm began at %v by its record and %v later by its packets: "+
			"the wall clock was set meanwhile, storm again", start, off)
	}
	return nil
}

// handshakes compares the kernel's account with the packets, of the connects that lost no SYN, or of those
// that did. None is called early: the kernel's account of lost SYNs is known to be up to a tick too short.
func (s *storm) handshakes(retransmitted bool) joined {
	j := s.compare((*record.Attempt).Handshake, retransmitted)
	j.early = 0
	return j
}

// connects compares what passed from the intended start until the client could act with the packets.
func (s *storm) connects(retransmitted bool) joined {
	return s.compare((*record.Attempt).ConnectLatency, retransmitted)
}

// compare takes the connects whose SYNs the kernel counted. One was too early where it is shorter than SYN to
// SYN-ACK, or ended before the SYN-ACK: the second is the stricter.
func (s *storm) compare(latency func(*record.Attempt) (time.Duration, bool), retransmitted bool) (j joined) {
	for i := range s.attempts {
		a, h := &s.attempts[i], s.packets[i]
		reported, ok := latency(a)
		if !ok || a.SYNRetransmits == nil || (*a.SYNRetransmits > 0) != retransmitted {
			continue
		}
		tooShort := reported < h.took() || s.epoch.Add(*a.Connected).Before(h.answer)
		if j.add(reported, h, int(*a.SYNRetransmits)+1) && tooShort {
			j.early++
		}
	}
	return j
}

// add compares what was reported of a connect that took so many SYNs with its packets, unless it has to be left
// out.
func (j *joined) add(reported time.Duration, h *handshake, syns int) bool {
	if h.shared || h.syns != syns {
		j.leftOut++
		return false
	}
	j.pairs = append(j.pairs, pair{reported, h.took()})
	return true
}

// readDialer reads and joins what the idiomatic client reports, a line of JSON for each connect.
func readDialer(folder string, server netip.AddrPort) (joined, error) {
	found, err := readCapture(folder, server)
	if err != nil {
		return joined{}, err
	}
	name := filepath.Join(folder, connectsFile)
	lines, err := os.ReadFile(name)
	if err != nil {
		return joined{}, err
	}
	j, err := joinDialer(lines, found)
	if err != nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return j, err
}

func joinDialer(lines []byte, found handshakes) (j joined, err error) {
	in := bufio.NewScanner(bytes.NewReader(lines))
	for n := 1; in.Scan(); n++ {
		var connect struct {
			Local string        `json:"local"`
			Took  time.Duration `json:"connect_ns"`
		}
		if err := json.Unmarshal(in.Bytes(), &connect); err != nil {
			return j, fmt.Errorf("line %d: %w", n, err)
		}
		h, err := found.find(connect.Local)
		if err != nil {
			return j, fmt.Errorf("line %d: %w", n, err)
		}
		// It does not know how many of its SYNs were lost.
		j.add(connect.Took, h, h.syns)
	}
	return j, in.Err()
}
