package main

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"agistorm/scenarios/arrival/packets"
)

var (
	server = netip.MustParseAddrPort("127.0.0.1:4573")
	began  = time.Unix(1_795_428_417, 500_000_000).UTC()
)

func client(port uint16) netip.AddrPort {
	return netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port)
}

// The packets of a connection from a port, at an offset from began; its SYNs have 10 times the port as
// sequence number.
func syn(port uint16, at time.Duration) packets.Packet {
	return packets.Packet{At: began.Add(at), Src: client(port), Dst: server, Flags: packets.SYN, Seq: uint32(port) * 10}
}

func synAck(port uint16, at time.Duration) packets.Packet {
	return packets.Packet{
		At:    began.Add(at),
		Src:   server,
		Dst:   client(port),
		Flags: packets.SYN | packets.ACK,
		Seq:   7,
		Ack:   uint32(port)*10 + 1,
	}
}

func ack(port uint16, at time.Duration) packets.Packet {
	return packets.Packet{
		At:    began.Add(at),
		Src:   client(port),
		Dst:   server,
		Flags: packets.ACK,
		Seq:   uint32(port)*10 + 1,
		Ack:   8,
	}
}

func TestHandshakes(t *testing.T) {
	const ms = time.Millisecond
	again, stale := syn(1, 5*ms), synAck(1, 2*ms)
	again.Seq, stale.Ack = 99, 99
	elsewhere := syn(1, 0)
	elsewhere.Dst = client(80)
	tests := []struct {
		name    string
		packets []packets.Packet
		took    time.Duration // negative: there is no answer
		syns    int           // 0: there is no such connection
		shared  bool
	}{
		{name: "plain", packets: []packets.Packet{syn(1, 0), synAck(1, 2*ms), ack(1, 3*ms)}, took: 2 * ms, syns: 1},
		{name: "its ACK was not captured", packets: []packets.Packet{syn(1, 0), synAck(1, 2*ms)}, took: 2 * ms, syns: 1},
		{
			name:    "from the first SYN",
			packets: []packets.Packet{syn(1, 0), syn(1, 1020*ms), syn(1, 2040*ms), synAck(1, 2041*ms), ack(1, 2042*ms)},
			took:    2041 * ms,
			syns:    3,
		},
		{
			name:    "to the SYN-ACK that was acknowledged",
			packets: []packets.Packet{syn(1, 0), synAck(1, 2*ms), synAck(1, 1000*ms), ack(1, 1001*ms)},
			took:    1000 * ms,
			syns:    1,
		},
		{
			name:    "a phantom: the server dropped the ACK",
			packets: []packets.Packet{syn(1, 0), synAck(1, 2*ms), ack(1, 3*ms), synAck(1, 1000*ms), ack(1, 1001*ms)},
			took:    2 * ms,
			syns:    1,
		},
		{
			name:    "two CPUs, the file not in order",
			packets: []packets.Packet{ack(1, 3*ms), synAck(1, 2*ms), syn(1, 0)},
			took:    2 * ms,
			syns:    1,
		},
		{name: "never answered", packets: []packets.Packet{syn(1, 0), syn(1, 1020*ms)}, took: -1, syns: 2},
		{name: "an answer to another SYN", packets: []packets.Packet{syn(1, 0), stale}, took: -1, syns: 1},
		{name: "an answer without a SYN", packets: []packets.Packet{synAck(1, 0), ack(1, ms)}},
		{name: "another server", packets: []packets.Packet{elsewhere}},
		{name: "another client", packets: []packets.Packet{syn(2, 0), synAck(2, ms)}},
		{
			name:    "a port that serves twice",
			packets: []packets.Packet{syn(1, 0), synAck(1, 2*ms), ack(1, 3*ms), again},
			took:    2 * ms,
			syns:    2,
			shared:  true,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h := newHandshakes(test.packets, server)[client(1)]
			if h == nil {
				if test.syns != 0 {
					t.Fatal("not found")
				}
				return
			}
			took := time.Duration(-1)
			if !h.answer.IsZero() {
				took = h.took()
			}
			if took != test.took || h.syns != test.syns || h.shared != test.shared {
				t.Errorf(
					"took %v, %d SYNs, shared %t; want %v, %d, %t",
					took,
					h.syns,
					h.shared,
					test.took,
					test.syns,
					test.shared,
				)
			}
		})
	}
}

func TestCheckWhole(t *testing.T) {
	const begin = "tcpdump: listening on lo, link-type EN10MB (Ethernet), snapshot length 128 bytes\n"
	for name, test := range map[string]struct {
		log  string
		want string // part of the error; empty: none
	}{
		"whole": {begin +
			"10 packets captured\n20 packets received by filter\n0 packets dropped by kernel\n", ""},
		"one": {begin +
			"10 packets captured\n20 packets received by filter\n1 packet dropped by kernel\n",
			"1 packet dropped by kernel"},
		"many": {begin +
			"0 packets captured\n20 packets received by filter\n1234 packets dropped by kernel\n",
			"1234 packets dropped by kernel"},
		"the interface's own": {begin + "0 packets dropped by kernel\n5 packets dropped by interface\n",
			"5 packets dropped by interface"},
		"killed": {begin, "did not report"},
	} {
		err := checkWhole([]byte(test.log))
		if test.want == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one that says %q", name, err, test.want)
		}
	}
}
