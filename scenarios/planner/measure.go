package planner

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/capacity"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/analysis/summary"
	"agistorm/scenarios"
	"agistorm/scenarios/axis"
	"agistorm/scenarios/lab"
	"agistorm/target/spec"
)

// Of the storms that measure a server: few calls one after the other show the work, and a burst how many are served at
// once.
const (
	singles     = 30
	singlesPace = "constant 15/s"
	burstCalls  = 400
)

// measureDir is the run directory of these storms, in that of the plan.
const measureDir = "measured"

// roomy is a somaxconn that no measuring storm fills.
const roomy = "65535"

// measure learns of the user's own server what the question does not give.
func (p *Plan) measure(ctx context.Context, a *Ask, dir record.Dir) error {
	singly := axis.Values{
		"somaxconn": roomy, "backlog": axis.Max, "calls": strconv.Itoa(singles), "arrival": singlesPace,
	}
	burst := axis.Values{
		"somaxconn": roomy, "backlog": axis.Max, "calls": strconv.Itoa(burstCalls), "arrival": "burst",
	}
	var settings []axis.Values
	if a.Work == "" {
		settings = append(settings, singly)
	}
	if a.Behaviour == "" {
		settings = append(settings, burst)
	}
	if len(settings) == 0 {
		return nil
	}
	s, err := p.played(ctx, settings, dir)
	if err != nil {
		return err
	}
	for c := range analysis.Each(s.Cells) {
		if len(c.Repeats) == 0 {
			return fmt.Errorf("the storm that measures the server was not recorded: setting %s", c.ID)
		}
		attempts := c.Repeats[0].Raw.Attempts
		if c.Cell.Values["arrival"] == "burst" {
			err = p.takeRate(attempts)
		} else {
			err = p.takeSessions(sessionsOf(attempts), dir)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// played storms settings of the user's own server once each.
func (p *Plan) played(ctx context.Context, settings []axis.Values, dir record.Dir) (*analysis.Summary, error) {
	s := *p.Scenario
	s.Settings, s.Repeats = settings, 1
	s.Storm.Duration, s.Storm.FirstCommandTimeout, s.Storm.SessionTimeout = 0, LongSession, LongSession
	o := p.Options
	if o.Scenario = &s; s.Validate() != nil {
		return nil, s.Validate()
	}
	to, err := record.Create(dir.File(measureDir))
	if err != nil {
		return nil, err
	}
	for _, o.Isolation = range isolations() {
		if _, err = lab.Sweep(ctx, to, o); !errors.As(err, new(*lab.RefusedError)) {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	return summary.Read(to)
}

// LongSession lets a server that is measured end its sessions.
const LongSession = time.Minute

// sessionsOf are how long the server kept each call that it served, from the client's connection to its close.
func sessionsOf(attempts []record.Attempt) (all []time.Duration) {
	for i := range attempts {
		if a := &attempts[i]; a.Outcome == record.Answered && a.Connected != nil {
			all = append(all, a.Done-*a.Connected)
		}
	}
	slices.Sort(all)
	return all
}

// errNothingServed is about a server that cannot be measured.
var errNothingServed = errors.New("the server served no call, so nothing of it can be measured")

// takeSessions takes measured sessions for the work: each call draws one of them.
func (p *Plan) takeSessions(sessions []time.Duration, dir record.Dir) error {
	if len(sessions) == 0 {
		return errNothingServed
	}
	var lines strings.Builder
	for _, d := range sessions {
		fmt.Fprintln(&lines, d)
	}
	path, err := filepath.Abs(dir.File("work.txt"))
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, []byte(lines.String()), 0o666); err != nil {
		return err
	}
	p.Scenario.Target.Work = "file " + path
	p.Question.Measured = append(p.Question.Measured, capacity.FactWork)
	return nil
}

// rateOf is how many calls a second were served while the server worked on any; 0 where less than two were. Work is what
// a call takes. The server is idle while all calls that its full queue has dropped wait for their retransmission.
func rateOf(attempts []record.Attempt, work time.Duration) (rate float64, served int) {
	var ends []time.Duration
	for i := range attempts {
		if a := &attempts[i]; a.Outcome == record.Answered && a.Connected != nil {
			ends = append(ends, a.Done)
		}
	}
	slices.Sort(ends)
	busy := time.Duration(0)
	for i, end := range ends {
		if i == 0 {
			busy = work
			continue
		}
		busy += min(end-ends[i-1], work)
	}
	if served = len(ends); served < 2 || busy <= 0 {
		return 0, served
	}
	return float64(served) / busy.Seconds(), served
}

// takeRate takes the rate at which a burst was served for a number of handlers: as many as keep that pace (Little's
// law). So many as there were calls may be any number.
func (p *Plan) takeRate(attempts []record.Attempt) error {
	mean, err := meanWork(p.Scenario, p.Scenario.Seed)
	if err != nil {
		return err
	}
	rate, served := rateOf(attempts, mean)
	if rate == 0 {
		return errNothingServed
	}
	handlers := max(int(math.Round(rate*mean.Seconds())), 1)
	behaviour := spec.Pool(min(handlers, spec.MaxHandlers))
	if handlers*10 >= served*8 {
		behaviour = spec.Thread()
	}
	p.Scenario.Target.Behaviour = behaviour.String()
	p.Question.Measured = append(p.Question.Measured, capacity.FactHandlers)
	return nil
}

// own completes the question about a server of the user's own.
func (p *Plan) own(a *Ask, kind capacity.ServerKind, name string) error {
	measured := p.Question.Measured
	q, err := a.question(p.Scenario)
	if err != nil {
		return err
	}
	q.Kind, q.Server, q.Measured = kind, name, measured
	q.Handlers = handlersOr(p.Scenario, q.Handlers)
	if kind == capacity.Command {
		q.Planned = false // its handlers are its own affair
	}
	p.Question = q
	return p.readTrace()
}

// handlersOr are those of a scenario's behaviour, which were measured, or others.
func handlersOr(s *scenarios.Scenario, others int) int {
	if b, err := spec.ParseBehaviour(s.Target.Behaviour); err == nil && b.Handlers() > 0 {
		return b.Handlers()
	}
	return others
}

// observe learns of a server that runs already from the only storm that it gets.
func (p *Plan) observe(a *Ask, r *analysis.Repeat, dir record.Dir) error {
	sessions := sessionsOf(r.Raw.Attempts)
	switch {
	case r.Offered > 0 && r.Outcomes[record.Refused] == r.Offered:
		return fmt.Errorf("nothing is listening: all %d calls were refused", r.Offered)
	case len(sessions) == 0:
		return errNothingServed
	}
	alone, middle := sessions[len(sessions)/10], sessions[len(sessions)/2]
	if a.Work == "" {
		work := sessions
		if middle > 2*alone { // most have waited in the queue: the shortest have not
			work = sessions[:len(sessions)/10+1]
		}
		if err := p.takeSessions(work, dir); err != nil {
			return err
		}
	}
	if a.Behaviour == "" {
		return p.takeRate(r.Raw.Attempts)
	}
	return nil
}

// Observe answers a question about a server that runs already, from the storm of a run that it had with the question's
// load. name is its URL.
func (p *Plan) Observe(ctx context.Context, a *Ask, dir record.Dir, name string) (*capacity.Answer, error) {
	s, err := summary.Read(dir)
	if err != nil {
		return nil, err
	}
	if len(s.Cells) == 0 || len(s.Cells[0].Repeats) == 0 {
		return nil, errNothingServed
	}
	cell := &s.Cells[0]
	r := &cell.Repeats[0]
	if err := p.observe(a, r, dir); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := p.own(a, capacity.Running, name); err != nil {
		return nil, err
	}
	p.SimulateOnly = true
	limit, watched := cell.SeenBacklog()
	if watched {
		p.Scenario.Backlog = strconv.Itoa(int(limit))
	}
	answer, err := p.Answer(ctx, dir)
	if answer == nil || err != nil {
		return answer, err
	}
	if !watched {
		answer.Today, answer.HostLimit = nil, nil // it may be on another host
	}
	return answer, p.asked(answer, cell, r)
}

// asked adds the storm that a running server had, held against the model where its backlog is known.
func (p *Plan) asked(answer *capacity.Answer, cell *analysis.Cell, r *analysis.Repeat) error {
	answer.Unproven = []capacity.Reason{capacity.RunningServer}
	proof := capacity.Proof{Role: capacity.RoleAsked, Cell: cell.ID, Calls: r.Offered}
	if t := answer.Today; t != nil {
		proof.Setting = t.Setting
		predicted, err := p.predict(t.Setting, p.Question.Calls)
		if err != nil {
			return err
		}
		proof.Predicted = p.Question.Outcome(predicted)
	}
	if r.Health.Grade == analysis.HealthLimit {
		proof.Doubtful = 1
	}
	p.Question.Prove(&proof, []*metric.Storm{&r.Storm})
	answer.Proofs = append(answer.Proofs, proof)
	if r.Raw.Queue != nil {
		answer.QueueMeasured = samples(r.Raw.Queue)
	}
	answer.Searched.Storms++
	if answer.Status == capacity.Simulated && proof.Contradicts && answer.Today != nil {
		answer.Status = capacity.Contradicted
	}
	return nil
}
