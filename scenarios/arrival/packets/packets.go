// Package packets reads the TCP packets of a capture file, as tcpdump -w and Wireshark write it: pcap
// (draft-ietf-opsawg-pcap), both byte orders, times in microseconds or nanoseconds, and pcapng
// (draft-ietf-opsawg-pcapng). It reads the link types that TCP on Linux meets: Ethernet, raw IP, and Linux cooked
// v1 and v2 (what "-i any" writes). A file is a stream: of a capture of any size one packet is in memory.
package packets

import (
	"bufio"
	"bytes"
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
	At         time.Time      // the capture's time, UTC; its grain is the file's
	Src, Dst   netip.AddrPort // IPv4 addresses are 4 bytes long, never mapped into IPv6
	Flags      byte           // FIN, SYN, RST, PSH, ACK, then URG, ECE, CWR
	Seq, Ack   uint32         // as on the wire: absolute; Ack counts only with the ACK flag
	PayloadLen int            // bytes of data that were sent, by the IP header: also those that the capture cut off
}

// IsSYN reports whether the packet asks for a connection.
func (p *Packet) IsSYN() bool { return p.Flags&(SYN|ACK) == SYN }

// Connect is what all SYNs of one connect(2) have in common.
type Connect struct {
	Src, Dst netip.AddrPort
	Seq      uint32
}

// Connect returns the one that a SYN belongs to.
func (p *Packet) Connect() Connect { return Connect{p.Src, p.Dst, p.Seq} }

// ErrFormat is wrapped by errors about a file that is no capture that can be read, or about a packet in it.
var ErrFormat = errors.New("not a capture file that can be read")

// Files are known by their first four bytes: pcap in either order, by the unit of its times.
const (
	magicLen    = 4
	magicMicros = 0xa1b2c3d4
	magicNanos  = 0xa1b23c4d
	magicNg     = 0x0a0d0d0a
)

// magicGzip are the first two bytes of a compressed file.
var magicGzip = []byte{0x1f, 0x8b}

// IsCapture reports whether a file that begins so is a capture, by its first four bytes.
func IsCapture(begin []byte) bool {
	if len(begin) < magicLen {
		return false
	}
	for _, magic := range []uint32{binary.BigEndian.Uint32(begin), binary.LittleEndian.Uint32(begin)} {
		if magic == magicMicros || magic == magicNanos || magic == magicNg {
			return true
		}
	}
	return false
}

// Reader reads the TCP packets of a capture in the file's order, and skips what else it holds.
type Reader struct {
	source source
	// read are the packets until now, of all kinds.
	read int
}

// NewReader reads the beginning of a file. The error wraps ErrFormat for what is no capture, and io.ErrUnexpectedEOF
// for one that ends within its header.
func NewReader(r io.Reader) (*Reader, error) {
	begin := make([]byte, magicLen)
	n, err := io.ReadFull(r, begin)
	switch begin = begin[:n]; {
	case err != nil && !isEnd(err):
		return nil, err
	case bytes.HasPrefix(begin, magicGzip):
		return nil, fmt.Errorf("%w: it is compressed by gzip; unpack it first: gunzip -k FILE", ErrFormat)
	case err != nil:
		return nil, fmt.Errorf("%w: no file header in %d bytes: %w", ErrFormat, n, io.ErrUnexpectedEOF)
	case !IsCapture(begin):
		return nil, fmt.Errorf("%w: it begins with %x, pcap files with a1b2c3d4 or a1b23c4d in either order and "+
			"pcapng files with 0a0d0d0a", ErrFormat, begin)
	}
	s, err := newSource(bufio.NewReaderSize(r, 64<<10), begin)
	switch {
	case isEnd(err):
		return nil, fmt.Errorf("%w: no whole file header: %w", ErrFormat, io.ErrUnexpectedEOF)
	case err != nil:
		return nil, err
	}
	return &Reader{source: s}, nil
}

func newSource(r *bufio.Reader, begin []byte) (source, error) {
	if binary.BigEndian.Uint32(begin) == magicNg {
		return newNg(r)
	}
	return newPcap(r, begin)
}

// isEnd reports whether a file has ended, wherever that is.
func isEnd(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }

// Next reads the next TCP packet into p. io.EOF is the end of a whole file; one that ends within a packet, as one does
// whose tcpdump was killed, gives io.ErrUnexpectedEOF (wrapped). The errors name the packet.
func (r *Reader) Next(p *Packet) error {
	for {
		f, err := r.source.next()
		if errors.Is(err, io.EOF) {
			return io.EOF
		}
		r.read++
		isTCP := false
		if err == nil {
			isTCP, err = f.parse(p)
		}
		switch {
		case err != nil:
			return fmt.Errorf("packet %d: %w", r.read, err)
		case isTCP:
			return nil
		}
	}
}

// parse reads a frame; it returns false for one that is not TCP.
func (f *frame) parse(p *Packet) (bool, error) {
	if err := checkLink(f.link); err != nil {
		return false, err
	}
	var v verdict
	switch *p, v = parseFrame(f.link, f.bytes, f.whole); {
	case v == isCut && len(f.bytes) < f.whole:
		return false, fmt.Errorf("only %d of its %d bytes were captured, and they end within its headers: "+
			"capture with -s 128 or more", len(f.bytes), f.whole)
	case v == isTCP && !f.timed:
		return false, fmt.Errorf("%w: a simple packet block has no time", ErrFormat)
	case v == isTCP && (f.seconds < 0 || f.seconds > maxSeconds):
		return false, fmt.Errorf("%w: a time of %d s since 1970; want 0 to %d", ErrFormat, f.seconds, maxSeconds)
	}
	p.At = time.Unix(f.seconds, f.nanos).UTC()
	return v == isTCP, nil
}

// maxSeconds is how late a time may be so that its nanoseconds have 63 bits: in the year 2261.
const maxSeconds = 9_200_000_000

// Read returns all TCP packets of a capture that is small enough for the memory. With an error come the packets before
// it.
func Read(r io.Reader) (list []Packet, err error) {
	reader, err := NewReader(r)
	if err != nil {
		return nil, err
	}
	for {
		var p Packet
		if err := reader.Next(&p); errors.Is(err, io.EOF) {
			return list, nil
		} else if err != nil {
			return list, err
		}
		list = append(list, p)
	}
}

// ParseIP reads a packet that begins with its IP header, of either version; whole is its length on the wire. It returns
// false for what is not TCP, or ends within its headers. The packet has no time.
func ParseIP(b []byte, whole int) (Packet, bool) {
	p, v := parseIP(etherByByte, b, whole)
	return p, v == isTCP
}
