package lab

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"agistorm/analysis/record"
	"agistorm/analysis/summary"
	"agistorm/loadgen/caller"
)

// TestStormDrops: each storm records the kernel's drop reasons, or why there are none, and leaves no tracing instance.
func TestStormDrops(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close() // every SYN goes to a closed port
	const calls, storms = 20, 2
	o := StormOptions{
		Load: Load{
			Addresses: []netip.AddrPort{netip.MustParseAddrPort(address)}, Arrival: "burst", Calls: calls,
			Limits: caller.DefaultLimits(), Client: caller.Client{Name: caller.ConnectOnly}, Engine: "auto",
		},
		URL: "tcp://" + address, Version: "test", Repeats: storms, Drops: true,
	}
	dir := newDir(t)
	if _, err := Storm(t.Context(), dir, o); err != nil {
		t.Fatal(err)
	}
	s, err := summary.Read(dir)
	if err != nil || len(s.Cells[0].Repeats) != storms {
		t.Fatalf("%v, %d storms", err, len(s.Cells[0].Repeats))
	}
	for _, r := range s.Cells[0].Repeats {
		switch d := r.DropReasons; {
		case d == nil:
			t.Errorf("storm %d has no drop reasons, and no word of them", r.N)
		case d.Missing != nil:
			if d.Missing.Code == record.NoteReasonsUnreadable || os.Geteuid() == 0 && d.By != nil {
				t.Errorf("storm %d: %+v", r.N, d.Missing)
			}
			t.Logf("left out: %s: %s", d.Missing.Code, d.Missing.Error)
		case d.By["NO_SOCKET"] < calls:
			t.Errorf("storm %d: %+v, want at least %d NO_SOCKET", r.N, d, calls)
		}
	}
	left, _ := filepath.Glob(fmt.Sprintf("/sys/kernel/tracing/instances/agistorm-%d-*", os.Getpid()))
	if len(left) > 0 {
		t.Errorf("left behind: %s", left)
	}
}

// TestStormWithoutDrops: what was not asked for is not in the record.
func TestStormWithoutDrops(t *testing.T) {
	s := externalStorm{external: &external{}}
	s.countReasons()
	s.stopReasons()
	if s.kernel.Reasons != nil {
		t.Errorf("%+v", s.kernel.Reasons)
	}
}
