package seen

import (
	"testing"
	"time"
)

// TestBefore: SYNs of one connection, each within the longest retransmission of the one before, are counted.
func TestBefore(t *testing.T) {
	const s = time.Second
	c := NewConnections[string](0)
	for _, step := range []struct {
		key  string
		at   time.Duration
		want int
	}{
		{"a", 1000 * s, 0}, {"b", 1000 * s, 0}, {"a", 1001 * s, 1}, {"a", 1003 * s, 2},
		{"b", 1127 * s, 1}, // after exactly the longest time
		{"a", 1131 * s, 0}, // one second more: the port again
		{"a", 1130 * s, 1}, // packets of two CPUs out of order
		{"b", 1400 * s, 0},
	} {
		if got := c.Before(step.key, step.at); got != step.want {
			t.Errorf("%s at %v: %d SYNs before, want %d", step.key, step.at, got, step.want)
		}
	}
}

// TestBounds: the last ones are remembered, and never more than twice as many as are meant to be.
func TestBounds(t *testing.T) {
	const most = 100
	c := NewConnections[int](most)
	h := NewHosts[int](most)
	for i := range 10 * most {
		// Each step looks at two: half of them later, as many others as are remembered were seen.
		if later := most / 2; i >= later && c.Before(i-later, time.Duration(i)) == 0 {
			t.Fatalf("connection %d was forgotten %d connections later", i-later, most)
		}
		c.Before(i, time.Duration(i))
		h.Number(i)
		if n := len(c.table.young) + len(c.table.old); n > 2*most {
			t.Fatalf("%d connections are kept, want at most %d", n, 2*most)
		}
		if n := len(h.table.young) + len(h.table.old); n > 2*most {
			t.Fatalf("%d hosts are kept, want at most %d", n, 2*most)
		}
	}
	if n := h.Number(10*most - 1); n != 10*most {
		t.Errorf("the last host has number %d, want %d", n, 10*most)
	}
	if n := h.Number(0); n != 10*most+1 || h.Count() != 10*most+1 {
		t.Errorf("a forgotten host has number %d of %d, want %d", n, h.Count(), 10*most+1)
	}
}

func TestNumbers(t *testing.T) {
	h := NewHosts[string](0)
	for _, step := range []struct {
		host string
		want uint32
	}{{"a", 1}, {"b", 2}, {"a", 1}, {"c", 3}, {"b", 2}} {
		if got := h.Number(step.host); got != step.want {
			t.Errorf("%s: number %d, want %d", step.host, got, step.want)
		}
	}
}
