package link

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

const (
	// deviceName is that of the interface on either side.
	deviceName = Device
	// queueLength of a link with a delay, in packets. A TUN device that has more to give than its queue (500 unless
	// told) drops silently.
	queueLength = 10000
	// prefix is the length of the network part of Server and Client.
	prefix = 30
)

// end is what one side of the link is.
type end struct {
	ip       netip.Addr
	hardware hardware
}

var (
	serverEnd = end{ip: Server, hardware: hardwareOf(Server.As4())}
	clientEnd = end{ip: Client, hardware: hardwareOf(Client.As4())}
)

// Join joins two network namespaces, given by open descriptors of /proc/PID/ns/net, by a link with the addresses Server
// and Client, an interface agi0 on each side, and what Options ask for. The caller must be root in the user namespace
// that owns both; its threads may be in one of them. The descriptors may be closed afterwards; the namespaces
// last until Close.
//
// Without a round trip the link is a Veth, with one a Netem, where the kernel has neither a TUN: which needs
// /dev/net/tun, and keeps two threads of this process. They are late when the machine's CPUs are all busy, or when as
// many goroutines of this process compute as GOMAXPROCS lets: do the storm in another process. Stats says how late.
//
// The error wraps EEXIST where a namespace has an interface agi0 already, EPERM where the caller is not its root,
// EINVAL for options out of range, and ErrNoVeth with VethOnly where the kernel has no veth.
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
	l, err := joinVeth(sides, server, client, o.RTT)
	switch why := err; {
	case !isUnsupported(why):
	case o.VethOnly:
		err = fmt.Errorf("%w (%w)", ErrNoVeth, why)
	default:
		if l, err = joinTUN(sides, server, client, o.RTT); err != nil {
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

// checkDistinct makes sure of two namespaces: in one, packets to the other end would go by lo.
func checkDistinct(server, client int) error {
	var a, b unix.Stat_t
	if err := unix.Fstat(server, &a); err != nil {
		return fmt.Errorf("the server's namespace: %w", os.NewSyscallError("fstat", err))
	}
	if err := unix.Fstat(client, &b); err != nil {
		return fmt.Errorf("the client's namespace: %w", os.NewSyscallError("fstat", err))
	}
	if a.Dev == b.Dev && a.Ino == b.Ino {
		return fmt.Errorf("server and client are one namespace: %w", unix.EINVAL)
	}
	return nil
}

// pair is both sides.
type pair struct{ server, client *side }

func openSides(server, client int) (pair, error) {
	s, err := openSide(server)
	if err != nil {
		return pair{}, fmt.Errorf("the server's namespace: %w", err)
	}
	c, err := openSide(client)
	if err != nil {
		s.close()
		return pair{}, fmt.Errorf("the client's namespace: %w", err)
	}
	return pair{server: s, client: c}, nil
}

func (p pair) close() {
	p.server.close()
	p.client.close()
}

// setUp brings both ends up, each with a queue of so many packets, and waits until they are.
func (p pair) setUp(queue int) error {
	if err := p.server.setUp(serverEnd, queue); err != nil {
		return fmt.Errorf("the server's end: %w", err)
	}
	if err := p.client.setUp(clientEnd, queue); err != nil {
		return fmt.Errorf("the client's end: %w", err)
	}
	if err := p.server.started(); err != nil {
		return err
	}
	return p.client.started()
}

// route gives the client these addresses beside its own, and tells the server that they are behind it. Routes carry
// them, not addresses of the interface: 65,536 of those would take seconds (net/ipv4/devinet.c walks the list for
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
