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

// goRules holds those about the backlog of every program whose package net chooses it. The figures are
// those of the Go that built this program.
var goRules = []Rule{
	{Name: "go-takes-somaxconn", Statement: "A Go server listens with somaxconn up to 16777214", own: true,
		Source: goSource, set: sysctls{somaxconn: 16777214}, measure: goListens},
	{Name: "go-falls-back", Statement: "Above 16777214 a Go server listens with 128", own: true,
		Source: goSource, set: sysctls{somaxconn: 16777215}, measure: goListens},
	{
		Name:      "go-reads-once",
		Statement: "A Go server reads somaxconn once: what is changed later does not reach its new listeners",
		own:       true,
		Source:    "Go's net/net.go, listenerBacklog",
		set:       sysctls{somaxconn: 64},
		measure:   goReadsOnce,
	},
}

// goListens compares Go's backlog with the one of the target's policy "go".
func goListens(*site) Finding {
	limit := number(somaxconn)
	want := must(must(spec.ParseBacklog("go")).Number(&limit))
	by := " by " + runtime.Version()
	return compareText(fmt.Sprint("backlog ", want, by), fmt.Sprint("backlog ", goBacklog(), by))
}

func goReadsOnce(s *site) Finding {
	first := goBacklog()
	s.set(somaxconn, 200)
	return compare("64 set: %d, 200 set: %d", []any{64, 64}, []any{first, goBacklog()})
}

// goBacklog returns what the kernel kept of the backlog that package net chose. An MPTCP listener, Go's
// default, hides it.
func goBacklog() int {
	var config net.ListenConfig
	config.SetMultipathTCP(false)
	l := must(config.Listen(context.Background(), "tcp4", "127.0.0.1:0"))
	raw := must(l.(*net.TCPListener).SyscallConn())
	var group probe.Group
	var q probe.QueueState
	check(raw.Control(func(fd uintptr) {
		check(group.Set(int(fd)))
		q = must(group.Queue())
	}))
	return int(q.Limit)
}
