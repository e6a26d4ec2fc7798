// Package listeners judges the accept queues of servers that run: what shortens them, what they drop, and what to
// change. It measures nothing: target/scan fills in what the kernel says.
package listeners

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"agistorm/analysis/finding"
	"agistorm/analysis/gate"
	"agistorm/target/container"
)

// Report is what was seen of all listeners, and what it means.
type Report struct {
	Version string `json:"version,omitempty"`
	// At is when the kernel was asked, and Boot the kernel's number for the time since it started: sockets of
	// another have other cookies.
	At   time.Time `json:"at"`
	Boot string    `json:"boot"`
	// Window is how long before that it was asked for the first time; 0 where it was asked once.
	Window     time.Duration `json:"window_ns,omitempty"`
	Namespaces []Namespace   `json:"namespaces"`
	Listeners  []Listener    `json:"listeners"`
	Unseen     Unseen        `json:"unseen,omitzero"`
	Gates      *gate.Verdict `json:"gates,omitempty"`
}

// Host is the name of the network namespace of this process.
const Host = "host"

// Namespace is a network namespace.
type Namespace struct {
	// Netns is Host, or the inode.
	Netns     string               `json:"netns"`
	Inode     uint64               `json:"inode"`
	Container *container.Container `json:"container,omitempty"`
	// Somaxconn is nil where it cannot be read: before Linux 6.3 in a namespace that is not root's.
	Somaxconn *int              `json:"somaxconn"`
	Sysctls   map[string]string `json:"sysctls,omitempty"`
	// Counters since the namespace began, and Grown what they grew by within the window.
	Counters map[string]uint64 `json:"counters,omitempty"`
	Grown    map[string]uint64 `json:"grown,omitempty"`
}

// Sysctls and Counters are those of a Namespace, in the order in which they are shown.
var (
	Sysctls = []string{"net.core.somaxconn", "net.ipv4.tcp_syncookies", "net.ipv4.tcp_max_syn_backlog",
		"net.ipv4.tcp_abort_on_overflow"}
	Counters = []string{"ListenOverflows", "ListenDrops", "SyncookiesSent", "TCPReqQFullDrop"}
)

// Listener is a listening TCP socket.
type Listener struct {
	// Address without its port; of all interfaces it is 0.0.0.0 or ::.
	Address string `json:"address"`
	Port    uint16 `json:"port"`
	// Device is the index of the interface that it is bound to.
	Device uint32 `json:"device,omitempty"`
	Netns  string `json:"netns"`
	// PID and Process that listen, with Holders of the socket; 0 and empty where they cannot be seen.
	PID       int                  `json:"pid,omitempty"`
	Process   string               `json:"process,omitempty"`
	Holders   []int                `json:"holders,omitempty"`
	UID       uint32               `json:"uid"`
	Container *container.Container `json:"container,omitempty"`
	// Servers are the kinds of well-known server that it may be.
	Servers []string `json:"server_kinds,omitempty"`

	Backlog int `json:"effective_backlog"`
	// Somaxconn of its namespace; nil where it cannot be read.
	Somaxconn *int `json:"somaxconn"`
	// Depth is how many connections wait in its accept queue.
	Depth int `json:"depth"`
	// Drops since it listens; nil where the kernel does not report them.
	Drops *int `json:"drops"`
	MPTCP bool `json:"mptcp,omitempty"`
	// Socket K of so many that share the address (SO_REUSEPORT), from 1 on; both are 0 for one that is alone.
	Socket  int `json:"socket,omitempty"`
	Sockets int `json:"sockets,omitempty"`
	// Cookie is the kernel's number for the socket: no other has or had the same until it starts again.
	Cookie uint64 `json:"cookie,string"`
	// Earlier is what an earlier look saw of the same socket; nil without one.
	Earlier *Earlier `json:"earlier,omitempty"`
	// New sockets began to listen within the window.
	New bool `json:"new,omitempty"`

	// Findings, the worst first, and Advice: the words for what to do, nil where there is nothing.
	Findings []finding.Finding `json:"findings"`
	Advice   *finding.Finding  `json:"advice,omitempty"`
}

