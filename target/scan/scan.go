// Package scan looks at all listening TCP sockets of a host: those of this process's network namespace, and of every
// other that it may enter. It changes nothing, and sends no packet.
package scan

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"agistorm/analysis/listeners"
	"agistorm/target/container"
	"agistorm/target/known"
	"agistorm/target/netns"
	"agistorm/target/probe"
)

// Now looks once. The error wraps errors.ErrUnsupported on other systems than Linux.
func Now() (*listeners.Report, error) {
	l, err := newLook()
	if err != nil {
		return nil, err
	}
	return l.report, nil
}

// Window looks twice, with a time between, or less where ctx ends before.
func Window(ctx context.Context, between time.Duration) (*listeners.Report, error) {
	before, err := newLook()
	if err != nil {
		return nil, err
	}
	select {
	case <-ctx.Done():
	case <-time.After(between):
	}
	now, err := newLook()
	if err != nil {
		return nil, err
	}
	if err := now.report.Since(before.report); err != nil {
		return nil, err
	}
	now.compareQueues(before)
	return now.report, nil
}

// look is what was seen at one moment.
type look struct {
	report *listeners.Report
	// queued connections of the listeners whose queues are full, by the cookies of both.
	queued map[uint64]map[uint64]bool
	// inodes of the listeners, in their order.
	inodes     []uint32
	containers *container.Finder
}

func newLook() (*look, error) {
	if _, err := probe.Listeners(1); err != nil { // what every other system refuses
		return nil, err
	}
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return nil, fmt.Errorf("listeners: %w", err)
	}
	l := &look{
		report:     &listeners.Report{At: time.Now(), Boot: strings.TrimSpace(string(boot))},
		queued:     map[uint64]map[uint64]bool{},
		containers: container.NewFinder(),
	}
	if err := l.namespaces(); err != nil {
		return nil, err
	}
	l.owners()
	return l, nil
}

// namespaces looks into each, its own first.
func (l *look) namespaces() error {
	all, own, hidden, err := netns.List()
	if err != nil {
		return err
	}
	l.report.Unseen.Processes, l.report.Unseen.Root = hidden, os.Geteuid() == 0
	slices.SortStableFunc(all, func(a, b netns.Inhabited) int {
		return cmp.Compare(order(a.Inode == own), order(b.Inode == own))
	})
	for _, n := range all {
		if n.Inode == own {
			if err := l.namespace(listeners.Namespace{Netns: listeners.Host, Inode: own}); err != nil {
				return err
			}
			continue
		}
		err := l.enter(n)
		switch {
		case errors.Is(err, fs.ErrPermission):
			l.report.Unseen.Namespaces++
		case err != nil && !errors.Is(err, fs.ErrNotExist): // its processes may have ended meanwhile
			return err
		}
	}
	return nil
}

func order(first bool) int {
	if first {
		return 0
	}
	return 1
}

