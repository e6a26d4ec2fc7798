package packets

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	fileHeaderLen   = 24
	recordHeaderLen = 16
)

// compare handles the types with unexported fields.
var compare = cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b })

// The captures are of one connection each; the expectations were read off tcpdump -S -tt -r.
func TestReadCaptures(t *testing.T) {
	v4client, v4server := netip.MustParseAddrPort("127.0.0.1:40000"), netip.MustParseAddrPort("127.0.0.1:4573")
	v6client, v6server := netip.MustParseAddrPort("[::1]:40000"), netip.MustParseAddrPort("[::1]:4573")
	tests := []struct {
		file string
		want map[int]Packet // by the packet's place in the file, from 0
	}{
		{"ethernet-nano.pcap", map[int]Packet{
			0: {time.Unix(1795428417, 173096262).UTC(), v4client, v4server, SYN, 1806491551, 0, 0},
			1: {time.Unix(1795428417, 173140488).UTC(), v4server, v4client, SYN | ACK, 2837996489, 1806491552, 0},
			3: {time.Unix(1795428417, 173267225).UTC(), v4client, v4server, PSH | ACK, 1806491552, 2837996490, 17},
			5: {time.Unix(1795428417, 223554104).UTC(), v4server, v4client, PSH | ACK, 2837996490, 1806491569, 500},
			9: {time.Unix(1795428417, 295046918).UTC(), v4server, v4client, ACK, 2837996991, 1806491570, 0},
		}},
		{"cooked1.pcap", map[int]Packet{
			0: {time.Unix(1795428422, 759130000).UTC(), v4client, v4server, SYN, 1893774677, 0, 0},
			5: {time.Unix(1795428422, 809532000).UTC(), v4server, v4client, PSH | ACK, 2838062529, 1893774695, 500},
			7: {time.Unix(1795428422, 860084000).UTC(), v4server, v4client, FIN | ACK, 2838063029, 1893774695, 0},
		}},
		{"cooked2-ipv6.pcap", map[int]Packet{
			0: {time.Unix(1795428420, 43719000).UTC(), v6client, v6server, SYN, 1654754182, 0, 0},
			5: {time.Unix(1795428420, 94160000).UTC(), v6server, v6client, PSH | ACK, 3626140406, 1654754200, 500},
			9: {time.Unix(1795428420, 164862000).UTC(), v6server, v6client, ACK, 3626140907, 1654754201, 0},
		}},
	}
	for _, test := range tests {
		t.Run(test.file, func(t *testing.T) {
			packets, err := Read(bytes.NewReader(capture(t, test.file)))
			if err != nil || len(packets) != 10 {
				t.Fatalf("%d packets, error %v; want the 10 of the file", len(packets), err)
			}
			for n, want := range test.want {
				if diff := cmp.Diff(want, packets[n], compare); diff != "" {
					t.Errorf("packet %d (-want +got):\n%s", n, diff)
				}
			}
		})
	}
}

// Headers written out by hand: a SYN from port 0x9c40 to 0x11dd, sequence number 1.
const (
	tcpSYN   = "9c40 11dd 00000001 00000000 5002 ffff 0000 0000"
	ipv4Head = "45 00 0028 0000 4000 40 06 0000 0a000001 0a000002"
	ipv6Head = "60000000 0014 06 40 20010db8000000000000000000000001 20010db8000000000000000000000002"
)

