package link

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"
)

// TestRing: whatever comes and goes, packets leave whole, in the order in which they came, with their time.
func TestRing(t *testing.T) {
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 5))
		r := newRing(1+random.IntN(40), MTU+random.IntN(20*MTU))
		var want []packetCopy
		for i := range 3000 {
			if random.IntN(2+int(seed%3)) > 0 {
				want = pushOne(r, random, time.Duration(i), want)
			} else {
				want = popOne(t, r, want)
			}
		}
		for len(want) > 0 {
			want = popOne(t, r, want)
		}
		if _, _, ok := r.oldest(); ok {
			t.Error("an empty ring has a packet")
		}
	}
}

type packetCopy struct {
	content []byte
	due     time.Duration
}

// pushOne fills all the room that there is, as a read may, and keeps a part of it.
func pushOne(r *ring, random *rand.Rand, due time.Duration, want []packetCopy) []packetCopy {
	to := r.room()
	if to == nil {
		return want
	}
	for i := range to {
		to[i] = byte(random.Uint32())
	}
	n := 1 + random.IntN(MTU)
	r.push(n, due)
	return append(want, packetCopy{bytes.Clone(to[:n]), due})
}

func popOne(t *testing.T, r *ring, want []packetCopy) []packetCopy {
	t.Helper()
	content, due, ok := r.oldest()
	if ok != (len(want) > 0) {
		t.Fatalf("there is a packet: %t; want %d", ok, len(want))
	}
	if !ok {
		return want
	}
	if !bytes.Equal(content, want[0].content) || due != want[0].due {
		t.Fatalf("%d bytes due at %d, want %d at %d, or the same of other bytes", len(content), due,
			len(want[0].content), want[0].due)
	}
	r.pop()
	return want[1:]
}

// TestRingIsFull of packets, or of bytes; what is full takes again after one has gone.
func TestRingIsFull(t *testing.T) {
	for name, c := range map[string]struct{ packets, bytes, size, want int }{
		"packets":              {3, 100 * MTU, 40, 3},
		"bytes":                {100, 3 * MTU, MTU, 3},
		"bytes, short packets": {100, 2 * MTU, MTU / 2, 3}, // the fourth might be long
		"one":                  {100, MTU, 1, 1},
	} {
		r := newRing(c.packets, c.bytes)
		n := 0
		for r.room() != nil {
			r.push(c.size, 0)
			n++
		}
		if n != c.want {
			t.Errorf("%s: it took %d, want %d", name, n, c.want)
		}
		for range n {
			r.pop()
		}
		if r.room() == nil {
			t.Errorf("%s: it is empty and takes nothing", name)
		}
	}
}

func TestLateness(t *testing.T) {
	l := newLatenesses()
	if l.summary() != nil {
		t.Error("there is a summary of nothing")
	}
	for i := range 100 { // 1 to 100 µs
		l.add(time.Duration(i+1) * time.Microsecond)
	}
	s := l.summary()
	if s.Max != 100*time.Microsecond {
		t.Errorf("the longest is %v", s.Max)
	}
	for _, c := range []struct{ got, want time.Duration }{{s.P50, 50 * time.Microsecond}, {s.P99, 99 * time.Microsecond}} {
		if c.got < c.want || c.got > c.want+c.want/32 {
			t.Errorf("%v, want %v or up to a 32nd more", c.got, c.want)
		}
	}
}
