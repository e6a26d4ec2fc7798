package lab

import (
	"time"

	"agistorm/analysis/record"
	"agistorm/target/netns"
	"agistorm/target/netns/link"
)

// clientPlace is where a cell's clients live: in the cell's own namespace, or in one beside it at the other end of a link.
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
		p.link, err = link.Join(p.beside.Home(), p.beside.There(), o.RTT)
	}
	if err != nil {
		p.close(&record.Kernel{})
		return nil, err
	}
	return p, nil
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

// close ends the link, and notes how it was.
func (p *clientPlace) close(kernel *record.Kernel) {
	if p.link != nil {
		stats, _ := p.link.Close() // its devices go with the cell anyway
		kernel.Link = linkReport(p.link.Kind, p.rtt, stats)
	}
	if p.beside != nil {
		_ = p.beside.Close() // the cell ends anyway
	}
}

// linkReport puts both ways together, with the worse lateness.
func linkReport(kind link.Kind, rtt time.Duration, stats link.Stats) *record.Link {
	r := &record.Link{Kind: string(kind), RTT: rtt}
	for _, d := range []link.Direction{stats.ToServer, stats.ToClient} {
		r.Forwarded += d.Packets
		r.Dropped += d.QueueFull + d.WriteFailed
		if d.DeviceDrops != nil {
			r.Dropped += *d.DeviceDrops
		}
		if d.Lateness != nil {
			r.LateP99, r.LateMax = max(r.LateP99, d.Lateness.P99), max(r.LateMax, d.Lateness.Max)
		}
	}
	return r
}
