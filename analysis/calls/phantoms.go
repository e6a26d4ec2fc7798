package calls

import (
	"slices"
	"time"

	"agistorm/analysis/counters"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// Settled returns the storm with the outcomes of clients that only connect as all of the storm shows them. A
// connection is a phantom that is known to be one: by the client's own kernel, else by the server's log. A reset is a
// connection that was served where it was the answer to the client's leaving. For other clients it is the storm itself.
func Settled(run *record.Run, raw *record.Repeat) *record.Repeat {
	if Success(run) != record.Connected {
		return raw
	}
	overflowed, survived := mayOverflow(raw), listensOn(raw)
	phantom := func(i int) bool { return isPhantom(&raw.Attempts[i], overflowed) }
	if raw.Target != nil && !knownByClients(raw.Attempts) {
		all := trails(raw)
		phantom = func(i int) bool { return all[i].Never() && all[i].Unaccepted == finding.Phantom }
	}
	settled := *raw
	settled.Attempts = slices.Clone(raw.Attempts)
	for i := range settled.Attempts {
		switch a := &settled.Attempts[i]; {
		case a.Outcome == record.Connected && phantom(i):
			a.Outcome = record.Phantom
		case survived && answersLeaving(a):
			a.Outcome, a.Errno, a.Phantom = record.Connected, "", new(bool)
		}
	}
	return &settled
}

// isPhantom reports whether the server's kernel did not have the connection when its client left. It may have made one
// of a FIN that was retransmitted, for a client that had gone; where no queue overflowed it was the network that lost the
// first.
func isPhantom(a *record.Attempt, overflowed bool) bool {
	return a.Phantom != nil && (*a.Phantom || overflowed && a.FINRetransmits != nil && *a.FINRetransmits > 0)
}

// mayOverflow reports whether a listener in the server's namespace overflowed, or that is not known.
func mayOverflow(raw *record.Repeat) bool {
	overflows, known := counters.Gain(raw.Kernel, record.ListenOverflows)
	return !known || overflows > 0 || raw.Served == nil && len(raw.Queue) == 0
}

// answersLeaving reports whether a reset was the answer to the client's first FIN: a server that listens had the
// connection then, since the FIN of a phantom is dropped at the full queue.
func answersLeaving(a *record.Attempt) bool {
	return a.Outcome == record.Reset && a.Left != nil && a.FINRetransmits != nil && *a.FINRetransmits == 0
}

// listensOn reports whether the server listened to the end of the storm, as far as is known. Else the kernel itself
// answers a FIN by a reset.
func listensOn(raw *record.Repeat) bool {
	return (raw.Served == nil || raw.Served.Ended == nil) && (raw.Target == nil || raw.Target.Discarded == 0) &&
		!slices.ContainsFunc(raw.Attempts, func(a record.Attempt) bool { return a.Outcome == record.Refused })
}

// knownByClients reports whether each client that has left its connection knows whether it was a phantom.
func knownByClients(attempts []record.Attempt) bool {
	return !slices.ContainsFunc(attempts, func(a record.Attempt) bool {
		return a.Phantom == nil && (a.Outcome == record.Connected || a.Outcome == record.Phantom)
	})
}

// census compares the connections that the clients saw with those that the server accepted.
type census struct {
	Connected int
	Accepted  int
	// unaccepted are connected clients whose address the server never accepted.
	unaccepted int
}

// TakeCensus is false without the target's log, and where a connected client does not
// know its own address. A port that was used twice counts twice.
func TakeCensus(raw *record.Repeat, all []Trail) (census, bool) {
	if raw.Target == nil {
		return census{}, false
	}
	c := census{Accepted: len(raw.Target.Peers)}
	waiting := make([]int, len(raw.Target.Peers)) // connections of each address
	if len(all) > 0 {
		for _, address := range all[0].log.address {
			waiting[address]++
		}
	}
	for i := range all {
		switch t := &all[i]; {
		case t.Connected == nil:
			continue
		case t.Local == "":
			return census{}, false
		case t.address != none && waiting[t.address] > 0:
			waiting[t.address]--
		default:
			c.unaccepted++
		}
		c.Connected++
	}
	return c, true
}

// Phantoms counts the connections that only their clients had: by the clients' kernels where they only connect,
// else by the server's log. Without either it is nil, and perhaps known to be atLeast so many.
func Phantoms(run *record.Run, raw *record.Repeat, all []Trail) (n, atLeast *int) {
	if Success(run) == record.Connected && knownByClients(raw.Attempts) {
		known := Count(raw.Attempts, func(a *record.Attempt) bool { return a.Outcome == record.Phantom })
		return &known, nil
	}
	if n = LoggedPhantoms(raw, all); n != nil {
		return n, nil
	}
	return countedPhantoms(raw, all)
}

// countedPhantoms goes by the counters of the server's network namespace: TcpPassiveOpens counts each connection that
// came into an accept queue, those of others too (tcp_create_openreq_child in the kernel's net/ipv4/tcp_minisocks.c),
// and ListenOverflows each last ACK that met a full one. Without any of these there was no phantom. Both are nil where
// the counters are not those of the server.
func countedPhantoms(raw *record.Repeat, all []Trail) (n, atLeast *int) {
	gains, known := counters.Gains(raw.Kernel, "TcpPassiveOpens", record.ListenOverflows)
	if !known || raw.Served == nil && len(raw.Queue) == 0 {
		return nil, nil
	}
	connected := int64(count(all, func(t *Trail) bool { return t.Connected != nil }))
	least := int(max(min(connected-gains[0], gains[1]), 0))
	if gains[1] == 0 && gains[0] >= connected {
		return &least, nil
	}
	return nil, &least
}

// Unaccepted counts the connections that were in the accept queue when the record ended, by the server itself or by
// the last sample of its queue; nil where neither is known.
func Unaccepted(raw *record.Repeat) *int {
	switch {
	case raw.Target != nil:
		return raw.Target.Queued
	case len(raw.Queue) == 0:
		return nil
	}
	n := int(raw.Queue[len(raw.Queue)-1].Depth)
	return &n
}

// LoggedPhantoms counts connected clients that the server neither accepted nor still held in its queue, nor had
// discarded with it in a restart. Where the queue's end was not read, those that were left in it count too. It is
// nil without the server's log.
func LoggedPhantoms(raw *record.Repeat, all []Trail) *int {
	c, ok := TakeCensus(raw, all)
	if !ok {
		return nil
	}
	n := c.unaccepted
	if raw.Target.Queued != nil {
		n = max(n-*raw.Target.Queued-raw.Target.Discarded, 0)
	}
	return &n
}

// duplicateAccepts are connections that the server accepted from the port of an attempt beside the attempt's
// own: a FIN that is retransmitted carries the ACK of its cookie too, and makes a second connection of one
// that the server had done with. It has no client.
func duplicateAccepts(raw *record.Repeat, all []Trail) []*record.Peer {
	if raw.Target == nil || len(all) == 0 {
		return nil
	}
	log := all[0].log
	began := make([]*time.Duration, len(log.peers)) // the first attempt's start, by address
	for i := range all {
		if t := &all[i]; t.address != none && t.Started != nil {
			if first := began[t.address]; first == nil || *t.Started < *first {
				began[t.address] = t.Started
			}
		}
	}
	var found []*record.Peer
	for i := range log.peers {
		p := &log.peers[i]
		if first := began[log.address[i]]; first != nil && !log.taken[i] && p.At >= *first {
			found = append(found, p)
		}
	}
	return found
}
