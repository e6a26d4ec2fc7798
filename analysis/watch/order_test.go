package watch

import (
	"slices"
	"testing"
	"time"

	"agistorm/analysis/listeners"
)

// TestMissing: what listens for a moment within the watch is not missed.
func TestMissing(t *testing.T) {
	from := time.Date(2026, 11, 29, 8, 0, 0, 0, time.UTC)
	r := &Report{From: from, To: from.Add(time.Hour)}
	for want, l := range map[*Listener]bool{
		{Gone: true, First: from.Add(time.Second), Last: from.Add(3 * time.Second)}:  true,
		{Gone: true, First: from.Add(time.Minute), Last: from.Add(2 * time.Minute)}:  true,
		{Gone: true, First: from.Add(time.Minute), Last: from.Add(61 * time.Second)}: false,
		{First: from, Last: from.Add(time.Hour)}:                                     false,
	} {
		if got := r.Missing(want); got != l {
			t.Errorf("%v to %v: %t", want.First, want.Last, got)
		}
	}
}

// TestWorstFirst: unknown drops are not the same as many, and a stable order is kept among equals.
func TestWorstFirst(t *testing.T) {
	at := func(port uint16, change func(*Listener)) Listener {
		l := Listener{Listener: listeners.Listener{Address: "::", Port: port, Netns: listeners.Host, Backlog: 9}}
		l.DropsSeen = new(uint64)
		change(&l)
		return l
	}
	r := &Report{Listeners: []Listener{
		at(8, func(l *Listener) { l.DropsSeen = nil }),
		at(7, func(*Listener) {}),
		at(6, func(l *Listener) { l.Peak.Depth = 5 }),
		at(5, func(l *Listener) { l.Gone = true }),
		at(3, func(l *Listener) { l.Depths.Full = time.Second }),
		at(2, func(l *Listener) { *l.DropsSeen = 1 }),
		at(1, func(l *Listener) { *l.DropsSeen = 9 }),
	}}
	var ports []uint16
	for _, l := range r.WorstFirst() {
		ports = append(ports, l.Port)
	}
	if want := []uint16{1, 2, 3, 5, 6, 7, 8}; !slices.Equal(ports, want) {
		t.Errorf("%v, want %v", ports, want)
	}
	if got := r.Listeners[2].Filled(); got != 0.5 {
		t.Errorf("the queue of 10 was filled to %v by 5", got)
	}
}
