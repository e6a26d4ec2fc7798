package link

import (
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"agistorm/target/netns"
)

// What a veth needs to lose nothing of a burst.
//
// By itself a veth hands packets to the CPU's input queue, which holds net.core.netdev_max_backlog of them (1000,
// host-wide) and drops the rest. With GRO its far end takes them in by NAPI, through a ring of 256. Without TSO
// every packet may go there: with it those of TCP sockets go the other way (drivers/net/veth.c,
// veth_skb_is_eligible_for_gro). A full ring holds the sender's queueing discipline back (since about Linux 6.16;
// before, it drops), which must be long enough to wait in. A queue of 100,000 packets lost 11,686 of a burst of
// 100,000 calls on 2 CPUs; a longer one costs only what waits in it.
const vethQueue = 1_000_000

const (
	// psched is the packet scheduler's tick (PSCHED_SHIFT of include/net/pkt_sched.h).
	psched = 64 * time.Nanosecond
	// netemLimit is how many packets may be under way in one direction.
	netemLimit = ringPackets
)

// joinVeth makes a pair, with netem if there is a delay. If it fails nothing is left.
func joinVeth(sides pair, server, client int, rtt time.Duration) (*Link, error) {
	if err := sides.server.kernel.LinkAdd(vethPair(client)); err != nil {
		return nil, fmt.Errorf("veth: %w", err)
	}
	kind, queue := Veth, vethQueue
	if rtt > 0 {
		kind, queue = Netem, queueLength
	}
	err := setQueues(server, client)
	if err == nil {
		err = sides.setUp(queue)
	}
	if err == nil {
		err = sides.introduce()
	}
	if err == nil {
		err = sides.queue(rtt)
	}
	if err != nil {
		_ = sides.remove() // the first error tells more
		return nil, err
	}
	return &Link{Kind: kind, end: sides.endVeth}, nil
}

// vethPair is a pair of one name, in the server's namespace and in the client's. The hardware addresses are ours, so
// that neither end has to ask for the other's before the first SYN.
func vethPair(client int) *netlink.Veth {
	here := netlink.NewLinkAttrs()
	here.Name, here.MTU, here.HardwareAddr = deviceName, MTU, serverEnd.hardware
	pair := netlink.NewVeth(here)
	pair.PeerName, pair.PeerHardwareAddr, pair.PeerNamespace = deviceName, clientEnd.hardware, netlink.NsFd(client)
	return pair
}

// setQueues lets each end hold its sender back: GRO on, TSO off. A kernel that cannot is no error: what it drops is
// counted.
func setQueues(namespaces ...int) error {
	for _, namespace := range namespaces {
		err := runInside(namespace, func() error {
			_, gro := netns.SetOffload(deviceName, netns.GRO, true)
			_, tso := netns.SetOffload(deviceName, netns.TSO, false)
			return errors.Join(unlessUnsupported(gro), unlessUnsupported(tso))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// unlessUnsupported is nil for a feature that the kernel lacks.
func unlessUnsupported(err error) error {
	if isUnsupported(err) {
		return nil
	}
	return err
}

// introduce tells each end who the other is: a first SYN would wait for ARP, and only a few could (unres_qlen_bytes).
func (p pair) introduce() error {
	for _, way := range []struct {
		from *side
		to   end
	}{{p.server, clientEnd}, {p.client, serverEnd}} {
		err := way.from.kernel.NeighSet(&netlink.Neigh{
			LinkIndex: way.from.device.Attrs().Index, State: netlink.NUD_PERMANENT,
			IP: way.to.ip.AsSlice(), HardwareAddr: way.to.hardware,
		})
		if err != nil {
			return fmt.Errorf("neighbour: %w", err)
		}
	}
	return nil
}

// queue gives each side what its packets wait in: half of the round trip, or without one a long queue. A kernel without
// packet schedulers has no long queue: what it drops is counted.
func (p pair) queue(rtt time.Duration) error {
	for _, way := range []struct {
		from  *side
		delay time.Duration
	}{{p.server, rtt / 2}, {p.client, rtt - rtt/2}} {
		discipline := newQueue(way.from.device)
		if rtt > 0 {
			discipline = netem(way.from.device, way.delay)
		}
		err := way.from.kernel.QdiscReplace(discipline)
		if rtt == 0 {
			err = unlessUnsupported(err)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", discipline.Type(), err)
		}
	}
	return nil
}

func atRoot(device netlink.Link) netlink.QdiscAttrs {
	return netlink.QdiscAttrs{LinkIndex: device.Attrs().Index, Parent: netlink.HANDLE_ROOT}
}

// newQueue is first in, first out, and as long as the interface's queue: the library gives pfifo no limit of its
// own, and the kernel then takes that (net/sched/sch_fifo.c, __fifo_init).
func newQueue(device netlink.Link) netlink.Qdisc {
	return &netlink.GenericQdisc{QdiscAttrs: atRoot(device), QdiscType: "pfifo"}
}

// netem delays all that an interface sends, to a tick.
func netem(device netlink.Link, delay time.Duration) netlink.Qdisc {
	return &netlink.Netem{QdiscAttrs: atRoot(device), Latency: uint32(delay / psched), Limit: netemLimit}
}

// remove takes the pair away, of which the one end is known if there is one.
func (p pair) remove() error {
	device, err := p.server.findDevice()
	if err != nil {
		return err
	}
	if err := p.server.kernel.LinkDel(device); err != nil {
		return fmt.Errorf("take away: %w", err)
	}
	return nil
}

func (p pair) endVeth() (Stats, error) {
	defer p.close()
	var s Stats
	server, client := p.server.count(), p.client.count()
	s.take(server, client)
	if server.received != nil {
		s.ToServer.Packets = *server.received
	}
	if client.received != nil {
		s.ToClient.Packets = *client.received
	}
	if err := p.remove(); err != nil {
		return s, fmt.Errorf("link: %w", err)
	}
	return s, nil
}

// take notes what both ends dropped.
func (s *Stats) take(server, client counts) {
	for _, way := range []struct {
		direction *Direction
		from, to  counts
	}{{&s.ToServer, client, server}, {&s.ToClient, server, client}} {
		way.direction.DeviceDrops, way.direction.QueueDrops = way.from.sendDrops, way.from.queueDrops
		way.direction.ReceiveDrops = way.to.receiveDrops
	}
}

// hardware is an Ethernet address.
type hardware = net.HardwareAddr

// hardwareOf is an address of the locally administered kind (IEEE 802) that ends in the IPv4 address.
func hardwareOf(ip [4]byte) hardware { return hardware{2, 0, ip[0], ip[1], ip[2], ip[3]} }

// isUnsupported reports whether the kernel was built without what was asked for: veth (EOPNOTSUPP), netem (ENOENT), any packet
// scheduler or an offload (EOPNOTSUPP).
func isUnsupported(err error) bool {
	return errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOENT)
}
