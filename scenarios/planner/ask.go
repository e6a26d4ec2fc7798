// Package planner plays what a plan asks for: it makes the question of what the user gives, simulates settings for the
// search, and storms what the search recommends on this kernel.
package planner

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"agistorm/analysis/capacity"
	"agistorm/scenarios"
	"agistorm/scenarios/arrival"
	"agistorm/scenarios/axis"
	"agistorm/target/spec"
	"agistorm/target/work"
)

// Ask is a question as the user gives it; what is empty or 0 was not given.
type Ask struct {
	// Scenario that the rest goes over; nil for none.
	Scenario *scenarios.Scenario
	// Calls that come In a time, by an Arrival or as a Trace of a call log has them.
	Calls          int
	In             time.Duration
	Arrival, Trace string
	// Work of each call, at a server that is Like a well-known one or has a Behaviour.
	Work, Like, Behaviour string
	// Unmeasured: the server is the user's own, so what is not given of it is measured.
	Unmeasured bool

	ConnectTimeout, FirstCommandTimeout time.Duration
	RTT                                 time.Duration
	Lose, Confidence                    float64
	Budget                              time.Duration
	Find                                string
	Seed                                uint64
}

// Defaults of a question.
const (
	DefaultConnectTimeout      = 2 * time.Second
	DefaultFirstCommandTimeout = time.Second
	DefaultConfidence          = 0.95
	DefaultBudget              = 2 * time.Minute
	// leastSession is how long a caller stays at least, as in a scenario.
	leastSession = 10 * time.Second
)

