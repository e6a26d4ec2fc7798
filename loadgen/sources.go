package loadgen

import (
	"fmt"
	"net/netip"
	"strings"

	"agistorm/loadgen/engine"
)

// Sources are the client's own addresses, and the ports that are planned for each before the
// storm. The zero value leaves both to the kernel.
type Sources engine.Sources

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
		if list = append(list, addrs...); len(list) > MaxSources {
			return nil, fmt.Errorf("sources %q: more than %d addresses", s, MaxSources)
		}
	}
	return list, nil
}

func parseSource(word string) ([]netip.Addr, error) {
	if addr, err := netip.ParseAddr(word); err == nil {
		return []netip.Addr{addr.Unmap()}, nil
	}
	prefix, err := netip.ParsePrefix(word)
	if err != nil {
		return nil, fmt.Errorf("source %q: want IP addresses or prefixes, such as 127.0.0.5 or 127.0.0.0/24,127.0.1.0/24", word)
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

// Fit reports whether the sources can reach the server's addresses.
func (s Sources) Fit(servers []netip.AddrPort) error {
	for _, source := range s.Addrs {
		for _, server := range servers {
			if source.Is4() != server.Addr().Is4() {
				return fmt.Errorf("source %s cannot reach %s: one is IPv4, the other IPv6", source, server)
			}
		}
	}
	return nil
}

// Reach leaves the addresses of a server that have the sources' family, if any have: a name may stand for both.
func (s Sources) Reach(servers []netip.AddrPort) []netip.AddrPort {
	if len(s.Addrs) == 0 {
		return servers
	}
	var same []netip.AddrPort
	for _, server := range servers {
		if server.Addr().Is4() == s.Addrs[0].Is4() {
			same = append(same, server)
		}
	}
	if len(same) == 0 {
		return servers
	}
	return same
}

// Slice is the k-th of n workers' part of the planned ports: no two workers try the same one.
func (s Sources) Slice(k, n int) Sources {
	if s.Low == 0 {
		return s
	}
	ports := int(s.High) - int(s.Low) + 1
	low := int(s.Low)
	// Rounded as the shares of the calls are: the first ones have the most.
	upTo := func(k int) int { return (ports*k + n - 1) / n }
	s.Low, s.High = uint16(low+upTo(k)), uint16(low+upTo(k+1)-1)
	return s
}
