// Package scrape serves one page over HTTP/1.1 to those who scrape it. Package net/http would do that too, and make the
// program 2 MB larger by TLS and HTTP/2, which no scraper of a loopback port asks for.
package scrape

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// Path is where the page is.
const Path = "/metrics"

// The limits of a request. A client that reaches one costs nobody else more than its place.
const (
	// Clients is how many connections are served at once; more wait in the kernel.
	Clients = 32
	// longest is the most bytes of a request's head.
	longest = 8 << 10
	// readTime is the longest time for a request to arrive, writeTime that for its answer to leave.
	readTime  = 5 * time.Second
	writeTime = 10 * time.Second
)

// Page is what a client gets.
type Page struct {
	// ContentType says what Write writes.
	ContentType string
	// Write writes the page as it is now. It is called for each request, by several at once.
	Write func(io.Writer) error
}

// Serve answers requests on a socket until stop is called, which closes it and all connections. Each connection has one
// request: there is nothing to keep alive, or to send ahead.
func Serve(socket net.Listener, page Page) (stop func()) {
	s := &server{Page: page, open: map[net.Conn]bool{}, loopback: isLoopback(socket.Addr())}
	places, stopped := make(chan struct{}, Clients), make(chan struct{})
	s.all.Go(func() {
		for {
			select {
			case places <- struct{}{}:
			case <-stopped:
				return
			}
			c, err := socket.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err != nil { // such as no descriptor left
				<-places
				time.Sleep(10 * time.Millisecond)
				continue
			}
			s.all.Go(func() {
				s.serve(c)
				<-places
			})
		}
	})
	return sync.OnceFunc(func() {
		close(stopped)
		_ = socket.Close()
		s.closeAll()
		s.all.Wait()
	})
}

type server struct {
	Page
	loopback bool
	all      sync.WaitGroup
	lock     sync.Mutex
	open     map[net.Conn]bool
	closed   bool
}

// hold keeps a connection for the end, unless that has come.
func (s *server) hold(c net.Conn) bool {
	s.lock.Lock()
	defer s.lock.Unlock()
	if !s.closed {
		s.open[c] = true
	}
	return !s.closed
}

func (s *server) release(c net.Conn) {
	s.lock.Lock()
	defer s.lock.Unlock()
	delete(s.open, c)
}

func (s *server) closeAll() {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.closed = true
	for c := range s.open {
		_ = c.Close()
	}
}

func (s *server) serve(c net.Conn) {
	defer c.Close()
	if !s.hold(c) {
		return
	}
	defer s.release(c)
	_ = c.SetReadDeadline(time.Now().Add(readTime))
	r, err := readRequest(c)
	if err != nil && !errors.As(err, new(status)) {
		return // it has gone, or said nothing in time
	}
	answer := s.answer(r, err)
	_ = c.SetWriteDeadline(time.Now().Add(writeTime))
	_, _ = c.Write(answer) // the client may have gone
}

// answer returns the whole answer to a request, or to what was wrong with it.
func (s *server) answer(r request, err error) []byte {
	var wrong status
	if !errors.As(err, &wrong) {
		wrong = s.judge(r)
	}
	var body bytes.Buffer
	contentType := s.ContentType
	if wrong == "" {
		if err := s.Write(&body); err != nil {
			wrong = unable
		}
	}
	if wrong != "" {
		contentType = "text/plain; charset=utf-8"
		body.Reset()
		fmt.Fprintln(&body, wrong)
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n",
		orOK(wrong), contentType, body.Len())
	if wrong == badMethod {
		fmt.Fprint(&out, "Allow: GET, HEAD\r\n")
	}
	fmt.Fprint(&out, "\r\n")
	if r.method != "HEAD" {
		_, _ = body.WriteTo(&out) // a buffer takes all
	}
	return out.Bytes()
}

func orOK(s status) status {
	if s == "" {
		return "200 OK"
	}
	return s
}

// judge returns what is wrong with a request that could be read; empty if nothing is.
func (s *server) judge(r request) status {
	path, _, _ := strings.Cut(r.target, "?")
	switch {
	case r.method != "GET" && r.method != "HEAD":
		return badMethod
	case path != Path:
		return notFound
	case s.loopback && !isLocalName(r.host):
		return otherHost
	}
	return ""
}

// status is an answer other than 200, with its reason (RFC 9110).
type status string

// Error makes a status an error of readRequest.
func (s status) Error() string { return string(s) }

const (
	badRequest status = "400 Bad Request"
	otherHost  status = "403 Forbidden: on a loopback address only localhost and IP addresses are hosts"
	notFound   status = "404 Not Found: the page is " + Path
	badMethod  status = "405 Method Not Allowed"
	tooLong    status = "431 Request Header Fields Too Large"
	unable     status = "500 Internal Server Error"
	badVersion status = "505 HTTP Version Not Supported"
)

// request is what matters of one.
type request struct{ method, target, host string }

// head is that of a request, which is read line by line.
type head struct {
	in      *bufio.Reader
	limited *io.LimitedReader
}

// readRequest reads the head of a request (RFC 9112). The error is a status, or that of the reader.
func readRequest(from io.Reader) (r request, err error) {
	limited := &io.LimitedReader{R: from, N: longest}
	h := head{bufio.NewReader(limited), limited}
	line, err := h.line()
	if err != nil {
		return r, err
	}
	fields := strings.Split(line, " ")
	if len(fields) != 3 || !strings.HasPrefix(fields[2], "HTTP/") {
		return r, badRequest
	}
	r.method, r.target = fields[0], fields[1]
	if fields[2] != "HTTP/1.1" && fields[2] != "HTTP/1.0" {
		return r, badVersion
	}
	hosts, err := h.hosts()
	if err == nil && (len(hosts) > 1 || len(hosts) == 0 && fields[2] == "HTTP/1.1") {
		err = badRequest
	}
	if len(hosts) > 0 {
		r.host = hosts[0]
	}
	return r, err
}

// hosts reads the fields up to the empty line, and returns the values of Host.
func (h head) hosts() (all []string, err error) {
	for {
		line, err := h.line()
		if err != nil || line == "" {
			return all, err
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || name == "" || strings.ContainsAny(name, " \t") {
			return all, badRequest
		}
		if strings.EqualFold(name, "Host") {
			all = append(all, strings.Trim(value, " \t"))
		}
	}
}

// line returns the next one without its end.
func (h head) line() (string, error) {
	line, err := h.in.ReadString('\n')
	if err == io.EOF && h.limited.N == 0 {
		return "", tooLong
	}
	return strings.TrimRight(line, "\r\n"), err
}

func isLoopback(a net.Addr) bool {
	at, err := netip.ParseAddrPort(a.String())
	return err == nil && at.Addr().IsLoopback()
}

// isLocalName reports whether a Host is one that no name server can have given: a page of the web whose name was made
// to mean 127.0.0.1 (DNS rebinding) sends its own.
func isLocalName(host string) bool {
	if host == "" { // HTTP/1.0
		return true
	}
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil
}
