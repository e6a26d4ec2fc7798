package packets

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// ngStart is the time of the first packet of ngPackets; each is a second after the one before.
var ngStart = time.Unix(1795428417, 173_096_262).UTC()

// ngPackets is a pcapng file with frames of one interface.
func ngPackets(tb testing.TB, link layers.LinkType, frames ...[]byte) []byte {
	tb.Helper()
	var file bytes.Buffer
	w, err := pcapgo.NewNgWriter(&file, link)
	if err != nil {
		tb.Fatal(err)
	}
	for i, frame := range frames {
		info := gopacket.CaptureInfo{
			Timestamp:     ngStart.Add(time.Duration(i) * time.Second),
			CaptureLength: len(frame), Length: len(frame),
		}
		if err := w.WritePacket(info, frame); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		tb.Fatal(err)
	}
	return file.Bytes()
}

// ngCut is a file with a packet of which the first bytes were captured.
func ngCut(tb testing.TB, frame []byte, captured int) []byte {
	tb.Helper()
	file := ngPackets(tb, layers.LinkTypeRaw, frame[:captured])
	// The enhanced packet block ends with the padded data and its own length; its header has the length on the wire.
	const enhanced = 28
	block := len(file) - (enhanced + (captured+3)/4*4 + 4)
	binary.LittleEndian.PutUint32(file[block+24:], uint32(len(frame)))
	return file
}

// ngHeader is a section header block alone.
func ngHeader() []byte {
	b := binary.LittleEndian.AppendUint32(nil, magicNg)
	for _, word := range []uint32{28, 0x1a2b3c4d, 1, 0xffffffff, 0xffffffff, 28} {
		b = binary.LittleEndian.AppendUint32(b, word)
	}
	return b
}

// simplePacket adds a simple packet block, which has no time.
func simplePacket(file, frame []byte) []byte {
	size := uint32(16 + (len(frame)+3)/4*4)
	file = bytes.Clone(file)
	for _, word := range []uint32{3, size, uint32(len(frame))} {
		file = binary.LittleEndian.AppendUint32(file, word)
	}
	file = append(file, frame...)
	file = append(file, make([]byte, int(size)-16-len(frame))...)
	return binary.LittleEndian.AppendUint32(file, size)
}

// TestReadNg: the same packets as in pcap, with the times of the interface's resolution.
func TestReadNg(t *testing.T) {
	frame := unhex(t, ipv4Head+tcpSYN)
	udp := bytes.Clone(frame)
	udp[9] = 17
	client, server := netip.MustParseAddrPort("10.0.0.1:40000"), netip.MustParseAddrPort("10.0.0.2:4573")
	syn := Packet{ngStart, client, server, SYN, 1, 0, 0}
	later := syn
	later.At = ngStart.Add(2 * time.Second)
	for name, c := range map[string]struct {
		file []byte
		want []Packet
	}{
		"raw":           {ngPackets(t, layers.LinkTypeRaw, frame, udp, frame), []Packet{syn, later}},
		"a header only": {ngHeader(), nil},
		"two files joined": {
			append(ngPackets(t, layers.LinkTypeRaw, frame), ngPackets(t, layers.LinkTypeRaw, udp, udp, frame)...),
			[]Packet{syn, later},
		},
		"two interfaces": {ngTwoInterfaces(t, frame), []Packet{syn, later}},
	} {
		got, err := Read(bytes.NewReader(c.file))
		if diff := cmp.Diff(c.want, got, compare); diff != "" || err != nil {
			t.Errorf("%s: error %v, packets (-want +got):\n%s", name, err, diff)
		}
	}
}

// ngTwoInterfaces has a packet of an interface that begins with IP, and one of an Ethernet.
func ngTwoInterfaces(tb testing.TB, frame []byte) []byte {
	tb.Helper()
	var file bytes.Buffer
	w, err := pcapgo.NewNgWriter(&file, layers.LinkTypeRaw)
	if err != nil {
		tb.Fatal(err)
	}
	ether, err := w.AddInterface(pcapgo.NgInterface{LinkType: layers.LinkTypeEthernet, TimestampResolution: 9})
	if err != nil {
		tb.Fatal(err)
	}
	write := func(at time.Time, id int, frame []byte) {
		info := gopacket.CaptureInfo{
			Timestamp: at, InterfaceIndex: id, CaptureLength: len(frame), Length: len(frame),
		}
		if err := w.WritePacket(info, frame); err != nil {
			tb.Fatal(err)
		}
	}
	write(ngStart, 0, frame)
	write(ngStart.Add(2*time.Second), ether, append(unhex(tb, "000000000000 000000000000 0800"), frame...))
	if err := w.Flush(); err != nil {
		tb.Fatal(err)
	}
	return file.Bytes()
}

