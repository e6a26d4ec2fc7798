package words

import (
	"testing"

	"agistorm/analysis/metric"
)

// TestSockets: what is not known of a socket is left out, and of many only the first are shown.
func TestSockets(t *testing.T) {
	stuck := metric.Socket{Address: "0.0.0.0:80", Effective: ptr(4), Peak: ptr(5), Drops: ptr(120)}
	logged := metric.Socket{Effective: ptr(4), Calls: ptr(1)}
	want := "each socket of the port has a queue of its own: socket 1: deepest 5 of 5, 120 drops; socket 2: 1 call; " +
		"socket 3: –."
	if got := Sockets([]metric.Socket{stuck, logged, {}}); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := Sockets(make([]metric.Socket, 18)); got[len(got)-17:] != "; 2 more sockets." {
		t.Errorf("of 18: %s", got)
	}
}
