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
	"agistorm/target"
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
	// Cell and Repeat (of Repeats, from 1) that begin now; an empty Cell says that the sweep is over.
	Cell            record.Cell
	Repeat, Repeats int
	Elapsed         time.Duration
	// Left is an estimate from the storms that are done; nil before the first.
	Left *time.Duration
}

// unfinished is what run.json says until the sweep is over, in case it never is.
const unfinished = "it did not finish"

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
	if err := dir.WriteRun(s.run); err != nil {
		return nil, err
	}
	failure := s.steps(ctx)
	if failure != nil && ctx.Err() != nil {
		failure = ctx.Err()
	}
	if failure != nil && s.finished == 0 {
		return nil, errors.Join(failure, dir.RemoveRun())
	}
	s.run.Finished = time.Now()
	s.run.Partial = ""
	if failure != nil {
		s.run.Partial = failure.Error()
		if ctx.Err() != nil {
			s.run.Partial = record.Interrupted
		}
	}
	return s.run, errors.Join(failure, dir.WriteRun(s.run))
}

type sweep struct {
	options Options
	dir     record.Dir
	place   place
	run     *record.Run
	// swept are the sysctls that the settings give.
	swept []string
	// linked: clients and server are in two namespaces.
	linked bool
	// load and workers of every storm.
	load    Load
	workers int
	// finished counts the storms that are recorded.
	finished int
	// last storm that is over, while its record is written; nil if there is none.
	last *recording
}

func newSweep(ctx context.Context, dir record.Dir, o Options) (*sweep, error) {
	where, err := choose(ctx, o.Isolation)
	if err != nil {
		return nil, err
	}
	s := &sweep{options: o, dir: dir, place: where, swept: sweptBy(o.Scenario), linked: o.Scenario.Linked()}
	if s.run, err = describe(o, where.isolation); err != nil {
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
func describe(o Options, isolation record.Isolation) (*record.Run, error) {
	source, err := o.Scenario.YAML()
	if err != nil {
		return nil, err
	}
	schedule, err := o.Scenario.Schedule()
	if err != nil {
		return nil, err
	}
	behaviour, err := target.ParseBehaviour(o.Scenario.Target.Behaviour)
	if err != nil {
		return nil, err
	}
	cells, err := cellsOf(o.Scenario)
	if err != nil {
		return nil, err
	}
	storm := o.Scenario.Storm
	sources, err := storm.Addresses()
	if err != nil {
		return nil, err
	}
	return &record.Run{
		Format:  record.Format,
		Version: o.Version,
		Command: o.Command,
		Scenario: record.Scenario{
			Name:              o.Scenario.Name,
			Question:          o.Scenario.Question,
			Source:            source,
			Arrival:           schedule.String(),
			Calls:             schedule.Len(),
			Client:            storm.Client,
			Target:            targetWords(behaviour, &o.Scenario.Target),
			Load:              loadWords(storm.Script, storm.Caller(), sources, storm.Workers),
			Commands:          o.Scenario.Target.Script,
			ConnectLimit:      storm.ConnectLimit,
			FirstCommandLimit: storm.FirstCommandLimit,
			SessionLimit:      storm.SessionLimit,
			Gates:             o.Scenario.Gates,
		},
		Host:      DescribeHost(),
		Isolation: isolation,
		Cells:     cells,
		Repeats:   o.Scenario.Repeats,
		Seed:      o.Scenario.Seed,
		Started:   time.Now(),
		Partial:   unfinished,
	}, nil
}

// stayOnHost cuts the sweep down to what the host's own namespace can show, and says so.
func (s *sweep) stayOnHost() error {
	if s.options.Scenario.LinkAsked() {
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
	if len(s.run.Cells) == 0 {
		return fmt.Errorf("%w: this host's own namespace, with its net.core.somaxconn of %d, can show no setting (%s): %s",
			ErrCannotStart, limit, strings.Join(s.run.Isolation.LeftOut(), "; "), s.run.Isolation.Reason)
	}
	s.notice(fmt.Sprintf("The storms run in the host's own network namespace (%s).", s.run.Isolation.Reason))
	if s.linked {
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

// loadUp fills in the load and finds the room for it in every cell, before the generator's own limits could be taken for the server's.
func (s *sweep) loadUp() error {
	storm := s.options.Scenario.Storm
	sources, err := s.sources()
	if err != nil {
		return err
	}
	s.describeLink(sources)
	s.load = Load{
		Script: storm.Script, Arrival: storm.Arrival, Calls: storm.Calls, Duration: storm.Duration,
		Limits: storm.Limits(), Client: storm.Caller(), Sources: sources, Engine: s.options.Engine,
		Seed: s.run.Seed,
	}
	for _, cell := range s.run.Cells {
		workers, _, err := s.room(cell)
		if err != nil {
			return err
		}
		s.workers = max(s.workers, workers)
	}
	return nil
}

// room finds the room for the load in one cell, which may have a range of ports of its own.
func (s *sweep) room(cell record.Cell) (workers int, sources loadgen.Sources, err error) {
	ports := s.run.Host.Sysctls[portRange]
	own, swept := cell.Sysctls[portRange]
	swept = swept && s.place.mode != netns.Host
	if swept {
		ports = own
	}
	workers, sources, err = fit(s.run.Host, ports, s.run.Scenario.Calls, s.options.Scenario.Storm.Workers, s.load.Sources)
	if err != nil && swept {
		err = fmt.Errorf("%w (setting %s)", err, cell.ID)
	}
	return workers, sources, err
}

// steps runs every storm, in interleaved order.
func (s *sweep) steps(ctx context.Context) error {
	plan := interleave(s.run.Cells, s.run.Repeats, s.run.Seed)
	for done, next := range plan {
		s.progress(done, len(plan), next)
		if err := s.storm(ctx, next); err != nil {
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
		Cell: next.cell, Repeat: next.repeat, Repeats: s.run.Repeats,
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
	scenario := s.options.Scenario
	address := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), agiPort)
	if s.place.mode == netns.Host {
		address = netip.AddrPortFrom(address.Addr(), 0)
	}
	order = &cellOrder{
		Isolated:  s.place.mode != netns.Host,
		Effective: at.cell.Effective,
		Dir:       dir,
		Target: targetOrder{
			Listen: address.String(), Backlog: at.cell.Backlog, Target: scenario.Target, Seed: scenario.Seed,
			Calls: s.run.Scenario.Calls, Dir: dir,
		},
		Storm:   stormOrder{Load: s.load, Dir: dir},
		Workers: s.workers,
	}
	order.Storm.Repeat = at.repeat
	if at.cell.Client != "" {
		order.Storm.Client.Name = at.cell.Client
	}
	if err := s.linkUp(order); err != nil {
		return nil, err
	}
	if order.Linked {
		order.Target.Listen = netip.AddrPortFrom(link.Server, agiPort).String()
	}
	if order.Isolated {
		order.Sysctls = s.sysctlsOf(at.cell)
	}
	_, order.Storm.Sources, err = s.room(at.cell)
	return order, err
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
