package main

import (
	"fmt"
	"net"
	"net/netip"
	"sync/atomic"

	"agistorm/target/metrics/scrape"
)

// metricsSocket is where a page is served. It counts the connections that it accepts.
type metricsSocket struct {
	net.Listener
	accepted atomic.Uint64
}

// Accept is that of net.Listener.
func (s *metricsSocket) Accept() (net.Conn, error) {
	c, err := s.Listener.Accept()
	if err == nil {
		s.accepted.Add(1)
	}
	return c, err
}

// bound is the address; none where there is no page.
func (s *metricsSocket) bound() string {
	if s == nil {
		return ""
	}
	return s.Addr().String()
}

// place is the address as the kernel has it.
func (s *metricsSocket) place() netip.AddrPort {
	at, _ := netip.ParseAddrPort(s.bound()) // the zero one is nowhere
	return netip.AddrPortFrom(at.Addr().Unmap().WithZone(""), at.Port())
}

// showMetrics serves a page over HTTP until stop is called; nothing, and no socket, for an empty address.
func showMetrics(address string, page scrape.Page) (at *metricsSocket, stop func(), err error) {
	if address == "" {
		return nil, func() {}, nil
	}
	socket, err := net.Listen("tcp", address)
	if err != nil {
		return nil, nil, fmt.Errorf("metrics: %w", err)
	}
	at = &metricsSocket{Listener: socket}
	return at, scrape.Serve(at, page), nil
}
