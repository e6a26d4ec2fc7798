package lab

import (
	"fmt"
	"net/netip"
	"slices"

	"agistorm/analysis/record"
	"agistorm/loadgen"
	"agistorm/scenarios"
	"agistorm/target/netns/link"
)

// linkUp notes in an order what is between clients and server.
func (s *sandbox) linkUp(o *cellOrder, plan *scenarios.Scenario) {
	if s.linked(plan) {
		o.Linked, o.Fallback, o.RTT = true, !plan.LinkAsked(), plan.RTT
	}
}

// linked reports whether clients and server are in two namespaces.
func (s *sandbox) linked(plan *scenarios.Scenario) bool { return plan.Linked() && !s.noLink }

// onLoopback gives up a link that was not asked for.
func (s *sandbox) onLoopback(why record.Note) {
	s.noLink = true
	s.run.Warnings = append(s.run.Warnings, why)
}

// sources are the clients' addresses: on a link those of loopback become as many of its own.
func (s *sandbox) sources(plan *scenarios.Scenario) (loadgen.Sources, error) {
	addrs, err := plan.Storm.Addresses()
	if err != nil || s.linked(plan) {
		return loadgen.Sources{Addrs: onLink(addrs)}, err
	}
	for _, a := range addrs {
		if !a.IsLoopback() {
			return loadgen.Sources{}, fmt.Errorf("%w: sources: %s needs the link between clients and server; "+
				"on loopback, use addresses of 127.0.0.0/8", ErrCannotStart, a)
		}
	}
	return loadgen.Sources{Addrs: addrs}, nil
}

// onLink puts addresses of the link's own in the place of those of loopback, in order; others stay as they
// are.
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

// describeLink fills in run.json what is between clients and server, and what the clients' addresses are
// there.
func (s *sandbox) describeLink() error {
	scenario, plan := &s.run.Scenario, s.plans[s.run.Cells[0].ID]
	if s.linked(plan) {
		scenario.Link, scenario.RTT = record.LinkVeth, plan.RTT
	}
	sources, err := s.sources(plan)
	scenario.Clients = recordedClients(sources)
	return err
}
