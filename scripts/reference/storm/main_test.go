//go:build linux

package main

import (
	"net"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis/record"
	"agistorm/loadgen/caller"
	"agistorm/scripts/reference/measure"
)

func TestAddAttempts(t *testing.T) {
	at := func(d time.Duration) *time.Duration { return &d }
	attempts := []record.Attempt{
		{Outcome: record.Answered, Connected: at(0), FirstCommand: at(999 * time.Millisecond)},
		{Outcome: record.Answered, Connected: at(time.Second), FirstCommand: at(2 * time.Second)}, // slow
		{Outcome: record.Silent, Connected: at(0)},
		{Outcome: record.Silent, Connected: at(0)},
		{Outcome: record.ConnectTimeout},
	}
	slow := 0
	got := tally{result: measure.Result{Outcomes: map[string]int{}, Slow: &slow}}
	got.addAttempts(slices.Values(attempts))
	want := map[string]int{"answered": 2, "silent": 2, "connect-timeout": 1}
	if diff := cmp.Diff(want, got.result.Outcomes); diff != "" || got.result.Answered != 2 || slow != 1 {
		t.Errorf("answered %d, slow %d, want 2 and 1; outcomes: %s", got.result.Answered, slow, diff)
	}
}

func TestLagOf(t *testing.T) {
	brackets := []record.LagBracket{{Below: 2, Count: 99}, {Below: 95, Count: 1}}
	lag := &record.Lag{Count: 100, Sum: 200, Max: 90, Brackets: brackets}
	if diff := cmp.Diff(&measure.Lag{Count: 100, Sum: 200, Max: 90, P50: 2, P99: 2}, lagOf(lag)); diff != "" {
		t.Error(diff)
	}
	if got := lagOf(nil); got != nil {
		t.Errorf("the lag of an engine that measured none is %+v, want nil", got)
	}
}

func TestConfig(t *testing.T) {
	plain := config(measure.Options{Open: 3}, 1)
	if plain.Limits != caller.DefaultLimits() || plain.Client.Name != caller.Asterisk || plain.Schedule.Len() != 3 {
		t.Errorf("%+v: want Asterisk's client, the default limits and 3 calls", plain)
	}
	c := config(measure.Options{Open: 3, SingleWrite: true, FirstCommandTimeout: time.Second}, 1)
	if c.Limits.FirstCommand != time.Second || c.Client.Name != caller.SingleWrite {
		t.Errorf("%+v: want a first-command timeout of 1 s and one write", c)
	}
}

// TestPlay: two rounds at an address without a listener have an outcome for every session, and
// the heap of an attempt.
func TestPlay(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	got, err := play(measure.Options{Server: l.Addr().(*net.TCPAddr).AddrPort(), Open: 100, Rounds: 2})
	if err != nil {
		t.Fatal(err)
	}
	diff := cmp.Diff(map[string]int{"refused": 200}, got.Outcomes)
	if diff != "" || got.Sessions != 200 || got.Answered != 0 {
		t.Errorf("%d sessions, %d answered, want 200 and 0; outcomes: %s", got.Sessions, got.Answered, diff)
	}
	if got.HeapPerAttempt == nil || *got.HeapPerAttempt <= 0 || got.ReplyLag != nil || got.WallNS <= 0 {
		t.Errorf("%+v: want the heap of an attempt, some time, and no reply lag", got)
	}
}
