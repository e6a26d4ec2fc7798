package planner

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/capacity"
	"agistorm/analysis/metric"
	"agistorm/analysis/model"
	"agistorm/analysis/record"
	"agistorm/analysis/summary"
	"agistorm/scenarios"
	"agistorm/scenarios/axis"
	"agistorm/scenarios/lab"
	"agistorm/target/command"
)

// errNoNamespace is about a machine that gives none: it can only simulate.
var errNoNamespace = errors.New("no namespace")

// proof storms settings on this kernel, one at a time.
type proof struct {
	*Plan
	answer     *capacity.Answer
	dir        record.Dir
	experiment *lab.Experiment
	proven     []proven
	// first is the place of the recommended setting among them.
	first int
	// longest storm so far, with its preparation and record.
	longest time.Duration
}

// proven is one setting that is stormed.
type proven struct {
	role    capacity.Role
	setting capacity.Setting
	calls   int
	values  axis.Values
	cell    record.Cell
	// storms that were played, and needed so far.
	storms, needed int
	// predicted storms; nil before they are asked for.
	predicted []*metric.Storm
}

// play storms the settings as long as that tells more and the budget lasts, and adds the proofs to the answer.
func (p *proof) play(ctx context.Context) error {
	p.choose()
	err := p.hardest()
	if err == nil {
		err = p.begin(ctx)
	}
	if err != nil && p.experiment != nil {
		_, err = p.experiment.End(err)
	}
	if err != nil {
		return err
	}
	failure := p.storms(ctx)
	run, err := p.experiment.End(failure)
	if run == nil {
		return err
	}
	return errors.Join(err, p.conclude())
}

