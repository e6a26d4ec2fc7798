package rawsock

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// IPVersion of packets.
type IPVersion int

// IP versions.
const (
	IPv4 IPVersion = 4
	IPv6 IPVersion = 6
)

// MaxFilterPorts is how many ports a filter may have: each takes two of the 4,096 instructions that the kernel allows
// (BPF_MAXINSNS).
const MaxFilterPorts = 1024

// SnapLength is how many bytes of a packet are kept: the headers of IP and TCP with all options, and some of the
// extension headers of IPv6.
const SnapLength = 192

// Offsets in the headers (RFC 791, RFC 8200, RFC 9293).
const (
	ipv4Fragment, ipv4Protocol = 6, 9
	ipv6Next, ipv6HeaderLength = 6, 40
	tcpPort, tcpFlags          = 2, 13
	fragmentMask               = 0x1fff
	flagSYN, flagACK           = 0x02, 0x10
)

// packetType is where a filter finds whom a packet is for (SKF_AD_OFF + SKF_AD_PKTTYPE in linux/filter.h).
const packetType = 0xfffff000 + 4

// statement and jump are instructions of a classic filter (linux/filter.h). A jump passes over so many instructions.
func statement(code uint16, k uint32) unix.SockFilter { return unix.SockFilter{Code: code, K: k} }

func jump(test uint16, k uint32, ifTrue, ifFalse uint8) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_JMP | test | unix.BPF_K, K: k, Jt: ifTrue, Jf: ifFalse}
}

// Codes of the instructions that are used here.
const (
	loadByte        = unix.BPF_LD | unix.BPF_B | unix.BPF_ABS
	loadHalf        = unix.BPF_LD | unix.BPF_H | unix.BPF_ABS
	loadWord        = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
	loadByteAtX     = unix.BPF_LD | unix.BPF_B | unix.BPF_IND
	loadHalfAtX     = unix.BPF_LD | unix.BPF_H | unix.BPF_IND
	setX            = unix.BPF_LDX | unix.BPF_IMM
	setXToIPv4Bytes = unix.BPF_LDX | unix.BPF_B | unix.BPF_MSH
	and             = unix.BPF_ALU | unix.BPF_AND | unix.BPF_K
	take            = unix.BPF_RET | unix.BPF_K
)

// synFilter takes the SYNs without ACK for some ports, of packets that begin with their IP header. What is on its way
// to another host, and passes only because the device is promiscuous, is left out. IPv6 packets with extension headers
// are all taken, so that a reader looks for TCP: a classic filter has no loops.
func synFilter(version IPVersion, ports []uint16) ([]unix.SockFilter, error) {
	if len(ports) == 0 || len(ports) > MaxFilterPorts {
		return nil, fmt.Errorf("%d ports: want 1 to %d", len(ports), MaxFilterPorts)
	}
	drop, keep := statement(take, 0), statement(take, SnapLength)
	program := []unix.SockFilter{statement(loadWord, packetType), jump(unix.BPF_JEQ, unix.PACKET_OTHERHOST, 0, 1), drop}
	if version == IPv4 {
		program = append(program,
			statement(loadByte, ipv4Protocol), jump(unix.BPF_JEQ, unix.IPPROTO_TCP, 1, 0), drop,
			statement(loadHalf, ipv4Fragment), jump(unix.BPF_JSET, fragmentMask, 0, 1), drop,
			statement(setXToIPv4Bytes, 0))
	} else {
		program = append(program,
			statement(loadByte, ipv6Next), jump(unix.BPF_JEQ, unix.IPPROTO_TCP, 6, 0),
			jump(unix.BPF_JEQ, unix.IPPROTO_HOPOPTS, 3, 0), jump(unix.BPF_JEQ, unix.IPPROTO_ROUTING, 2, 0),
			jump(unix.BPF_JEQ, unix.IPPROTO_FRAGMENT, 1, 0), jump(unix.BPF_JEQ, unix.IPPROTO_DSTOPTS, 0, 1),
			keep, drop,
			statement(setX, ipv6HeaderLength))
	}
	program = append(program,
		statement(loadByteAtX, tcpFlags), statement(and, flagSYN|flagACK), jump(unix.BPF_JEQ, flagSYN, 1, 0), drop,
		statement(loadHalfAtX, tcpPort))
	for _, port := range ports {
		program = append(program, jump(unix.BPF_JEQ, uint32(port), 0, 1), keep)
	}
	return append(program, drop), nil
}
