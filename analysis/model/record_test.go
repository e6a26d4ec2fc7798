package model_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/metric"
	"agistorm/analysis/model"
	"agistorm/analysis/record"
	"agistorm/analysis/summary"
	"agistorm/scenarios/arrival"
	"agistorm/target/spec"
)

// storm is what the tests vary: a burst of Asterisk's clients at 16 handlers, on the reference machine.
func storm(behaviour string, calls, backlog int) *model.Storm {
	b, err := spec.ParseBehaviour(behaviour)
	if err != nil {
		panic(err)
	}
	return &model.Storm{
		Starts: arrival.Burst{Calls: calls},
		Client: model.Client{ConnectLimit: 2 * time.Second, FirstCommandLimit: 3 * time.Second,
			SessionLimit: 10 * time.Second, Stay: 100 * time.Millisecond},
		Listener: model.Listener{Backlog: backlog, Syncookies: 1, LinearSYNs: 4, MaxSYNBacklog: 2048},
		Server: model.Server{Rules: b.Rules(10_000), Pause: b.Pause(), Sockets: b.Sockets(), Commands: 2,
			Work: func(uint64) time.Duration { return 5 * time.Millisecond }},
		Machine: model.ReferenceMachine(), Seed: 1,
	}
}

// summarize returns what the analysis makes of the record of a storm.
func summarize(s *model.Storm) (*analysis.Repeat, *model.Result) {
	raw, result := s.Record()
	client := "asterisk"
	switch s.Client.Writes {
	case model.OneWrite:
		client = "single-write"
	case model.Nothing:
		client = record.ConnectOnly
	}
	cell := record.Cell{ID: "cell", Backlog: strconv.Itoa(s.Listener.Backlog), Somaxconn: 4096,
		Effective: s.Listener.Backlog}
	run := &record.Run{Cells: []record.Cell{cell}, Repeats: 1, Isolation: record.Isolation{Mode: record.IsolationNet},
		Scenario: record.Scenario{Calls: s.Starts.Len(), Client: client, ConnectLimit: s.Client.ConnectLimit,
			FirstCommandLimit: s.Client.FirstCommandLimit, SessionLimit: s.Client.SessionLimit}}
	sum := summary.New(run, summary.Storms{"cell": {raw}})
	return &sum.Cells[0].Repeats[0], result
}

// compared are the metrics that a storm's record must give as the storm itself does.
var compared = []string{"offered", "lost", "late", "phantom", "unaccepted", "syns-lost", "unserved", "answered",
	"connected", "connect-timeout", "reset", "closed", "silent", "refused", "slow", "p50(connect)", "p99(connect)",
	"p99(handshake)", "p50(first-command)", "p99(first-command)", "max(session)", "served", "max(queue)", "mean(queue)",
	"full(queue)", "drain(queue)"}

// TestRecord: the analysis of a record comes to the numbers of the storm, and all its checks balance.
func TestRecord(t *testing.T) {
	for name, change := range variants() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := storm("pool:16", 1000, 64)
			change(s)
			repeat, result := summarize(s)
			for _, name := range compared {
				m := metric.Named(name)
				if got, want := m.Measure(&repeat.Storm), m.Measure(&result.Storm); got != want {
					t.Errorf("%s: %+v in the summary, %+v in the result", name, got, want)
				}
			}
			for _, c := range repeat.Checks {
				if c.Residual != 0 {
					t.Errorf("check %v: residual %d", c.Rule, c.Residual)
				}
			}
			if len(repeat.Checks) < 8 {
				t.Errorf("only %d checks", len(repeat.Checks))
			}
		})
	}
}

