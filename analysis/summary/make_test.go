package summary

import (
	"fmt"
	"strconv"
	"time"

	"agistorm/analysis/record"
)

// made describes a storm by what is to become of its calls; the others are answered in time.
type made struct {
	calls                  int // 2,000 if 0
	timeout, reset, silent int
	late                   int
	revived                int // accepted 300 ms after they were connected, of which they were queued for none
	exhausted, notOffered  int
	peak                   int           // 0: the queue was not watched
	limit                  int           // of the queue; the cell's if 0
	queueDrops             int           // of the listener
	lag                    time.Duration // of the last attempt
	dropped                uint64        // lo.rx_dropped
	overflows              uint64        // ListenOverflows
	blind                  bool          // the engine has no TCP_INFO
}

func ptr[T any](v T) *T { return &v }

// attempt n of a made storm, answered after 5 ms.
func (m made) attempt(n int) record.Attempt {
	a := record.Attempt{
		Seq:            uint64(n),
		Started:        ptr(time.Duration(0)),
		Connected:      ptr(time.Millisecond),
		FirstCommand:   ptr(2 * time.Millisecond),
		Done:           5 * time.Millisecond,
		Outcome:        record.Answered,
		Local:          fmt.Sprintf("127.0.0.1:%d", 10000+n),
		SYNRetransmits: ptr(uint32(0)),
		RTT:            ptr(30 * time.Microsecond),
	}
	if m.blind {
		a.SYNRetransmits, a.RTT = nil, nil
	}
	return a
}

// fail makes an attempt one that never connected.
func fail(a *record.Attempt, o record.Outcome) {
	a.Outcome, a.Connected, a.FirstCommand = o, nil, nil
	a.Done = 2 * time.Second
	if !o.Offered() {
		a.Started = nil
	}
}

func (m made) storm(c record.Cell) *record.Repeat {
	if m.calls == 0 {
		m.calls = 2000
	}
	r := &record.Repeat{Attempts: make([]record.Attempt, m.calls)}
	r.Storm = record.Storm{Engine: "epoll", Start: time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC), Wall: 3 * time.Second}
	next := 0
	some := func(n int, change func(*record.Attempt)) {
		for range n {
			change(&r.Attempts[next])
			next++
		}
	}
	for i := range r.Attempts {
		r.Attempts[i] = m.attempt(i)
	}
	some(m.timeout, func(a *record.Attempt) { fail(a, record.ConnectTimeout) })
	some(m.reset, func(a *record.Attempt) { a.Outcome, a.FirstCommand = record.Reset, nil })
	some(m.silent, func(a *record.Attempt) { a.Outcome, a.FirstCommand = record.Silent, nil })
	some(m.exhausted, func(a *record.Attempt) { fail(a, record.LocalExhaustion) })
	some(m.notOffered, func(a *record.Attempt) { fail(a, record.NotOffered) })
	some(m.late, func(a *record.Attempt) { a.SYNRetransmits = ptr(uint32(1)) })
	for i := range m.revived {
		if r.Target == nil {
			r.Target = &record.Target{}
		}
		a := &r.Attempts[m.calls-1-i]
		a.FirstCommand = ptr(302 * time.Millisecond)
		r.Target.Peers = append(
			r.Target.Peers,
			record.Peer{At: 300 * time.Millisecond, Address: a.Local, Queued: new(time.Duration)},
		)
	}
	if m.lag > 0 {
		r.Attempts[m.calls-1].Started = ptr(m.lag)
	}
	if m.peak > 0 {
		if m.limit == 0 {
			m.limit = c.Effective
		}
		drops := ptr(uint32(3 + m.queueDrops))
		r.Queue = []record.QueueSample{
			{At: 0, Depth: uint32(m.peak), Limit: uint32(m.limit), Drops: ptr(uint32(3))},
		}
		for at := 40 * time.Millisecond; at <= 3*time.Second; at += 40 * time.Millisecond {
			r.Queue = append(r.Queue, record.QueueSample{At: at, Limit: uint32(m.limit), Drops: drops})
		}
	}
	if m.dropped+m.overflows > 0 {
		r.Kernel = &record.Kernel{
			Before: record.Counters{"lo.rx_dropped": 5, "ListenOverflows": 1},
			After:  record.Counters{"lo.rx_dropped": 5 + m.dropped, "ListenOverflows": 1 + m.overflows},
		}
	}
	return r
}

// tuned is a cell that somaxconn limits.
func tuned(somaxconn int) record.Cell {
	return record.Cell{
		ID:        fmt.Sprint("somaxconn-", somaxconn),
		Backlog:   "max",
		Somaxconn: somaxconn,
		Effective: somaxconn,
	}
}

// fixed is a cell with a backlog of its own.
func fixed(backlog, somaxconn int) record.Cell {
	return record.Cell{
		ID:      fmt.Sprintf("backlog-%d-%d", backlog, somaxconn),
		Backlog: strconv.Itoa(backlog), Somaxconn: somaxconn, Effective: min(backlog, somaxconn),
	}
}

// cellOf is one cell of a made run with its storms; a nil storm is absent.
type cellOf struct {
	cell   record.Cell
	storms []*made
}

func storms(m ...made) []*made {
	var all []*made
	for i := range m {
		all = append(all, &m[i])
	}
	return all
}

// thrice is three storms that are alike.
func thrice(m made) []*made { return storms(m, m, m) }

func madeRun(cells ...cellOf) (*record.Run, Storms) {
	run := &record.Run{
		Format:    record.Format,
		Isolation: record.Isolation{Mode: record.IsolationUser},
		Scenario:  record.Scenario{Calls: 2000, ConnectLimit: 2 * time.Second},
	}
	all := Storms{}
	for _, c := range cells {
		run.Cells = append(run.Cells, c.cell)
		run.Repeats = max(run.Repeats, len(c.storms))
		for _, m := range c.storms {
			if m == nil {
				all[c.cell.ID] = append(all[c.cell.ID], nil)
				continue
			}
			if m.calls > 0 {
				run.Scenario.Calls = m.calls
			}
			all[c.cell.ID] = append(all[c.cell.ID], m.storm(c.cell))
		}
	}
	return run, all
}
