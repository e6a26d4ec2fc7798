package lab

import (
	"time"

	"agistorm/analysis/record"
	"agistorm/target/netns"
	"agistorm/target/netns/wire"
)

// clientPlace is where a cell's clients live: in the cell's own namespace, or in one beside it at the other end of a link.
type clientPlace struct {
	beside *netns.Beside
	link   *wire.Link
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
		p.link, err = wire.Join(p.beside, o.RTT)
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

// counters are those of the cell; of two namespaces their sums, so that the books are the same as on loopback.
func (p *clientPlace) counters() (record.Counters, error) {
	sum, err := counters()
	if p.beside == nil || err != nil {
		return sum, err
	}
	return sum, p.beside.Do(func() error {
		there, err := counters()
		for name, n := range there {
			sum[name] += n
		}
		return err
	})
}

// close ends the link, and notes how it was.
func (p *clientPlace) close(kernel *record.Kernel) {
	if p.link != nil {
		kernel.Link = linkReport(p.link.Close(), p.rtt)
	}
	if p.beside != nil {
		_ = p.beside.Close() // the cell ends anyway
	}
}

func linkReport(s wire.Statistics, rtt time.Duration) *record.Link {
	return &record.Link{Kind: s.Kind, RTT: rtt, Forwarded: s.Forwarded, Dropped: s.Dropped, LateP99: s.LateP99, LateMax: s.LateMax}
}
