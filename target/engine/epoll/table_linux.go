package epoll

import (
	"iter"

	"agistorm/target/engine"
)

// slot is a session and what the loop needs of it.
type slot struct {
	session         engine.Session
	number          uint64
	logged          int
	fd              int32
	generation      int32
	active          bool // it is being served; else it waits for a handler
	environmentRead bool // admission has counted its environment as read
	working         bool
	readable        bool // there may be something to read
	closing         bool // the client has closed, or worse: read to the end
	talkative       bool
	awaited         bool  // epoll reports when the socket takes more
	timer           timer // that it has to beat now
}

// table holds the sessions in blocks, which stay where they are as it grows.
type table struct {
	blocks [][]slot
	vacant []int32
}

const blockSize = 256

func (t *table) slot(i int32) *slot { return &t.blocks[i/blockSize][i%blockSize] }

// take gives a vacant place to a connection.
func (t *table) take(fd int32, logged int) int32 {
	if len(t.vacant) == 0 {
		t.grow()
	}
	i := t.vacant[len(t.vacant)-1]
	t.vacant = t.vacant[:len(t.vacant)-1]
	s := t.slot(i)
	s.fd, s.logged = fd, logged
	return i
}

func (t *table) grow() {
	first := int32(len(t.blocks) * blockSize)
	block := make([]slot, blockSize)
	t.blocks = append(t.blocks, block)
	for i := range block {
		block[i].fd = nothing
		t.vacant = append(t.vacant, first+int32(blockSize-1-i))
	}
}

// free makes a place vacant. What a client that behaved has made its session allocate is kept for the next
// one.
func (t *table) free(i int32) {
	s := t.slot(i)
	session := s.session
	if session.Fate().Failed() {
		session = engine.Session{}
	}
	*s = slot{session: session, fd: nothing, generation: s.generation + 1}
	t.vacant = append(t.vacant, i)
}

// used are the places that are not vacant.
func (t *table) used() iter.Seq[int32] {
	return func(yield func(int32) bool) {
		for i := range int32(len(t.blocks) * blockSize) {
			if t.slot(i).fd != nothing && !yield(i) {
				return
			}
		}
	}
}
