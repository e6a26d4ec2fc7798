package calllog

import (
	"errors"
	"fmt"
	"io"
	"sort"
	"time"
)

// SYN is one that a server got, by a packet capture or a recording.
type SYN struct {
	// At is since 1970.
	At time.Duration
	// Host that sent it, numbered from 1.
	Host uint32
	// Port of the server.
	Port uint16
	// Retransmitted: the connect had a SYN before.
	Retransmitted bool
}

// instants is the form of the times of SYNs; bounds may be dates, times of day or seconds.
var instants = &form{
	name: "a date such as 2026-10-05 09:00:00, a time of day, or seconds since 1970, in UTC",
	rank: isEpoch, absolute: true,
}

// ReadSYNs takes the SYNs at one port. next returns io.EOF after the last one; an error that wraps io.ErrUnexpectedEOF
// is the end of a file that was cut off. Of the options Column and USDates mean nothing here.
func ReadSYNs(next func() (SYN, error), o Options) (*Log, error) {
	c := &synCollector{max: o.Max, port: o.Port, at: map[uint16]*arrivals{}}
	var err error
	if c.window, err = newWindow(o.From, o.To, instants, false); err != nil {
		return nil, err
	}
	for {
		s, err := next()
		switch {
		case err == nil:
			err = c.take(s)
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return c.log(!errors.Is(err, io.EOF))
		}
		if err != nil {
			return nil, err
		}
	}
}

// synCollector keeps the SYNs of every port, until it is known which one is called most.
type synCollector struct {
	window window
	max    int
	// port that is asked for, 0 for none.
	port uint16
	at   map[uint16]*arrivals
	// kept of all ports.
	kept int
	// first and last time of all.
	first, last time.Duration
}

// arrivals are the calls at a port.
type arrivals struct {
	times   []time.Duration
	hosts   []uint32
	skipped Skipped
}

// Len, Less and Swap sort by the time.
func (a *arrivals) Len() int           { return len(a.times) }
func (a *arrivals) Less(i, k int) bool { return a.times[i] < a.times[k] }
func (a *arrivals) Swap(i, k int) {
	a.times[i], a.times[k] = a.times[k], a.times[i]
	a.hosts[i], a.hosts[k] = a.hosts[k], a.hosts[i]
}

func (c *synCollector) take(s SYN) error {
	if len(c.at) == 0 {
		c.first, c.last = s.At, s.At
	}
	c.first, c.last = min(c.first, s.At), max(c.last, s.At)
	a := c.at[s.Port]
	if a == nil {
		a = &arrivals{}
		c.at[s.Port] = a
	}
	switch {
	case s.Retransmitted:
		a.skipped.Retransmitted++
	case !c.window.holds(numberStamp(s.At, 1)):
		a.skipped.Outside++
	case c.port != 0 && s.Port != c.port:
		a.skipped.OtherPort++
	default:
		a.times, a.hosts = append(a.times, s.At), append(a.hosts, s.Host)
		c.kept++
	}
	if c.kept > c.max {
		return fmt.Errorf("more than %d calls; take a part of them: from T to T, or port N", c.max)
	}
	return nil
}

// log returns the calls at the port that is meant.
func (c *synCollector) log(truncated bool) (*Log, error) {
	port := c.port
	if port == 0 {
		port = c.most((*arrivals).calls)
	}
	a := c.at[port]
	if a == nil || len(a.times) == 0 {
		return nil, c.none(port, truncated)
	}
	sort.Stable(a)
	l := &Log{
		Times: a.times, Hosts: a.hosts, Absolute: true, Skipped: a.skipped, Port: port, Truncated: truncated,
	}
	for other, b := range c.at {
		if other != port {
			l.Skipped.OtherPort += b.seen()
		}
	}
	return l, nil
}

// most returns the port with the largest count, the lowest of several; 0 where there is none.
func (c *synCollector) most(count func(*arrivals) int) (port uint16) {
	most := -1
	for p, a := range c.at {
		if n := count(a); n > most || n == most && p < port {
			port, most = p, n
		}
	}
	return port
}

func (a *arrivals) calls() int { return len(a.times) }

func (a *arrivals) seen() int { return len(a.times) + a.skipped.Total() }

// none says why there is no call.
func (c *synCollector) none(port uint16, truncated bool) error {
	switch a := c.at[port]; {
	case len(c.at) == 0 && truncated:
		return errors.New("no call: the file ends before its first whole SYN")
	case len(c.at) == 0:
		return errors.New("no call: want SYNs in it; capture them with: tcpdump -i any -s 128 -w FILE 'tcp port N'")
	case a == nil:
		return fmt.Errorf("no SYN for port %d; the most called one is port %d", port, c.most((*arrivals).seen))
	case a.skipped.Outside == 0:
		return fmt.Errorf("no call: all SYNs for port %d are retransmissions", port)
	}
	return c.window.emptyError(instants, c.first, c.last)
}
