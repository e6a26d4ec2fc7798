package lab

import (
	"context"
	"errors"
	"maps"
	"net/netip"
	"sync"
	"time"

	"agistorm/analysis/record"
	"agistorm/target/netns/link"
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
	if c.Server != nil {
		return c.targetFirst() // its port is its own affair
	}
	address, err := netip.ParseAddrPort(c.Target.Listen)
	if err != nil {
		return err
	}
	if c.bindsFirst(address) {
		return c.targetFirst()
	}
	var failed error
	var beside sync.WaitGroup
	beside.Go(func() { failed = c.startStorm(address) })
	_, err = c.startTarget()
	beside.Wait()
	return errors.Join(err, failed)
}

// targetFirst starts the target, and then the workers.
func (c *cell) targetFirst() error {
	address, err := c.startTarget()
	if err != nil {
		return err
	}
	return c.startStorm(address)
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
	order := any(c.Target)
	if c.Server == nil {
		c.target, err = startChild(context.Background(), roleTarget, nil)
	} else {
		c.target, err = startServerChild()
		order = c.Server
	}
	if err != nil {
		return address, err
	}
	var l listening
	if err := c.target.ask(order, &l); err != nil {
		return address, err
	}
	if err := c.check(l); err != nil {
		return address, err
	}
	if address, err = netip.ParseAddrPort(l.Address); c.Server != nil && c.Linked {
		address = netip.AddrPortFrom(link.Server, address.Port())
	}
	return address, err
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
	listened := listenersOf(nil)
	epoch := probe.Monotonic() + headStart
	if err := c.target.ask(epochOrder{Epoch: epoch}, nil); err != nil {
		return err
	}
	server := c.target.cpu
	if c.Server != nil {
		server = c.serverCPU
	}
	machine := watchMachine(append(c.storm.cpu(), ownCPU, parentCPU, server)...)
	c.watch = watchCounters(c.clients.counters, c.kernel.Before, epoch)
	err = c.storm.run(context.Background(), epoch, nil)
	c.kernel.Others = machine.others()
	c.watch.stop()
	if err != nil {
		return err
	}
	if err := awaitDrain(c.queued, c.Storm.Limits.Session); err != nil {
		return err
	}
	if c.Server != nil { // beside the built-in target nothing listens
		c.kernel.Listeners = dropped(listened, listenersOf(nil), c.storm.order.Addresses[0].Port())
	}
	c.kernel.After, _, err = settle(c.clients.counters, c.targetIsIdle, longestQuiet+2*c.RTT, stillFor+c.RTT)
	return err
}

// targetIsIdle reports whether the target has nothing more to do.
func (c *cell) targetIsIdle() (bool, error) {
	var state targetState
	err := c.target.ask(targetWord{}, &state)
	return state.Idle, err
}

// queued is how many connections the target has not accepted yet.
func (c *cell) queued() (int, error) {
	var state targetState
	err := c.target.ask(targetWord{}, &state)
	return state.Queued, err
}

// serverCPU is what the user's own server has used, with the process that follows it.
func (c *cell) serverCPU() (time.Duration, error) {
	var state targetState
	if err := c.target.ask(targetWord{}, &state); err != nil {
		return 0, err
	}
	own, err := c.target.cpu()
	return own + state.CPU, err
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

// settle waits until nothing moves any more, at most so long, and returns the kernel's counters as they are
// then: two readings in a row, so far apart, agree, and idle reports true. quiet reports whether they did:
// retransmissions to phantoms and other traffic of a host may never end. On a link the readings must be more
// than a round trip apart, since a packet under way is not counted.
func settle(
	read func() (record.Counters, error), idle func() (bool, error), atMost, apart time.Duration,
) (last record.Counters, quiet bool, err error) {
	end := time.Now().Add(atMost)
	last, err = read()
	for err == nil && !quiet && time.Now().Before(end) {
		time.Sleep(min(apart, time.Until(end)))
		var still bool
		if still, err = idle(); err != nil {
			break
		}
		before := last
		last, err = read()
		quiet = err == nil && still && last != nil && maps.Equal(before, last)
	}
	return last, quiet, err
}
