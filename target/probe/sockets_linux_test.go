package probe

import (
	"errors"
	"net"
	"slices"
	"testing"
	"time"
)

// ulp is the attribute that names the upper layer of a socket, nested as the kernel does.
func ulp(name string) []byte {
	inner := append(make([]byte, 4), name+"\x00"...)
	native.PutUint16(inner, uint16(len(inner)))
	native.PutUint16(inner[2:], 1)
	for len(inner)%4 > 0 {
		inner = append(inner, 0)
	}
	outer := append(make([]byte, 4), inner...)
	native.PutUint16(outer, uint16(len(outer)))
	native.PutUint16(outer[2:], attributeULP|1<<15) // NLA_F_NESTED
	return outer
}

// TestIsMPTCP: by the name of the upper layer; TLS is another.
func TestIsMPTCP(t *testing.T) {
	for name, want := range map[string]bool{"mptcp": true, "tls": false, "": false} {
		if got := isMPTCP(append(memory(), ulp(name)...)); got != want {
			t.Errorf("%q: %t", name, got)
		}
	}
	if isMPTCP(nil) || isMPTCP([]byte{3, 0, attributeULP, 0}) {
		t.Error("attributes that are none")
	}
}

// TestListenersTellMPTCP: Go's listeners are of MPTCP unless the program asks for plain TCP.
func TestListenersTellMPTCP(t *testing.T) {
	for _, multipath := range []bool{true, false} {
		var config net.ListenConfig
		config.SetMultipathTCP(multipath)
		l, err := config.Listen(t.Context(), "tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		all, err := Listeners(uint16(l.Addr().(*net.TCPAddr).Port))
		if err != nil || len(all) != 1 || all[0].Drops == nil {
			t.Fatalf("%+v, %v", all, err)
		}
		if enabled := mptcpEnabled(t); all[0].MPTCP != (multipath && enabled) {
			t.Errorf("MPTCP %t of a listener with %t, where the kernel has it: %t", all[0].MPTCP, multipath, enabled)
		}
	}
}

func mptcpEnabled(t *testing.T) bool {
	t.Helper()
	value, err := Sysctl("net.mptcp.enabled")
	return err == nil && value == "1"
}

// TestQueued: connections until they are accepted, over IPv4 and IPv6.
func TestQueued(t *testing.T) {
	l, err := net.Listen("tcp", "[::]:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := uint16(l.Addr().(*net.TCPAddr).Port)
	dial(t, l)
	dial(t, l)
	var waiting []Connection
	eventually(t, "two wait", func() bool { waiting, err = Queued(port); return err == nil && len(waiting) == 2 })
	to := waiting[0].Local
	if waiting[0].Cookie == waiting[1].Cookie || to.Port() != port || !to.Addr().IsLoopback() {
		t.Errorf("%+v", waiting)
	}
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	left, err := Queued(port)
	if err != nil || len(left) != 1 || left[0].Cookie != waiting[0].Cookie && left[0].Cookie != waiting[1].Cookie {
		t.Errorf("one is accepted: %+v, %v; before %+v", left, err, waiting)
	}
	eventually(t, "it grows older", func() bool {
		again, err := Queued(port)
		return err == nil && len(again) == 1 && again[0].Age >= left[0].Age+10*time.Millisecond
	})
}

// TestSockets: one question about all listeners, and about one of them, agree with each other; the one socket to the
// kernel answers all of them by turns.
func TestSockets(t *testing.T) {
	l, _ := listen(t, false)
	s, err := OpenSockets()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	all, err := s.Listeners()
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).AddrPort().Port()
	i := slices.IndexFunc(all, func(o Listener) bool { return o.Address.Port() == port })
	if i < 0 {
		t.Fatalf("port %d is not among %d listeners", port, len(all))
	}
	for want := range uint32(3) {
		eventually(t, "all are queued", func() bool {
			queued, err := s.Queued(port)
			return err == nil && len(queued) == int(want)
		})
		var among Queue
		err := s.Queues(func(q Queue) {
			if q.Cookie == all[i].Cookie {
				among = q
			}
		})
		one, err2 := s.Queue(&all[i])
		if err != nil || err2 != nil || one != among || one.Depth != want || one.Limit != all[i].Limit || !one.Counted {
			t.Errorf("after %d connects: %+v %v, among all %+v %v", want, one, err2, among, err)
		}
		dial(t, l)
	}
	other := all[i]
	other.Cookie++
	if _, err := s.Queue(&other); !errors.Is(err, ErrNoListener) {
		t.Errorf("another socket of the address: %v, want ErrNoListener", err)
	}
	l.Close()
	if _, err := s.Queue(&all[i]); !errors.Is(err, ErrNoListener) {
		t.Errorf("it has closed: %v, want ErrNoListener", err)
	}
	if allocations := testing.AllocsPerRun(100, func() { _ = s.Queues(func(Queue) {}) }); allocations > 0 {
		t.Errorf("a look at all queues allocates %v times", allocations)
	}
}

// FuzzEachSocket: whatever the bytes, an end or an error; and each message is as long as the fields that are read.
func FuzzEachSocket(f *testing.F) {
	f.Add(diagAnswer(stateListen, append(memory(), ulp("mptcp")...)...))
	f.Add(append(diagAnswer(stateEstablished), diagAnswer(stateCloseWait)...))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, part []byte) {
		_, err := eachSocket(part, func(message []byte) error {
			parseListener(message, sampleOf(message))
			return nil
		})
		if _, err2 := eachListener(part, func([]byte, rawSample) {}); err != nil && err2 == nil {
			t.Errorf("%v, but not for listeners alone", err)
		}
		if errors.Is(err, ErrNoListener) && len(part) < netlinkHeader {
			t.Error(err)
		}
	})
}
