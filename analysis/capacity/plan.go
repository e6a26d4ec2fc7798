package capacity

import (
	"context"
	"errors"
	"math"

	"agistorm/scenarios/arrival"
)

// Config of a search.
type Config struct {
	Question Question
	Simulate Simulate
	// Over reports whether there is no time to simulate a storm of so many calls.
	Over func(calls int) bool
	// Host is what the server has today; nil where it is not known.
	Host *Host
}

// Host is what limits the accept queue today.
type Host struct {
	// Somaxconn of the host, and what the server gives listen(2): by policy or number, and as a number.
	Somaxconn int
	Asked     string
	Backlog   int
}

// effective is the backlog that the kernel keeps.
func (h *Host) effective() int { return min(h.Backlog, h.Somaxconn) }

// Search answers a question by simulated storms, as far as its budget goes. An error beside an answer is what ended it
// early: ErrBudget, that of the context, or a failure of a simulation.
func Search(ctx context.Context, c Config) (*Answer, error) {
	p := &planner{Config: c, answer: &Answer{Question: c.Question, OfferedLoad: c.Question.Offered()}}
	p.search = newSearch(&p.answer.Question, c.Simulate, c.Over)
	if c.Host != nil {
		p.answer.HostLimit = &c.Host.Somaxconn
	}
	err := p.plan(ctx)
	p.answer.Searched = p.searched()
	p.answer.Searched.Cut = errors.Is(err, ErrBudget)
	p.answer.Status = p.status(ctx)
	if p.answer.Status != OverBudget && errors.Is(err, ErrBudget) {
		err = nil
	}
	return p.answer, err
}

// planner puts an answer together.
type planner struct {
	Config
	*search
	answer *Answer
	// least reports whether the recommended setting is known to be the least, or the rate the highest.
	least bool
}

func (p *planner) status(ctx context.Context) Status {
	a := p.answer
	switch {
	case ctx.Err() != nil:
		return Interrupted
	case p.least && (a.Backlog != nil || a.Found != nil && a.Found.Calls > 0):
		return Simulated
	case a.Hopeless != nil || a.Found != nil && a.Found.Calls == 0:
		return Hopeless
	}
	return OverBudget
}

// inOrder does one thing after the other until one fails. What there is no time for is left out: there may be for
// others.
func inOrder(ctx context.Context, all ...func(context.Context) error) (over error) {
	for _, do := range all {
		switch err := do(ctx); {
		case errors.Is(err, ErrBudget):
			over = err
		case err != nil:
			return err
		}
	}
	return over
}

func (p *planner) plan(ctx context.Context) error {
	if p.Question.Find == FindRate {
		return p.findRate(ctx)
	}
	p.answer.Erlang = ErlangOf(&p.Question)
	if err := p.recommend(ctx); err != nil {
		return err
	}
	return inOrder(ctx, p.hopeless, p.useful, p.rows, p.today, p.scaled, p.curves, p.fillMap)
}

func (p *planner) findRate(ctx context.Context) error {
	setting := Setting{p.Question.Handlers, p.Question.Useful(p.Question.Handlers).Backlog}
	if p.Host != nil && setting.Backlog == 0 {
		setting.Backlog = p.Host.effective()
	}
	found, err := p.find(ctx, setting, arrival.MaxCalls)
	if p.least = err == nil; p.least || found.Calls > 0 {
		p.answer.Found = found
	}
	return err
}

// recommend finds handlers and backlog.
func (p *planner) recommend(ctx context.Context) (err error) {
	a, handlers := p.answer, p.Question.Handlers
	if p.Question.Planned {
		var tried int
		if handlers, tried, err = p.leastHandlers(ctx); err != nil {
			return err
		}
		if handlers == 0 {
			a.Hopeless = p.worst(max(p.Question.Handlers, min(tried, p.Question.MostHandlers)))
			a.Hopeless.Tried = tried
			return nil
		}
	}
	least, err := p.leastBacklog(ctx, handlers, p.Question.Calls)
	if least == nil {
		if err == nil {
			a.Hopeless = p.worst(handlers)
			err = p.need(ctx, a.Hopeless)
		}
		return err
	}
	a.Handlers, a.Backlog, a.Somaxconn, p.least = handlers, least, least, err == nil
	a.Utilisation = p.Question.utilisation(handlers)
	known := p.known[key{Setting{handlers, *least}, p.Question.Calls}]
	if known == nil {
		return err
	}
	outcome := known.outcome(p.Question.Calls)
	a.Recommended, a.Memory = &outcome, p.Question.memory(handlers, *least)
	return err
}

// utilisation of handlers over the arrival; nil without handlers.
func (q *Question) utilisation(handlers int) *float64 {
	if handlers == 0 {
		return nil
	}
	u := q.Offered() / float64(handlers)
	return &u
}

// worst is that no backlog helps: of what was tried with so many handlers, what lost fewest calls.
func (p *planner) worst(handlers int) *HopelessFact {
	fact := &HopelessFact{Handlers: handlers}
	found := false
	for _, k := range p.order {
		if k.Handlers != handlers || k.calls != p.Question.Calls || len(p.known[k].storms) == 0 {
			continue
		}
		if o := p.known[k].outcome(k.calls); !found || o.Lost.Median < fact.Outcome.Lost.Median {
			fact.Best, fact.Outcome, found = k.Setting, o, true
		}
	}
	return fact
}

