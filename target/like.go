package target

import (
	"fmt"
	"strings"
)

// Like is a server of the field, as far as the kernel's queue shows it: how it takes its connections and which backlog
// it asks for. It is an imitation of the listen side only: what the server does with a call, how fast and in
// which language, is not in it. Work, script and limits stay yours.
type Like struct {
	Name, Words string
	Behaviour   Behaviour
	Backlog     Backlog
}

// likes are the servers found in the wild, with the defaults of their own sources.
var likes = []Like{
	{"pystrix", "Python, a thread for each connection, without limit", Thread(), Max()},
	{"panoramisk", "Python asyncio, one event loop", Behaviour{kind: "loop"}, Fixed(100)},
	{"starpy", "Python on Twisted, one reactor", Behaviour{kind: "loop"}, Fixed(50)},
	{"pyst2", "Python, a process for each connection, 40 at once", Pool(40), Fixed(5)},
	{"asterisk-java", "Java, a pool of up to 500 threads that closes what it cannot serve", Behaviour{kind: "pool,reject", n: 500}, Fixed(200)},
	{"asternet", ".NET, a pool of 10 that accepts everything", Behaviour{kind: "pool,hoard", n: 10}, Max()},
	{"ding-dong", "Node.js, one event loop", Behaviour{kind: "loop"}, Fixed(511)},
	{"phpagi-xinetd", "PHP under xinetd, a process for each call; more than 50 in a second, and the port is closed for 10 s",
		Behaviour{kind: "xinetd,D", n: 50, off: 10e9}, Fixed(64)},
	{"asterisk-fastagi", "Perl on Net::Server::PreFork, up to 50 processes", Behaviour{kind: "prefork", n: 50}, Backlog{policy: "const"}},
	{"exfastagi", "Elixir on gen_tcp, a process for each connection", Thread(), Fixed(5)},
	{"go", "Go's package net, a goroutine for each connection", Thread(), Backlog{policy: "go"}},
}

// Likes are the servers that ParseLike knows.
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
	return Like{}, fmt.Errorf("like %q: want one of %s", name, strings.Join(names, ", "))
}