// storms plays what tells more as long as there is time.
func (p *proof) storms(ctx context.Context) error {
	for next := p.next(); next != nil; next = p.next() {
		err := p.storm(ctx, next)
		if err == nil && next == &p.proven[p.first] {
			err = p.review()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// certain is how many storms that miss the limits are no chance: then the setting is given up.
const certain = 2

// review changes what is to be stormed by what the storms of the recommended setting show: more of them where one alone
// missed the limits, a larger setting where several did that are not doubtful.
func (p *proof) review() error {
	first := &p.proven[p.first]
	shown, err := p.soFar(first)
	if err != nil {
		return err
	}
	if shown.Missed-shown.Doubtful < certain || first.role != capacity.RoleRecommended {
		first.needed = max(first.needed, capacity.NeededBeside(min(shown.Missed, certain-1), p.Question.Confidence))
		return nil
	}
	larger, ok := p.answer.Larger(shown)
	if !ok || p.left() < 1 {
		return nil
	}
	return p.recommend(larger)
}

// soFar is what the storms of a setting show until now.
func (p *proof) soFar(one *proven) (*capacity.Proof, error) {
	if err := p.experiment.Wait(); err != nil {
		return nil, err
	}
	s, err := summary.Read(p.dir)
	if err != nil {
		return nil, err
	}
	return p.proofOf(one, s)
}

// recommend puts a setting in the place of the recommended one.
func (p *proof) recommend(setting capacity.Setting) error {
	simulated, err := p.seeds(setting)
	if err != nil {
		return err
	}
	given := &p.proven[p.first]
	given.role, given.needed = capacity.RoleSimulated, given.storms
	p.answer.Raise(setting, simulated)
	for i := range p.proven {
		if p.proven[i].setting == setting { // the largest useful one
			p.proven[i].role, p.first = capacity.RoleRecommended, i
			return nil
		}
	}
	p.first = len(p.proven)
	p.add(capacity.RoleRecommended, setting, p.Question.Calls)
	p.proven[p.first].cell, err = p.experiment.Cell(p.proven[p.first].values)
	return err
}

// raisedSeeds are the storms that are simulated of a setting that the search has not tried.
const raisedSeeds = 6

// seeds simulates storms of a setting with arrivals and work of their own.
func (p *proof) seeds(setting capacity.Setting) (all []*metric.Storm, err error) {
	for n := range uint64(raisedSeeds) {
		trial := capacity.Trial{Setting: setting, Calls: p.Question.Calls, Seed: p.Question.Seed + n}
		m, err := p.model(trial)
		if err != nil {
			return nil, err
		}
		all = append(all, &m.Play(model.Observer{}).Storm)
	}
	return all, nil
}

// choose the settings: the recommended one, the next smaller and the largest useful one, or the highest rate.
func (p *proof) choose() {
	a, calls := p.answer, p.Question.Calls
	if f := a.Found; f != nil {
		p.add(capacity.RoleRate, f.Setting, capacity.BelowRate(f.Calls))
		return
	}
	recommended := capacity.Setting{Handlers: a.Handlers, Backlog: *a.Backlog}
	p.add(capacity.RoleRecommended, recommended, calls)
	if smaller, ok := capacity.Smaller(*a.Backlog); ok {
		p.add(capacity.RoleSmaller, capacity.Setting{Handlers: a.Handlers, Backlog: smaller}, calls)
	}
	if u := a.Useful; u != nil && u.Backlog > *a.Backlog {
		p.add(capacity.RoleLargest, capacity.Setting{Handlers: a.Handlers, Backlog: u.Backlog}, calls)
	}
}

func (p *proof) add(role capacity.Role, setting capacity.Setting, calls int) {
	values := axis.Values{"somaxconn": axis.FormatLimit(setting.Backlog), "backlog": axis.Max}
	if p.Question.Planned {
		values["handlers"] = strconv.Itoa(setting.Handlers)
	}
	needed := capacity.Needed(p.Question.Confidence)
	p.proven = append(p.proven, proven{role: role, setting: setting, calls: calls, values: values, needed: needed})
}

// tried are the seeds of which the hardest is chosen.
const tried = 10

// hardest chooses the arrivals and the work of the proofs: of simulated storms in which the first setting holds the
// limits, those of the one with the deepest queue. All storms on this kernel have the same.
func (p *proof) hardest() error {
	first, deepest := p.proven[0], -1
	for n := range uint64(tried) {
		seed := p.Question.Seed + n
		m, err := p.model(capacity.Trial{Setting: first.setting, Calls: first.calls, Seed: seed})
		if err != nil {
			return err
		}
		storm := &m.Play(model.Observer{}).Storm
		if peak := int(storm.Queue.Peak); peak > deepest && p.Question.Holds(storm) {
			p.seed, deepest = seed, peak
		}
	}
	p.answer.ProofSeed = p.seed
	return nil
}

// scenario of the proofs: their load and handlers are the same in all.
func (p *proof) scenario() (*scenarios.Scenario, error) {
	first := p.proven[0]
	s, err := p.scenarioOf(capacity.Trial{Setting: first.setting, Calls: first.calls, Seed: p.seed})
	if err != nil {
		return nil, err
	}
	s.Repeats = 1
	for i := range p.proven {
		s.Settings = append(s.Settings, p.proven[i].values)
	}
	s.Gates = p.Gates
	return s, s.Validate()
}

// begin tries the settings out, each in namespaces of its own.
func (p *proof) begin(ctx context.Context) error {
	o := p.Options
	var err error
	if o.Scenario, err = p.scenario(); err != nil {
		return err
	}
	for _, o.Isolation = range isolations() {
		p.experiment, err = lab.NewExperiment(ctx, p.dir, o)
		if !errors.As(err, new(*lab.RefusedError)) {
			break
		}
	}
	if errors.As(err, new(*lab.RefusedError)) {
		return errors.Join(errNoNamespace, err)
	}
	for i := range p.proven {
		if err == nil {
			p.proven[i].cell, err = p.experiment.Cell(p.proven[i].values)
		}
	}
	if err == nil {
		err = p.realisable()
	}
	return err
}

// realisable leaves out settings that the user's own server does not take, since it listens with a smaller backlog. It
// returns an error if the recommended one is among them.
func (p *proof) realisable() error {
	if first := p.proven[0]; first.cell.Effective < first.setting.Backlog {
		return fmt.Errorf("the command listens with a backlog of %d, not with %d: put %s among its arguments, or let "+
			"it read %s", first.cell.Effective, first.setting.Backlog, command.Placeholder, command.Variable)
	}
	p.proven = slices.DeleteFunc(p.proven, func(one proven) bool { return one.cell.Effective < one.setting.Backlog })
	return nil
}

// isolations that are tried in turn: root's own namespace is for root only.
func isolations() []lab.Isolation {
	if os.Geteuid() == 0 {
		return []lab.Isolation{lab.User, lab.Net}
	}
	return []lab.Isolation{lab.User}
}

// preparation of a storm, and its record, take about so long.
const preparation = time.Second

// left is how many storms there is time for.
func (p *proof) left() int {
	took := max(p.longest, p.Question.Span+preparation)
	return int((p.Question.Budget - time.Since(p.began)) / took)
}

// next is the setting whose storm tells most: the recommended one until it has as many storms as the confidence needs,
// and after its first ones in turn the others, as long as the time lasts for both. Nil when no further storm is needed,
// or can be.
func (p *proof) next() *proven {
	first, left := &p.proven[p.first], p.left()
	missing := max(first.needed-first.storms, 0)
	best := first
	switch {
	case left < 1:
		return nil
	case missing > 0 && first.storms < certain:
		return first
	case missing == 0:
		best = nil
	}
	for i := range p.proven {
		one := &p.proven[i]
		if one != first && one.storms < one.needed && left > missing && (best == nil || one.storms < best.storms) {
			best = one
		}
	}
	return best
}

// storm plays the next storm of a setting.
func (p *proof) storm(ctx context.Context, one *proven) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	began := time.Now()
	one.storms++
	p.progress(one)
	err := p.experiment.Play(ctx, one.cell, one.storms)
	p.longest = max(p.longest, time.Since(began))
	return err
}

// progress shows which storm begins.
func (p *proof) progress(one *proven) {
	if p.Options.Progress == nil {
		return
	}
	needed, done := 0, -1
	for i := range p.proven {
		needed, done = needed+p.proven[i].needed, done+p.proven[i].storms
	}
	words := axis.Words([]axis.Values{one.values})
	p.Options.Progress(lab.Progress{
		Done: done, Storms: needed, Setting: words[0], Repeat: one.storms, Repeats: one.needed,
		Elapsed: time.Since(p.began),
	})
}

// conclude reads what was recorded, and holds it against the model.
func (p *proof) conclude() error {
	s, err := summary.Read(p.dir)
	if err != nil {
		return err
	}
	ordered := append([]proven{p.proven[p.first]}, slices.Delete(slices.Clone(p.proven), p.first, p.first+1)...)
	for i := range ordered {
		one, err := p.proofOf(&ordered[i], s)
		if err != nil {
			return err
		}
		p.answer.Searched.Storms += one.Storms
		if one.Role == capacity.RoleRate {
			p.answer.Found.Proof = one
			continue
		}
		p.answer.Proofs = append(p.answer.Proofs, *one)
	}
	return p.queues(s)
}

func (p *proof) proofOf(one *proven, s *analysis.Summary) (*capacity.Proof, error) {
	proof := &capacity.Proof{Role: one.role, Setting: one.setting, Cell: one.cell.ID, Calls: one.calls}
	var storms []*metric.Storm
	for c := range analysis.Each(s.Cells) {
		for r := range analysis.Each(c.Repeats) {
			if c.ID != one.cell.ID {
				continue
			}
			storms = append(storms, &r.Storm)
			if r.Health.Grade == analysis.HealthLimit {
				proof.Doubtful++
			}
		}
	}
	if one.predicted == nil {
		var err error
		if one.predicted, err = p.predict(one.setting, one.calls); err != nil {
			return nil, err
		}
	}
	proof.Predicted = p.Question.Outcome(one.predicted)
	p.Question.Prove(proof, storms)
	return proof, nil
}

// predictions of a proof: what is random beside arrivals and work is little.
const predictions = 3

// predict simulates the storms that were played: with their arrivals, their work and this machine.
func (p *Plan) predict(setting capacity.Setting, calls int) (all []*metric.Storm, err error) {
	for n := range uint64(predictions) {
		m, err := p.model(capacity.Trial{Setting: setting, Calls: calls, Seed: p.seed})
		if err != nil {
			return nil, err
		}
		m.Seed += n
		all = append(all, &m.Play(model.Observer{}).Storm)
	}
	return all, nil
}

// queues adds the accept queue over time in one storm of the recommended setting, simulated and measured.
func (p *proof) queues(s *analysis.Summary) error {
	one := &p.proven[p.first]
	for c := range analysis.Each(s.Cells) {
		if c.ID == one.cell.ID && len(c.Repeats) > 0 {
			p.answer.QueueMeasured = samples(c.Repeats[0].Raw.Queue)
		}
	}
	return nil
}

// overTime adds the accept queue over time in a simulated storm of the recommended setting.
func (p *Plan) overTime(ctx context.Context, a *capacity.Answer) error {
	if a.Backlog == nil || ctx.Err() != nil {
		return nil
	}
	setting := capacity.Setting{Handlers: a.Handlers, Backlog: *a.Backlog}
	m, err := p.model(capacity.Trial{Setting: setting, Calls: p.Question.Calls, Seed: p.seed})
	if err == nil {
		simulated, _ := m.Record()
		a.QueueSimulated = samples(simulated.Queue)
	}
	return err
}

// samples are at most MaxSamples of a queue over time: of each stretch the deepest.
func samples(queue []record.QueueSample) (thin []capacity.Sample) {
	stretch := (len(queue) + capacity.MaxSamples - 1) / capacity.MaxSamples
	for from := 0; from < len(queue); from += stretch {
		deepest := queue[from]
		for _, sample := range queue[from:min(from+stretch, len(queue))] {
			if sample.Depth > deepest.Depth {
				deepest = sample
			}
		}
		thin = append(thin, capacity.Sample{At: deepest.At, Depth: int(deepest.Depth)})
	}
	return thin
}
