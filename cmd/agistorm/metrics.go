package main

import (
	"fmt"
	"net"

	"agistorm/target/metrics/scrape"
)

// showMetrics serves a page over HTTP until stop is called, and returns the address; none for an empty one.
func showMetrics(address string, page scrape.Page) (bound string, stop func(), err error) {
	if address == "" {
		return "", func() {}, nil
	}
	socket, err := net.Listen("tcp", address)
	if err != nil {
		return "", nil, fmt.Errorf("metrics: %w", err)
	}
	return socket.Addr().String(), scrape.Serve(socket, page), nil
}