func TestReadByHand(t *testing.T) {
	at := time.Unix(10, 500_000_000).UTC()
	v4 := Packet{at, netip.MustParseAddrPort("10.0.0.1:40000"), netip.MustParseAddrPort("10.0.0.2:4573"), SYN, 1, 0, 0}
	v6 := v4
	v6.Src, v6.Dst = netip.MustParseAddrPort("[2001:db8::1]:40000"), netip.MustParseAddrPort("[2001:db8::2]:4573")
	long := v4
	long.PayloadLen = 100
	// An option of 4 bytes in the IPv4 header, 4 more in the TCP header, 2 bytes of data.
	options := v4
	options.Flags, options.PayloadLen = PSH|ACK, 2

	tests := []struct {
		name  string
		link  uint32
		frame string
		whole int // 0: as long as the frame
		want  []Packet
	}{
		{"raw IPv4", 101, ipv4Head + tcpSYN, 0, []Packet{v4}},
		{"raw IPv6", 101, ipv6Head + tcpSYN, 0, []Packet{v6}},
		{"raw, older number", 12, ipv4Head + tcpSYN, 0, []Packet{v4}},
		{"linktype IPv4", 228, ipv4Head + tcpSYN, 0, []Packet{v4}},
		{"linktype IPv6", 229, ipv6Head + tcpSYN, 0, []Packet{v6}},
		{"a frame check sequence in the link type's upper bits", 0x24000000 | 101, ipv4Head + tcpSYN, 0, []Packet{v4}},
		{
			"Ethernet pads short frames",
			1,
			"000000000000 000000000000 0800" + ipv4Head + tcpSYN + "000000000000",
			0,
			[]Packet{v4},
		},
		{"VLAN", 1, "000000000000 000000000000 8100 0001 0800" + ipv4Head + tcpSYN, 0, []Packet{v4}},
		{"VLAN in VLAN", 1, "000000000000 000000000000 88a8 0001 8100 0001 86dd" + ipv6Head + tcpSYN, 0, []Packet{v6}},
		{
			"data that was not captured",
			101,
			"45 00 008c 0000 4000 40 06 0000 0a000001 0a000002" + tcpSYN,
			140,
			[]Packet{long},
		},
		{
			"a segment too large for its length field",
			101,
			"45 00 0000 0000 4000 40 06 0000 0a000001 0a000002" + tcpSYN,
			140,
			[]Packet{long},
		},
		{"options", 101, "46 00 0032 0000 4000 40 06 0000 0a000001 0a000002 01010101" +
			"9c40 11dd 00000001 00000000 6018 ffff 0000 0000 01010101 6869", 0, []Packet{options}},
		{
			"IPv6 extension headers",
			101,
			"60000000 0024 00 40 20010db8000000000000000000000001 20010db8000000000000000000000002" +
				"2c00010400000000 0600000000000000" + tcpSYN,
			0,
			[]Packet{v6},
		},

		{"UDP", 101, "45 00 0028 0000 4000 40 11 0000 0a000001 0a000002" + tcpSYN, 0, nil},
		{"a later fragment", 101, "45 00 0028 0000 0001 40 06 0000 0a000001 0a000002" + tcpSYN, 0, nil},
		{
			"a later IPv6 fragment",
			101,
			"60000000 001c 2c 40 20010db8000000000000000000000001 20010db8000000000000000000000002" +
				"0600000800000000" + tcpSYN,
			0,
			nil,
		},
		{
			"ICMPv6",
			101,
			"60000000 0014 3a 40 20010db8000000000000000000000001 20010db8000000000000000000000002" + tcpSYN,
			0,
			nil,
		},
		{"ARP", 1, "000000000000 000000000000 0806" + ipv4Head + tcpSYN, 0, nil},
		{"IPv4 that calls itself IPv6", 1, "000000000000 000000000000 86dd" + ipv4Head + tcpSYN, 0, nil},
		{"IP version 5", 101, "55" + ipv4Head[2:] + tcpSYN, 0, nil},
		{
			"TCP header shorter than it can be",
			101,
			ipv4Head + "9c40 11dd 00000001 00000000 4002 ffff 0000 0000",
			0,
			nil,
		},
		{"a frame that is too short as it was sent", 101, "45 00", 0, nil},
		{"an empty frame", 1, "", 0, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			frame := unhex(t, test.frame)
			if test.whole == 0 {
				test.whole = len(frame)
			}
			for _, order := range []binary.AppendByteOrder{binary.BigEndian, binary.LittleEndian} {
				for magic, fraction := range map[uint32]uint32{0xa1b2c3d4: 500_000, 0xa1b23c4d: 500_000_000} {
					file := appendPacket(header(order, magic, test.link), order, 10, fraction, frame, test.whole)
					got, err := Read(bytes.NewReader(file))
					if diff := cmp.Diff(test.want, got, compare); diff != "" || err != nil {
						t.Errorf("%v %x: error %v, packets (-want +got):\n%s", order, magic, err, diff)
					}
				}
			}
		})
	}
}

