package rules

import (
	"context"
	"fmt"
	"net"
	"runtime"

	"agistorm/target/probe"
	"agistorm/target/spec"
)

const goSource = "Go's net/sock_linux.go, maxListenerBacklog"

// goRules returns those about the backlog of every program whose package net chooses it. The figures are
// those of the Go that built this program.
func goRules() []Rule {
	return []Rule{
		{Name: "go-takes-somaxconn", Says: "A Go server listens with somaxconn up to 16777214", own: true,
			Source: goSource, measure: func(s *site) Finding { return goListens(s, 16777214) }},
		{Name: "go-falls-back", Says: "Above 16777214 a Go server listens with 128", own: true,
			Source: goSource, measure: func(s *site) Finding { return goListens(s, 16777215) }},
		{
			Name:    "go-reads-once",
			Says:    "A Go server reads somaxconn once: what is changed later does not reach its new listeners",
			own:     true,
			Source:  "Go's net/net.go, listenerBacklog",
			measure: sysctls{somaxconn: 64}.measure(goReadsOnce),
		},
	}
}

// goListens compares Go's backlog with the one that the target's policy "go" says.
func goListens(s *site, limit int) Finding {
	s.set(somaxconn, limit)
	policy, err := spec.ParseBacklog("go")
	s.must(err)
	want, err := policy.Number(&limit)
	s.must(err)
	by := " by " + runtime.Version()
	return compareText(fmt.Sprint("backlog ", want, by), fmt.Sprint("backlog ", s.goBacklog(), by))
}

func goReadsOnce(s *site) Finding {
	first := s.goBacklog()
	s.set(somaxconn, 200)
	return compare("64 set: %d, 200 set: %d", []any{64, 64}, []any{first, s.goBacklog()})
}

// goBacklog returns what the kernel kept of the backlog that package net chose. An MPTCP listener, Go's
// default, hides it.
func (s *site) goBacklog() int {
	var config net.ListenConfig
	config.SetMultipathTCP(false)
	l, err := config.Listen(context.Background(), "tcp4", "127.0.0.1:0")
	s.must(err)
	raw, err := l.(*net.TCPListener).SyscallConn()
	s.must(err)
	var q probe.QueueState
	err2 := raw.Control(func(fd uintptr) {
		var group probe.Group
		if err = group.Set(int(fd)); err == nil {
			q, err = group.Queue()
		}
	})
	s.must(err)
	s.must(err2)
	return int(q.Limit)
}
