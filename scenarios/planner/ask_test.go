package planner

import (
	"strings"
	"testing"
	"time"

	"agistorm/analysis/capacity"
	"agistorm/scenarios"
)

// ask is 1,000 calls in 10 s with 50 ms of work each.
func ask() *Ask {
	return &Ask{Calls: 1000, In: 10 * time.Second, Work: "50ms", Confidence: DefaultConfidence, Budget: time.Minute}
}

// TestBadQuestions: each gets one line that says what is wrong.
func TestBadQuestions(t *testing.T) {
	for want, change := range map[string]func(*Ask){
		"no arrival":                   func(a *Ask) { a.In = 0 },
		"no calls":                     func(a *Ask) { a.Calls = 0 },
		"no work":                      func(a *Ask) { a.Work = "" },
		"work 0s":                      func(a *Ask) { a.Work = "0s" },
		"--arrival and --trace":        func(a *Ask) { a.Arrival, a.Trace = "burst", "x.log" },
		"--trace has its own":          func(a *Ask) { a.Trace = "x.log" },
		"give two of them":             func(a *Ask) { a.Arrival = "poisson 5/s" },
		"--like and --behaviour":       func(a *Ask) { a.Like, a.Behaviour = "go", "thread" },
		`like "asterix"`:               func(a *Ask) { a.Like = "asterix" },
		`behaviour "pool"`:             func(a *Ask) { a.Behaviour = "pool" },
		"--like is about the built-in": func(a *Ask) { a.Like, a.Unmeasured = "go", true },
		"lose 150%":                    func(a *Ask) { a.Lose = 1.5 },
		"confidence 100%":              func(a *Ask) { a.Confidence = 1 },
		"budget 1ms":                   func(a *Ask) { a.Budget = time.Millisecond },
		`find "size"`:                  func(a *Ask) { a.Find = "size" },
		"first-command timeout 40ms":   func(a *Ask) { a.FirstCommandTimeout = 40 * time.Millisecond },
		"first-command timeout 1s":     func(a *Ask) { a.Work = "lognormal 50ms p99 2s" },
		"storm.connect-timeout: 1µs":   func(a *Ask) { a.ConnectTimeout = time.Microsecond },
		"1.25s or longer, 1.2s of it for 3 round trips": func(a *Ask) { a.RTT = 400 * time.Millisecond },
		"rtt 3s":                         func(a *Ask) { a.RTT = 3 * time.Second },
		"in -1s":                         func(a *Ask) { a.In = -time.Second },
		"calls -1":                       func(a *Ask) { a.Calls = -1 },
		`arrival "brst": did you mean`:   func(a *Ask) { a.Arrival, a.In = "brst", 0 },
		"x.log: no such file":            func(a *Ask) { a.Trace, a.In, a.Calls = "x.log", 0, 0 },
		`work "file x.txt": stat x.txt:`: func(a *Ask) { a.Work = "file x.txt" },
	} {
		a := ask()
		change(a)
		_, err := New(a)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("want %q: %v", want, err)
		}
	}
}

// TestQuestion: what the user gives becomes the question.
func TestQuestion(t *testing.T) {
	for _, c := range []struct {
		change func(*Ask)
		check  func(q *capacity.Question) bool
	}{
		{func(*Ask) {}, func(q *capacity.Question) bool {
			return q.Calls == 1000 && q.Span == 10*time.Second && q.MeanWork == 50*time.Millisecond && q.Planned &&
				q.Handlers == 0 && q.Arrival == "burst in 10s" && q.FirstCommandTimeout == time.Second &&
				q.SessionTimeout == 10*time.Second && q.MostHandlers == 100_000
		}},
		{func(a *Ask) { a.Behaviour = "reuseport:4" }, func(q *capacity.Question) bool {
			return q.Planned && q.Handlers == 4 && q.MostHandlers == 256 && q.SocketEach
		}},
		{func(a *Ask) { a.Behaviour = "loop" }, func(q *capacity.Question) bool {
			return !q.Planned && q.Handlers == 1
		}},
		{func(a *Ask) { a.Like = "phpagi-xinetd" }, func(q *capacity.Question) bool {
			return !q.Planned && q.Handlers == 0
		}},
		{func(a *Ask) { a.Like = "asterisk-java" }, func(q *capacity.Question) bool {
			return q.Planned && q.Handlers == 500 && q.Behaviour == "pool:500,reject" && q.Like == "asterisk-java"
		}},
		{func(a *Ask) { a.Arrival, a.In = "constant 100/s", 0 }, func(q *capacity.Question) bool {
			return q.Calls == 1000 && q.Span == 10*time.Second // the last comes at 9.99 s, and one gap more
		}},
		{func(a *Ask) { a.Arrival, a.In = "burst", 0 }, func(q *capacity.Question) bool {
			return q.Span == 0 && q.Offered() == 50 // in the first-command timeout
		}},
		{func(a *Ask) { a.Find, a.Calls, a.Behaviour = "rate", 0, "pool:8" }, func(q *capacity.Question) bool {
			return !q.Planned && q.Handlers == 8 && q.Find == capacity.FindRate
		}},
	} {
		a := ask()
		c.change(a)
		p, err := New(a)
		if err != nil || !c.check(&p.Question) {
			t.Errorf("%+v: %v, %+v", a, err, p)
		}
	}
}

// TestUnplayable: what no simulator can play, or has no first command, is refused before anything is simulated.
func TestUnplayable(t *testing.T) {
	for want, change := range map[string]func(*scenarios.Scenario){
		"client connect-only": func(s *scenarios.Scenario) { s.Storm.Client = "connect-only" },
		"sysctl " +
			"net.ipv4.tcp_sack": func(s *scenarios.Scenario) { s.Sysctls = map[string]string{"net.ipv4.tcp_sack": "0"} },
	} {
		s, err := scenarios.Load("somaxconn")
		if err != nil {
			t.Fatal(err)
		}
		change(s)
		_, err = New(&Ask{Scenario: s, Confidence: 0.95, Budget: time.Minute})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q: %v", want, err)
		}
	}
}

// TestScenarioAsked: a scenario's first setting is the question, and what else is given goes over it.
func TestScenarioAsked(t *testing.T) {
	s, err := scenarios.Load("somaxconn")
	if err != nil {
		t.Fatal(err)
	}
	a := &Ask{Scenario: s, Confidence: 0.95, Budget: time.Minute, Work: "7ms"}
	p, err := New(a)
	if err != nil {
		t.Fatal(err)
	}
	q := p.Question
	if q.Calls != 2000 || q.Arrival != "asterisk 4" || q.MeanWork != 7*time.Millisecond || q.Handlers != 16 ||
		q.FirstCommandTimeout != 3*time.Second || p.Scenario.Sysctls["net.ipv4.tcp_syncookies"] != "1" {
		t.Errorf("%+v", q)
	}
}
