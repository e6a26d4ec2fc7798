package lab

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"agistorm/analysis/metric"
	"agistorm/analysis/summary"
	"agistorm/loadgen/caller"
)

// TestStormWaitsForTheQueue of a server that is already running, for the session timeout at most.
func TestStormWaitsForTheQueue(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	o := StormOptions{URL: "tcp://" + l.Addr().String(), Load: Load{
		Addresses: []netip.AddrPort{netip.MustParseAddrPort(l.Addr().String())}, Arrival: "burst", Calls: 20,
		Limits: caller.Limits{Connect: time.Second, FirstCommand: time.Second, Session: time.Second},
		Client: caller.Client{Name: "connect-only"}, Engine: "auto",
	}}
	dir := newDir(t)
	if _, err := Storm(t.Context(), dir, o); err != nil {
		t.Fatal(err)
	}
	s, err := summary.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	r := &s.Cells[0].Repeats[0]
	if q := r.Queue; q == nil || q.Left != 20 || q.Drain < 900*time.Millisecond ||
		r.Unknown["drain(queue)"] != metric.NotDrained {
		t.Errorf("queue %+v, unknown %v: want 20 in it after a second", q, r.Unknown)
	}
}
