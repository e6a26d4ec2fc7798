package fifo_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"agistorm/target/fifo"
)

func TestQueue(t *testing.T) {
	var q fifo.Queue[int32]
	var in, out []int32
	random := rand.New(rand.NewPCG(1, 2))
	for i := range int32(1000) {
		q.Push(i)
		in = append(in, i)
		for q.Len() > 0 && random.IntN(2) == 0 {
			if first := *q.First(); first != q.Pop() {
				t.Fatalf("%d was not the first", first)
			}
			out = append(out, int32(len(out)))
		}
	}
	for q.Len() > 0 {
		out = append(out, q.Pop())
	}
	if !slices.Equal(in, out) {
		t.Errorf("got %v", out)
	}
}

// TestNoGrowth: a queue with room for twice its items never allocates.
func TestNoGrowth(t *testing.T) {
	const most = 100
	q := fifo.Make[int32](2 * most)
	for i := range int32(most) {
		q.Push(i)
	}
	if n := testing.AllocsPerRun(10*most, func() { q.Push(q.Pop()) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if q.Clear(); q.Len() != 0 {
		t.Errorf("%d items after Clear", q.Len())
	}
}