// need finds how many handlers of the user's own server would do.
func (p *planner) need(ctx context.Context, h *HopelessFact) error {
	if p.Question.Planned || p.Question.MostHandlers == 0 {
		return nil
	}
	least, tried, err := p.leastHandlers(ctx)
	if h.Tried = tried; least > 0 && err == nil {
		h.Need = &least
	}
	return err
}

// hopeless finds out whether a backlog helps the handlers that the question gives.
func (p *planner) hopeless(ctx context.Context) error {
	given, a := p.Question.Handlers, p.answer
	if !p.Question.Planned || given == 0 || a.Backlog == nil || given >= a.Handlers {
		return nil
	}
	backlog, err := p.enough(ctx, given, p.Question.Calls, (*search).holds)
	if err != nil || backlog != nil {
		return err
	}
	a.Hopeless = p.worst(given)
	a.Hopeless.Need = &a.Handlers
	return nil
}

// useful simulates the largest useful backlog.
func (p *planner) useful(ctx context.Context) error {
	a := p.answer
	if a.Backlog == nil {
		return nil
	}
	u := p.Question.Useful(a.Handlers)
	if u.Backlog == 0 {
		return nil
	}
	held, err := p.holds(ctx, key{Setting{a.Handlers, u.Backlog}, p.Question.Calls})
	u.Tried, u.Held = err == nil, held
	a.Useful = &u
	return err
}

// factors of the least number of handlers.
var factors = []float64{1, 1.25, 1.5, 2}

func (p *planner) rows(ctx context.Context) error {
	a := p.answer
	if a.Backlog == nil {
		return nil
	}
	for _, factor := range factors {
		handlers := int(math.Ceil(float64(a.Handlers) * factor))
		if factor > 1 && (!p.Question.Planned || handlers > p.Question.MostHandlers ||
			handlers == a.Rows[len(a.Rows)-1].Handlers) {
			continue
		}
		row, err := p.row(ctx, handlers, factor)
		if err != nil {
			return err
		}
		a.Rows = append(a.Rows, *row)
	}
	return nil
}

func (p *planner) row(ctx context.Context, handlers int, factor float64) (*Row, error) {
	calls := p.Question.Calls
	row := &Row{Handlers: handlers, Factor: factor, Utilisation: p.Question.utilisation(handlers)}
	if useful := p.Question.Useful(handlers).Backlog; useful > 0 {
		row.Useful = &useful
	}
	least, err := p.leastBacklog(ctx, handlers, calls)
	if err != nil {
		return nil, err
	}
	if row.Backlog = least; least == nil {
		row.Outcome = p.worst(handlers).Outcome
		return row, nil
	}
	row.Outcome = p.known[key{Setting{handlers, *least}, calls}].outcome(calls)
	return row, nil
}

// today simulates what the host has now.
func (p *planner) today(ctx context.Context) error {
	a, host := p.answer, p.Host
	if host == nil {
		return nil
	}
	t := &Today{Somaxconn: host.Somaxconn, Asked: host.Asked, HandlersGiven: p.Question.Handlers > 0}
	t.Setting = Setting{p.Question.Handlers, host.effective()}
	if !t.HandlersGiven {
		t.Setting.Handlers = a.Handlers
	}
	if t.Setting.Handlers == 0 && p.Question.Planned {
		return nil
	}
	var err error
	t.Outcome, t.Holds, err = p.tried(ctx, t.Setting, p.Question.Calls)
	if err == nil {
		a.Today = t
	}
	return err
}

// tried returns what a setting shows, and whether it holds.
func (p *planner) tried(ctx context.Context, setting Setting, calls int) (Outcome, bool, error) {
	held, err := p.holds(ctx, key{setting, calls})
	if err != nil {
		return Outcome{}, false, err
	}
	return p.known[key{setting, calls}].outcome(calls), held, nil
}

// multiples of the calls.
var multiples = []int{2, 5, 10}

func (p *planner) scaled(ctx context.Context) error {
	a := p.answer
	if a.Backlog == nil {
		return nil
	}
	for _, factor := range multiples {
		calls := p.Question.Calls * factor
		if calls > arrival.MaxCalls {
			break
		}
		one := Scaled{Factor: factor, Calls: calls, Setting: Setting{a.Handlers, *a.Backlog}}
		var err error
		if one.Outcome, one.Holds, err = p.tried(ctx, one.Setting, calls); err != nil {
			return err
		}
		a.Scaled = append(a.Scaled, one)
	}
	return nil
}

// Bytes of a connection in the accept queue, measured on Linux 6.18 without unread data, and what is claimed of it.
const (
	queuedBytes  = 2860
	claimedBytes = 80
)

func (q *Question) memory(handlers, backlog int) *Memory {
	sockets := 1
	if q.SocketEach {
		sockets = handlers
	}
	m := &Memory{
		Queued: sockets * (backlog + 1), PerQueued: queuedBytes, Sessions: handlers, ClaimedPerQueued: claimedBytes,
	}
	m.Queue = float64(m.Queued) * m.PerQueued
	return m
}
