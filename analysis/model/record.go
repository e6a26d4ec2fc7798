package model

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"agistorm/analysis/record"
)

// Engine is what a record names that a model has made.
const Engine = "model"

// Where the calls of a record come from and go to: addresses for documentation (RFC 5737) have too few ports, so the
// clients have those of private networks (RFC 1918).
const (
	firstPort    = 1024
	portsOfHost  = 60_000
	serverOfCall = "10.197.0.1:4573"
)

// addressOf is the client's own address.
func addressOf(seq int) string {
	host := uint32(10<<24|198<<16) + uint32(seq/portsOfHost)
	a := netip.AddrFrom4([4]byte{byte(host >> 24), byte(host >> 16), byte(host >> 8), byte(host)})
	return netip.AddrPortFrom(a, uint16(firstPort+seq%portsOfHost)).String()
}

// describe writes an attempt that has ended as a record has it.
func (s *sim) describe(a *record.Attempt, c *call) {
	end := &ends[c.outcome]
	started, retransmits := c.started, c.retransmits
	*a = record.Attempt{
		Seq: uint64(c.seq), Intended: c.intended, Started: &started, Done: c.end,
		Outcome: end.outcome, Errno: end.errno, Limit: end.limit, Local: addressOf(c.seq),
		SYNRetransmits: &retransmits, Commands: c.commands, ReplyLagSum: c.lags,
	}
	if c.connected == never {
		return
	}
	connected, answer, synAck, lag := c.connected, c.answered, c.synAck, c.lag
	rtt := synAck - started
	a.Connected = &connected
	if c.retransmits == 0 {
		a.RTT = &rtt
	} else {
		spent := max(rtt-record.InitialRTO, 0)
		a.SYNACK, a.RTOTime = &synAck, &spent
	}
	if c.commands > 0 {
		a.FirstCommand, a.ReplyLag = &answer, &lag
	}
	if c.hasLeft {
		vain := c.outcome == phantom
		a.Phantom = &vain
	}
}

// sampleEvery is the longest time between two samples of an accept queue in a record.
const sampleEvery = 10 * time.Millisecond

// Record plays the storm and returns its record, as a storm on a kernel has it. It holds every attempt.
func (s *Storm) Record() (*record.Repeat, *Result) {
	attempts := make([]record.Attempt, s.Starts.Len())
	r := &record.Repeat{}
	var peers []record.Peer
	watch := watch{sockets: make([]record.QueueSample, max(s.Server.Sockets, 1))}
	result := s.Play(Observer{
		Attempt: func(a *record.Attempt) { attempts[a.Seq] = *a },
		Queue:   watch.sample,
		Peer: func(p *record.Peer) {
			queued := *p.Queued
			peers = append(peers, *p)
			peers[len(peers)-1].Queued = &queued
		},
	})
	r.Attempts, r.Queue = attempts, watch.finish(result.Wall)
	r.Storm = record.Storm{Engine: Engine, Start: time.Unix(0, 0).UTC(), Address: serverOfCall, Wall: result.Wall,
		Workers: []record.Worker{{Share: "0/1", Attempts: len(attempts), Wall: result.Wall, ReplyLag: result.lag}}}
	r.Kernel, r.Target = s.kernel(result), s.target(result, peers)
	return r, result
}

// kernel is the kernel's account.
func (s *Storm) kernel(r *Result) *record.Kernel {
	abort := "0"
	if s.Listener.AbortOnOverflow {
		abort = "1"
	}
	before := record.Counters{}
	for name := range r.Counters {
		before[name] = 0
	}
	return &record.Kernel{
		Sysctls: map[string]string{"net.ipv4.tcp_syncookies": strconv.Itoa(s.Listener.Syncookies),
			"net.ipv4.tcp_abort_on_overflow":   abort,
			"net.ipv4.tcp_syn_linear_timeouts": strconv.Itoa(s.Listener.LinearSYNs)},
		Before: before, After: r.Counters,
		Link: &record.Link{Kind: Engine, RTT: s.Link.RTT},
	}
}

// target is the server's account.
func (s *Storm) target(r *Result, peers []record.Peer) *record.Target {
	slices.SortStableFunc(peers, func(a, b record.Peer) int { return cmp.Compare(a.At, b.At) })
	return &record.Target{
		Asked: s.Listener.Backlog, Effective: &s.Listener.Backlog, Sockets: max(s.Server.Sockets, 1),
		Queued: r.Unaccepted, Discarded: r.discarded, Peers: peers,
	}
}

// watch gathers the samples of the accept queues as a record has them: of several the longest, and the drops of all.
type watch struct {
	sockets []record.QueueSample
	samples []record.QueueSample
}

func (w *watch) sample(socket int, sample record.QueueSample) {
	w.sockets[socket] = sample
	var drops, depth uint32
	for i := range w.sockets {
		depth = max(depth, w.sockets[i].Depth)
		if d := w.sockets[i].Drops; d != nil {
			drops += *d
		}
	}
	w.fill(sample.At)
	w.samples = append(w.samples, record.QueueSample{At: sample.At, Depth: depth, Limit: sample.Limit, Drops: &drops})
}

// fill repeats the last sample until a time.
func (w *watch) fill(until time.Duration) {
	if len(w.samples) == 0 {
		return
	}
	last := w.samples[len(w.samples)-1]
	for last.At += sampleEvery; last.At < until; last.At += sampleEvery {
		w.samples = append(w.samples, last)
	}
}

// finish ends the samples when the last attempt was settled, or with the last change after that.
func (w *watch) finish(wall time.Duration) []record.QueueSample {
	w.fill(wall)
	if last := w.samples[len(w.samples)-1]; last.At < wall {
		last.At = wall
		w.samples = append(w.samples, last)
	}
	return w.samples
}
