package wire

import (
	"encoding/binary"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// native is the byte order of netlink, the machine's.
var native = binary.NativeEndian

// makeVeth makes a pair: one end in the calling thread's namespace, the other in that of the descriptor.
func makeVeth(there int) error { return tellKernel(vethRequest(serverDevice, clientDevice, there)) }

// tellKernel sends a request of rtnetlink in the calling thread's namespace, and waits for the acknowledgement.
func tellKernel(request []byte) error {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	defer unix.Close(fd)
	if _, err := unix.Write(fd, request); err != nil {
		return os.NewSyscallError("write", err)
	}
	answer := make([]byte, 4096)
	n, err := unix.Read(fd, answer)
	if err != nil {
		return os.NewSyscallError("read", err)
	}
	return acknowledged(answer[:n])
}

// vethPeer is VETH_INFO_PEER of linux/veth.h.
const vethPeer = 1

// vethRequest is RTM_NEWLINK (rtnetlink(7)) of kind veth: what describes the peer stands within what describes the kind.
func vethRequest(own, peer string, there int) []byte {
	other := make([]byte, unix.SizeofIfInfomsg)
	other = appendText(other, unix.IFLA_IFNAME, peer)
	other = appendAttribute(other, unix.IFLA_NET_NS_FD, native.AppendUint32(nil, uint32(there)))
	info := appendText(nil, unix.IFLA_INFO_KIND, "veth")
	info = appendAttribute(info, unix.IFLA_INFO_DATA, appendAttribute(nil, vethPeer, other))

	b := make([]byte, unix.SizeofNlMsghdr+unix.SizeofIfInfomsg)
	b = appendText(b, unix.IFLA_IFNAME, own)
	b = appendAttribute(b, unix.IFLA_LINKINFO, info)
	return finish(b, unix.NLM_F_CREATE|unix.NLM_F_EXCL)
}

// queueRequest sets the length of a device's queue (IFLA_TXQLEN).
func queueRequest(index, packets uint32) []byte {
	b := make([]byte, unix.SizeofNlMsghdr+unix.SizeofIfInfomsg)
	native.PutUint32(b[unix.SizeofNlMsghdr+4:], index)
	return finish(appendAttribute(b, unix.IFLA_TXQLEN, native.AppendUint32(nil, packets)), 0)
}

// finish fills in the header of RTM_NEWLINK.
func finish(b []byte, flags uint16) []byte {
	native.PutUint32(b, uint32(len(b)))
	native.PutUint16(b[4:], unix.RTM_NEWLINK)
	native.PutUint16(b[6:], unix.NLM_F_REQUEST|unix.NLM_F_ACK|flags)
	return b
}

func appendText(b []byte, kind uint16, text string) []byte {
	return appendAttribute(b, kind, append([]byte(text), 0))
}

// appendAttribute appends length, kind, value, and room up to the next multiple of 4, which the length does not count.
func appendAttribute(b []byte, kind uint16, value []byte) []byte {
	b = native.AppendUint16(b, uint16(unix.SizeofRtAttr+len(value)))
	b = native.AppendUint16(b, kind)
	b = append(b, value...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

// acknowledged reads the kernel's NLMSG_ERROR, of which 0 is an acknowledgement.
func acknowledged(b []byte) error {
	if len(b) < unix.SizeofNlMsghdr+4 || native.Uint16(b[4:]) != unix.NLMSG_ERROR {
		return fmt.Errorf("rtnetlink: an answer of %d bytes that is no acknowledgement", len(b))
	}
	if errno := unix.Errno(-int32(native.Uint32(b[unix.SizeofNlMsghdr:]))); errno != 0 {
		return fmt.Errorf("rtnetlink: %w", errno)
	}
	return nil
}
