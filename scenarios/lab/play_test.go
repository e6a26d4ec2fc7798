package lab

import (
	"errors"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"agistorm/analysis/record"
	"agistorm/loadgen"
)

// moving are counters that gain one at each of these instants after the last attempt.
func moving(at ...time.Duration) func() (record.Counters, error) {
	began := time.Now()
	return func() (record.Counters, error) {
		n := uint64(0)
		for _, instant := range at {
			if time.Since(began) >= instant {
				n++
			}
		}
		return record.Counters{"TcpInSegs": n}, nil
	}
}

// idleFrom is a target that is through with its work at an instant after the last attempt.
func idleFrom(at time.Duration) func() (bool, error) {
	began := time.Now()
	return func() (bool, error) { return time.Since(began) >= at, nil }
}

// TestSettle: the quiet ends when two readings agree and the target is idle, and late retransmissions do not
// prolong it beyond its limit.
func TestSettle(t *testing.T) {
	const ms = time.Millisecond
	always := make([]time.Duration, 100)
	for i := range always {
		always[i] = time.Duration(i) * 10 * ms
	}
	for name, tt := range map[string]struct {
		moves []time.Duration
		idle  time.Duration
		rtt   time.Duration
		took  time.Duration
		last  uint64
	}{
		"nothing moves":                    {nil, 0, 0, 20 * ms, 0},
		"the last packets":                 {[]time.Duration{5 * ms, 25 * ms}, 0, 0, 60 * ms, 2},
		"a target that works on":           {nil, 70 * ms, 0, 80 * ms, 0},
		"a target that does not end":       {nil, time.Hour, 0, 150 * ms, 0},
		"other traffic all the time":       {always, 0, 0, 150 * ms, 16},
		"a retransmission after the end":   {[]time.Duration{200 * ms}, 0, 0, 20 * ms, 0},
		"packets under way on a link":      {[]time.Duration{100 * ms}, 0, 200 * ms, 440 * ms, 1},
		"a link that is never still":       {always, 0, 50 * ms, 250 * ms, 26},
		"a target that works across one":   {nil, 300 * ms, 200 * ms, 440 * ms, 0},
		"a reading that falls on a change": {[]time.Duration{20 * ms}, 0, 0, 40 * ms, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			got, err := settle(moving(tt.moves...), idleFrom(tt.idle), tt.rtt)
			if took := time.Since(began); err != nil || took != tt.took || got["TcpInSegs"] != tt.last {
				t.Errorf("%s: %v after %v (%v), want %d after %v", name, got, took, err, tt.last, tt.took)
			}
		})
	}
}

// TestSettleWithoutCounters: a system without counters is given the whole time, and an error ends the wait.
func TestSettleWithoutCounters(t *testing.T) {
	broken := errors.New("broken")
	none := func() (record.Counters, error) { return nil, nil }
	fails := func() (record.Counters, error) { return nil, broken }
	for name, tt := range map[string]struct {
		read func() (record.Counters, error)
		idle func() (bool, error)
		took time.Duration
		err  error
	}{
		"no counters":    {none, func() (bool, error) { return true, nil }, longestQuiet, nil},
		"a failed read":  {fails, func() (bool, error) { return true, nil }, 0, broken},
		"a target's end": {none, func() (bool, error) { return false, broken }, stillFor, broken},
	} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			if _, err := settle(tt.read, tt.idle, 0); !errors.Is(err, tt.err) || time.Since(began) != tt.took {
				t.Errorf("%s: %v after %v, want %v after %v", name, err, time.Since(began), tt.err, tt.took)
			}
		})
	}
}

// TestBindsFirst: the target listens first where its port is not known before, or where a client's planned port
// could be the same.
func TestBindsFirst(t *testing.T) {
	for _, tt := range []struct {
		address   string
		low, high uint16
		linked    bool
		want      bool
	}{
		{"127.0.0.1:4573", 0, 0, false, false},
		{"127.0.0.1:0", 0, 0, false, true},
		{"127.0.0.1:4573", 32768, 60999, false, false},
		{"127.0.0.1:4573", 1024, 60999, false, true},
		{"10.197.0.1:4573", 1024, 60999, true, false},
	} {
		c := &cell{cellOrder: &cellOrder{Linked: tt.linked}}
		c.Storm.Sources = loadgen.Sources{Low: tt.low, High: tt.high}
		if got := c.bindsFirst(netip.MustParseAddrPort(tt.address)); got != tt.want {
			t.Errorf("%+v: %v", tt, got)
		}
	}
}
