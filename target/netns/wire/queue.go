package wire

import "time"

// packet is a place in the queue's memory, and when it is due.
type packet struct {
	due  time.Duration
	slot int32
	size int32
}

// queue holds packets in the order of their coming. Memory that was used last is used first again, so that only as much
// is ever touched as packets were there at once.
type queue struct {
	memory  []byte
	vacants []int32
	packets []packet // a ring
	head, n int
}

// slotSize holds the largest packet.
const slotSize = 1536

func newQueue(most int) queue {
	q := queue{memory: make([]byte, most*slotSize), vacants: make([]int32, most), packets: make([]packet, most)}
	for i := range q.vacants {
		q.vacants[i] = int32(most - 1 - i)
	}
	return q
}

// vacant is where the next packet goes; false where there is no room.
func (q *queue) vacant() ([]byte, bool) {
	if len(q.vacants) == 0 {
		return nil, false
	}
	return q.at(q.vacants[len(q.vacants)-1], slotSize), true
}

func (q *queue) at(slot, size int32) []byte {
	return q.memory[int(slot)*slotSize : int(slot)*slotSize+int(size)]
}

// push takes what was put into the vacant place.
func (q *queue) push(size int, due time.Duration) {
	last := len(q.vacants) - 1
	q.packets[(q.head+q.n)%len(q.packets)] = packet{due, q.vacants[last], int32(size)}
	q.vacants = q.vacants[:last]
	q.n++
}

// first is when the next packet is due.
func (q *queue) first() (time.Duration, bool) {
	if q.n == 0 {
		return 0, false
	}
	return q.packets[q.head].due, true
}

// pop takes the next packet out; it is good until the next push.
func (q *queue) pop() []byte {
	p := q.packets[q.head]
	q.head = (q.head + 1) % len(q.packets)
	q.n--
	q.vacants = append(q.vacants, p.slot)
	return q.at(p.slot, p.size)
}
