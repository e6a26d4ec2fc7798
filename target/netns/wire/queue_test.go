package wire

import (
	"bytes"
	"testing"
	"time"
)

// TestQueue: what went in comes out in order, and a full queue has no place.
func TestQueue(t *testing.T) {
	q := newQueue(3)
	put := func(text string, due time.Duration) bool {
		slot, ok := q.vacant()
		if ok {
			q.push(copy(slot, text), due)
		}
		return ok
	}
	want := func(text string, due time.Duration) {
		t.Helper()
		at, ok := q.first()
		if got := q.pop(); !ok || at != due || !bytes.Equal(got, []byte(text)) {
			t.Errorf("%q, due at %v, want %q at %v", got, at, text, due)
		}
	}
	if _, ok := q.first(); ok {
		t.Error("an empty queue has a first")
	}
	put("one", 1)
	put("two", 2)
	want("one", 1)
	put("three", 3)
	put("four", 4)
	if put("five", 5) {
		t.Error("a full queue had a place")
	}
	want("two", 2)
	want("three", 3)
	if !put("six", 6) {
		t.Error("there was no place again")
	}
	want("four", 4)
	want("six", 6)
	if q.n != 0 || len(q.vacants) != 3 {
		t.Errorf("%d left, %d vacant", q.n, len(q.vacants))
	}
}

// TestQueueTouchesLittle: one packet at a time is always in the same place.
func TestQueueTouchesLittle(t *testing.T) {
	q := newQueue(100)
	first, _ := q.vacant()
	for range 1000 {
		slot, _ := q.vacant()
		if &slot[0] != &first[0] {
			t.Fatal("another place")
		}
		q.push(1, 0)
		q.pop()
	}
}
