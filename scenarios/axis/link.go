package axis

import (
	"cmp"
	"fmt"
	"time"
)

// rtt is the round trip between clients and server.
var rtt = field("rtt", "rtt", func(p *Plan) *time.Duration { return &p.RTT },
	func(value string) (time.Duration, error) {
		d, err := time.ParseDuration(value)
		if err != nil {
			err = fmt.Errorf("%q: want a time with its unit, such as 20ms", value)
		}
		return d, err
	}, time.Duration.String)

// link is what is between clients and server.
var link = field("link", "link", func(p *Plan) *string { return &p.Link },
	func(value string) (string, error) {
		if value != LinkVeth && value != LinkLoopback {
			return "", fmt.Errorf("%q: want %s or %s", value, LinkVeth, LinkLoopback)
		}
		return value, nil
	}, func(value string) string { return cmp.Or(value, LinkVeth) })
