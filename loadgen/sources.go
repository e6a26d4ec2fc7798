package loadgen

import (
	"fmt"
	"net/netip"
	"slices"

	"agistorm/loadgen/engine"
)

// Sources are the client's own addresses, and the ports that are planned for each before the
// storm. The zero value leaves both to the kernel.
type Sources engine.Sources

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

// Reach leaves the addresses of a server that have the sources' family, if any have: a name may stand for
// both.
func (s Sources) Reach(servers []netip.AddrPort) []netip.AddrPort {
	if len(s.Addrs) == 0 {
		return servers
	}
	same := slices.DeleteFunc(slices.Clone(servers), func(server netip.AddrPort) bool {
		return server.Addr().Is4() != s.Addrs[0].Is4()
	})
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
