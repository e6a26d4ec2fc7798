// Package lab is where a scenario is run: each storm in a fresh network namespace
// that is a process of its own, with the target and the generator as further
// processes in it; the host's settings are never touched. What was seen is
// recorded in a run directory.
package lab

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"agistorm/analysis/record"
	"agistorm/loadgen"
	"agistorm/scenarios"
	"agistorm/scenarios/axis"
	"agistorm/target/netns"
	"agistorm/target/netns/link"
	"agistorm/target/probe"
)

// Options of a sweep.
type Options struct {
	Scenario  *scenarios.Scenario
	Isolation Isolation
	// Engine of the generator; see loadgen.Config.
	Engine string
	// Version and Command of the program, for the record.
	Version string
	Command []string
	// Progress is told before every storm and once at the end; may be nil.
	Progress func(Progress)
	// Notice is told what the user must know before the first storm, a line each; may be nil.
	Notice func(string)
}

// Progress of a sweep.
type Progress struct {
	// Done storms, of Storms.
	Done, Storms int
	// Setting, in words, and Repeat (of Repeats, from 1) that begin now; an empty Setting says that the sweep
	// is over.
	Setting         string
	Repeat, Repeats int
	Elapsed         time.Duration
	// Left is an estimate from the storms that are done; nil before the first.
	Left *time.Duration
}

// ErrCannotStart wraps what keeps a sweep from starting at all; nothing has been measured.
var ErrCannotStart = errors.New("cannot start")

// Sweep storms every setting of a scenario and records it in dir. When ctx is done or
// a storm fails it keeps the finished repeats, marks the run as partial and returns
// the run together with the error; where no storm had finished it leaves dir as it was and returns no run.
func Sweep(ctx context.Context, dir record.Dir, o Options) (*record.Run, error) {
	e, err := NewExperiment(ctx, dir, o)
	if err != nil {
		return nil, err
	}
	plan := interleave(e.run.Cells, e.run.Repeats, e.run.Seed)
	for done, next := range plan {
		e.progress(done, len(plan), next)
		if err := e.Play(ctx, next.cell, next.repeat); err != nil {
			return e.End(cmp.Or(ctx.Err(), err)) // an interrupt is what ended it
		}
	}
	run, err := e.End(nil)
	e.progress(len(plan), len(plan), step{})
	return run, err
}

// Experiment plays storms of a scenario's settings, one by one, and records them. Make one with
// NewExperiment.
type Experiment struct {
	session
	options Options
	place   place
	// swept are the sysctls that the settings give.
	swept []string
	// plans are the scenarios of the cells, by their IDs, and words say which setting each is.
	plans map[string]*scenarios.Scenario
	words map[string]string
	// noLink: the machine refused the link, which nobody asked for.
	noLink bool
}

// NewExperiment tries every setting of a scenario out, and begins its run in dir. End ends it.
func NewExperiment(ctx context.Context, dir record.Dir, o Options) (*Experiment, error) {
	where, err := choose(ctx, o.Isolation)
	if err != nil {
		return nil, err
	}
	e := &Experiment{session: session{dir: dir}, options: o, place: where, swept: sweptBy(o.Scenario)}
	e.plans = map[string]*scenarios.Scenario{}
	if err := e.describe(); err != nil {
		return nil, err
	}
	if where.mode == netns.Host {
		err = e.stayOnHost()
	} else {
		err = e.trySettings(ctx)
	}
	if err != nil {
		return nil, err
	}
	if err := e.loadUp(); err != nil {
		return nil, err
	}
	return e, e.begin()
}

// Cell returns the cell of a setting, which the scenario need not have, for Play.
func (e *Experiment) Cell(setting axis.Values) (record.Cell, error) {
	cell, plan, err := cellOf(e.options.Scenario, setting)
	if err == nil {
		e.plans[cell.ID] = plan
	}
	return cell, err
}

// End waits for the last record and completes the run, which a failure makes partial.
func (e *Experiment) End(failure error) (*record.Run, error) {
	return e.end(errors.Join(failure, e.join()))
}

