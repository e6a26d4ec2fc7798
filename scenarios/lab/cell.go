package lab

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"agistorm/analysis/record"
	"agistorm/target/netns"
	"agistorm/target/probe"
)

// cellOrder is one storm in one cell.
type cellOrder struct {
	// Isolated cells set up the namespace they live in; others only read it.
	Isolated bool
	// Sysctls to set and to read back.
	Sysctls map[string]string
	// Swept sysctls are read, too, where the kernel has them.
	Swept []string
	// Effective backlog that the kernel must keep.
	Effective int
	Target    targetOrder
	Storm     stormOrder
	// Linked cells have their clients in a namespace of their own, RTT away.
	Linked bool
	RTT    time.Duration
	// Workers that play the storm, at least one.
	Workers int
	Dir     record.RepeatDir
}

// quiet is how long after the last attempt the kernel's counters are read, on loopback: the last FINs have passed by then.
const quiet = 150 * time.Millisecond

// quiet is that of the cell: on a link the last FIN has to get there, and the answers to it to come back and there again.
func (o *cellOrder) quiet() time.Duration { return quiet + 2*o.RTT }

// headStart is what the processes get between the word "go" and the storm's first instant.
const headStart = 20 * time.Millisecond

// cellRole plays one storm: it sets the cell up, starts the target and the storm
// beside it, each a process of its own, and reads the kernel's counters around them.
func cellRole(p *parent) error {
	var order cellOrder
	if err := p.order(&order); err != nil {
		return err
	}
	p.endWithParent(func() {})
	kernel := &record.Kernel{Sampler: ownPriority()}
	var err error
	if kernel.Sysctls, err = order.setUp(); err != nil {
		return err
	}
	if err := order.play(kernel); err != nil {
		return err
	}
	if kernel.Before != nil {
		if err := order.Dir.WriteKernel(kernel); err != nil {
			return err
		}
	}
	return p.lastAnswer()
}

// setUp sets the cell's sysctls and returns them, and all others that matter, as the kernel has them now.
func (o *cellOrder) setUp() (map[string]string, error) {
	if !o.Isolated {
		return readSysctls(), nil
	}
	if err := netns.LoopbackUp(); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(o.Sysctls)) {
		if err := setSysctl(name, o.Sysctls[name]); err != nil {
			return nil, err
		}
	}
	values := readSysctls()
	for name := range o.Sysctls {
		if _, listed := values[name]; !listed {
			value, err := probe.Sysctl(name)
			if err != nil {
				return nil, err
			}
			values[name] = value
		}
	}
	for _, name := range o.Swept {
		if value, err := probe.Sysctl(name); err == nil {
			values[name] = value
		}
	}
	return values, nil
}

// setSysctl sets a sysctl of the cell and reads it back.
func setSysctl(name, value string) error {
	err := netns.SetSysctl(name, value)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s cannot be set in a network namespace: this kernel has it for the whole host only, or not at all", name)
	}
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%s cannot be set in a network namespace: it is there to read only (%w)", name, err)
	}
	if err != nil {
		return fmt.Errorf("setting %s to %s: %w", name, value, err)
	}
	got, err := probe.Sysctl(name)
	if err != nil {
		return err
	}
	if want := strings.Join(strings.Fields(value), " "); got != want {
		return fmt.Errorf("%s was set to %s, but the kernel kept %s", name, want, got)
	}
	return nil
}

// play runs the target and the storm, and fills in the kernel's counters.
func (o *cellOrder) play(kernel *record.Kernel) (err error) {
	ctx := context.Background() // the cell's own end ends its children: their input closes
	clients, err := o.clientsPlace()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, clients.close(kernel)) }()
	server, err := startChild(ctx, roleTarget, nil)
	if err != nil {
		return err
	}
	defer server.kill()
	var ready listening
	if err := server.ask(o.Target, &ready); err != nil {
		return err
	}
	if err := o.check(ready); err != nil {
		return err
	}
	if err := o.storm(ctx, server, clients, ready.Address, kernel); err != nil {
		return err
	}
	if err := server.ask(struct{}{}, nil); err != nil {
		return err
	}
	return server.end()
}

// check holds the effective backlog against the rule, min(backlog, somaxconn).
func (o *cellOrder) check(l listening) error {
	if l.Effective != nil && *l.Effective != o.Effective {
		return fmt.Errorf("listen(2) with backlog %s kept a backlog of %d, want %d: the kernel does not do min(backlog, somaxconn) here",
			o.Target.Backlog, *l.Effective, o.Effective)
	}
	return nil
}

// storm plays the storm at the target, which is told when it begins.
func (o *cellOrder) storm(ctx context.Context, target *child, clients *clientPlace, address string, kernel *record.Kernel) error {
	server, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	o.Storm.Addresses = []netip.AddrPort{server}
	var storm *workers
	if err := clients.do(func() (err error) {
		storm, err = startWorkers(ctx, o.Storm, o.Workers, nil)
		return err
	}); err != nil {
		return err
	}
	defer storm.kill()
	if kernel.Before, err = clients.counters(); err != nil {
		return err
	}
	epoch := probe.Monotonic() + headStart
	if err := target.ask(epochOrder{Epoch: epoch}, nil); err != nil {
		return err
	}
	machine := watchMachine(append(storm.cpu(), ownCPU, parentCPU, target.cpu)...)
	watch := watchCounters(clients.counters, kernel.Before, epoch)
	err = storm.play(ctx, epoch, nil)
	watch.stop()
	kernel.Others = machine.others()
	if err := errors.Join(err, watch.write(o.Dir)); err != nil {
		return err
	}
	time.Sleep(o.quiet())
	kernel.After, err = clients.counters()
	return err
}