func variants() map[string]func(*model.Storm) {
	all := map[string]func(*model.Storm){
		"cookies off":     func(s *model.Storm) { s.Listener.Syncookies = 0 },
		"abort":           func(s *model.Storm) { s.Listener.AbortOnOverflow = true },
		"one write":       func(s *model.Storm) { s.Client.Writes = model.OneWrite },
		"connect only":    func(s *model.Storm) { s.Client.Writes = model.Nothing },
		"round trip":      func(s *model.Storm) { s.Link.RTT = 20 * time.Millisecond },
		"think":           func(s *model.Storm) { s.Client.Think = 30 * time.Millisecond },
		"ideal machine":   func(s *model.Storm) { s.Machine = model.Machine{} },
		"server only":     func(s *model.Storm) { s.Machine = s.Machine.ServerOnly() },
		"one CPU":         func(s *model.Storm) { s.Machine.CPUs = 1 },
		"impatient":       func(s *model.Storm) { s.Client.FirstCommandLimit = 20 * time.Millisecond },
		"old kernel":      func(s *model.Storm) { s.Listener.LinearSYNs, s.Client.ConnectLimit = 0, 5*time.Second },
		"long connect":    func(s *model.Storm) { s.Server.Stalls, s.Client.ConnectLimit = longStall, 3*time.Minute },
		"stall":           func(s *model.Storm) { s.Server.Stalls = []spec.Disturbance{{For: time.Second, At: 0}} },
		"several sockets": func(s *model.Storm) { s.Server = storm("reuseport:4", 0, 0).Server },
	}
	for _, b := range []string{"pool:4,reject", "pool:4,hoard", "prefork:8", "fork:8,2ms", "loop", "async",
		"async:100us", "thread", "env-in-accept"} {
		all[b] = func(s *model.Storm) { s.Server = storm(b, 0, 0).Server }
	}
	return all
}

var longStall = []spec.Disturbance{{For: 4 * time.Minute, At: 0}}

// TestRestart: what is queued is reset, and who comes while the port is closed is refused.
func TestRestart(t *testing.T) {
	for _, behaviour := range []string{"pool:4", "xinetd:50,500ms"} {
		s := storm(behaviour, 1000, 64)
		s.Starts = mustParse("constant 1000/s", 1000)
		if behaviour == "pool:4" {
			s.Server.Restarts = []spec.Disturbance{{For: 300 * time.Millisecond, At: 400 * time.Millisecond}}
		}
		repeat, result := summarize(s)
		if result.Outcomes[record.Refused] < 100 || result.Outcomes[record.Reset] < 1 || result.Served() == 0 ||
			repeat.Lost != result.Lost {
			t.Errorf("%s: %v", behaviour, result.Outcomes)
		}
	}
}

func mustParse(text string, calls int) arrival.Schedule {
	s, err := arrival.Parse(text, arrival.Options{Calls: calls})
	if err != nil {
		panic(err)
	}
	return s
}

// TestLoss: a wire that loses packets makes calls late, and one that loses all loses all calls.
func TestLoss(t *testing.T) {
	s := storm("thread", 2000, 4096)
	s.Starts = mustParse("constant 1000/s", 2000)
	for _, c := range []struct{ loss, least, most float64 }{{0.01, 0.005, 0.04}, {0.1, 0.1, 0.3}} {
		s.Link.Loss = c.loss
		r := s.Play(model.Observer{})
		if late := float64(r.Late) / 2000; late < c.least || late > c.most || r.Lost > 200 {
			t.Errorf("%v of the packets lost: %d late, %v", c.loss, r.Late, r.Outcomes)
		}
	}
	if s.Link.Loss = 1; s.Play(model.Observer{}).Outcomes[record.ConnectTimeout] != 2000 {
		t.Error("nothing arrives, and calls are connected")
	}
}

// Example of a storm, and of what it comes to.
func Example() {
	s := storm("pool:16", 2000, 128)
	s.Machine = model.Machine{}
	r := s.Play(model.Observer{})
	fmt.Println(r.Offered, r.Lost, r.Late, r.Queue.Peak)
	// Output: 2000 1614 241 129
}
