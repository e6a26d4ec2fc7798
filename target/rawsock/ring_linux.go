package rawsock

import (
	"encoding/binary"
	"errors"
	"os"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// MaxRingBlocks make a ring of 24 MiB, which holds more than 100,000 SYNs of some 195 bytes each.
const MaxRingBlocks = 96

// Blocks are handed over when they are full, or after retireAfter (Documentation/networking/packet_mmap.rst).
const (
	ringBlock   = 256 << 10
	ringFrame   = 2 << 10 // a unit that the kernel checks and does not use in this version
	retireAfter = 100 * time.Millisecond
)

// Ring is a packet socket whose packets the kernel writes into shared memory (TPACKET_V3), with the time at which each
// arrived. It is bound to one version of IP, not to all protocols: so it gets what arrives and not what is sent, once
// where the device is a bridge, a bond or a VLAN, and without the tag that the card has not taken off.
type Ring struct {
	fd     int
	memory []byte
	// blocks of the memory, and the next one to be read.
	blocks, next int
}

// OpenRing captures the SYNs to some ports in the network namespace of the calling thread, in a ring of 1 to
// MaxRingBlocks blocks of 256 KiB. It needs CAP_NET_RAW there: else the error wraps EPERM.
func OpenRing(version IPVersion, ports []uint16, blocks int) (*Ring, error) {
	filter, err := synFilter(version, ports)
	if err != nil {
		return nil, err
	}
	// Protocol 0 gets nothing, until the filter and the ring are there and bind names one.
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket AF_PACKET", err)
	}
	r := &Ring{fd: fd, blocks: min(max(1, blocks), MaxRingBlocks)}
	if err := r.prepare(version, filter); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

func (r *Ring) prepare(version IPVersion, filter []unix.SockFilter) error {
	if err := attach(r.fd, filter); err != nil {
		return err
	}
	if err := unix.SetsockoptInt(r.fd, unix.SOL_PACKET, unix.PACKET_VERSION, unix.TPACKET_V3); err != nil {
		return os.NewSyscallError("setsockopt PACKET_VERSION", err)
	}
	size := unix.TpacketReq3{
		Block_size: ringBlock, Block_nr: uint32(r.blocks), Frame_size: ringFrame,
		Frame_nr:       uint32(r.blocks) * (ringBlock / ringFrame),
		Retire_blk_tov: uint32(retireAfter / time.Millisecond),
	}
	if err := unix.SetsockoptTpacketReq3(r.fd, unix.SOL_PACKET, unix.PACKET_RX_RING, &size); err != nil {
		return os.NewSyscallError("setsockopt PACKET_RX_RING", err)
	}
	var err error
	r.memory, err = unix.Mmap(r.fd, 0, r.blocks*ringBlock, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return os.NewSyscallError("mmap", err)
	}
	protocol := uint16(unix.ETH_P_IP)
	if version == IPv6 {
		protocol = unix.ETH_P_IPV6
	}
	var network [2]byte
	binary.BigEndian.PutUint16(network[:], protocol)
	address := &unix.SockaddrLinklayer{Protocol: binary.NativeEndian.Uint16(network[:])}
	return os.NewSyscallError("bind AF_PACKET", unix.Bind(r.fd, address))
}

// attach gives a socket a filter.
func attach(fd int, filter []unix.SockFilter) error {
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	return os.NewSyscallError("setsockopt SO_ATTACH_FILTER",
		unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &program))
}

// Offsets in a block (struct tpacket_block_desc and tpacket_hdr_v1 in linux/if_packet.h).
const (
	blockStatus, blockPackets, blockFirst, blockHeader = 8, 12, 16, 48
)

// Offsets in the header of a packet (struct tpacket3_hdr).
const (
	packetNext, packetSeconds, packetNanos, packetCaptured, packetLength, packetNetwork, packetHeader = 0, 4, 8, 12, 16,
		26, 48
)

// Received is what f of Read gets: a packet from its IP header on, valid until f returns, its length on the wire, and
// when it arrived, since 1970.
type Received func(at time.Duration, packet []byte, length int)

// Read passes on all packets of the blocks that the kernel has handed over, and gives the blocks back, without waiting.
func (r *Ring) Read(f Received) {
	for range r.blocks {
		block := r.memory[r.next*ringBlock : (r.next+1)*ringBlock]
		status := (*uint32)(unsafe.Pointer(&block[blockStatus]))
		if atomic.LoadUint32(status)&unix.TP_STATUS_USER == 0 {
			return
		}
		parseBlock(block, f)
		atomic.StoreUint32(status, unix.TP_STATUS_KERNEL)
		r.next = (r.next + 1) % r.blocks
	}
}

// parseBlock passes on the packets of a block. What does not fit into it is passed over.
func parseBlock(block []byte, f Received) {
	if len(block) < blockHeader {
		return
	}
	word := binary.NativeEndian.Uint32
	packets, at := word(block[blockPackets:]), uint64(word(block[blockFirst:]))
	for ; packets > 0; packets-- {
		if at+packetHeader > uint64(len(block)) {
			return
		}
		packet := block[at:]
		begin := uint64(binary.NativeEndian.Uint16(packet[packetNetwork:]))
		end := begin + uint64(word(packet[packetCaptured:]))
		if end > uint64(len(packet)) {
			return
		}
		when := time.Duration(word(packet[packetSeconds:]))*time.Second + time.Duration(word(packet[packetNanos:]))
		f(when, packet[begin:end], int(word(packet[packetLength:])))
		next := uint64(word(packet[packetNext:]))
		if next == 0 {
			return
		}
		at += next
	}
}

// Lost returns how many packets found no room in the ring since the last call (PACKET_STATISTICS).
func (r *Ring) Lost() (uint32, error) {
	stats, err := unix.GetsockoptTpacketStatsV3(r.fd, unix.SOL_PACKET, unix.PACKET_STATISTICS)
	if err != nil {
		return 0, os.NewSyscallError("getsockopt PACKET_STATISTICS", err)
	}
	return stats.Drops, nil
}

// Close ends the capture.
func (r *Ring) Close() error {
	var err error
	if r.memory != nil {
		err = os.NewSyscallError("munmap", unix.Munmap(r.memory))
		r.memory = nil
	}
	return errors.Join(err, os.NewSyscallError("close", unix.Close(r.fd)))
}

// WaitRings returns when a block of one of the rings is handed over, or after the time.
func WaitRings(rings []*Ring, most time.Duration) error {
	fds := make([]unix.PollFd, len(rings))
	for i, r := range rings {
		fds[i] = unix.PollFd{Fd: int32(r.fd), Events: unix.POLLIN}
	}
	if _, err := unix.Poll(fds, int(most/time.Millisecond)); err != nil && !errors.Is(err, unix.EINTR) {
		return os.NewSyscallError("poll", err)
	}
	for i := range fds {
		if fds[i].Revents&unix.POLLERR != 0 {
			// SO_ERROR takes the error away: that of a device which went down (ENETDOWN), and the others go on.
			_ = SocketError(int32(rings[i].fd))
		}
	}
	return nil
}
