// Package lab is where a scenario is run: each storm in a fresh network namespace
// that is a process of its own, with the target and the generator as further
// processes in it; the host's settings are never touched. What was seen is
// recorded in a run directory.
package lab

import (
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
	// Setting, in words, and Repeat (of Repeats, from 1) that begin now; an empty Setting says that the sweep is over.
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
	s, err := newSweep(ctx, dir, o)
	if err != nil {
		return nil, err
	}
	if err := s.begin(); err != nil {
		return nil, err
	}
	failure := s.steps(ctx)
	if failure != nil && ctx.Err() != nil {
		failure = ctx.Err()
	}
	return s.end(failure)
}

type sweep struct {
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

func newSweep(ctx context.Context, dir record.Dir, o Options) (*sweep, error) {
	where, err := choose(ctx, o.Isolation)
	if err != nil {
		return nil, err
	}
	s := &sweep{session: session{dir: dir}, options: o, place: where, swept: sweptBy(o.Scenario)}
	if err := s.describe(); err != nil {
		return nil, err
	}
	if where.mode == netns.Host {
		err = s.stayOnHost()
	} else {
		err = s.trySettings(ctx)
	}
	if err != nil {
		return nil, err
	}
	return s, s.loadUp()
}

// sysctlsOf are the values that a cell's namespace is given.
func (s *sweep) sysctlsOf(cell record.Cell) map[string]string {
	return cellSysctls(s.run.Host.Sysctls, cell.Sysctls, strconv.Itoa(cell.Somaxconn))
}

// describe fills in run.json.
func (s *sweep) describe() error {
	o := s.options
	source, err := o.Scenario.YAML()
	if err != nil {
		return err
	}
	cells, plans, err := cellsOf(o.Scenario)
	if err != nil {
		return err
	}
	first := plans[cells[0].ID]
	schedule, err := first.Schedule()
	if err != nil {
		return err
	}
	storm, server := o.Scenario.Storm, &first.Target
	s.plans = plans
	s.run = &record.Run{
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
		Isolation: s.place.isolation,
		Cells:     cells,
		Repeats:   o.Scenario.Repeats,
		Seed:      o.Scenario.Seed,
	}
	return nil
}

// stayOnHost cuts the sweep down to what the host's own namespace can show, and says so.
func (s *sweep) stayOnHost() error {
	for _, plan := range s.plans {
		if !plan.LinkAsked() {
			continue
		}
		return fmt.Errorf("%w: a link needs namespaces: %s", ErrCannotStart, s.place.isolation.Reason)
	}
	limit, err := hostLimit()
	if err != nil {
		return err
	}
	host := hostValues(s.run.Cells)
	for i := range s.run.Cells {
		fillIn(&s.run.Cells[i], s.swept, host)
	}
	if err := s.checkInForce(); err != nil {
		return err
	}
	s.run.Cells, s.run.Isolation.Asked = onHost(s.run.Cells, limit, host)
	for _, asked := range s.run.Isolation.Asked {
		s.plans[asked.ShownBy] = s.plans[asked.ID]
	}
	if len(s.run.Cells) == 0 {
		return fmt.Errorf("%w: this host's own namespace, with its net.core.somaxconn of %d, can show no setting (%s): %s",
			ErrCannotStart, limit, strings.Join(s.run.Isolation.LeftOut(), "; "), s.run.Isolation.Reason)
	}
	s.notice(fmt.Sprintf("The storms run in the host's own network namespace (%s).", s.run.Isolation.Reason))
	if s.linked(s.plans[s.run.Cells[0].ID]) {
		s.onLoopback("A link between clients and server needs namespaces.")
	}
	s.notice("Each setting is shown as a fixed backlog, up to the host's limit; the host's settings stay as they are.")
	for _, setting := range s.run.Isolation.LeftOut() {
		s.notice("Left out: " + setting)
	}
	for _, asked := range s.run.Isolation.Asked {
		line := "The scenario's sysctls were not set: " + asked.Lacks + "."
		if asked.ShownBy != "" && asked.Lacks != "" && !slices.Contains(s.run.Warnings, line) {
			s.run.Warnings = append(s.run.Warnings, line)
		}
	}
	return nil
}

func (s *sweep) notice(line string) {
	if s.options.Notice != nil {
		s.options.Notice(line)
	}
}

// loadUp finds the room for the load in every cell, before the generator's own limits could be taken for the server's.
func (s *sweep) loadUp() error {
	for _, cell := range s.run.Cells {
		if _, _, err := s.room(cell); err != nil {
			return err
		}
	}
	s.words = map[string]string{}
	var values []axis.Values
	for i := range s.run.Cells {
		values = append(values, s.run.Cells[i].Axes())
	}
	for i, words := range axis.Words(values) {
		s.words[s.run.Cells[i].ID] = words
	}
	return s.describeLink()
}

// room finds the room for the load in one cell, which may have a range of ports of its own.
func (s *sweep) room(cell record.Cell) (workers int, sources loadgen.Sources, err error) {
	plan := s.plans[cell.ID]
	if sources, err = s.sources(plan); err != nil {
		return 0, sources, err
	}
	ports := s.run.Host.Sysctls[portRange]
	own, swept := cell.Sysctls[portRange]
	swept = swept && s.place.mode != netns.Host
	if swept {
		ports = own
	}
	workers, sources, err = fit(s.run.Host, ports, s.run.CallsOf(&cell), plan.Storm.Workers, sources)
	if err != nil && (swept || cell.Calls > 0) {
		err = fmt.Errorf("%w (setting %s)", err, cell.ID)
	}
	return workers, sources, err
}

// steps runs every storm, in interleaved order.
func (s *sweep) steps(ctx context.Context) error {
	plan := interleave(s.run.Cells, s.run.Repeats, s.run.Seed)
	for done, next := range plan {
		s.progress(done, len(plan), next)
		if err := s.Play(ctx, next.cell, next.repeat); err != nil {
			return errors.Join(err, s.join())
		}
	}
	if err := s.join(); err != nil {
		return err
	}
	s.progress(len(plan), len(plan), step{})
	return nil
}

func (s *sweep) progress(done, storms int, next step) {
	if s.options.Progress == nil {
		return
	}
	p := Progress{
		Done: done, Storms: storms,
		Setting: s.words[next.cell.ID], Repeat: next.repeat, Repeats: s.run.Planned(next.cell.ID),
		Elapsed: time.Since(s.run.Started),
	}
	if done > 0 {
		left := p.Elapsed / time.Duration(done) * time.Duration(storms-done)
		p.Left = &left
	}
	s.options.Progress(p)
}

// agiPort is FastAGI's own (res_agi.c, AGI_PORT). On a host any free one is taken.
const agiPort = 4573

func (s *sweep) order(at step, dir record.RepeatDir) (order *cellOrder, err error) {
	plan := s.plans[at.cell.ID]
	address := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), agiPort)
	if s.place.mode == netns.Host {
		address = netip.AddrPortFrom(address.Addr(), 0)
	}
	order = &cellOrder{
		Isolated:  s.place.mode != netns.Host,
		Effective: at.cell.Effective,
		Dir:       dir,
		Target: targetOrder{
			Listen: address.String(), Backlog: at.cell.Backlog, Target: plan.Target, Seed: plan.Seed,
			Calls: s.run.CallsOf(&at.cell), Dir: dir,
		},
		Storm: stormOrder{Load: s.load(plan), Dir: dir},
	}
	order.Storm.Repeat = at.repeat
	if err := s.linkUp(order, plan); err != nil {
		return nil, err
	}
	if order.Linked {
		order.Target.Listen = netip.AddrPortFrom(link.Server, agiPort).String()
	}
	if order.Isolated {
		order.Sysctls = s.sysctlsOf(at.cell)
	}
	order.Workers, order.Storm.Sources, err = s.room(at.cell)
	return order, err
}

// load is the storm of one cell; room says where its calls come from.
func (s *sweep) load(plan *scenarios.Scenario) Load {
	storm := &plan.Storm
	return Load{
		Script: storm.Script, Arrival: storm.Arrival, Calls: storm.Calls, Duration: storm.Duration,
		Limits: storm.Limits(), Client: storm.Caller(), Engine: s.options.Engine, Seed: plan.Seed,
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