// enter looks into the namespace of other processes, by the first of them that still lives.
func (l *look) enter(n netns.Inhabited) (err error) {
	space := listeners.Namespace{Netns: strconv.FormatUint(n.Inode, 10), Inode: n.Inode}
	for _, pid := range n.PIDs {
		space.Container = l.containers.Of(pid)
		err = probe.Inside(pid, func() error { return l.namespace(space) })
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return err
}

// namespace looks into the one of the calling thread.
func (l *look) namespace(n listeners.Namespace) error {
	sockets, err := probe.Listeners(0)
	if err != nil {
		return err
	}
	Describe(&n)
	l.report.Namespaces = append(l.report.Namespaces, n)
	for i := range sockets {
		if err := l.socket(&sockets[i], &n); err != nil {
			return err
		}
	}
	return nil
}

// Describe fills in the sysctls and counters of the calling thread's network namespace, as far as they can be read.
func Describe(n *listeners.Namespace) {
	n.Sysctls = map[string]string{}
	for _, name := range listeners.Sysctls {
		if value, err := probe.Sysctl(name); err == nil {
			n.Sysctls[name] = value
		}
	}
	if limit, err := strconv.Atoi(n.Sysctls[listeners.Sysctls[0]]); err == nil {
		n.Somaxconn = &limit
	}
	if counters, err := probe.Counters(); err == nil {
		n.Counters = map[string]uint64{}
		for _, name := range listeners.Counters {
			n.Counters[name] = counters[name]
		}
	}
}

// Listener is a socket of a namespace, without its owner.
func Listener(s *probe.Listener, n *listeners.Namespace) listeners.Listener {
	one := listeners.Listener{
		Address: s.Address.Addr().String(), Port: s.Address.Port(), Device: s.Device, Netns: n.Netns,
		Container: n.Container, UID: s.UID, Backlog: int(s.Limit), Somaxconn: n.Somaxconn, Depth: int(s.Depth),
		MPTCP: s.MPTCP, Cookie: s.Cookie,
	}
	if s.Drops != nil {
		drops := int(*s.Drops)
		one.Drops = &drops
	}
	return one
}

// Takes reports whether a connection to an address may be one of a socket that is bound to another or the same.
func Takes(bound, to netip.Addr) bool {
	return bound == to || bound.IsUnspecified() && (bound.Is6() || to.Is4())
}

// socket takes down a listener, and who waits in its queue where that is full.
func (l *look) socket(s *probe.Listener, n *listeners.Namespace) error {
	one := Listener(s, n)
	l.report.Listeners = append(l.report.Listeners, one)
	l.inodes = append(l.inodes, s.Inode)
	if !one.Full() {
		return nil
	}
	waiting, err := probe.Queued(s.Address.Port())
	if err != nil {
		return err
	}
	l.queued[s.Cookie] = map[uint64]bool{}
	for _, c := range waiting {
		if Takes(s.Address.Addr(), c.Local.Addr()) {
			l.queued[s.Cookie][c.Cookie] = true
		}
	}
	return nil
}

// owners finds the process of each listener, and what it is.
func (l *look) owners() {
	all := make([]*listeners.Listener, len(l.report.Listeners))
	for i := range l.report.Listeners {
		all[i] = &l.report.Listeners[i]
	}
	l.report.Unseen.Owners = Owners(all, l.inodes, l.containers)
}

// Owners fills in the process of each listener and what it is, by the inodes of their sockets. It returns how many
// cannot be seen.
func Owners(all []*listeners.Listener, inodes []uint32, containers *container.Finder) (unseen int) {
	held := known.Owners(inodes)
	for i, one := range all {
		owner, ok := held[inodes[i]]
		if !ok {
			unseen++
			continue
		}
		one.PID, one.Process, one.Holders = owner.PID, cmp.Or(owner.Name, owner.Program), owner.Holders
		one.Servers = known.Kinds(&owner.Process, one.Backlog)
		if c := containers.Of(owner.PID); c != nil {
			one.Container = c
		}
	}
	return unseen
}

// compareQueues finds, of the queues that are full in both looks, those that nothing came into or went from.
func (l *look) compareQueues(before *look) {
	for i := range l.report.Listeners {
		one := &l.report.Listeners[i]
		now, then := l.queued[one.Cookie], before.queued[one.Cookie]
		if now == nil || then == nil || one.Earlier == nil {
			continue
		}
		stood := stands(then, now, one.Earlier.Depth, one.Depth)
		one.Earlier.Stood = &stood
	}
}

// stands reports whether a full queue did not move: what is accepted makes room for another, so without a new
// connection nothing was. Where sockets share an address, new ones may be another's; then as many as fill this one
// must have stayed.
func stands(then, now map[uint64]bool, depthThen, depthNow int) bool {
	stayed, came := 0, 0
	for cookie := range now {
		if then[cookie] {
			stayed++
		} else {
			came++
		}
	}
	return depthNow >= depthThen && (came == 0 || stayed >= depthNow)
}
