package plots

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/analysis/summary"
)

func ptr[T any](v T) *T { return &v }

// model is a server that takes one call each 310 µs from a queue, and what the kernel
// does to a burst of 2,000 calls before it: enough to resemble a measured storm.
type model struct {
	backlog, somaxconn int
	seed               uint64
}

const (
	modelCalls   = 2000
	modelService = 310 * time.Microsecond
)

func (m model) effective() int { return min(m.backlog, m.somaxconn) }

// storm plays the burst (one SYN each 14 µs), and those dropped once more after 1.02 s.
func (m model) storm() *record.Repeat {
	rng := rand.New(rand.NewPCG(m.seed, 7))
	r := &record.Repeat{
		Storm:  record.Storm{Engine: "epoll", Wall: 2100 * time.Millisecond},
		Kernel: &record.Kernel{Sysctls: map[string]string{linearTimeouts: "4"}},
		Target: &record.Target{},
	}
	next := make([]int, modelCalls)
	for i := range next {
		next[i] = i
	}
	r.Attempts = make([]record.Attempt, modelCalls)
	for round := range 2 {
		start := time.Duration(round) * 1020 * time.Millisecond
		next = m.round(r, rng, next, start, uint32(round))
	}
	for _, i := range next {
		r.Attempts[i] = record.Attempt{
			Seq: uint64(
				i,
			), Outcome: record.ConnectTimeout, Limit: "connect", Done: 2 * time.Second, SYNRetransmits: ptr(uint32(1)),
		}
	}
	return r
}

func (m model) round(
	r *record.Repeat,
	rng *rand.Rand,
	calls []int,
	start time.Duration,
	retries uint32,
) (dropped []int) {
	var free []time.Duration // when each queued connection is taken
	step := 14*time.Microsecond + time.Duration(rng.IntN(3000))
	server := start
	sample := func(at time.Duration) {
		r.Queue = append(r.Queue, record.QueueSample{At: at, Depth: uint32(len(free)), Limit: uint32(m.effective())})
	}
	sample(start - time.Millisecond)
	for n, i := range calls {
		at := start + time.Duration(n)*step
		for len(free) > 0 && free[0] <= at {
			free = free[1:]
		}
		if n%35 == 0 {
			sample(at)
		}
		if len(free) > m.effective() {
			dropped = append(dropped, i)
			m.count(r, at)
			continue
		}
		server = max(server, at) + modelService + time.Duration(rng.IntN(40000))
		free = append(free, server)
		r.Target.Peers = append(r.Target.Peers, record.Peer{At: server})
		connected := at + time.Duration(10+rng.IntN(60+n/10))*time.Microsecond
		r.Attempts[i] = record.Attempt{
			Seq: uint64(
				i,
			), Started: ptr(at), Connected: &connected, FirstCommand: ptr(server), Done: server + 5*time.Millisecond,
			Outcome: record.Answered, SYNRetransmits: ptr(retries),
		}
		if m.effective() < 1024 && len(free)%61 == 60 {
			r.Attempts[i].Outcome, r.Attempts[i].Errno = record.Reset, "ECONNRESET"
		}
	}
	for len(free) > 0 {
		sample(free[0])
		free = free[1:]
	}
	sample(server + time.Millisecond)
	return dropped
}

// count counts a dropped packet; the counters are sampled every 10 ms.
func (m model) count(r *record.Repeat, at time.Duration) {
	before, seen := uint64(0), at.Truncate(10*time.Millisecond)+10*time.Millisecond
	if n := len(r.Counters); n > 0 {
		before = r.Counters[n-1].Gained["ListenDrops"]
		if r.Counters[n-1].At == seen {
			r.Counters = r.Counters[:n-1]
		}
	}
	r.Counters = append(
		r.Counters,
		record.CounterSample{At: seen, Gained: record.Counters{"ListenDrops": before + 1, "ListenOverflows": before + 1}},
	)
}

func (m model) cell() record.Cell {
	backlog := record.BacklogMax
	if m.backlog < 1<<31-1 {
		backlog = strconv.Itoa(m.backlog)
	}
	return record.Cell{
		ID:      fmt.Sprintf("somaxconn-%d_backlog-%s", m.somaxconn, backlog),
		Backlog: backlog, Somaxconn: m.somaxconn, Effective: m.effective(),
	}
}

// modelled is a run of 3 repeats over the settings of the built-in scenario.
func modelled() *analysis.Summary {
	const most = 1<<31 - 1
	models := []model{{most, 128, 1}, {most, 512, 2}, {most, 1024, 3}, {most, 4096, 4}, {most, most, 5}, {128, 4096, 6}}
	run := &record.Run{Format: record.Format, Repeats: 3, Scenario: record.Scenario{
		Arrival: "2000 at once", Calls: modelCalls, Target: "pool of 16 handlers, 5ms of work a call",
		ConnectLimit: 2 * time.Second,
	}, Host: record.Host{Kernel: "6.18.0"}}
	storms := summary.Storms{}
	for _, m := range models {
		c := m.cell()
		run.Cells = append(run.Cells, c)
		for range 3 {
			m.seed += 100
			storms[c.ID] = append(storms[c.ID], m.storm())
		}
	}
	return summary.New(run, storms)
}
