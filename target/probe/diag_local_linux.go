package probe

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// loopbackIndex is lo's in every namespace (LOOPBACK_IFINDEX of the kernel's net/flow.h).
const loopbackIndex = 1

// arrivesAt is the interface at which this host's own connections to ip come in; ErrNobodyListens if ip is not this
// host's: a listener on a wildcard address would seem to take the connections to the whole world.
func arrivesAt(ip netip.Addr) (uint32, error) {
	if ip.IsLoopback() || ip.IsUnspecified() {
		return loopbackIndex, nil
	}
	device, err := zoneIndex(ip.Zone())
	if err != nil {
		return 0, err
	}
	kind, err := routeKind(ip, device)
	if err != nil {
		return 0, err
	}
	if kind != unix.RTN_LOCAL {
		return 0, fmt.Errorf("%v is not an address of this host: %w", ip, ErrNobodyListens)
	}
	if device == 0 {
		device = loopbackIndex
	}
	return device, nil
}

// zoneIndex is 0 for an address without a zone.
func zoneIndex(zone string) (uint32, error) {
	if zone == "" {
		return 0, nil
	}
	if n, err := strconv.ParseUint(zone, 10, 31); err == nil {
		return uint32(n), nil
	}
	i, err := net.InterfaceByName(zone)
	if err != nil {
		return 0, fmt.Errorf("accept queue: zone %s: %w", zone, err)
	}
	return uint32(i.Index), nil
}

// routeKind is the type of the route to ip (RTM_GETROUTE of rtnetlink(7)) by the interface device, any if 0.
func routeKind(ip netip.Addr, device uint32) (byte, error) {
	fd, err := dialKernel(unix.NETLINK_ROUTE)
	if err != nil {
		return 0, err
	}
	defer unix.Close(fd)
	if _, err := unix.Write(fd, routeRequest(ip, device)); err != nil {
		return 0, fmt.Errorf("accept queue: route: %w", os.NewSyscallError("write", err))
	}
	var answer [1024]byte
	n, err := unix.Read(fd, answer[:])
	if err != nil {
		return 0, fmt.Errorf("accept queue: route: %w", os.NewSyscallError("read", err))
	}
	return parseRoute(answer[:n])
}

// routeRequest asks for the route to ip: struct rtmsg, then the attributes.
func routeRequest(ip netip.Addr, device uint32) []byte {
	b := make([]byte, netlinkHeader+unix.SizeofRtMsg)
	b[netlinkHeader], b[netlinkHeader+1] = familyIPv6, byte(ip.BitLen())
	if ip.Is4() {
		b[netlinkHeader] = familyIPv4
	}
	b = appendAttribute(b, unix.RTA_DST, ip.AsSlice())
	if device != 0 {
		b = appendAttribute(b, unix.RTA_OIF, native.AppendUint32(nil, device))
	}
	native.PutUint32(b, uint32(len(b)))
	native.PutUint16(b[4:], unix.RTM_GETROUTE)
	native.PutUint16(b[6:], unix.NLM_F_REQUEST)
	return b
}

// appendAttribute takes values of whole words only: addresses and numbers.
func appendAttribute(b []byte, kind uint16, value []byte) []byte {
	b = native.AppendUint16(b, uint16(unix.SizeofRtAttr+len(value)))
	b = native.AppendUint16(b, kind)
	return append(b, value...)
}

// parseRoute gives the type of the route in an answer (rtm_type); that of no route is unreachable.
func parseRoute(b []byte) (byte, error) {
	if len(b) < netlinkHeader {
		return 0, errRoute(b)
	}
	size := native.Uint32(b)
	if size < netlinkHeader || uint64(size) > uint64(len(b)) {
		return 0, errRoute(b)
	}
	body := b[netlinkHeader:size]
	switch kind := native.Uint16(b[4:]); {
	case kind == netlinkError && len(body) >= 4:
		return routeRefusal(unix.Errno(-int32(native.Uint32(body))))
	case kind != unix.RTM_NEWROUTE || len(body) < unix.SizeofRtMsg:
		return 0, errRoute(b)
	}
	return body[7], nil
}

func routeRefusal(errno unix.Errno) (byte, error) {
	for _, e := range []error{unix.ENETUNREACH, unix.EHOSTUNREACH, unix.EACCES, unix.EINVAL, unix.ENODEV} {
		if errors.Is(errno, e) { // prohibit and blackhole routes say EACCES and EINVAL
			return unix.RTN_UNREACHABLE, nil
		}
	}
	return 0, fmt.Errorf("accept queue: route: %w", errno)
}

func errRoute(b []byte) error {
	return fmt.Errorf("accept queue: an answer of %d bytes that is none of rtnetlink's", len(b))
}
