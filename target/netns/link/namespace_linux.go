package link

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"agistorm/target/netns"
)

// side is one of the two namespaces: an rtnetlink(7) socket in it, and the interface in it that is its end
// of the link.
type side struct {
	namespace int
	own       end
	kernel    *netlink.Handle
	// device is nil until setUp.
	device netlink.Link
}

// answerLimit is how long an answer of the kernel may take. It answers within the call that asks: a wait
// would be for ever.
const answerLimit = 10 * time.Second

// openSide opens a netlink socket in the namespace, which then lasts as long as the socket.
func openSide(namespace int) (*side, error) {
	s := &side{namespace: namespace}
	err := netns.Inside(namespace, func() (err error) {
		s.kernel, err = netlink.NewHandle(unix.NETLINK_ROUTE)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := s.kernel.SetSocketTimeout(answerLimit); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *side) close() { s.kernel.Close() }

// findDevice returns the interface as it is now; the error wraps ENODEV if there is none.
func (s *side) findDevice() (netlink.Link, error) {
	device, err := s.kernel.LinkByName(Device)
	if none := (netlink.LinkNotFoundError{}); errors.As(err, &none) {
		err = unix.ENODEV // the library drops the kernel's own
	}
	if err != nil {
		return nil, fmt.Errorf("interface %s: %w", Device, err)
	}
	return device, nil
}

// ipv6None is IN6_ADDR_GEN_MODE_NONE of linux/if_link.h.
const ipv6None = 1

// setUp gives the interface its queue and its address and brings it up; IPv6 stays out of it.
func (s *side) setUp(queue int) (err error) {
	if s.device, err = s.findDevice(); err != nil {
		return err
	}
	address := &netlink.Addr{IPNet: network(netip.PrefixFrom(s.own.ip, prefixLength))}
	for _, step := range []struct {
		what string
		set  func() error
	}{
		{"no IPv6", func() error {
			err := s.kernel.LinkSetIP6AddrGenMode(s.device, ipv6None)
			if errors.Is(err, unix.EAFNOSUPPORT) { // a kernel without IPv6
				return nil
			}
			return err
		}},
		{"queue", func() error { return s.kernel.LinkSetTxQLen(s.device, queue) }},
		{"MTU", func() error { return s.kernel.LinkSetMTU(s.device, MTU) }},
		{"address", func() error { return s.kernel.AddrAdd(s.device, address) }},
		{"up", func() error { return s.kernel.LinkSetUp(s.device) }},
	} {
		if err := step.set(); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
	}
	return s.check(queue)
}

// network is a prefix in the library's form; it keeps the host's part.
func network(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}

// check reads back what was set: a kernel may take a message and ignore what is in it.
func (s *side) check(queue int) error {
	device, err := s.findDevice()
	if err != nil {
		return err
	}
	a := device.Attrs()
	if up := a.RawFlags&unix.IFF_UP != 0; !up || a.MTU != MTU || a.TxQLen != queue {
		return fmt.Errorf("interface %s: up %t, MTU %d, queue of %d; want true, %d, %d",
			Device, up, a.MTU, a.TxQLen, MTU, queue)
	}
	return nil
}

// startLimit is how long an interface may take to start.
const startLimit = 5 * time.Second

// awaitRunning waits until the interface sends. A veth drops until the kernel's worker has noticed that its
// peer is up, some milliseconds later (net/core/link_watch.c).
func (s *side) awaitRunning() error {
	for began := time.Now(); ; time.Sleep(time.Millisecond) {
		device, err := s.findDevice()
		if err != nil || device.Attrs().RawFlags&unix.IFF_RUNNING != 0 {
			return err
		}
		if time.Since(began) > startLimit {
			return fmt.Errorf("interface %s does not run after %v: %w", Device, startLimit, unix.ENETDOWN)
		}
	}
}

// counts holds the counters of one end of a link; nil is a counter that the kernel does not report.
type counts struct{ received, sendDrops, receiveDrops, queueDrops *uint64 }

// count reads the counters of the interface and of its queueing discipline.
func (s *side) count() (c counts) {
	device, err := s.findDevice()
	if err != nil {
		return c
	}
	if n := device.Attrs().Statistics; n != nil {
		c.received, c.sendDrops, c.receiveDrops = &n.RxPackets, &n.TxDropped, &n.RxDropped
	}
	disciplines, err := s.kernel.QdiscList(device)
	if err != nil {
		return c
	}
	dropped := uint64(0)
	for _, q := range disciplines {
		if n := q.Attrs().Statistics; n != nil && n.Queue != nil && q.Attrs().Parent == netlink.HANDLE_ROOT {
			dropped += uint64(n.Queue.Drops)
			c.queueDrops = &dropped
		}
	}
	return c
}
