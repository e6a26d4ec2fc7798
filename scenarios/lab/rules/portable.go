package rules

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"time"
)

// portableRules holds those that need nothing but package net. That they hold on other systems too is what
// POSIX and RFC 9293 make one expect; here it is measured.
var portableRules = []Rule{
	{Name: "closed-port-refuses", Statement: "A port without a listener refuses a connect",
		Source: "RFC 9293, 3.5.2", measure: closedPortRefuses},
	{
		Name:      "connect-needs-no-accept",
		Statement: "A connect succeeds before the server accepts it, and what the client writes is kept",
		Source:    "listen(2)",
		measure:   connectNeedsNoAccept,
	},
	{Name: "first-come-first-accepted", Statement: "Connections are accepted in the order in which they were made",
		Source: "net/ipv4/inet_connection_sock.c, inet_csk_reqsk_queue_add", measure: firstComeFirstAccepted},
	{
		Name:      "gone-client-is-accepted",
		Statement: "A client that has given up stays in the queue: the server accepts it, and reads the end",
		Source:    "net/ipv4/tcp_input.c, tcp_fin",
		measure:   goneClientIsAccepted,
	},
	{Name: "close-resets-the-queue", Statement: "Closing the listener resets all queued connections",
		Source: "net/ipv4/inet_connection_sock.c, inet_csk_listen_stop", measure: closeResetsTheQueue},
}

// short is the timeout for anything on loopback that should come at once.
const short = 5 * time.Second

// winsock has the numbers of errors that package syscall names differently on Windows: WSAECONNRESET,
// WSAECONNREFUSED.
var winsock = struct{ reset, refused syscall.Errno }{10054, 10061}

// errorWords name errors; the first that matches counts.
type errorWords []struct {
	err  error
	word string
}

// wordOf returns the word of an error, and whether it has one; else its text.
func (words errorWords) wordOf(err error) (word string, ok bool) {
	for _, w := range words {
		if errors.Is(err, w.err) {
			return w.word, true
		}
	}
	return err.Error(), false
}

// fates are the ends of a connect, a read or a write.
var fates = errorWords{
	{nil, "success"},
	{syscall.Errno(0), "success"},
	{io.EOF, "end of file"},
	{syscall.ECONNRESET, "reset"}, {winsock.reset, "reset"},
	{syscall.ECONNREFUSED, "refused"}, {winsock.refused, "refused"},
	{syscall.ETIMEDOUT, "timed out"},
	{os.ErrDeadlineExceeded, "nothing within " + short.String()},
}

// fate returns the word for how a connect, a read or a write ended.
func fate(err error) string {
	word, _ := fates.wordOf(err)
	return word
}

// netListen listens on a free port of loopback, as any Go program does.
func netListen() *net.TCPListener {
	l := must(net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}))
	check(l.SetDeadline(time.Now().Add(short)))
	return l
}

func netDial(l net.Listener) net.Conn {
	c := must(net.DialTimeout("tcp4", l.Addr().String(), short))
	check(c.SetDeadline(time.Now().Add(short)))
	return c
}

func netAccept(l net.Listener) net.Conn {
	c := must(l.Accept())
	check(c.SetDeadline(time.Now().Add(short)))
	return c
}

func closedPortRefuses(*site) Finding {
	l := netListen()
	address := l.Addr().String()
	check(l.Close())
	c, err := net.DialTimeout("tcp4", address, short)
	if err == nil {
		defer c.Close()
	}
	return compareText("refused", fate(err))
}

func connectNeedsNoAccept(*site) Finding {
	l := netListen()
	defer l.Close()
	c := netDial(l)
	defer c.Close()
	must(io.WriteString(c, "hello"))
	peer := netAccept(l)
	defer peer.Close()
	text := make([]byte, len("hello"))
	must(io.ReadFull(peer, text))
	return compareText(
		`connected, "hello" read after the accept`,
		fmt.Sprintf("connected, %q read after the accept", text),
	)
}

func firstComeFirstAccepted(*site) Finding {
	l := netListen()
	defer l.Close()
	var made, accepted []int
	for range 5 {
		c := netDial(l)
		defer c.Close()
		made = append(made, c.LocalAddr().(*net.TCPAddr).Port)
	}
	for range made {
		peer := netAccept(l)
		defer peer.Close()
		accepted = append(accepted, peer.RemoteAddr().(*net.TCPAddr).Port)
	}
	return compareText("ports "+numbers(made), "ports "+numbers(accepted))
}

func goneClientIsAccepted(*site) Finding {
	l := netListen()
	defer l.Close()
	check(netDial(l).Close())
	peer := netAccept(l)
	defer peer.Close()
	_, err := peer.Read(make([]byte, 1))
	return compareText("accepted, then end of file", "accepted, then "+fate(err))
}

func closeResetsTheQueue(*site) Finding {
	l := netListen()
	c := netDial(l)
	defer c.Close()
	check(l.Close())
	_, err := c.Read(make([]byte, 1))
	return compareText("reset", fate(err))
}
