// Package fifo holds a queue that allocates nothing once it has grown: the two epoll engines share it.
package fifo

// Queue is first in, first out. The zero value is empty.
type Queue[T any] struct {
	items []T
	head  int
}

// Make returns a queue with room for n items.
func Make[T any](n int) Queue[T] { return Queue[T]{items: make([]T, 0, n)} }

// Len returns the number of items.
func (q *Queue[T]) Len() int { return len(q.items) - q.head }

// Push adds an item at the end. A full queue of which half is gone moves to the front of its memory instead
// of growing.
func (q *Queue[T]) Push(item T) {
	if len(q.items) == cap(q.items) && q.head >= q.Len() {
		q.items = q.items[:copy(q.items, q.items[q.head:])]
		q.head = 0
	}
	q.items = append(q.items, item)
}

// First returns the item that Pop would return; there must be one.
func (q *Queue[T]) First() *T { return &q.items[q.head] }

// Pop removes the first item and returns it; there must be one.
func (q *Queue[T]) Pop() T {
	q.head++
	return q.items[q.head-1]
}

// Clear removes all items.
func (q *Queue[T]) Clear() { q.items, q.head = q.items[:0], 0 }
