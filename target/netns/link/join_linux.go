package link

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// deviceName is that of the interface on either side.
	deviceName = "agi0"
	// queueLength is in packets. A TUN device that has more to give than its queue (500 unless told) drops silently.
	queueLength = 10000
)

// end is what one side of the link is.
type end struct {
	ip       netip.Addr
	hardware hardware
}

var (
	serverEnd = end{ip: Server, hardware: hardwareOf(Server)}
	clientEnd = end{ip: Client, hardware: hardwareOf(Client)}
)

// Join joins two network namespaces, given by open descriptors of /proc/PID/ns/net, by a link with the addresses Server
// and Client, an interface agi0 on each side, and a round trip of rtt, 0 to MaxRTT. The caller must be root in the user
// namespace that owns both; its threads may be in one of them. The descriptors may be closed afterwards; the namespaces
// last until Close.
//
// Without rtt the link is a Veth, with it a Netem, where the kernel has neither a TUN: which needs /dev/net/tun, and keeps
// two threads of this process. They are late when the machine's CPUs are all busy, or when as many goroutines of this
// process compute as GOMAXPROCS lets: do the storm in another process. Stats says how late.
//
// The error wraps EEXIST where a namespace has an interface agi0 already, EPERM where the caller is not its root.
func Join(server, client int, rtt time.Duration) (*Link, error) {
	l, err := join(server, client, rtt)
	if err != nil {
		return nil, fmt.Errorf("link: %w", err)
	}
	return l, nil
}

func join(server, client int, rtt time.Duration) (*Link, error) {
	if rtt < 0 || rtt > MaxRTT {
		return nil, fmt.Errorf("a round trip of %v, want 0 to %v: %w", rtt, MaxRTT, unix.EINVAL)
	}
	if err := differ(server, client); err != nil {
		return nil, err
	}
	sides, err := openSides(server, client)
	if err != nil {
		return nil, err
	}
	l, err := joinVeth(sides, client, rtt)
	if why := err; lacks(why) {
		if l, err = joinTUN(sides, server, client, rtt); err != nil {
			err = fmt.Errorf("%w; and by TUN: %w", why, err)
		}
	}
	if err != nil {
		sides.close()
		return nil, err
	}
	return l, nil
}

// lacks tells of an error that the kernel gives where it was built without veth (EOPNOTSUPP), without netem (ENOENT) or
// without any packet scheduler (EOPNOTSUPP).
func lacks(err error) bool { return errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOENT) }

// differ makes sure of two namespaces: in one, packets to the other end would go by lo.
func differ(server, client int) error {
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

// setUp brings both ends up, and waits until they are.
func (p pair) setUp() error {
	if err := p.server.setUp(serverEnd); err != nil {
		return fmt.Errorf("the server's end: %w", err)
	}
	if err := p.client.setUp(clientEnd); err != nil {
		return fmt.Errorf("the client's end: %w", err)
	}
	if err := p.server.started(); err != nil {
		return err
	}
	return p.client.started()
}

// loads is what the devices have counted; nil of one that does not tell.
func (p pair) loads() (server, client *ifaceLoad) {
	if i, err := p.server.look(deviceName); err == nil {
		server = i.count
	}
	if i, err := p.client.look(deviceName); err == nil {
		client = i.count
	}
	return server, client
}

// drops is what the device did not send.
func drops(load *ifaceLoad) *uint64 {
	if load == nil {
		return nil
	}
	return &load.sendDrops
}
