package arrival

import (
	"slices"
	"sort"
	"time"
)

// calls are their times in order and, where that is known, the host of each; else hosts is nil.
type calls struct {
	at    []time.Duration
	hosts []uint32
}

// Len, Less and Swap sort by the time.
func (c calls) Len() int           { return len(c.at) }
func (c calls) Less(i, k int) bool { return c.at[i] < c.at[k] }
func (c calls) Swap(i, k int) {
	c.at[i], c.at[k] = c.at[k], c.at[i]
	c.hosts[i], c.hosts[k] = c.hosts[k], c.hosts[i]
}

// slice returns the calls from one to before another.
func (c calls) slice(from, to int) calls {
	c.at = c.at[from:to]
	if c.hosts != nil {
		c.hosts = c.hosts[from:to]
	}
	return c
}

// last returns the time of the last call.
func (c calls) last() time.Duration { return c.at[len(c.at)-1] }

// copies returns every call as often as asked for, each later by what late returns, in order.
func (c calls) copies(times int, late func(i, k int) time.Duration) calls {
	all := calls{at: make([]time.Duration, 0, len(c.at)*times)}
	for i, t := range c.at {
		for k := range times {
			all.at = append(all.at, t+late(i, k))
			if c.hosts != nil {
				all.hosts = append(all.hosts, c.hosts[i])
			}
		}
	}
	if all.hosts == nil {
		slices.Sort(all.at)
	} else {
		sort.Stable(all)
	}
	return all
}

// numberHosts numbers the hosts of these calls from 0, in the order in which they appear, and returns how many there
// are.
func (c calls) numberHosts() int {
	numbers := map[uint32]uint32{}
	for i, host := range c.hosts {
		n, known := numbers[host]
		if !known {
			n = uint32(len(numbers))
			numbers[host] = n
		}
		c.hosts[i] = n
	}
	return len(numbers)
}

// cutCalls returns the calls that are wanted.
func (o Options) cutCalls(c calls) calls { return c.slice(0, len(o.cut(c.at))) }

// Hosted is a Schedule that knows which host each call comes from. Hosts are numbered from 0, in the order in which
// they call.
type Hosted interface {
	Schedule
	// Host returns the host of attempt i, 0 ≤ i < Len.
	Host(i int) int
}

// HostsOf returns what numbers the host of each attempt, of a schedule or of a share of one; nil where that is unknown.
func HostsOf(s Schedule) func(i int) int {
	switch s := s.(type) {
	case Part:
		if host := HostsOf(s.Schedule); host != nil {
			return func(i int) int { return host(s.Global(i)) }
		}
	case traced:
		if s.hosts == nil {
			return nil
		}
		return s.Host
	case Hosted:
		return s.Host
	}
	return nil
}
