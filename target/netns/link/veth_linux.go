package link

import (
	"errors"
	"fmt"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"agistorm/target/netns"
)

// What a veth needs to lose nothing of a burst.
//
// By itself a veth hands packets to the CPU's input queue, which holds net.core.netdev_max_backlog of them
// (1000, host-wide) and drops the rest. With GRO its far end takes them in by NAPI, through a ring of 256.
// Without TSO every packet may go there: with it those of TCP sockets go the other way (drivers/net/veth.c,
// veth_skb_is_eligible_for_gro). A full ring holds the sender's queueing discipline back (since about Linux
// 6.16; before, it drops), which must be long enough to wait in. A queue of 100,000 packets lost 11,686 of
// a burst of 100,000 calls on 2 CPUs; a longer one costs only what waits in it.
const vethQueue = 1_000_000

const (
	// psched is the packet scheduler's tick (PSCHED_SHIFT of include/net/pkt_sched.h).
	psched = 64 * time.Nanosecond
	// netemLimit is how many packets may be under way in one direction.
	netemLimit = ringPackets
)

// joinVeth makes a pair, with netem if there is a delay. If it fails nothing is left.
func joinVeth(sides pair, rtt time.Duration) (*Link, error) {
	if err := sides.server.kernel.LinkAdd(vethPair(sides)); err != nil {
		return nil, fmt.Errorf("veth: %w", err)
	}
	kind, queue := Veth, vethQueue
	if rtt > 0 {
		kind, queue = Netem, queueLength
	}
	err := sides.each(func(s, _ *side) error { return s.setOffloads() })
	if err == nil {
		err = sides.setUp(queue)
	}
	if err == nil {
		err = sides.each((*side).setNeighbour)
	}
	if err == nil {
		err = sides.setQueues(rtt)
	}
	if err != nil {
		_ = sides.remove() // the first error is the one that matters
		return nil, err
	}
	return &Link{Kind: kind, end: sides.endVeth}, nil
}

// vethPair returns a pair of one name, in the server's namespace and in the client's. The hardware
// addresses are ours, so that neither end has to ask for the other's before the first SYN.
func vethPair(sides pair) *netlink.Veth {
	here := netlink.NewLinkAttrs()
	here.Name, here.MTU, here.HardwareAddr = Device, MTU, sides.server.own.hardware
	pair := netlink.NewVeth(here)
	pair.PeerName, pair.PeerHardwareAddr = Device, sides.client.own.hardware
	pair.PeerNamespace = netlink.NsFd(sides.client.namespace)
	return pair
}

// setOffloads lets an end hold its sender back: GRO on, TSO off. A kernel without them is no error: its
// drops are counted.
func (s *side) setOffloads() error {
	return netns.Inside(s.namespace, func() error {
		_, gro := netns.SetOffload(Device, netns.GRO, true)
		_, tso := netns.SetOffload(Device, netns.TSO, false)
		return errors.Join(unlessUnsupported(gro), unlessUnsupported(tso))
	})
}

// unlessUnsupported is nil for a feature that the kernel lacks.
func unlessUnsupported(err error) error {
	if isUnsupported(err) {
		return nil
	}
	return err
}

// setNeighbour gives one end the hardware address of the other: a first SYN would wait for ARP, and only a
// few could (unres_qlen_bytes).
func (s *side) setNeighbour(peer *side) error {
	err := s.kernel.NeighSet(&netlink.Neigh{
		LinkIndex: s.device.Attrs().Index, State: netlink.NUD_PERMANENT,
		IP: peer.own.ip.AsSlice(), HardwareAddr: peer.own.hardware,
	})
	if err != nil {
		return fmt.Errorf("neighbour: %w", err)
	}
	return nil
}

// setQueues delays each side's packets by half of the round trip, or without one gives them a long queue. A
// kernel without packet schedulers has no long queue: its drops are counted.
func (p pair) setQueues(rtt time.Duration) error {
	return p.each(func(s, _ *side) error {
		discipline := newQueue(s.device)
		switch {
		case rtt > 0 && s == p.server:
			discipline = netem(s.device, rtt/2)
		case rtt > 0:
			discipline = netem(s.device, rtt-rtt/2)
		}
		err := s.kernel.QdiscReplace(discipline)
		if err == nil || rtt == 0 && isUnsupported(err) {
			return nil
		}
		return fmt.Errorf("%s: %w", discipline.Type(), err)
	})
}

func atRoot(device netlink.Link) netlink.QdiscAttrs {
	return netlink.QdiscAttrs{LinkIndex: device.Attrs().Index, Parent: netlink.HANDLE_ROOT}
}

// newQueue is first in, first out, and as long as the interface's queue: the library gives pfifo no limit
// of its own, and the kernel then takes that (net/sched/sch_fifo.c, __fifo_init).
func newQueue(device netlink.Link) netlink.Qdisc {
	return &netlink.GenericQdisc{QdiscAttrs: atRoot(device), QdiscType: "pfifo"}
}

// netem delays all that an interface sends, to a tick.
func netem(device netlink.Link, delay time.Duration) netlink.Qdisc {
	return &netlink.Netem{QdiscAttrs: atRoot(device), Latency: uint32(delay / psched), Limit: netemLimit}
}

// remove takes the pair away, by the end in the server's namespace.
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
	s.ToServer.Packets, s.ToClient.Packets = number(server.received), number(client.received)
	if err := p.remove(); err != nil {
		return s, fmt.Errorf("link: %w", err)
	}
	return s, nil
}

// take notes what both ends dropped.
func (s *Stats) take(server, client counts) {
	s.ToServer.take(client, server)
	s.ToClient.take(server, client)
}

func (d *Direction) take(sender, receiver counts) {
	d.DeviceDrops, d.QueueDrops, d.ReceiveDrops = sender.sendDrops, sender.queueDrops, receiver.receiveDrops
}

// isUnsupported reports whether the kernel was built without a requested feature: veth (EOPNOTSUPP), netem
// (ENOENT), any packet scheduler or an offload (EOPNOTSUPP).
func isUnsupported(err error) bool {
	return errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOENT)
}
