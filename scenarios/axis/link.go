package axis

import (
	"cmp"
	"fmt"
	"time"
)

// rtt is the round trip between clients and server.
var rtt = Axis{
	Name: "rtt", Path: "rtt", Fact: "rtt",
	Set: func(p *Plan, value string) error {
		d, err := time.ParseDuration(value)
		if err != nil {
			return fmt.Errorf("%q: want a time with its unit, such as 20ms", value)
		}
		p.RTT = d
		return nil
	},
	Get: func(p *Plan) string { return p.RTT.String() },
}

// link is what is between clients and server.
var link = Axis{
	Name: "link", Path: "link", Fact: "link",
	Set: func(p *Plan, value string) error {
		if value != LinkVeth && value != LinkLoopback {
			return fmt.Errorf("%q: want %s or %s", value, LinkVeth, LinkLoopback)
		}
		p.Link = value
		return nil
	},
	Get: func(p *Plan) string { return cmp.Or(p.Link, LinkVeth) },
}
