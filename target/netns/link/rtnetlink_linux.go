package link

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

// The messages of rtnetlink(7) that make a link, as bytes: no descriptor here.

// native is the byte order of netlink, the machine's.
var native = binary.NativeEndian

// What golang.org/x/sys has no name for.
const (
	vethPeer       = 1          // VETH_INFO_PEER of linux/veth.h
	noAddresses    = 1          // IN6_ADDR_GEN_MODE_NONE of linux/if_link.h
	rootQdisc      = 0xffffffff // TC_H_ROOT of linux/pkt_sched.h
	netemLatency64 = 10         // TCA_NETEM_LATENCY64 of linux/pkt_sched.h, in ns
	netemLimit     = ringPackets
	psched         = 64 // ns in a tick of the packet scheduler (PSCHED_SHIFT of net/pkt_sched.h)
)

// prefix is the length of the network part of Server and Client.
const prefix = 30

// message is a netlink message in the making: header, the fixed part of its kind, attributes.
type message []byte

// ask begins a message that the kernel answers by itself.
func ask(kind, flags uint16, fixed []byte) message {
	m := make(message, unix.SizeofNlMsghdr, 256)
	native.PutUint16(m[4:], kind)
	native.PutUint16(m[6:], flags|unix.NLM_F_REQUEST)
	return append(m, fixed...)
}

// order begins a message that the kernel is told to acknowledge.
func order(kind, flags uint16, fixed []byte) message { return ask(kind, flags|unix.NLM_F_ACK, fixed) }

// with appends an attribute; the next begins at a multiple of four.
func (m message) with(kind uint16, value []byte) message {
	m = native.AppendUint16(m, uint16(unix.SizeofRtAttr+len(value)))
	m = native.AppendUint16(m, kind)
	m = append(m, value...)
	return append(m, make([]byte, -len(value)&3)...)
}

func (m message) withNumber(kind uint16, n uint32) message {
	return m.with(kind, native.AppendUint32(nil, n))
}

// withText appends a string with its NUL.
func (m message) withText(kind uint16, text string) message {
	return m.with(kind, append([]byte(text), 0))
}

// bytes is the message with its length.
func (m message) bytes() []byte {
	native.PutUint32(m, uint32(len(m)))
	return m
}

// device is struct ifinfomsg: an interface by its index, and those of its flags that are to be set.
func device(index int32, flags uint32) []byte {
	b := make([]byte, unix.SizeofIfInfomsg)
	native.PutUint32(b[4:], uint32(index))
	native.PutUint32(b[8:], flags)
	native.PutUint32(b[12:], flags) // ifi_change: which of them it speaks of
	return b
}

// vethRequest makes a pair of one name, here and in the namespace away. The hardware addresses are ours, so that neither
// end has to ask for the other's before the first SYN.
func vethRequest(name string, here, there hardware, away int) []byte {
	peer := message(device(0, 0)).withText(unix.IFLA_IFNAME, name).withNumber(unix.IFLA_MTU, MTU).
		with(unix.IFLA_ADDRESS, there[:]).withNumber(unix.IFLA_NET_NS_FD, uint32(away))
	pair := message(nil).withText(unix.IFLA_INFO_KIND, "veth").with(unix.IFLA_INFO_DATA, message(nil).with(vethPeer, peer))
	return order(unix.RTM_NEWLINK, unix.NLM_F_CREATE|unix.NLM_F_EXCL, device(0, 0)).withText(unix.IFLA_IFNAME, name).
		withNumber(unix.IFLA_MTU, MTU).with(unix.IFLA_ADDRESS, here[:]).with(unix.IFLA_LINKINFO, pair).bytes()
}

// hardware is an Ethernet address.
type hardware [6]byte

// hardwareOf is an address of the locally administered kind (IEEE 802) that ends in the IPv4 address.
func hardwareOf(ip netip.Addr) hardware {
	a := ip.As4()
	return hardware{2, 0, a[0], a[1], a[2], a[3]}
}

// queueRequest sets the length of an interface's queue, in packets, and its MTU.
func queueRequest(index int32, packets uint32) []byte {
	return order(unix.RTM_NEWLINK, 0, device(index, 0)).withNumber(unix.IFLA_TXQLEN, packets).withNumber(unix.IFLA_MTU, MTU).bytes()
}

// quietRequest keeps an interface from giving itself an IPv6 address, of which it would tell the far end.
func quietRequest(index int32) []byte {
	family := message(nil).with(unix.AF_INET6, message(nil).with(unix.IFLA_INET6_ADDR_GEN_MODE, []byte{noAddresses}))
	return order(unix.RTM_NEWLINK, 0, device(index, 0)).with(unix.IFLA_AF_SPEC, family).bytes()
}

// upRequest brings an interface up.
func upRequest(index int32) []byte {
	return order(unix.RTM_NEWLINK, 0, device(index, unix.IFF_UP)).bytes()
}

// deleteRequest takes an interface away; its peer goes with it.
func deleteRequest(index int32) []byte { return order(unix.RTM_DELLINK, 0, device(index, 0)).bytes() }

// addressRequest gives an interface an address: struct ifaddrmsg, then the attributes.
func addressRequest(index int32, ip netip.Addr) []byte {
	b := make([]byte, unix.SizeofIfAddrmsg)
	b[0], b[1] = unix.AF_INET, prefix
	native.PutUint32(b[4:], uint32(index))
	return order(unix.RTM_NEWADDR, unix.NLM_F_CREATE|unix.NLM_F_EXCL, b).
		with(unix.IFA_LOCAL, ip.AsSlice()).with(unix.IFA_ADDRESS, ip.AsSlice()).bytes()
}