// Earlier is what an earlier look saw of a listener.
type Earlier struct {
	Depth int  `json:"depth"`
	Drops *int `json:"drops"`
	// Stood: its queue was full then and is full now, and no connection has come into it or gone from it. Nil
	// where that is not known.
	Stood *bool `json:"stood,omitempty"`
}

// Unseen is what could not be seen without further rights.
type Unseen struct {
	// Namespaces that could not be entered, and Processes whose namespace is not known.
	Namespaces int `json:"namespaces,omitempty"`
	Processes  int `json:"processes,omitempty"`
	// Owners of so many listeners.
	Owners int `json:"owners,omitempty"`
	// Root was not allowed more.
	Root bool `json:"root,omitempty"`
}

// Holds is how many connections fill the queue (sk_acceptq_is_full in the kernel's include/net/sock.h).
func (l *Listener) Holds() int { return l.Backlog + 1 }

// Full reports whether the queue is full.
func (l *Listener) Full() bool { return l.Depth > l.Backlog }

// Endpoint is the address with its port.
func (l *Listener) Endpoint() string { return net.JoinHostPort(l.Address, strconv.Itoa(int(l.Port))) }

// Dropped is what it dropped within the window, or since it listens where there is none; nil where that is not known.
func (l *Listener) Dropped() *int {
	if l.Earlier == nil || l.Drops == nil || l.Earlier.Drops == nil {
		return l.Drops
	}
	n := int(uint32(*l.Drops) - uint32(*l.Earlier.Drops)) // the kernel's counter has 32 bits, and wraps
	return &n
}

// Axes returns what selectors of gates can name of a listener.
func (l *Listener) Axes() map[string]string {
	all := map[string]string{
		"address": l.Address, "port": strconv.Itoa(int(l.Port)), "netns": l.Netns, "process": l.Process,
		"pid": strconv.Itoa(l.PID),
	}
	if l.Container != nil {
		all["container"] = l.Container.Short()
	}
	return all
}

// CheckWord returns an error for a word that can mean no listener: an empty one, or an address with a port that is
// none.
func CheckWord(what string) error {
	if strings.TrimSpace(what) == "" {
		return errors.New("a listener is named by its port, address, process or container, got an empty word")
	}
	host, port, err := net.SplitHostPort(what)
	if err != nil {
		return nil // no address with a port
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return fmt.Errorf("%q: port %q is not a number from 1 to 65535", what, port)
	}
	if host != "" && host != "localhost" && net.ParseIP(host) == nil {
		return fmt.Errorf("%q: %q is neither an IP address nor localhost; want such as 127.0.0.1:%s", what, host, port)
	}
	return nil
}

// Matches returns the listeners that a word means: those of a port, of a process where none has such a port, of an
// address with or without a port, or of a container by its name or ID.
func (r *Report) Matches(what string) (all []Listener) {
	number, err := strconv.Atoi(what)
	host, port, withPort := net.SplitHostPort(what)
	for _, is := range []func(*Listener) bool{
		func(l *Listener) bool { return err == nil && number == int(l.Port) },
		func(l *Listener) bool { return err == nil && (number == l.PID || slices.Contains(l.Holders, number)) },
		func(l *Listener) bool { return sameAddress(l.Address, what) },
		func(l *Listener) bool {
			return withPort == nil && strconv.Itoa(int(l.Port)) == port && (host == "" || takes(l.Address, host))
		},
		func(l *Listener) bool { return l.Container != nil && l.Container.Is(what) },
	} {
		for i := range r.Listeners {
			if is(&r.Listeners[i]) {
				all = append(all, r.Listeners[i])
			}
		}
		if len(all) > 0 {
			return all
		}
	}
	return nil
}

// takes reports whether a socket on an address takes connections to a host.
func takes(address, host string) bool {
	bound, to := net.ParseIP(address), net.ParseIP(host)
	if to == nil && host == "localhost" {
		return bound.IsLoopback() || bound.IsUnspecified()
	}
	return to != nil && (bound.Equal(to) || bound.IsUnspecified() && (to.To4() != nil || bound.To4() == nil))
}

func sameAddress(a, b string) bool {
	ip := net.ParseIP(b)
	return ip != nil && net.ParseIP(a).Equal(ip) || b == "localhost" && net.ParseIP(a).IsLoopback()
}
