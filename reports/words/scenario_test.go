package words

import (
	"testing"
	"time"

	"agistorm/analysis/record"
)

func TestTarget(t *testing.T) {
	for want, s := range map[string]record.Scenario{
		"agi://127.0.0.1:4573/x":                    {Target: "agi://127.0.0.1:4573/x"},
		"pool of 16 handlers, 5ms of work per call": {Server: &record.Server{Behaviour: "pool:16", Work: "5ms"}},
		"of a later agistorm, 5ms of work per call": {Server: &record.Server{Behaviour: "of a later agistorm", Work: "5ms"}},
		"like go: a thread for each connection, exponential 1ms of work per call, stall 1s@2s, restart 200ms@300ms": {
			Server: &record.Server{
				Like: "go", Behaviour: "thread", Work: "exponential 1ms", Stalls: []string{"1s@2s"},
				Restarts: []string{"200ms@300ms"},
			},
		},
	} {
		if got := Target(&s); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestLink(t *testing.T) {
	for want, s := range map[string]record.Scenario{
		"": {}, "veth": {Link: "veth"}, "20ms round trip": {Link: "veth", RTT: 20 * time.Millisecond},
	} {
		if got := Link(&s); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
