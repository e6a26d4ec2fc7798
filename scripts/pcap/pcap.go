// Package pcap reads the TCP packets of a capture file, as tcpdump -w writes it: the
// classic pcap format (draft-ietf-opsawg-pcap), both byte orders, times in microseconds
// or nanoseconds. It reads the link types that a TCP test on Linux meets: Ethernet, raw
// IP, and Linux cooked v1 and v2 (what "-i any" writes).
package pcap

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"time"
)

// The flags of a TCP header (RFC 9293, 3.1).
const (
	FIN byte = 1 << iota
	SYN
	RST
	PSH
	ACK
)

// Packet is one TCP segment as the capture saw it.
type Packet struct {
	At         time.Time      // the capture's time, UTC; its grain is the file's: 1 µs or 1 ns
	Src, Dst   netip.AddrPort // IPv4 addresses are 4 bytes long, never mapped into IPv6
	Flags      byte           // FIN, SYN, RST, PSH, ACK, then URG, ECE, CWR
	Seq, Ack   uint32         // as on the wire: absolute; Ack counts only with the ACK flag
	PayloadLen int            // bytes of data that were sent, by the IP header: also those that the capture cut off
}

// maxRecord bounds one packet's captured bytes; it is tcpdump's own limit (MAXIMUM_SNAPLEN).
const maxRecord = 256 << 10

const (
	fileHeaderLen   = 24
	recordHeaderLen = 16
)

// ErrFormat is wrapped by the errors of Read for what is no capture that it can read.
var ErrFormat = errors.New("not a capture file that can be read")

// Read returns the TCP packets of a capture file in the file's order; it skips whatever else
// the file holds. With an error come the packets before it: a file that ends within a packet,
// as one does whose tcpdump was killed, gives io.ErrUnexpectedEOF (wrapped), a packet whose
// TCP header the capture cut off an error that names the packet.
func Read(r io.Reader) ([]Packet, error) {
	file, err := readFileHeader(r)
	if err != nil {
		return nil, err
	}
	var packets []Packet
	for n := 1; ; n++ {
		at, frame, whole, err := file.next(r)
		if errors.Is(err, io.EOF) {
			return packets, nil
		}
		if err != nil {
			return packets, fmt.Errorf("packet %d: %w", n, err)
		}
		packet, verdict := parseFrame(file.link, frame, whole)
		switch {
		case verdict == isTCP:
			packet.At = at
			packets = append(packets, packet)
		case verdict == isCut && len(frame) < whole:
			return packets, fmt.Errorf(
				"packet %d: only %d of its %d bytes were captured, and they end within its headers: "+
					"capture with -s 128 or more",
				n,
				len(frame),
				whole,
			)
		}
	}
}

// file is what the header has of all the packets that follow it.
type file struct {
	order binary.ByteOrder
	unit  time.Duration // of a time's second field
	link  uint32
	frame []byte // room for one packet, used again for each
}

// formats are known by the first four bytes of a file.
var formats = map[uint32]file{
	0xa1b2c3d4: {order: binary.BigEndian, unit: time.Microsecond},
	0xa1b23c4d: {order: binary.BigEndian, unit: time.Nanosecond},
	0xd4c3b2a1: {order: binary.LittleEndian, unit: time.Microsecond},
	0x4d3cb2a1: {order: binary.LittleEndian, unit: time.Nanosecond},
}

// readFileHeader reads the 24 bytes before the first packet.
func readFileHeader(r io.Reader) (*file, error) {
	var head [fileHeaderLen]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, fmt.Errorf("%w: no file header of %d bytes: %w", ErrFormat, fileHeaderLen, err)
	}
	f, known := formats[binary.BigEndian.Uint32(head[:])]
	if !known {
		return nil, fmt.Errorf("%w: it begins with %x, a classic pcap file with a1b2c3d4 or a1b23c4d in either order",
			ErrFormat, head[:4])
	}
	// The upper bits may have the length of a frame check sequence.
	f.link = f.order.Uint32(head[20:]) & 0xffff
	if _, known := linkHeaders[f.link]; !known {
		return nil, fmt.Errorf(
			"%w: link type %d; known are Ethernet (1), raw IP (12, 101, 228, 229) and Linux cooked (113, 276)",
			ErrFormat,
			f.link,
		)
	}
	return &f, nil
}

// next reads one packet: its time, its captured bytes (valid until the next call) and how
// many it had on the wire. io.EOF is the end of a whole file.
func (f *file) next(r io.Reader) (at time.Time, frame []byte, whole int, err error) {
	var head [recordHeaderLen]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return time.Time{}, nil, 0, err
	}
	seconds, fraction := f.order.Uint32(head[0:]), f.order.Uint32(head[4:])
	captured, sent := f.order.Uint32(head[8:]), f.order.Uint32(head[12:])
	if captured > maxRecord || time.Duration(fraction)*f.unit >= time.Second {
		return time.Time{}, nil, 0, fmt.Errorf("%w: a packet of %d captured bytes at %d s + %d × %v",
			ErrFormat, captured, seconds, fraction, f.unit)
	}
	if cap(f.frame) < int(captured) {
		f.frame = make([]byte, captured)
	}
	frame = f.frame[:captured]
	if _, err := io.ReadFull(r, frame); err != nil {
		return time.Time{}, nil, 0, noEOF(err)
	}
	return time.Unix(int64(seconds), int64(fraction)*int64(f.unit)).UTC(), frame, int(sent), nil
}

// noEOF turns an end right after a packet's header into what it is: a file cut short.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
