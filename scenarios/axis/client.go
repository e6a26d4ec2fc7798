package axis

import (
	"fmt"

	"agistorm/loadgen/caller"
)

// client is who calls: only clients that speak AGI, so that all settings count the same success.
var client = Axis{
	Name: "client", Path: "storm.client", Fact: "client", Plain: true,
	Set: func(p *Plan, value string) error {
		switch {
		case value != caller.Asterisk && value != caller.SingleWrite:
			return fmt.Errorf("%q: want %s or %s", value, caller.Asterisk, caller.SingleWrite)
		case p.Storm.Client == caller.ConnectOnly:
			return fmt.Errorf("%q: the storm's client is connect-only, and all settings must count the same success", value)
		}
		p.Storm.Client = value
		return nil
	},
	Get: func(p *Plan) string { return p.Storm.Client },
}
