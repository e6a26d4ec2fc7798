package rules

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"

	"agistorm/target/netns"
	"agistorm/target/probe"
)

const (
	somaxconn         = "net.core.somaxconn"
	syncookies        = "net.ipv4.tcp_syncookies"
	abortOverflow     = "net.ipv4.tcp_abort_on_overflow"
	synLinearTimeouts = "net.ipv4.tcp_syn_linear_timeouts"
	// everyKernels is a sysctl that every kernel has, to prove that sysctls can be read.
	everyKernels = "net.ipv4.tcp_syn_retries"
)

// sysctls of a rule's own namespace.
type sysctls map[string]int

// site is where a rule is measured: a process that ends with it, and closes its sockets by that.
type site struct {
	// own: the network namespace was made for this rule.
	own bool
}

// sysctl returns the value of one. The rule is lacking where the kernel has none of that name.
func sysctl(name string) string {
	value, err := probe.Sysctl(name)
	proveMissing(name, err)
	check(err)
	return value
}

// proveMissing ends a rule whose sysctl is not there, if others are.
func proveMissing(name string, err error) {
	if !errors.Is(err, fs.ErrNotExist) {
		return
	}
	_, other := probe.Sysctl(everyKernels)
	check(other)
	lack("this kernel has no %s in a network namespace like this (%s is there)", name, everyKernels)
}

func number(name string) int {
	return must(strconv.Atoi(sysctl(name)))
}

// set writes a sysctl of the rule's own namespace, and makes sure that it took.
func (s *site) set(name string, value int) {
	if !s.own {
		check(fmt.Errorf("%s is not set outside of a namespace of our own", name))
	}
	err := netns.SetSysctl(name, strconv.Itoa(value))
	proveMissing(name, err)
	check(err)
	if got := number(name); got != value {
		check(fmt.Errorf("%s was set to %d and is %d", name, value, got))
	}
}
