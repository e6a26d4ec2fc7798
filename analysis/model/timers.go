package model

import "time"

// The kernel's clock: HZ is 250 on this project's kernels and most distributions'.
const jiffy = 4 * time.Millisecond

// Timers of TCP, in jiffies (include/net/tcp.h). The least retransmission time-out and the tail-loss probe's time are
// computed in microseconds and rounded up: of a connection with a short round trip they are 200 ms and a little.
const (
	initialRTO  = int64(time.Second / jiffy)            // TCP_TIMEOUT_INIT
	minRTO      = int64(200*time.Millisecond/jiffy) + 1 // TCP_RTO_MIN
	maxRTO      = int64(2 * time.Minute / jiffy)        // TCP_RTO_MAX
	wheelLevels = 9
)

// wheelTime is when a timer fires that is set now for so many jiffies: the timer wheel rounds up to a slot of its
// level, at least by one jiffy. Slots of level n are 8^n jiffies long and take timers of up to 63·8^n
// (kernel/time/timer.c, calc_wheel_index). Phase is the age of the kernel's clock at the storm's first instant.
func wheelTime(now time.Duration, jiffies int64, phase time.Duration) time.Duration {
	expires := int64((now+phase)/jiffy) + jiffies
	shift := 0
	for level, limit := 1, int64(63); level < wheelLevels && jiffies >= limit; level, limit = level+1, limit<<3 {
		shift += 3
	}
	return time.Duration(((expires>>shift)+1)<<shift)*jiffy - phase
}

// slots holds the timers of one kernel. Those of one slot fire together, and the last in is the first out (__hlist
// heads of kernel/time/timer.c).
type slots struct {
	phase time.Duration
	// heads are the last timers of each slot; times are the slots in a heap.
	heads map[time.Duration]int32
	times eventHeap
	nodes []timerNode
	free  int32
}

// timer says whose it is.
type timer uint8

const (
	clientTimer  timer = iota // of a client's connection: SYN, probe or retransmission
	requestTimer              // of a request in the SYN queue
)

type timerNode struct {
	ref
	timer timer
	next  int32 // in the slot, or in the free list; 0 is none
}

func newSlots(phase time.Duration) slots {
	return slots{phase: phase, heads: map[time.Duration]int32{}, nodes: make([]timerNode, 1, 64)}
}

// set sets a timer, which is never taken out: who it belongs to looks whether it still means something.
func (s *slots) set(now time.Duration, jiffies int64, t timer, r ref) {
	at := wheelTime(now, jiffies, s.phase)
	n := s.free
	if n != 0 {
		s.free = s.nodes[n].next
	} else {
		n = int32(len(s.nodes))
		s.nodes = append(s.nodes, timerNode{})
	}
	head, known := s.heads[at]
	if !known {
		s.times.push(event{at: at})
	}
	s.nodes[n] = timerNode{r, t, head}
	s.heads[at] = n
}

// next is the time of the first slot; forever where there is none.
func (s *slots) next() time.Duration {
	if len(s.times) == 0 {
		return forever
	}
	return s.times[0].at
}

// take removes the first slot and returns its first timer, 0 for none.
func (s *slots) take() int32 {
	at := s.times.pop().at
	head := s.heads[at]
	delete(s.heads, at)
	return head
}

// release gives a timer's node back, and returns it with the next of its slot.
func (s *slots) release(n int32) (timerNode, int32) {
	t := s.nodes[n]
	s.nodes[n].next, s.free = s.free, n
	return t, t.next
}
