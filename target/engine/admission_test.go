package engine

import (
	"testing"
	"time"
)

// enter lets so many in at once and gives the decisions.
func enter(d *Admission, at time.Duration, n int) (decisions []Decision) {
	for range n {
		decisions = append(decisions, d.Enter(at))
	}
	return decisions
}

func want(t *testing.T, what string, got []Decision, want ...Decision) {
	t.Helper()
	for i := range want {
		if len(got) != len(want) || got[i] != want[i] {
			t.Errorf("%s: %v, want %v", what, got, want)
			return
		}
	}
}

func TestPoolDoor(t *testing.T) {
	d := NewAdmission(&Rules{Open: 2, Active: 2})
	want(t, "two", enter(&d, 0, 2), Serve, Serve)
	if d.Accepts() || d.Empty() {
		t.Error("a full server accepts, or is empty")
	}
	d.EnvironmentRead()
	d.Leave(true)
	if !d.Accepts() {
		t.Error("one has left: it accepts no connection")
	}
	d.Leave(false)
	if !d.Empty() || d.reading != 0 {
		t.Errorf("all have left: %+v", d)
	}
}

func TestRejectingDoor(t *testing.T) {
	d := NewAdmission(&Rules{Open: 1, Active: 2, Reject: true})
	want(t, "four", enter(&d, 0, 4), Serve, Serve, Refuse, Refuse)
	if !d.Accepts() {
		t.Error("it must go on accepting, to reject")
	}
	d.Leave(false)
	want(t, "one has left", enter(&d, 0, 2), Serve, Refuse)
}

func TestHoardingDoor(t *testing.T) {
	d := NewAdmission(&Rules{Open: 4, Active: 1})
	want(t, "four", enter(&d, 0, 4), Serve, Keep, Keep, Keep)
	if d.Accepts() || d.Kept() != 3 || d.Promote() {
		t.Errorf("full with 3 kept: %+v", d)
	}
	d.Leave(false)
	if !d.Promote() || d.Promote() || d.Kept() != 2 {
		t.Errorf("one place for those that wait: %+v", d)
	}
	d.Drop()
	d.Drop()
	d.Leave(false)
	if !d.Empty() || d.Promote() {
		t.Errorf("all have left: %+v", d)
	}
}

func TestDoorThatListens(t *testing.T) {
	d := NewAdmission(&Rules{Open: 10, Active: 10, EnvBlocksAccept: true})
	want(t, "one", enter(&d, 0, 1), Serve)
	if d.Accepts() {
		t.Error("it accepts while a client speaks")
	}
	d.EnvironmentRead()
	if !d.Accepts() {
		t.Error("the environment was read: it accepts no connection")
	}
	enter(&d, 0, 1)
	d.Leave(false)
	if !d.Accepts() {
		t.Error("the silent client has left: it accepts no connection")
	}
}

// TestRateDoor: three in a second; the second begins with the first of them.
func TestRateDoor(t *testing.T) {
	d := NewAdmission(&Rules{Open: 10, Active: 10, Rate: 3, RateWindow: time.Second})
	want(t, "four at once", enter(&d, 5*time.Second, 4), Serve, Serve, Serve, Shut)
	want(t, "after the closing", enter(&d, 5500*time.Millisecond, 2), Serve, Serve)
	want(t, "within its second", enter(&d, 6499*time.Millisecond, 2), Serve, Shut)
	want(t, "later", enter(&d, 8*time.Second, 3), Serve, Serve, Serve)
	want(t, "in the next second", enter(&d, 9*time.Second, 1), Serve)
}
