package analysis

import (
	"testing"
	"time"

	"agistorm/analysis/record"
)

// waiting is a storm in which calls 1 ms, 2 ms … after their start were connected, and others were lost before.
func waiting(connected, lost int) *Repeat {
	r := &Repeat{Offered: connected + lost, Lost: lost, Dialplan: &Dialplan{}}
	all := newRecorder()
	for i := range connected {
		all.add(time.Duration(i+1)*ms, true)
	}
	r.Latencies.Connect = all.latency()
	return r
}

// TestWaits: a lost call waited for longer than any other.
func TestWaits(t *testing.T) {
	for _, tt := range []struct {
		connected, lost int
		percent, want   float64 // in milliseconds
	}{
		{100, 0, 0, 1}, {100, 0, 50, 50}, {100, 0, 99, 99}, {100, 0, 100, 100},
		{99, 1, 0, 1}, {99, 1, 50, 50}, {99, 1, 99, 99}, {99, 1, 100, NoEnd},
		{98, 2, 98, 98}, {98, 2, 99, NoEnd},
		{50, 50, 25, 25}, {50, 50, 50, 50}, {50, 50, 51, NoEnd},
		{0, 7, 0, NoEnd}, {0, 7, 50, NoEnd},
	} {
		got, known := Waits["connect"].Of(waiting(tt.connected, tt.lost), tt.percent)
		if want := tt.want * float64(ms); !known || !Endless(got) && (got < want*0.999 || got > want*1.001) || Endless(got) != (tt.want == NoEnd) {
			t.Errorf("%d connected, %d lost: p%v is %v (%v), want %v", tt.connected, tt.lost, tt.percent, got, known, want)
		}
	}
}

// TestUnknownWaits: what a client never waits for, or no kernel told, is not known, whatever was lost.
func TestUnknownWaits(t *testing.T) {
	r := waiting(0, 5)
	for name, want := range map[string]bool{"connect": true, "first-command": true, "session": true, "handshake": false} {
		if _, known := Waits[name].Of(r, 50); known != want {
			t.Errorf("%s of a client that speaks: known %v", name, known)
		}
	}
	r.Dialplan = nil
	if _, known := Waits["first-command"].Of(r, 50); known {
		t.Error("a client that only connects has no first command to wait for")
	}
	if _, known := Waits["connect"].Of(&Repeat{}, 50); known {
		t.Error("a storm of no calls has a wait")
	}
	// Who hung up first is not lost, and has waited for no end of the session.
	r = waiting(3, 0)
	r.Outcomes = map[record.Outcome]int{record.Closed: 3}
	if _, known := Waits["session"].Of(r, 50); known {
		t.Error("calls that were not lost have no session's end, and yet a wait for it")
	}
}
