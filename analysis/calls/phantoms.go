package calls

import (
	"time"

	"agistorm/analysis/record"
)

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

// Phantoms counts connected clients that the server neither accepted nor still held in its queue, nor had
// discarded with it in a restart. Where the queue's end was not read, those that were left in it count too.
func Phantoms(raw *record.Repeat, all []Trail) *int {
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