func TestReadErrors(t *testing.T) {
	little := binary.LittleEndian
	frame := unhex(t, ipv4Head+tcpSYN)
	good := appendPacket(header(little, 0xa1b2c3d4, 101), little, 10, 0, frame, len(frame))
	tests := []struct {
		name    string
		file    []byte
		packets int
		is      error
		says    string
	}{
		{"empty", nil, 0, ErrFormat, "no file header in 0 bytes"},
		{"half a file header", good[:10], 0, ErrFormat, "no whole file header"},
		{"no capture", []byte("2026-10-05 09:00:00"), 0, ErrFormat, "begins with 32303236"},
		{"gzip", unhex(t, "1f8b0800"), 0, ErrFormat, "compressed by gzip; unpack it first: gunzip -k FILE"},
		{"gzip, almost empty", unhex(t, "1f8b"), 0, ErrFormat, "compressed by gzip"},
		{"half a pcapng header", ngHeader()[:10], 0, ErrFormat, "no whole file header"},
		{"pcapng of no byte order", unhex(t, "0a0d0d0a"+strings.Repeat("00", 20)), 0, ErrFormat, "byte order"},
		{"pcapng, unknown link type", ngPackets(t, 105, frame), 0, ErrFormat, "packet 1: not a capture"},
		{"pcapng, cut", ngPackets(t, 101, frame, frame)[:len(ngPackets(t, 101, frame, frame))-9], 1,
			io.ErrUnexpectedEOF, "packet 2"},
		{"pcapng, no time", simplePacket(ngPackets(t, 101), frame), 0, ErrFormat, "has no time"},
		{"pcapng, headers cut off", ngCut(t, frame, 39), 0, nil, "only 39 of its 40 bytes"},
		{"unknown link type", header(little, 0xa1b2c3d4, 105), 0, ErrFormat, "link type 105"},
		{"cut within a packet's header", good[:fileHeaderLen+3], 0, io.ErrUnexpectedEOF, "packet 1"},
		{"cut after a packet's header", good[:fileHeaderLen+recordHeaderLen], 0, io.ErrUnexpectedEOF, "packet 1"},
		{
			"cut within the second packet",
			append(bytes.Clone(good), good[fileHeaderLen:len(good)-1]...),
			1,
			io.ErrUnexpectedEOF,
			"packet 2",
		},
		{
			"a size that cannot be",
			appendPacket(header(little, 0xa1b2c3d4, 101), little, 10, 0, make([]byte, 256<<10+1), 256<<10+1),
			0,
			ErrFormat,
			"262145",
		},
		{
			"headers cut off",
			appendPacket(header(little, 0xa1b2c3d4, 101), little, 10, 0, frame[:39], len(frame)),
			0,
			nil,
			"only 39 of its 40 bytes",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			packets, err := Read(bytes.NewReader(test.file))
			if err == nil || !strings.Contains(err.Error(), test.says) || (test.is != nil && !errors.Is(err, test.is)) {
				t.Errorf("error %v, want one that says %q and is %v", err, test.says, test.is)
			}
			if len(packets) != test.packets {
				t.Errorf("%d packets before the error, want %d", len(packets), test.packets)
			}
		})
	}
}