// Check returns what is wrong with a question, before anything is read or measured.
func (a *Ask) Check() error {
	for _, check := range []func() error{a.checkArrival, a.checkServer, a.checkNumbers} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (a *Ask) checkArrival() error {
	switch {
	case a.Arrival != "" && a.Trace != "":
		return errors.New("--arrival and --trace both say when calls come: give one of them")
	case a.Trace != "" && (a.In > 0 || a.Calls > 0):
		return errors.New("--trace has its own calls and times: leave out --calls and --in")
	case a.Arrival != "" && a.In > 0 && a.Calls > 0:
		return errors.New("--calls, --in and --arrival: give two of them")
	case a.In < 0:
		return fmt.Errorf("in %v: want a time above 0s, such as 10s", a.In)
	case a.Calls < 0 || a.Calls > arrival.MaxCalls:
		return fmt.Errorf("calls %d: want 1 to %d", a.Calls, arrival.MaxCalls)
	}
	return a.checkGiven()
}

// checkGiven finds out whether it is said how many calls come, and when.
func (a *Ask) checkGiven() error {
	switch {
	case a.Scenario != nil || a.Trace != "":
		return nil
	case a.Arrival == "" && a.In == 0:
		return errors.New("no arrival: say in which time the calls come, such as --in 10s, or how, " +
			`such as --arrival burst`)
	case a.Calls == 0 && a.Find == "" && (a.Arrival == "" || a.In == 0):
		return errors.New("no calls: say how many come, such as --calls 5000")
	}
	return nil
}

func (a *Ask) checkServer() error {
	switch {
	case a.Like != "" && a.Behaviour != "":
		return errors.New("--like and --behaviour both say how the server works: give one of them")
	case a.Unmeasured && a.Like != "":
		return errors.New("--like is about the built-in server, and there is one of your own: leave it out")
	case a.Scenario == nil && a.Work == "" && !a.Unmeasured:
		return errors.New("no work: say how long a call keeps a handler busy, such as --work 50ms")
	}
	return nil
}

func (a *Ask) checkNumbers() error {
	switch {
	case a.Lose < 0 || a.Lose >= 1:
		return fmt.Errorf("lose %v%%: want 0%% to less than 100%% of the calls", a.Lose*100)
	case a.Confidence < 0.5 || a.Confidence > 0.9999:
		return fmt.Errorf("confidence %v%%: want 50%% to 99.99%%", a.Confidence*100)
	case a.Budget < time.Second:
		return fmt.Errorf("budget %v: want 1s or more, such as 2m", a.Budget)
	case a.Find != "" && a.Find != string(capacity.FindRate):
		return fmt.Errorf("find %q: want %s", a.Find, capacity.FindRate)
	case a.RTT < 0 || a.RTT > scenarios.MaxRTT:
		return fmt.Errorf("rtt %v: want 0s to %v", a.RTT, scenarios.MaxRTT)
	}
	return nil
}

// scenario returns what has the question's storm and target.
func (a *Ask) scenario() (*scenarios.Scenario, error) {
	s := scenarios.Defaults()
	s.Name, s.Backlog = "plan", axis.Max
	s.Storm.FirstCommandTimeout = DefaultFirstCommandTimeout
	if a.Scenario != nil {
		first, err := a.Scenario.Cell(a.Scenario.Settings[0])
		if err != nil {
			return nil, err
		}
		s = *first
	}
	s.Settings, s.Matrix, s.Gates = nil, nil, nil
	a.fillStorm(&s)
	err := a.fillTarget(&s)
	return &s, err
}

func (a *Ask) fillStorm(s *scenarios.Scenario) {
	storm := &s.Storm
	switch {
	case a.Trace != "":
		storm.Arrival, storm.Calls, storm.Duration = "trace "+a.Trace, 0, 0
	case a.Arrival != "":
		storm.Arrival, storm.Calls, storm.Duration = a.Arrival, a.Calls, a.In
	case a.In > 0:
		storm.Arrival, storm.Duration = "burst in "+a.In.String(), 0
	}
	storm.Calls = cmp.Or(a.Calls, storm.Calls)
	if a.Find != "" && storm.Calls == 0 && storm.Duration == 0 && !arrival.IsTrace(storm.Arrival) {
		storm.Calls = someCalls
	}
	storm.ConnectTimeout = cmp.Or(a.ConnectTimeout, storm.ConnectTimeout)
	storm.FirstCommandTimeout = cmp.Or(a.FirstCommandTimeout, storm.FirstCommandTimeout)
	s.RTT, s.Seed = cmp.Or(a.RTT, s.RTT), cmp.Or(a.Seed, s.Seed)
}

// someCalls are those with which a search for the highest rate begins.
const someCalls = 1000

func (a *Ask) fillTarget(s *scenarios.Scenario) error {
	t := &s.Target
	t.Work, t.Behaviour = cmp.Or(a.Work, t.Work), cmp.Or(a.Behaviour, t.Behaviour)
	if a.Behaviour != "" {
		t.Like = ""
	}
	if a.Like == "" {
		return nil
	}
	like, err := spec.ParseLike(a.Like)
	t.Like, t.Behaviour, s.Backlog = a.Like, like.Behaviour.String(), like.Backlog.String()
	return err
}

// question is what a scenario asks.
func (a *Ask) question(s *scenarios.Scenario) (q capacity.Question, err error) {
	if client := s.Storm.Caller(); !client.Kind().SpeaksAGI {
		return q, fmt.Errorf("client %s: a plan needs callers that wait for their first command", client.Name)
	}
	behaviour, err := spec.ParseBehaviour(s.Target.Behaviour)
	if err != nil {
		return q, err
	}
	schedule, err := s.Schedule()
	if err != nil {
		return q, err
	}
	q = capacity.Question{
		Calls: schedule.Len(), Span: spanOf(a, schedule), Arrival: s.Storm.Arrival, Work: s.Target.Work,
		Like:      s.Target.Like,
		Behaviour: behaviour.String(), Kind: capacity.BuiltIn,
		ConnectTimeout: s.Storm.ConnectTimeout, FirstCommandTimeout: s.Storm.FirstCommandTimeout, RTT: s.RTT,
		Lose: a.Lose, Confidence: a.Confidence, Budget: a.Budget, Find: capacity.Find(a.Find), Seed: s.Seed,
	}
	if strings.HasPrefix(s.Storm.Arrival, "poisson") { // in a time alone, each seed has another number of calls
		s.Storm.Calls, s.Storm.Duration = q.Calls, 0
	}
	handlersOf(&q, behaviour)
	if a.Scenario == nil && a.Like == "" && a.Behaviour == "" {
		q.Handlers = 0 // nobody has said how many there are
	}
	if q.Find != capacity.FindNothing {
		q.Planned, q.Handlers = false, cmp.Or(q.Handlers, behaviour.Handlers())
	}
	return q, takeWork(&q, s)
}

// spanOf is the time in which calls come: from the first to the last, and one gap more.
func spanOf(a *Ask, s arrival.Schedule) time.Duration {
	if a.In > 0 {
		return a.In
	}
	last, n := s.At(s.Len()-1)-s.At(0), s.Len()
	if n < 2 {
		return last
	}
	return time.Duration(float64(last) * float64(n) / float64(n-1))
}

// mostPlanned handlers: beyond them no behaviour can be asked for.
const mostPlanned = spec.MaxHandlers

// handlersOf fills in how many handlers a behaviour has, and whether their number can be another.
func handlersOf(q *capacity.Question, b spec.Behaviour) {
	rules := b.Rules(math.MaxInt)
	switch {
	case b.Handlers() > 0 && rules.Rate == 0:
		q.Planned, q.Handlers, q.MostHandlers = true, b.Handlers(), mostHandlers(b)
		q.SocketEach = b.Sockets() > 1 || rules.OwnSockets
	case rules.WorkBlocks:
		q.Handlers = 1
	}
}

// mostHandlers is the largest N that a behaviour can have.
func mostHandlers(b spec.Behaviour) int {
	if _, err := b.WithHandlers(fmt.Sprint(mostPlanned)); err == nil {
		return mostPlanned
	}
	return spec.MaxLoops
}

// drawn is how many works are drawn at least to know the distribution.
const drawn = 20_000

// takeWork fills in the mean of the work, and how long callers stay.
func takeWork(q *capacity.Question, s *scenarios.Scenario) error {
	all, err := works(s, q.Seed, q.Calls)
	if err != nil {
		return err
	}
	q.MeanWork = mean(all)
	if err := checkWait(q, all[len(all)*99/100], s.Storm.Caller().Kind().LineByLine); err != nil {
		return err
	}
	longest := max(leastSession, 10*q.FirstCommandTimeout, 2*all[len(all)-1])
	q.SessionTimeout = min(longest, work.Max)
	s.Storm.SessionTimeout, s.Storm.FirstCommandTimeout = q.SessionTimeout, q.SessionTimeout
	return nil
}

// checkWait refuses work, and round trips, that keep too many callers longer than they may wait, whatever serves them:
// the first command comes behind both. It takes two round trips, and three of a client that writes line by line.
func checkWait(q *capacity.Question, p99 time.Duration, lineByLine bool) error {
	trips := 2
	if lineByLine {
		trips = 3
	}
	switch wire := time.Duration(trips) * q.RTT; {
	case p99 >= q.FirstCommandTimeout:
		return fmt.Errorf("first-command timeout %v: 1 %% of the calls work %v or longer before their first command; "+
			"want a longer timeout, or less work", q.FirstCommandTimeout, p99.Round(time.Millisecond))
	case p99+wire >= q.FirstCommandTimeout:
		return fmt.Errorf("first-command timeout %v: 1 %% of the calls need %v or longer, %v of it for %d round "+
			"trips; want a longer timeout", q.FirstCommandTimeout, (p99 + wire).Round(time.Millisecond), wire, trips)
	}
	return nil
}

// works are those of at least so many calls, sorted.
func works(s *scenarios.Scenario, seed uint64, calls int) ([]time.Duration, error) {
	w, err := work.Parse(s.Target.Work, scenarios.OpenRegular)
	if err != nil {
		return nil, err
	}
	if w.None() {
		return nil, fmt.Errorf("work %s: want more than 0s", s.Target.Work)
	}
	all := make([]time.Duration, max(calls, drawn))
	for i := range all {
		all[i] = w.At(seed, uint64(i))
	}
	slices.Sort(all)
	return all, nil
}

func mean(all []time.Duration) time.Duration {
	sum := 0.0
	for _, d := range all {
		sum += float64(d)
	}
	return time.Duration(sum / float64(len(all)))
}

// meanWork of the calls of a scenario.
func meanWork(s *scenarios.Scenario, seed uint64) (time.Duration, error) {
	all, err := works(s, seed, 0)
	if err != nil {
		return 0, err
	}
	return mean(all), nil
}
