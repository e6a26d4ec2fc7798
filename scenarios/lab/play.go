package lab

import (
	"context"
	"errors"
	"maps"
	"net/netip"
	"sync"
	"time"

	"agistorm/analysis/record"
	"agistorm/target/probe"
)

// cell is a storm in one cell while it is prepared, played and written.
type cell struct {
	*cellOrder
	kernel  *record.Kernel
	clients *clientPlace
	target  *child
	storm   *workers
	watch   *counterWatch
}

// cellRole plays one storm: it sets the cell up, starts the target and the storm beside it, each a process of
// its own, and reads the kernel's counters around them. It answers when all is prepared, then waits for the
// word "go"; when the storm is over; and when the record is written.
func cellRole(p *parent) error {
	var order cellOrder
	if err := p.order(&order); err != nil {
		return err
	}
	c := &cell{cellOrder: &order, kernel: &record.Kernel{Sampler: ownPriority()}}
	defer c.kill()
	err := inTurn(c.prepare, func() error { return p.next(&struct{}{}) })
	if err != nil {
		return err
	}
	p.endWithParent(func() {})
	return inTurn(c.play, p.done, c.write, p.lastAnswer)
}

// prepare sets the cell up and starts target and workers: side by side where the workers know the server's
// address beforehand.
func (c *cell) prepare() (err error) {
	if c.kernel.Sysctls, err = c.setUp(); err != nil {
		return err
	}
	if c.clients, err = c.clientsPlace(); err != nil {
		return err
	}
	address, err := netip.ParseAddrPort(c.Target.Listen)
	if err != nil {
		return err
	}
	if c.bindsFirst(address) {
		if address, err = c.startTarget(); err != nil {
			return err
		}
		return c.startStorm(address)
	}
	var failed error
	var beside sync.WaitGroup
	beside.Go(func() { failed = c.startStorm(address) })
	_, err = c.startTarget()
	beside.Wait()
	return errors.Join(err, failed)
}

// bindsFirst reports whether the target must listen before the workers make their sockets: only then is its
// port known, or sure not to be taken by a client whose port is planned.
func (c *cell) bindsFirst(address netip.AddrPort) bool {
	port, s := address.Port(), c.Storm.Sources
	return port == 0 || !c.Linked && s.Low <= port && port <= s.High
}

// startTarget starts the target and returns where it listens.
func (c *cell) startTarget() (address netip.AddrPort, err error) {
	// The cell's own end ends its children: their input closes.
	if c.target, err = startChild(context.Background(), roleTarget, nil); err != nil {
		return address, err
	}
	var l listening
	if err := c.target.ask(c.Target, &l); err != nil {
		return address, err
	}
	if err := c.check(l); err != nil {
		return address, err
	}
	return netip.ParseAddrPort(l.Address)
}

// startStorm lets the workers prepare a storm at the server.
func (c *cell) startStorm(server netip.AddrPort) error {
	order := c.Storm
	order.Addresses = []netip.AddrPort{server}
	return c.clients.do(func() (err error) {
		c.storm, err = startWorkers(context.Background(), order, c.Workers, nil)
		return err
	})
}

// play plays the storm at the target, which gets its first instant, until nothing moves any more.
func (c *cell) play() (err error) {
	if c.kernel.Before, err = c.clients.counters(); err != nil {
		return err
	}
	epoch := probe.Monotonic() + headStart
	if err := c.target.ask(epochOrder{Epoch: epoch}, nil); err != nil {
		return err
	}
	machine := watchMachine(append(c.storm.cpu(), ownCPU, parentCPU, c.target.cpu)...)
	c.watch = watchCounters(c.clients.counters, c.kernel.Before, epoch)
	err = c.storm.run(context.Background(), epoch, nil)
	c.kernel.Others = machine.others()
	c.watch.stop()
	if err != nil {
		return err
	}
	c.kernel.After, err = settle(c.clients.counters, c.targetIsIdle, c.RTT)
	return err
}

// targetIsIdle reports whether the target has nothing more to do.
func (c *cell) targetIsIdle() (bool, error) {
	var state targetState
	err := c.target.ask(targetWord{}, &state)
	return state.Idle, err
}

// write lets target and workers write their parts of the record and end, and writes the kernel's.
func (c *cell) write() error {
	var stormFailed error
	var storm sync.WaitGroup
	storm.Go(func() { stormFailed = c.storm.finish() })
	err := c.target.ask(targetWord{Over: true}, nil)
	if err == nil {
		err = c.target.end()
	}
	storm.Wait()
	err = errors.Join(err, stormFailed, c.watch.write(c.Dir), c.clients.close(c.kernel))
	c.clients = nil
	if err != nil || c.kernel.Before == nil {
		return err
	}
	return c.Dir.WriteKernel(c.kernel)
}

// kill ends what still runs.
func (c *cell) kill() {
	if c.storm != nil {
		c.storm.kill()
	}
	if c.target != nil {
		c.target.kill()
	}
	if c.clients != nil {
		_ = c.clients.close(c.kernel) // the first failure is the cause
	}
}

// Times of settle.
const (
	// longestQuiet is how long after the last attempt the counters are read at the latest, on loopback.
	longestQuiet = 150 * time.Millisecond
	// stillFor is how long nothing may have moved to be sure that nothing does.
	stillFor = 20 * time.Millisecond
)

// settle waits after the last attempt until nothing moves any more, and returns the kernel's counters as they
// are then: two readings in a row agree, and idle reports true. On a link the readings are a round trip
// further apart, since a packet under way is not counted. It waits for longestQuiet and two round trips at
// most: retransmissions to phantoms and other traffic of a host may never end.
func settle(
	read func() (record.Counters, error), idle func() (bool, error), rtt time.Duration,
) (record.Counters, error) {
	end := time.Now().Add(longestQuiet + 2*rtt)
	last, err := read()
	for err == nil && time.Now().Before(end) {
		time.Sleep(min(stillFor+rtt, time.Until(end)))
		var still bool
		if still, err = idle(); err != nil {
			break
		}
		before := last
		if last, err = read(); err == nil && still && last != nil && maps.Equal(before, last) {
			break
		}
	}
	return last, err
}
