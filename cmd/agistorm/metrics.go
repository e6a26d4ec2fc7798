package main

import (
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// scrapers is how many connections for metrics are served at once; more wait.
const scrapers = 16

// showMetrics serves a handler over HTTP until stop is called, and returns the address; none for an empty one.
func showMetrics(address string, handler http.Handler) (bound string, stop func(), err error) {
	if address == "" {
		return "", func() {}, nil
	}
	socket, err := net.Listen("tcp", address)
	if err != nil {
		return "", nil, fmt.Errorf("metrics: %w", err)
	}
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 5 * time.Second,
		WriteTimeout: 10 * time.Second, IdleTimeout: 5 * time.Second,
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(&limited{socket, make(chan struct{}, scrapers)}) // it ends when it is closed
	}()
	return socket.Addr().String(), func() {
		_ = server.Close() // no client needs its answers now
		<-done
	}, nil
}

// limited has a bounded number of open connections.
type limited struct {
	net.Listener
	open chan struct{}
}

// Accept waits for room first: until then the kernel's queue holds the connection.
func (l *limited) Accept() (net.Conn, error) {
	l.open <- struct{}{}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.open
		return nil, err
	}
	return &limitedConn{Conn: c, close: sync.OnceValue(func() error {
		<-l.open
		return c.Close()
	})}, nil
}

type limitedConn struct {
	net.Conn
	close func() error
}

// Close makes room for another, once.
func (c *limitedConn) Close() error { return c.close() }
