package metric

import (
	"slices"
	"testing"
	"time"

	"agistorm/analysis/record"
	"agistorm/analysis/stats"
)

const ms = time.Millisecond

// waiting is a storm in which calls 1 ms, 2 ms … after their start were connected, and others were lost
// before.
func waiting(connected, lost int) *Storm {
	r := &Storm{Offered: connected + lost, Lost: lost, Dialplan: &Dialplan{}}
	all := NewRecorder()
	for i := range connected {
		all.Add(time.Duration(i+1)*ms, true)
	}
	r.Latencies.Connect = all.Latency()
	return r
}

// TestWaits: a lost call waited for longer than any other.
func TestWaits(t *testing.T) {
	for _, tt := range []struct {
		connected, lost int
		percent, want   float64 // in milliseconds
	}{
		{100, 0, 0, 1}, {100, 0, 50, 50}, {100, 0, 99, 99}, {100, 0, 100, 100},
		{99, 1, 0, 1}, {99, 1, 50, 50}, {99, 1, 99, 99}, {99, 1, 100, stats.NoEnd},
		{98, 2, 98, 98}, {98, 2, 99, stats.NoEnd},
		{50, 50, 25, 25}, {50, 50, 50, 50}, {50, 50, 51, stats.NoEnd},
		{0, 7, 0, stats.NoEnd}, {0, 7, 50, stats.NoEnd},
	} {
		v := wait("connect").wait(waiting(tt.connected, tt.lost), tt.percent)
		want := tt.want * float64(ms)
		if got := v.Number; !v.Known() || !stats.Endless(got) && (got < want*0.999 || got > want*1.001) ||
			stats.Endless(got) != (tt.want == stats.NoEnd) {
			t.Errorf("%d connected, %d lost: p%v is %+v, want %v", tt.connected, tt.lost, tt.percent, v, want)
		}
	}
}

func wait(name string) *Wait {
	return &Waits[slices.IndexFunc(Waits, func(w Wait) bool { return w.Name == name })]
}

// TestUnknownWaits: what a client never waits for, or no kernel counted, is not known, whatever was lost.
func TestUnknownWaits(t *testing.T) {
	s := waiting(0, 5)
	for name, want := range map[string]Reason{"connect": "", "first-command": "", "session": "",
		"handshake": NoKernelAccount} {
		if v := wait(name).wait(s, 50); v.Unknown != want {
			t.Errorf("%s of a client that speaks: %+v", name, v)
		}
	}
	s.Dialplan = nil
	if v := wait("first-command").wait(s, 50); v.Unknown != OnlyConnects {
		t.Errorf("a client that only connects has no first command to wait for: %+v", v)
	}
	if v := wait("connect").wait(&Storm{}, 50); v.Unknown != NoSuchCall {
		t.Errorf("a storm of no calls has a wait: %+v", v)
	}
	// A call that hung up first is not lost, and has waited for no end of the session.
	s = waiting(3, 0)
	s.Outcomes = map[record.Outcome]int{record.Closed: 3}
	if v := wait("session").wait(s, 50); v.Unknown != NoSuchCall {
		t.Errorf("calls that were not lost have no session's end, and yet a wait for it: %+v", v)
	}
}

// TestHandshakeIsOfConnectedCalls: by nature a lost call has none, so that it does not wait without end.
func TestHandshakeIsOfConnectedCalls(t *testing.T) {
	s := waiting(50, 50)
	s.Latencies.Handshake, s.SYNRetransmits = s.Latencies.Connect, new(uint64)
	if v := wait("handshake").wait(s, 99); !v.Known() || stats.Endless(v.Number) {
		t.Errorf("%+v", v)
	}
}
