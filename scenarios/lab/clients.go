package lab

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"agistorm/analysis/record"
	"agistorm/target/netns"
	"agistorm/target/netns/link"
)

// clientPlace is where a cell's clients live: in the cell's own namespace, or in one beside it at the other
// end of a link.
type clientPlace struct {
	beside *netns.Beside
	link   *link.Link
	rtt    time.Duration
}

// clientsPlace makes it ready.
func (o *cellOrder) clientsPlace() (p *clientPlace, err error) {
	p = &clientPlace{rtt: o.RTT}
	if !o.Linked {
		return p, nil
	}
	if p.beside, err = netns.NewBeside(); err != nil {
		return nil, err
	}
	err = p.do(func() error {
		_, err := o.setUp()
		return err
	})
	if err == nil {
		options := link.Options{RTT: o.RTT, Sources: o.Storm.Sources.Addrs, VethOnly: o.Fallback}
		p.link, err = link.Join(p.beside.Home(), p.beside.There(), options)
		err = explainLink(err, o.RTT)
	}
	if err != nil {
		return nil, errors.Join(err, p.close(&record.Kernel{}))
	}
	return p, nil
}

// explainLink adds how to get a link that this machine lacks, or refuses this user.
func explainLink(err error, rtt time.Duration) error {
	if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	module := "sch_netem"
	if rtt == 0 {
		module = "veth"
	}
	return fmt.Errorf("%w; load the kernel's own with `modprobe %s`, or give this user /dev/net/tun, or run it as root",
		err, module)
}

// do runs f where the clients live.
func (p *clientPlace) do(f func() error) error {
	if p.beside == nil {
		return f()
	}
	return p.beside.Do(f)
}

// counters are those of the cell.
func (p *clientPlace) counters() (record.Counters, error) { return countersWith(p.beside) }

// close ends the link, and notes how it was. Its error may be that the link ended before it was to: then
// the storm had none.
func (p *clientPlace) close(kernel *record.Kernel) (err error) {
	if p.link != nil {
		var stats link.Stats
		stats, err = p.link.Close()
		kernel.Link = linkReport(p.link.Kind, p.rtt, stats)
	}
	if p.beside != nil {
		err = errors.Join(err, p.beside.Close())
	}
	return err
}

// linkReport puts both ways together, with the worse lateness.
func linkReport(kind link.Kind, rtt time.Duration, stats link.Stats) *record.Link {
	r := &record.Link{Kind: string(kind), RTT: rtt}
	for _, d := range []link.Direction{stats.ToServer, stats.ToClient} {
		r.Forwarded += d.Packets
		r.Dropped += d.Dropped()
		r.SendDrops, r.QueueDrops = sum(r.SendDrops, d.DeviceDrops), sum(r.QueueDrops, d.QueueDrops)
		r.ReceiveDrops = sum(r.ReceiveDrops, d.ReceiveDrops)
		if d.Lateness != nil {
			r.LateP99, r.LateMax = max(r.LateP99, d.Lateness.P99), max(r.LateMax, d.Lateness.Max)
		}
	}
	return r
}

// sum of what is known; nil where neither is.
func sum(a, b *uint64) *uint64 {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	n := *a + *b
	return &n
}
