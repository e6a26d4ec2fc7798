package axis

import (
	"fmt"
	"slices"
	"strings"

	"agistorm/loadgen/caller"
)

// client is the kind of client. All of them speak AGI, so that all settings count the same success.
var client = Axis{
	Name: "client", Path: "storm.client", Fact: "client", Plain: true,
	Set: func(p *Plan, value string) error {
		speaking := caller.Names(func(k caller.Kind) bool { return k.SpeaksAGI })
		switch {
		case !slices.Contains(speaking, value):
			return fmt.Errorf("%q: want %s", value, strings.Join(speaking, " or "))
		case !p.Storm.Caller().Kind().SpeaksAGI:
			return fmt.Errorf("%q: the storm's client is %s, and all settings must count the same success", value,
				p.Storm.Client)
		}
		p.Storm.Client = value
		return nil
	},
	Get: func(p *Plan) string { return p.Storm.Client },
}