// sysctlsOf are the values that a cell's namespace is given.
func (e *Experiment) sysctlsOf(cell record.Cell) map[string]string {
	return cellSysctls(e.run.Host.Sysctls, cell.Sysctls, strconv.Itoa(cell.Somaxconn))
}

// describe fills in run.json.
func (e *Experiment) describe() error {
	o := e.options
	source, err := o.Scenario.YAML()
	if err != nil {
		return err
	}
	var cells []record.Cell
	for _, setting := range o.Scenario.Settings {
		cell, err := e.Cell(setting)
		if err != nil {
			return err
		}
		cells = append(cells, cell)
	}
	first := e.plans[cells[0].ID]
	schedule, err := first.Schedule()
	if err != nil {
		return err
	}
	storm, server := o.Scenario.Storm, &first.Target
	e.run = &record.Run{
		Format:  record.Format,
		Version: o.Version,
		Command: o.Command,
		Scenario: record.Scenario{
			Name:     o.Scenario.Name,
			Question: o.Scenario.Question,
			Source:   source,
			Arrival:  schedule.String(),
			Calls:    mostCalls(cells),
			Client:   storm.Client,
			Server: &record.Server{
				Like: server.Like, Behaviour: server.Behaviour, Work: server.Work,
				Stalls: server.Stalls, Restarts: server.Restarts,
			},
			Load:              recordedLoad(storm.Script, storm.Caller(), storm.Workers),
			Commands:          o.Scenario.Target.Script,
			ConnectLimit:      storm.ConnectTimeout,
			FirstCommandLimit: storm.FirstCommandTimeout,
			SessionLimit:      storm.SessionTimeout,
			Gates:             o.Scenario.Gates,
		},
		Host:      DescribeHost(),
		Isolation: e.place.isolation,
		Cells:     cells,
		Repeats:   o.Scenario.Repeats,
		Seed:      o.Scenario.Seed,
	}
	return nil
}

// stayOnHost cuts the sweep down to what the host's own namespace can show, and says so.
func (e *Experiment) stayOnHost() error {
	for _, plan := range e.plans {
		if !plan.LinkAsked() {
			continue
		}
		return fmt.Errorf("%w: a link needs namespaces: %s", ErrCannotStart, e.place.isolation.Reason)
	}
	limit, err := hostLimit()
	if err != nil {
		return err
	}
	host := hostValues(e.run.Cells)
	for i := range e.run.Cells {
		fillIn(&e.run.Cells[i], e.swept, host)
	}
	if err := e.checkInForce(); err != nil {
		return err
	}
	e.run.Cells, e.run.Isolation.Asked = onHost(e.run.Cells, limit, host)
	for _, asked := range e.run.Isolation.Asked {
		e.plans[asked.ShownBy] = e.plans[asked.ID]
	}
	if len(e.run.Cells) == 0 {
		return fmt.Errorf("%w: this host's own namespace, with its net.core.somaxconn of %d, can show no setting (%s): %s",
			ErrCannotStart, limit, strings.Join(e.run.Isolation.LeftOut(), "; "), e.run.Isolation.Reason)
	}
	e.notice(fmt.Sprintf("The storms run in the host's own network namespace (%s).", e.run.Isolation.Reason))
	if e.linked(e.plans[e.run.Cells[0].ID]) {
		e.onLoopback("A link between clients and server needs namespaces.")
	}
	e.notice("Each setting is shown as a fixed backlog, up to the host's limit; the host's settings stay as they are.")
	for _, setting := range e.run.Isolation.LeftOut() {
		e.notice("Left out: " + setting)
	}
	for _, asked := range e.run.Isolation.Asked {
		line := "The scenario's sysctls were not set: " + asked.Lacks + "."
		if asked.ShownBy != "" && asked.Lacks != "" && !slices.Contains(e.run.Warnings, line) {
			e.run.Warnings = append(e.run.Warnings, line)
		}
	}
	return nil
}

