package loadgen

import (
	"fmt"
	"net"
	"net/netip"
	"testing"

	"agistorm/analysis/record"
	"agistorm/loadgen/caller"
	"agistorm/scenarios/arrival"
)

// refusing is an address without a listener.
func refusing(t *testing.T) netip.AddrPort {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).AddrPort()
}

// A second address of the server takes no second port: no more are planned than there are calls.
func TestTheNextAddressKeepsThePort(t *testing.T) {
	_, attempts := play(t, Config{
		Addresses: []netip.AddrPort{refusing(t), start(t, politeServer("NOOP"))},
		Schedule:  arrival.Burst{Calls: 80}, Limits: patient, Engine: Epoll,
		Sources: Sources{Addrs: []netip.Addr{netip.MustParseAddr("127.0.0.31")}, Low: 21000, High: 21079},
	})
	for _, a := range attempts {
		if want := fmt.Sprintf("127.0.0.31:%d", 21000+a.Seq); a.Outcome != record.Answered || a.Local != want {
			t.Errorf("call %d from %s: %s (%s), want it answered, from %s", a.Seq, a.Local, a.Outcome, a.Errno, want)
		}
	}
}

// Ports that another storm from the same address holds are passed over; those that linger from a former one
// are used in the end.
func TestPortsOfOthersArePassedOver(t *testing.T) {
	config := func() Config {
		return Config{
			Addresses: []netip.AddrPort{start(t, waits)},
			Schedule:  arrival.Burst{Calls: 40}, Limits: patient, Engine: Epoll,
			Client:  caller.Client{Name: caller.ConnectOnly}, // it closes first, so its ports linger in TIME_WAIT
			Sources: Sources{Addrs: []netip.Addr{netip.MustParseAddr("127.0.0.32")}, Low: 21000, High: 21099},
		}
	}
	other, err := Prepare(config())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	for round := range 2 { // of the 60 ports that are left, 20 must be used twice
		_, attempts := play(t, config())
		for _, a := range attempts {
			if a.Outcome != record.Connected || netip.MustParseAddrPort(a.Local).Port() < 21040 {
				t.Fatalf("round %d, call %d from %s: %s (%s), want it connected, from a free port", round,
					a.Seq, a.Local, a.Outcome, a.Errno)
			}
		}
	}
}