// neighbourRequest says for good which hardware address an IP address has: struct ndmsg, then the attributes.
func neighbourRequest(index int32, ip netip.Addr, at hardware) []byte {
	b := make([]byte, unix.SizeofNdMsg)
	b[0] = unix.AF_INET
	native.PutUint32(b[4:], uint32(index))
	native.PutUint16(b[8:], unix.NUD_PERMANENT)
	return order(unix.RTM_NEWNEIGH, unix.NLM_F_CREATE|unix.NLM_F_REPLACE, b).
		with(unix.NDA_DST, ip.AsSlice()).with(unix.NDA_LLADDR, at[:]).bytes()
}

// qdiscRequest replaces what sends an interface's packets out: struct tcmsg, then the attributes.
func qdiscRequest(index int32, kind string, options []byte) []byte {
	b := make([]byte, 20) // struct tcmsg of linux/rtnetlink.h
	native.PutUint32(b[4:], uint32(index))
	native.PutUint32(b[12:], rootQdisc)
	return order(unix.RTM_NEWQDISC, unix.NLM_F_CREATE|unix.NLM_F_REPLACE, b).
		withText(unix.TCA_KIND, kind).with(unix.TCA_OPTIONS, options).bytes()
}

// netemRequest delays all that an interface sends: struct tc_netem_qopt, whose latency is in ticks, then the same in ns for
// kernels since 4.16, which take that (net/sched/sch_netem.c).
func netemRequest(index int32, delay time.Duration) []byte {
	options := make(message, 24)
	native.PutUint32(options, uint32(delay/psched))
	native.PutUint32(options[4:], netemLimit)
	return qdiscRequest(index, "netem", options.with(netemLatency64, native.AppendUint64(nil, uint64(delay))))
}

// interfaceRequest asks for an interface by its name.
func interfaceRequest(name string) []byte {
	return ask(unix.RTM_GETLINK, 0, device(0, 0)).withText(unix.IFLA_IFNAME, name).bytes()
}

// iface is what the kernel says of an interface.
type iface struct {
	index   int32
	up      bool // as it was told
	running bool // and able to send
	mtu     uint32
	queue   uint32     // in packets
	count   *ifaceLoad // nil where the kernel does not tell
}

// ifaceLoad is of struct rtnl_link_stats64 (linux/if_link.h).
type ifaceLoad struct{ received, sendDrops uint64 }

// errAnswer is of a kernel that speaks another netlink.
var errAnswer = errors.New("link: an answer that is none of rtnetlink's")

// split gives the kind of the first message and what follows its header.
func split(b []byte) (kind uint16, body []byte, err error) {
	if len(b) < unix.SizeofNlMsghdr {
		return 0, nil, fmt.Errorf("%w: %d bytes", errAnswer, len(b))
	}
	size := native.Uint32(b)
	if size < unix.SizeofNlMsghdr || uint64(size) > uint64(len(b)) {
		return 0, nil, fmt.Errorf("%w: %d bytes, its header says %d", errAnswer, len(b), size)
	}
	return native.Uint16(b[4:]), b[unix.SizeofNlMsghdr:size], nil
}

// parseDone is the error that the kernel answers a request with, nil if it was carried out.
func parseDone(b []byte) error {
	kind, body, err := split(b)
	switch {
	case err != nil:
		return err
	case kind != unix.NLMSG_ERROR || len(body) < 4:
		return fmt.Errorf("%w: kind %d, %d bytes", errAnswer, kind, len(body))
	}
	if n := int32(native.Uint32(body)); n != 0 {
		return unix.Errno(-n)
	}
	return nil
}

// parseInterface reads an answer to interfaceRequest.
func parseInterface(b []byte) (iface, error) {
	kind, body, err := split(b)
	switch {
	case err != nil:
		return iface{}, err
	case kind == unix.NLMSG_ERROR && parseDone(b) != nil:
		return iface{}, parseDone(b)
	case kind != unix.RTM_NEWLINK || len(body) < unix.SizeofIfInfomsg:
		return iface{}, fmt.Errorf("%w: kind %d, %d bytes", errAnswer, kind, len(body))
	}
	flags := native.Uint32(body[8:])
	i := iface{index: int32(native.Uint32(body[4:])), up: flags&unix.IFF_UP != 0, running: flags&unix.IFF_RUNNING != 0}
	return i, eachAttribute(body[unix.SizeofIfInfomsg:], i.take)
}

// take notes an attribute of the interface.
func (i *iface) take(kind uint16, value []byte) {
	switch {
	case kind == unix.IFLA_MTU && len(value) >= 4:
		i.mtu = native.Uint32(value)
	case kind == unix.IFLA_TXQLEN && len(value) >= 4:
		i.queue = native.Uint32(value)
	case kind == unix.IFLA_STATS64 && len(value) >= 64:
		i.count = &ifaceLoad{received: native.Uint64(value), sendDrops: native.Uint64(value[56:])}
	}
}

// eachAttribute calls take for each attribute in b.
func eachAttribute(b []byte, take func(kind uint16, value []byte)) error {
	for len(b) >= unix.SizeofRtAttr {
		size := int(native.Uint16(b))
		if size < unix.SizeofRtAttr || size > len(b) {
			return fmt.Errorf("%w: an attribute of %d bytes in %d", errAnswer, size, len(b))
		}
		take(native.Uint16(b[2:])&^unix.NLA_F_NESTED, b[unix.SizeofRtAttr:size])
		b = b[min((size+3)&^3, len(b)):]
	}
	return nil
}
