package packets

import (
	"encoding/binary"
	"fmt"
	"net/netip"
)

// verdict is what a frame turned out to be.
type verdict int

const (
	isOther verdict = iota // not TCP, or not the first fragment of it
	isTCP
	isCut // its bytes end before its TCP header does
)

// EtherTypes (IEEE 802 numbers).
const (
	etherIPv4   = 0x0800
	etherIPv6   = 0x86dd
	etherVLAN   = 0x8100
	etherQinQ   = 0x88a8
	etherByByte = 0 // raw IP: the version is in the first byte
)

// linkHeader is where a link type's header ends and where in it the EtherType stands.
type linkHeader struct {
	length    int
	etherType int // offset, or -1: there is none
}

// linkHeaders are the link types that are known (www.tcpdump.org/linktypes.html).
var linkHeaders = map[uint16]linkHeader{
	1:   {14, 12}, // Ethernet
	12:  {0, -1},  // raw IP, as some systems number it
	101: {0, -1},  // raw IP
	228: {0, -1},  // raw IPv4
	229: {0, -1},  // raw IPv6
	113: {16, 14}, // Linux cooked v1
	276: {20, 0},  // Linux cooked v2
}

func checkLink(link uint16) error {
	if _, known := linkHeaders[link]; known {
		return nil
	}
	return fmt.Errorf("%w: link type %d; known are Ethernet (1), raw IP (12, 101, 228, 229) and "+
		"Linux cooked (113, 276)", ErrFormat, link)
}

// Protocol numbers of IP (IANA).
const (
	protoHopByHop    = 0
	protoTCP         = 6
	protoRouting     = 43
	protoFragment    = 44
	protoDestOptions = 60
)

const (
	ipv4HeaderLen = 20
	ipv6HeaderLen = 40
	tcpHeaderLen  = 20
)

// parseFrame takes a captured frame apart; whole is its length on the wire. The packet's
// time is left to the caller.
func parseFrame(link uint16, frame []byte, whole int) (Packet, verdict) {
	head := linkHeaders[link]
	if len(frame) < head.length {
		return Packet{}, isCut
	}
	ether := etherByByte
	if head.etherType >= 0 {
		ether = int(binary.BigEndian.Uint16(frame[head.etherType:]))
	}
	frame, whole = frame[head.length:], whole-head.length
	for ether == etherVLAN || ether == etherQinQ {
		if len(frame) < 4 {
			return Packet{}, isCut
		}
		ether = int(binary.BigEndian.Uint16(frame[2:]))
		frame, whole = frame[4:], whole-4
	}
	return parseIP(ether, frame, whole)
}

// parseIP reads an IP packet of the version that the link's header, or its own first byte, names.
func parseIP(ether int, b []byte, whole int) (Packet, verdict) {
	if ether != etherByByte && ether != etherIPv4 && ether != etherIPv6 {
		return Packet{}, isOther
	}
	if len(b) == 0 {
		return Packet{}, isCut
	}
	switch version := b[0] >> 4; {
	case version == 4 && ether != etherIPv6:
		return parseIPv4(b, whole)
	case version == 6 && ether != etherIPv4:
		return parseIPv6(b, whole)
	}
	return Packet{}, isOther
}

// parseIPv4 reads an IPv4 packet (RFC 791). A total length of 0 is a segment of more than
// 64 KiB that the network card was to split: the frame's own length holds.
func parseIPv4(b []byte, whole int) (Packet, verdict) {
	if len(b) < ipv4HeaderLen {
		return Packet{}, isCut
	}
	length := int(b[0]&0x0f) * 4
	firstFragment := binary.BigEndian.Uint16(b[6:])&0x1fff == 0
	if length < ipv4HeaderLen || b[9] != protoTCP || !firstFragment {
		return Packet{}, isOther
	}
	if total := int(binary.BigEndian.Uint16(b[2:])); total != 0 {
		whole = total
	}
	if len(b) < length {
		return Packet{}, isCut
	}
	src, dst := netip.AddrFrom4([4]byte(b[12:])), netip.AddrFrom4([4]byte(b[16:]))
	return parseTCP(src, dst, b[length:], whole-length)
}

// parseIPv6 reads an IPv6 packet (RFC 8200) and steps over its extension headers. A payload
// length of 0 is a jumbo segment: the frame's own length holds.
func parseIPv6(b []byte, whole int) (Packet, verdict) {
	if len(b) < ipv6HeaderLen {
		return Packet{}, isCut
	}
	whole -= ipv6HeaderLen
	if payload := int(binary.BigEndian.Uint16(b[4:])); payload != 0 {
		whole = payload
	}
	src, dst := netip.AddrFrom16([16]byte(b[8:])), netip.AddrFrom16([16]byte(b[24:]))
	next, rest := b[6], b[ipv6HeaderLen:]
	for next != protoTCP {
		length, verdict := extensionLen(next, rest)
		if verdict != isTCP {
			return Packet{}, verdict
		}
		next, rest, whole = rest[0], rest[length:], whole-length
	}
	return parseTCP(src, dst, rest, whole)
}

// extensionLen is the length of the IPv6 extension header at the start of b, with isTCP
// where a TCP header may still follow it.
func extensionLen(kind byte, b []byte) (int, verdict) {
	switch kind {
	case protoHopByHop, protoRouting, protoFragment, protoDestOptions:
	default:
		return 0, isOther
	}
	if len(b) < 8 {
		return 0, isCut
	}
	length := 8 + int(b[1])*8
	if kind == protoFragment {
		if binary.BigEndian.Uint16(b[2:])>>3 != 0 {
			return 0, isOther
		}
		length = 8
	}
	if len(b) < length {
		return 0, isCut
	}
	return length, isTCP
}

// parseTCP reads a TCP header (RFC 9293); whole is the segment's length with header and data.
func parseTCP(src, dst netip.Addr, b []byte, whole int) (Packet, verdict) {
	if len(b) < tcpHeaderLen {
		return Packet{}, isCut
	}
	header := int(b[12]>>4) * 4
	if header < tcpHeaderLen || whole < header {
		return Packet{}, isOther
	}
	return Packet{
		Src:        netip.AddrPortFrom(src, binary.BigEndian.Uint16(b[0:])),
		Dst:        netip.AddrPortFrom(dst, binary.BigEndian.Uint16(b[2:])),
		Seq:        binary.BigEndian.Uint32(b[4:]),
		Ack:        binary.BigEndian.Uint32(b[8:]),
		Flags:      b[13],
		PayloadLen: whole - header,
	}, isTCP
}