func (e *Experiment) notice(line string) {
	if e.options.Notice != nil {
		e.options.Notice(line)
	}
}

// loadUp finds the room for the load in every cell, before the generator's own limits could be taken for the
// server's.
func (e *Experiment) loadUp() error {
	for _, cell := range e.run.Cells {
		if _, _, err := e.room(cell); err != nil {
			return err
		}
	}
	e.words = map[string]string{}
	var values []axis.Values
	for i := range e.run.Cells {
		values = append(values, e.run.Cells[i].Axes())
	}
	for i, words := range axis.Words(values) {
		e.words[e.run.Cells[i].ID] = words
	}
	return e.describeLink()
}

// room finds the room for the load in one cell, which may have a range of ports of its own.
func (e *Experiment) room(cell record.Cell) (workers int, sources loadgen.Sources, err error) {
	plan := e.plans[cell.ID]
	if sources, err = e.sources(plan); err != nil {
		return 0, sources, err
	}
	ports := e.run.Host.Sysctls[portRange]
	own, swept := cell.Sysctls[portRange]
	swept = swept && e.place.mode != netns.Host
	if swept {
		ports = own
	}
	workers, sources, err = fit(e.run.Host, ports, e.run.CallsOf(&cell), plan.Storm.Workers, sources)
	if err != nil && (swept || cell.Calls > 0) {
		err = fmt.Errorf("%w (setting %s)", err, cell.ID)
	}
	return workers, sources, err
}

func (e *Experiment) progress(done, storms int, next step) {
	if e.options.Progress == nil {
		return
	}
	p := Progress{
		Done: done, Storms: storms,
		Setting: e.words[next.cell.ID], Repeat: next.repeat, Repeats: e.run.Planned(next.cell.ID),
		Elapsed: time.Since(e.run.Started),
	}
	if done > 0 {
		left := p.Elapsed / time.Duration(done) * time.Duration(storms-done)
		p.Left = &left
	}
	e.options.Progress(p)
}

// agiPort is FastAGI's own (res_agi.c, AGI_PORT). On a host any free one is taken.
const agiPort = 4573

func (e *Experiment) order(at step, dir record.RepeatDir) (order *cellOrder, err error) {
	plan := e.plans[at.cell.ID]
	address := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), agiPort)
	if e.place.mode == netns.Host {
		address = netip.AddrPortFrom(address.Addr(), 0)
	}
	order = &cellOrder{
		Isolated:  e.place.mode != netns.Host,
		Effective: at.cell.Effective,
		Dir:       dir,
		Target: targetOrder{
			Listen: address.String(), Backlog: at.cell.Backlog, Target: plan.Target, Seed: plan.Seed,
			Calls: e.run.CallsOf(&at.cell), Dir: dir,
		},
		Storm: stormOrder{Load: e.load(plan), Dir: dir},
	}
	order.Storm.Repeat = at.repeat
	if err := e.linkUp(order, plan); err != nil {
		return nil, err
	}
	if order.Linked {
		order.Target.Listen = netip.AddrPortFrom(link.Server, agiPort).String()
	}
	if order.Isolated {
		order.Sysctls = e.sysctlsOf(at.cell)
	}
	order.Workers, order.Storm.Sources, err = e.room(at.cell)
	return order, err
}

// load is the storm of one cell; room says where its calls come from.
func (e *Experiment) load(plan *scenarios.Scenario) Load {
	storm := &plan.Storm
	return Load{
		Script: storm.Script, Arrival: storm.Arrival, Calls: storm.Calls, Duration: storm.Duration,
		Limits: storm.Limits(), Client: storm.Caller(), Engine: e.options.Engine, Seed: plan.Seed,
	}
}

// hostLimit is the host's own somaxconn. Where the system does not tell, 128 is
// the historic constant SOMAXCONN.
func hostLimit() (int, error) {
	limit, err := probe.Somaxconn()
	if errors.Is(err, errors.ErrUnsupported) {
		return 128, nil
	}
	return limit, err
}
