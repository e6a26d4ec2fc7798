package lab

import (
	"fmt"
	"net/netip"
	"slices"

	"agistorm/loadgen"
	"agistorm/target/netns/link"
)

// linkUp notes in an order what is between clients and server.
func (s *sweep) linkUp(o *cellOrder) (err error) {
	if !s.linked {
		return nil
	}
	o.Linked, o.Fallback, o.RTT = true, !s.options.Scenario.LinkAsked(), s.options.Scenario.RTT
	o.Storm.Sources, err = s.sources()
	return err
}

// onLoopback gives up a link that nobody asked for, and says why.
func (s *sweep) onLoopback(why string) {
	s.linked = false
	line := why + " The calls go over loopback instead, which can drop packets itself."
	s.notice(line)
	s.run.Warnings = append(s.run.Warnings, line)
}

// sources are the clients' addresses: on a link those of loopback become as many of its own.
func (s *sweep) sources() (loadgen.Sources, error) {
	sources, err := s.options.Scenario.Storm.Addresses()
	if err != nil {
		return sources, err
	}
	if s.linked {
		sources.Addrs = onLink(sources.Addrs)
		return sources, nil
	}
	for _, a := range sources.Addrs {
		if !a.IsLoopback() {
			return sources, fmt.Errorf("%w: sources: %s needs the link between clients and server; "+
				"on loopback, use addresses of 127.0.0.0/8", ErrCannotStart, a)
		}
	}
	return sources, nil
}

// onLink puts addresses of the link's own in the place of those of loopback, in order; others stay as they are.
func onLink(asked []netip.Addr) []netip.Addr {
	taken := map[netip.Addr]bool{link.Server: true, link.Client: true}
	for _, a := range asked {
		taken[a] = true
	}
	own := map[netip.Addr]netip.Addr{}
	next := link.FirstSource
	addrs := slices.Clone(asked)
	for i, a := range addrs {
		if !a.IsLoopback() {
			continue
		}
		if _, known := own[a]; !known {
			for taken[next] {
				next = next.Next()
			}
			own[a], next = next, next.Next()
		}
		addrs[i] = own[a]
	}
	return addrs
}

// describeLink fills in run.json what is between clients and server, and what the clients' addresses are there.
func (s *sweep) describeLink(sources loadgen.Sources) {
	scenario := &s.run.Scenario
	if s.linked {
		scenario.Link = linkWords(s.options.Scenario.RTT)
	}
	asked := scenario.Load["sources"]
	if words := sourceWords(sources); words != asked {
		scenario.Load["sources"] = fmt.Sprintf("%s, for %s", words, asked)
	}
}