// FuzzRead: whatever the file holds, Read ends without a panic, and a file that is cut
// anywhere gives the first of the whole file's packets and never anything else.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"ethernet-nano.pcap", "cooked1.pcap", "cooked2-ipv6.pcap"} {
		f.Add(capture(f, name)[:250], uint(200)) // two packets: what is long takes the fuzzer long to shorten
	}
	f.Add(header(binary.BigEndian, 0xa1b2c3d4, 101), uint(0))
	frame := unhex(f, ipv4Head+tcpSYN)
	f.Add(ngPackets(f, 101, frame, frame), uint(150))
	f.Add(ngTwoInterfaces(f, frame), uint(200))
	f.Add(simplePacket(ngPackets(f, 101), frame), uint(0))
	f.Fuzz(func(t *testing.T, file []byte, cut uint) {
		all, _ := Read(bytes.NewReader(file))
		for n, p := range all {
			if p.PayloadLen < 0 || !p.Src.IsValid() || p.At.Location() != time.UTC || p.At.UnixNano() < 0 {
				t.Fatalf("packet %d: %+v", n, p)
			}
		}
		part, _ := Read(bytes.NewReader(file[:min(cut, uint(len(file)))]))
		if len(part) > len(all) {
			t.Fatalf("%d packets of a part, %d of the whole", len(part), len(all))
		}
		if diff := cmp.Diff(all[:len(part)], part, compare); diff != "" && len(part) > 0 {
			t.Fatalf("the part is no beginning of the whole (-whole +part):\n%s", diff)
		}
	})
}

// FuzzRoundTrip: a packet that is written is the packet that is read.
func FuzzRoundTrip(f *testing.F) {
	f.Add(uint16(40000), uint16(4573), uint32(1), uint32(0), SYN, uint16(0), int64(1e18), false)
	f.Add(uint16(4573), uint16(40000), uint32(1<<32-1), uint32(7), FIN|ACK, uint16(60000), int64(1), true)
	f.Fuzz(
		func(t *testing.T, srcPort, dstPort uint16, seq, ack uint32, flags byte, payload uint16, nanos int64, v6 bool) {
			if nanos < 0 || nanos/1e9 > 1<<32-1 || payload > 65000 {
				t.Skip("not a time or a size that the format has room for")
			}
			want := Packet{time.Unix(0, nanos).UTC(), netip.AddrPortFrom(netip.MustParseAddr("10.0.0.1"), srcPort),
				netip.AddrPortFrom(netip.MustParseAddr("10.0.0.2"), dstPort), flags, seq, ack, int(payload)}
			frame := unhex(t, ipv4Head+tcpSYN)
			binary.BigEndian.PutUint16(frame[2:], 40+payload)
			if v6 {
				want.Src = netip.AddrPortFrom(netip.MustParseAddr("2001:db8::1"), srcPort)
				want.Dst = netip.AddrPortFrom(netip.MustParseAddr("2001:db8::2"), dstPort)
				frame = unhex(t, ipv6Head+tcpSYN)
				binary.BigEndian.PutUint16(frame[4:], 20+payload)
			}
			tcp := frame[len(frame)-tcpHeaderLen:]
			binary.BigEndian.PutUint16(tcp[0:], srcPort)
			binary.BigEndian.PutUint16(tcp[2:], dstPort)
			binary.BigEndian.PutUint32(tcp[4:], seq)
			binary.BigEndian.PutUint32(tcp[8:], ack)
			tcp[13] = flags
			file := appendPacket(header(binary.BigEndian, 0xa1b23c4d, 101), binary.BigEndian,
				uint32(nanos/1e9), uint32(nanos%1e9), frame, len(frame)+int(payload))
			got, err := Read(bytes.NewReader(file))
			if diff := cmp.Diff([]Packet{want}, got, compare); diff != "" || err != nil {
				t.Fatalf("error %v, packets (-want +got):\n%s", err, diff)
			}
		},
	)
}

// capture is a file of testdata.
func capture(tb testing.TB, name string) []byte {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// header is a file's header.
func header(order binary.AppendByteOrder, magic, link uint32) []byte {
	b := order.AppendUint32(nil, magic)
	b = order.AppendUint16(order.AppendUint16(b, 2), 4)
	b = append(b, make([]byte, 8)...)
	return order.AppendUint32(order.AppendUint32(b, 65535), link)
}

// appendPacket adds a frame that had whole bytes when it was sent.
func appendPacket(b []byte, order binary.AppendByteOrder, seconds, fraction uint32, frame []byte, whole int) []byte {
	for _, field := range []uint32{seconds, fraction, uint32(len(frame)), uint32(whole)} {
		b = order.AppendUint32(b, field)
	}
	return append(b, frame...)
}

func unhex(tb testing.TB, s string) []byte {
	tb.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}
