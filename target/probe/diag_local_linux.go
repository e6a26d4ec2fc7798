package probe

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// loopbackIndex is lo's in every namespace (LOOPBACK_IFINDEX of the kernel's net/flow.h).
const loopbackIndex = 1

// arrivesAt returns the interface at which this host's own connections to ip come in; ErrNoListener if
// ip is not this host's: a listener on a wildcard address would seem to take the connections to the whole
// world.
func arrivesAt(ip netip.Addr) (uint32, error) {
	if ip.IsLoopback() || ip.IsUnspecified() {
		return loopbackIndex, nil
	}
	device, err := ZoneIndex(ip.Zone())
	if err != nil {
		return 0, fmt.Errorf("accept queue: zone: %w", err)
	}
	routes, err := netlink.RouteGetWithOptions(ip.AsSlice(), &netlink.RouteGetOptions{OifIndex: int(device)})
	if err != nil && !isUnreachable(err) {
		return 0, fmt.Errorf("accept queue: route: %w", err)
	}
	if len(routes) != 1 || routes[0].Type != unix.RTN_LOCAL {
		return 0, fmt.Errorf("%v is not an address of this host: %w", ip, ErrNoListener)
	}
	return max(device, loopbackIndex), nil
}

// isUnreachable reports whether the kernel has no route: prohibit and blackhole routes give EACCES and
// EINVAL.
func isUnreachable(err error) bool {
	return slices.ContainsFunc([]error{unix.ENETUNREACH, unix.EHOSTUNREACH, unix.EACCES, unix.EINVAL, unix.ENODEV},
		func(e error) bool { return errors.Is(err, e) })
}
