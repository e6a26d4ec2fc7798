package model

import (
	"reflect"
	"testing"
	"time"

	"agistorm/scenarios/arrival"
	"agistorm/target/spec"
)

// storm is a burst at a pool of 16 handlers with 5 ms of work, as Asterisk's clients play it.
func storm(calls, backlog int) *Storm {
	behaviour, err := spec.ParseBehaviour("pool:16")
	if err != nil {
		panic(err)
	}
	return &Storm{
		Starts: arrival.Burst{Calls: calls},
		Client: Client{ConnectLimit: 2 * time.Second, FirstCommandLimit: 3 * time.Second,
			SessionLimit: 10 * time.Second},
		Listener: Listener{Backlog: backlog, Syncookies: 1, LinearSYNs: 4, MaxSYNBacklog: 4096},
		Server: Server{Rules: behaviour.Rules(10_000), Sockets: 1, Commands: 2,
			Work: func(uint64) time.Duration { return 5 * time.Millisecond }},
		Seed: 1,
	}
}

// TestBurst: a burst fills the queue, and what it does not take comes back a second later; the same storm has the
// same result.
func TestBurst(t *testing.T) {
	s := storm(2000, 128)
	for _, s.Machine = range []Machine{{}, ReferenceMachine(), ReferenceMachine().ServerOnly()} {
		r, again := s.Play(Observer{}), s.Play(Observer{})
		if r.Offered != 2000 || r.Queue.Peak != 129 || r.Late == 0 || r.Lost < 1000 || r.Lost+r.Served() != 2000 {
			t.Errorf("%+v", r)
		}
		if !reflect.DeepEqual(r, again) {
			t.Error("the same storm has another result")
		}
	}
}