// TestNgTimes: units are powers of ten or of two, with an offset; what 64 bits cannot hold is refused.
func TestNgTimes(t *testing.T) {
	for _, c := range []struct {
		resolution byte
		offset     int64
		time       uint64
		seconds    int64
		nanos      int64
	}{
		{6, 0, 1_500_000, 1, 500_000_000}, {9, 0, 3_000_000_007, 3, 7}, {0, 7, 5, 12, 0},
		{0x80 | 10, 0, 1024 + 512, 1, 500_000_000}, {0x80 | 63, 0, 1<<63 + 1<<62, 1, 500_000_000},
		{19, -1, 15_000_000_000_000_000_000, 0, 500_000_000}, {12, 0, 1_999_999_999_999, 1, 999_999_999},
	} {
		units, ok := unitsOf(c.resolution)
		i := ngInterface{units: units, offset: c.offset}
		if seconds, nanos := i.time(c.time); !ok || seconds != c.seconds || nanos != c.nanos {
			t.Errorf("%#x: %d is %d s + %d ns, want %d s + %d ns", c.resolution, c.time, seconds, nanos, c.seconds, c.nanos)
		}
	}
	for _, resolution := range []byte{20, 0x7f, 0x80 | 64, 0xff} {
		if units, ok := unitsOf(resolution); ok {
			t.Errorf("%#x has %d units a second", resolution, units)
		}
	}
}

// TestNgDamage: what cannot be is refused, whatever its length claims.
func TestNgDamage(t *testing.T) {
	block := func(words ...uint32) []byte {
		b := ngHeader()
		for _, word := range words {
			b = binary.LittleEndian.AppendUint32(b, word)
		}
		return b
	}
	for name, c := range map[string]struct {
		file []byte
		says string
	}{
		"a length that is no multiple of 4": {block(6, 33), "a block of 33 bytes"},
		"a length of 0":                     {block(6, 0), "a block of 0 bytes"},
		"no interface":                      {block(6, 32, 0, 0, 0, 0, 0, 32), "interface 0 of 0"},
		"an interface without a link":       {block(1, 12, 12), "interface 0 has 0 bytes"},
		"a packet larger than its block":    {block(1, 20, 101, 0, 20, 6, 32, 0, 0, 0, 4, 4, 32), "4 captured bytes"},
		"a unit of time that is too fine": {
			block(1, 28, 101, 0, optionResolution|1<<16, 20, 28), "unit of time of 0x14",
		},
		"an option without its bytes": {block(1, 24, 101, 0, optionOffset|8<<16, 24), "an option of 8 bytes in the 0"},
	} {
		_, err := Read(bytes.NewReader(c.file))
		if !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want one that says %q", name, err, c.says)
		}
	}
}

func TestIsCapture(t *testing.T) {
	for text, want := range map[string]bool{
		"\xd4\xc3\xb2\xa1": true, "\xa1\xb2\xc3\xd4": true, "\x4d\x3c\xb2\xa1": true, "\xa1\xb2\x3c\x4d": true,
		"\x0a\x0d\x0d\x0a": true, "\x0a\x0d\x0d": false, "": false, "2026-10-05": false, "\x1f\x8b\x08\x00": false,
	} {
		if IsCapture([]byte(text)) != want {
			t.Errorf("%q: %t, want %t", text, !want, want)
		}
	}
}

// TestStream: a reader holds one packet, however many the file has.
func TestStream(t *testing.T) {
	frame := unhex(t, ipv4Head+tcpSYN)
	for name, file := range map[string][]byte{
		"pcap": appendPacket(header(binary.LittleEndian, magicMicros, 101), binary.LittleEndian, 10, 0, frame,
			len(frame)),
		"ng": ngPackets(t, layers.LinkTypeRaw, frame),
	} {
		// The last packet of the file again and again.
		packet := file[fileHeaderLen:]
		if name == "ng" {
			packet = file[len(ngPackets(t, layers.LinkTypeRaw)):]
		}
		r, err := NewReader(io.MultiReader(bytes.NewReader(file), &repeater{piece: packet}))
		if err != nil {
			t.Fatal(err)
		}
		var p Packet
		allocated := testing.AllocsPerRun(1000, func() {
			if err := r.Next(&p); err != nil || !p.IsSYN() {
				t.Fatalf("%s: %+v, %v", name, p, err)
			}
		})
		if allocated >= 1 {
			t.Errorf("%s: %v allocations a packet, want none", name, allocated)
		}
	}
}

// repeater is an endless file.
type repeater struct {
	piece []byte
	at    int
}

func (r *repeater) Read(p []byte) (n int, err error) {
	for n < len(p) {
		k := copy(p[n:], r.piece[r.at:])
		n, r.at = n+k, (r.at+k)%len(r.piece)
	}
	return n, nil
}

// BenchmarkNext is what a packet of a capture costs.
func BenchmarkNext(b *testing.B) {
	frame := unhex(b, "000000000000 000000000000 0800"+ipv4Head+tcpSYN)
	files := map[string][]byte{
		"pcap": appendPacket(header(binary.LittleEndian, magicNanos, 1), binary.LittleEndian, 10, 0, frame, len(frame)),
		"ng":   ngPackets(b, layers.LinkTypeEthernet, frame),
	}
	for name, file := range files {
		b.Run(name, func(b *testing.B) {
			packet := file[fileHeaderLen:]
			if name == "ng" {
				packet = file[len(ngPackets(b, layers.LinkTypeEthernet)):]
			}
			r, err := NewReader(io.MultiReader(bytes.NewReader(file), &repeater{piece: packet}))
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(packet)))
			b.ReportAllocs()
			var p Packet
			for b.Loop() {
				if err := r.Next(&p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
