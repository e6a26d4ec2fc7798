package spec

import (
	"fmt"
	"strings"
	"time"

	"agistorm/scenarios/near"
)

// Like is a well-known server, as far as the kernel's queue shows it: how it takes its connections and
// which backlog it asks for. It is an imitation of the listen side only: what the server does with a call,
// how fast and in which language, is not in it. Work, script and limits stay yours.
type Like struct {
	Name, Words string
	// Scripts are those that it stands for, and what stands for the others: an event loop is one server to
	// a script that waits, and another to one that blocks it.
	Scripts   string
	Behaviour Behaviour
	Backlog   Backlog
}

// Scripts that several servers stand for.
const (
	anyScript     = "any script: each call has a thread or process of its own"
	waitingScript = "scripts that wait without blocking the loop (%s); one that blocks it is --behaviour loop"
)

// likes are the servers found in the wild, with the defaults of their own sources. `make likes` holds each
// against what the real server served under the same storm.
var likes = []Like{
	{"pystrix", "Python, a thread for each connection, without limit", anyScript, Thread(), Max()},
	{"panoramisk", "Python asyncio, one event loop", fmt.Sprintf(waitingScript, "await"),
		Behaviour{form: "async:COST", time: interpreterEvent}, Fixed(100)},
	{"starpy", "Python on Twisted, one reactor", fmt.Sprintf(waitingScript, "Deferred"),
		Behaviour{form: "async:COST", time: interpreterEvent}, Fixed(50)},
	{"pyst2", "Python, a process for each connection, 40 at once", anyScript,
		Behaviour{form: "fork:N,COST", n: 40, time: pyst2Fork}, Fixed(5)},
	{"asterisk-java", "Java, a pool of up to 500 threads that closes what it cannot serve", anyScript,
		Behaviour{form: "pool:N,reject", n: 500}, Fixed(200)},
	{"asternet", ".NET, a pool of 10 that accepts " +
		"everything", anyScript, Behaviour{form: "pool:N,hoard", n: 10}, Max()},
	{"ding-dong", "Node.js, one event loop", fmt.Sprintf(waitingScript, "promises, callbacks"),
		Behaviour{form: "async"}, Fixed(511)},
	{"phpagi-xinetd",
		"PHP under xinetd, a process for each call; more than 50 in a second, and the port is closed for 10 s",
		anyScript, Behaviour{form: "xinetd:N,D", n: 50, time: 10 * time.Second}, Fixed(64)},
	{"asterisk-fastagi", "Perl on Net::Server::PreFork, up to 50 processes", anyScript,
		Behaviour{form: "prefork:N", n: 50}, Backlog{policy: "const"}},
	{"exfastagi", "Elixir on gen_tcp, a process for each connection",
		"any script: a process of the Erlang machine blocks no other", Thread(), Fixed(5)},
	{"go", "Go's package net, a goroutine for each connection", "any script: a goroutine blocks no other",
		Thread(), Backlog{policy: "go"}},
}

// pyst2Fork is about what a fork of a small CPython takes. With it a burst of 500 calls with 5 ms of work
// each is served as the real one serves it, 25 to 43 of them; a pool of 40 serves 92.
const pyst2Fork = 300 * time.Microsecond

// interpreterEvent is about what an event costs CPython 3.11. Twisted 22.4 takes 32 to 37 us to accept one
// of 40 connections that come together, 9 to 10 us to read a line, and 29 to 34 us for a reply and the next
// command; asyncio takes 84 to 96 us, 14 to 33 us, and 27 to 35 us. With one cost for all events, 20 us
// came closest to what the real servers serve of a burst of 500 calls; with 30 us fewer are served.
const interpreterEvent = 20 * time.Microsecond

// Likes returns the servers that ParseLike takes.
func Likes() []Like { return append([]Like(nil), likes...) }

// ParseLike takes the name of a server.
func ParseLike(name string) (Like, error) {
	var names []string
	for _, l := range likes {
		if l.Name == name {
			return l, nil
		}
		names = append(names, l.Name)
	}
	return Like{}, fmt.Errorf("like %q: want one of %s%s", name, strings.Join(names, ", "), near.Hint(name, names))
}
