package link

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

const (
	// queueLength of a link with a delay, in packets. A TUN device whose queue is full (500 packets by
	// default) drops silently.
	queueLength = 10000
	// prefixLength is the length of the network part of Server and Client.
	prefixLength = 30
)

// end holds the addresses of one side of the link.
type end struct {
	ip       netip.Addr
	hardware net.HardwareAddr
}

// endAt returns an end whose hardware address is of the locally administered kind (IEEE 802) and ends in
// the IPv4 address.
func endAt(ip netip.Addr) end {
	return end{ip: ip, hardware: append(net.HardwareAddr{2, 0}, ip.AsSlice()...)}
}

// Join joins two network namespaces, given by open descriptors of /proc/PID/ns/net, by a link with the
// addresses Server and Client, an interface agi0 on each side, and what Options ask for. The caller must be
// root in the user namespace that owns both; its threads may be in one of them. The descriptors may be
// closed afterwards; the namespaces last until Close.
//
// Without a round trip the link is a Veth, with one a Netem, where the kernel has neither a TUN: which
// needs /dev/net/tun, and keeps two threads of this process. They are late when the machine's CPUs are all
// busy, or when as many goroutines of this process compute as GOMAXPROCS lets: do the storm in another
// process. Stats reports how late.
//
// The error wraps EEXIST where a namespace has an interface agi0 already, EPERM where the caller is not its
// root, EINVAL for options out of range, and ErrNoVeth with VethOnly where the kernel has no veth.
func Join(server, client int, o Options) (*Link, error) {
	l, err := join(server, client, o)
	if err != nil {
		return nil, fmt.Errorf("link: %w", err)
	}
	return l, nil
}

func join(server, client int, o Options) (*Link, error) {
	if err := o.check(); err != nil {
		return nil, fmt.Errorf("%w: %w", err, unix.EINVAL)
	}
	if err := checkDistinct(server, client); err != nil {
		return nil, err
	}
	sides, err := openSides(server, client)
	if err != nil {
		return nil, err
	}
	l, err := joinVeth(sides, o.RTT)
	switch why := err; {
	case !isUnsupported(why):
	case o.VethOnly:
		err = fmt.Errorf("%w (%w)", ErrNoVeth, why)
	default:
		if l, err = joinTUN(sides, o.RTT); err != nil {
			err = fmt.Errorf("%w; and by TUN: %w", why, err)
		}
	}
	if err != nil {
		sides.close()
		return nil, err
	}
	if err := sides.route(o.Sources); err != nil {
		_, closed := l.Close()
		return nil, errors.Join(err, closed)
	}
	return l, nil
}

// checkDistinct returns an error for one namespace: packets to the other end would go by lo.
func checkDistinct(server, client int) error {
	var a, b unix.Stat_t
	if err := errors.Join(unix.Fstat(server, &a), unix.Fstat(client, &b)); err != nil {
		return fmt.Errorf("namespaces of server and client: %w", os.NewSyscallError("fstat", err))
	}
	if a.Dev == b.Dev && a.Ino == b.Ino {
		return fmt.Errorf("server and client are one namespace: %w", unix.EINVAL)
	}
	return nil
}

// pair holds both sides.
type pair struct{ server, client *side }

func openSides(server, client int) (p pair, err error) {
	if p.server, err = openSide(server); err != nil {
		return pair{}, fmt.Errorf("the server's namespace: %w", err)
	}
	if p.client, err = openSide(client); err != nil {
		p.server.close()
		return pair{}, fmt.Errorf("the client's namespace: %w", err)
	}
	p.server.own, p.client.own = endAt(Server), endAt(Client)
	return p, nil
}

func (p pair) close() {
	p.server.close()
	p.client.close()
}

// each calls do for both sides with the other side, until one fails.
func (p pair) each(do func(s, peer *side) error) error {
	if err := do(p.server, p.client); err != nil {
		return fmt.Errorf("the server's end: %w", err)
	}
	if err := do(p.client, p.server); err != nil {
		return fmt.Errorf("the client's end: %w", err)
	}
	return nil
}

// setUp brings both ends up, each with a queue of so many packets, and waits until they are.
func (p pair) setUp(queue int) error {
	if err := p.each(func(s, _ *side) error { return s.setUp(queue) }); err != nil {
		return err
	}
	return p.each(func(s, _ *side) error { return s.awaitRunning() })
}

// route adds these addresses to the client, and routes to them to the server. Routes carry them, not
// addresses of the interface: 65,536 of those would take seconds (net/ipv4/devinet.c walks the list for
// each).
func (p pair) route(sources []netip.Addr) error {
	others := slices.DeleteFunc(slices.Clone(sources), func(a netip.Addr) bool { return a == Client })
	for _, block := range cover(others) {
		local := &netlink.Route{
			Dst: network(block), LinkIndex: loopbackIndex, Table: unix.RT_TABLE_LOCAL,
			Type: unix.RTN_LOCAL, Scope: netlink.SCOPE_HOST,
		}
		if err := p.client.kernel.RouteAdd(local); err != nil {
			return fmt.Errorf("source %s: %w", block, err)
		}
		back := &netlink.Route{Dst: network(block), LinkIndex: p.server.device.Attrs().Index, Gw: Client.AsSlice()}
		if err := p.server.kernel.RouteAdd(back); err != nil {
			return fmt.Errorf("route to source %s: %w", block, err)
		}
	}
	return nil
}

// loopbackIndex is lo's in every namespace (LOOPBACK_IFINDEX of the kernel's include/net/flow.h).
const loopbackIndex = 1
