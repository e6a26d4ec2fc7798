package caller

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// MaxSources of one storm: a /16.
const MaxSources = 1 << 16

// ParseSources reads addresses and prefixes with commas between, such as "127.0.0.0/24" or
// "10.0.0.5,10.0.0.6". A prefix stands for its hosts: of IPv4 networks wider than /31 without the
// first and the last address.
func ParseSources(s string) ([]netip.Addr, error) {
	var list []netip.Addr
	for word := range strings.SplitSeq(s, ",") {
		addrs, err := parseSource(strings.TrimSpace(word))
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(addrs, noSource); i >= 0 {
			return nil, fmt.Errorf("source %s: no host has that address", addrs[i])
		}
		if list = append(list, addrs...); len(list) > MaxSources {
			return nil, fmt.Errorf("sources %q: more than %d addresses", s, MaxSources)
		}
	}
	return list, nil
}

// noSource reports whether no host can send from an address: it is unspecified, multicast, or one of the broadcast
// addresses that hosts know without their masks (RFC 1122, 3.2.1.3).
func noSource(a netip.Addr) bool {
	if a.IsUnspecified() || a.IsMulticast() {
		return true
	}
	if !a.Is4() {
		return false
	}
	b := a.As4()
	return b[0] == 0 || b == [4]byte{255, 255, 255, 255} || b == [4]byte{127, 255, 255, 255}
}

func parseSource(word string) ([]netip.Addr, error) {
	if addr, err := netip.ParseAddr(word); err == nil {
		return []netip.Addr{addr.Unmap()}, nil
	}
	prefix, err := netip.ParsePrefix(word)
	if err != nil {
		return nil, fmt.Errorf(
			"source %q: want IP addresses or prefixes, such as 127.0.0.5 or 127.0.0.0/24,127.0.1.0/24", word)
	}
	if prefix.Addr().BitLen()-prefix.Bits() > 16 {
		return nil, fmt.Errorf("source %s: more than %d addresses: want a shorter range, such as %v",
			prefix, MaxSources, netip.PrefixFrom(prefix.Addr(), prefix.Addr().BitLen()-16).Masked())
	}
	return hosts(prefix.Masked()), nil
}

// hosts of a network.
func hosts(p netip.Prefix) []netip.Addr {
	var list []netip.Addr
	for a := p.Addr(); p.Contains(a); a = a.Next() {
		list = append(list, a)
	}
	if p.Addr().Is4() && p.Bits() < 31 {
		list = list[1 : len(list)-1] // the network's own address, and the broadcast
	}
	return list
}
