package link

import (
	"fmt"
	"time"
)

// joinVeth makes a pair, with netem if there is a delay. If it fails nothing is left.
func joinVeth(sides pair, client int, rtt time.Duration) (*Link, error) {
	request := vethRequest(deviceName, serverEnd.hardware, clientEnd.hardware, client)
	if err := sides.server.do("veth", request); err != nil {
		return nil, err
	}
	err := sides.setUp()
	if err == nil {
		err = sides.introduce()
	}
	kind := Veth
	if err == nil && rtt > 0 {
		kind, err = Netem, sides.delay(rtt)
	}
	if err != nil {
		_ = sides.takeAway() // the first error tells more
		return nil, err
	}
	return &Link{Kind: kind, end: sides.endVeth}, nil
}

// introduce tells each end who the other is: a first SYN would wait for ARP, and only a few could (unres_qlen_bytes).
func (p pair) introduce() error {
	if err := p.server.do("neighbour", neighbourRequest(p.server.index, Client, clientEnd.hardware)); err != nil {
		return err
	}
	return p.client.do("neighbour", neighbourRequest(p.client.index, Server, serverEnd.hardware))
}

// delay gives each side half of the round trip.
func (p pair) delay(rtt time.Duration) error {
	if err := p.server.do("netem", netemRequest(p.server.index, rtt/2)); err != nil {
		return err
	}
	return p.client.do("netem", netemRequest(p.client.index, rtt-rtt/2))
}

// takeAway takes the pair away, of which the one end is known if there is one.
func (p pair) takeAway() error {
	i, err := p.server.look(deviceName)
	if err != nil {
		return err
	}
	return p.server.do("take away", deleteRequest(i.index))
}

func (p pair) endVeth() (Stats, error) {
	defer p.close()
	var s Stats
	server, client := p.loads()
	s.ToServer.DeviceDrops, s.ToClient.DeviceDrops = drops(client), drops(server)
	if server != nil {
		s.ToServer.Packets = server.received
	}
	if client != nil {
		s.ToClient.Packets = client.received
	}
	if err := p.takeAway(); err != nil {
		return s, fmt.Errorf("link: %w", err)
	}
	return s, nil
}
