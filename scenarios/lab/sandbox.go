package lab

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"

	"agistorm/analysis/record"
	"agistorm/loadgen"
	"agistorm/scenarios"
	"agistorm/scenarios/axis"
	"agistorm/target/netns"
	"agistorm/target/netns/link"
	"agistorm/target/probe"
)

// sandbox plays the storms of a scenario's settings at the built-in target, each in a cell of its own.
type sandbox struct {
	options Options
	place   place
	run     *record.Run
	// swept are the sysctls that the settings give.
	swept []string
	// plans are the scenarios of the cells, by their IDs.
	plans map[string]*scenarios.Scenario
	// notes of what is left out of the scenario.
	notes record.Notes
	// noLink: the machine refused the link, which was not asked for.
	noLink bool
}

// isolated reports whether the cells have namespaces of their own.
func (s *sandbox) isolated() bool { return s.place.mode != netns.Host }

func (s *sandbox) cell(setting axis.Values) (record.Cell, error) {
	cell, plan, err := cellOf(s.options.Scenario, setting)
	if err == nil {
		s.options.Server.takeOver(&cell)
		s.plans[cell.ID] = plan
	}
	return cell, err
}

func (s *sandbox) storm(at step, dir record.RepeatDir) (storm, error) {
	order, err := s.order(at, dir)
	return &cellStorm{order: order, mode: s.place.mode}, err
}

// cellStorm is a storm in a cell, which is a process.
type cellStorm struct {
	order *cellOrder
	mode  netns.Mode
	child *child
	// release takes the cell from the interrupt; false means that it has come.
	release func() bool
}

// prepare starts the cell. An interrupt ends a storm that is played, but no record that is written.
func (c *cellStorm) prepare(ctx context.Context) (err error) {
	playing, end := context.WithCancel(context.WithoutCancel(ctx))
	c.release = context.AfterFunc(ctx, end)
	if c.child, err = startCell(playing, roleCell, c.mode, c.order); err != nil {
		return err
	}
	return c.child.ask(c.order, nil)
}

func (c *cellStorm) play(ctx context.Context) error {
	err := c.child.ask(struct{}{}, nil)
	if !c.release() && err == nil {
		err = context.Cause(ctx)
	}
	return err
}

// write keeps the record only when it is whole.
func (c *cellStorm) write() (kept bool, err error) {
	err = inTurn(func() error { return c.child.receive(nil) }, c.child.end)
	return err == nil, err
}

func (c *cellStorm) kill() {
	c.release()
	if c.child != nil {
		c.child.kill()
	}
}

// sysctlsOf are the values that a cell's namespace is given.
func (s *sandbox) sysctlsOf(cell record.Cell) map[string]string {
	return cellSysctls(s.run.Host.Sysctls, cell.Sysctls, strconv.Itoa(cell.Somaxconn))
}

// describe describes the run.
func (s *sandbox) describe() error {
	o := s.options
	var cells []record.Cell
	for _, setting := range s.settings() {
		cell, err := s.cell(setting)
		if err != nil {
			return err
		}
		cells = append(cells, cell)
	}
	var err error
	if s.run, err = o.describe(cells, s.plans[cells[0].ID], s.place.isolation); err != nil {
		return err
	}
	if o.Server != nil {
		s.describeServer()
		return nil
	}
	describeTarget(&s.run.Scenario, &s.plans[cells[0].ID].Target)
	return nil
}

// describe describes the run of a scenario's cells, the first of which has that plan, but for the server.
func (o *Options) describe(
	cells []record.Cell, first *scenarios.Scenario, where record.Isolation,
) (*record.Run, error) {
	source, err := o.Scenario.YAML()
	if err != nil {
		return nil, err
	}
	schedule, err := first.Schedule()
	if err != nil {
		return nil, err
	}
	run := describeRun(loadOf(o.Scenario, o.Engine), schedule, o.Scenario.Storm.Workers, record.Run{
		Version: o.Version,
		Command: o.Command,
		Scenario: record.Scenario{
			Name:     o.Scenario.Name,
			Question: o.Scenario.Question,
			Source:   source,
			Gates:    o.Scenario.Gates,
		},
		Isolation: where,
		Cells:     cells,
		Warmups:   o.Warmups,
		Repeats:   o.Scenario.Repeats,
	})
	run.Scenario.Calls = mostCalls(cells)
	return run, nil
}

// describeTarget adds the built-in target to the description of a run.
func describeTarget(s *record.Scenario, first *axis.Target) {
	s.Server = &record.Server{
		Like: first.Like, Behaviour: first.Behaviour, Work: first.Work, Stalls: first.Stalls, Restarts: first.Restarts,
	}
	s.Commands = first.Script
}

// stayOnHost cuts the sweep down to what the host's own namespace can show.
func (s *sandbox) stayOnHost() error {
	for _, plan := range s.plans {
		if plan.LinkAsked() {
			return fmt.Errorf("%w: a link needs namespaces: %w", ErrCannotStart, s.place.why)
		}
	}
	limit, err := hostLimit()
	if err != nil {
		return err
	}
	names := slices.Clone(s.swept)
	for _, cell := range s.run.Cells {
		names = slices.AppendSeq(names, maps.Keys(cell.Sysctls))
	}
	host := readSysctls(names...)
	if err := checkNumbers(s.run.Cells, host); err != nil {
		return err
	}
	for i := range s.run.Cells {
		fillIn(&s.run.Cells[i], s.swept, host)
	}
	if err := checkInForce(s.options.Scenario, s.run.Cells); err != nil {
		return err
	}
	s.run.Cells, s.run.Isolation.Asked = onHost(s.run.Cells, limit, host)
	for _, asked := range s.run.Isolation.Asked {
		s.plans[asked.ShownBy] = s.plans[asked.ID]
	}
	if len(s.run.Cells) == 0 {
		return errors.Join(s.notice(), fmt.Errorf("%w: this host's own namespace, with its net.core.somaxconn of %d, "+
			"can show no setting: %w", ErrCannotStart, limit, s.place.why))
	}
	if s.linked(s.plans[s.run.Cells[0].ID]) {
		s.onLoopback(record.Note{Code: record.NoteLinkNeedsNamespace})
	}
	for _, asked := range s.run.Isolation.Asked {
		for _, n := range asked.Lacks {
			n.Code = record.NoteSysctlNotSet
			if asked.ShownBy != "" && !slices.Contains(s.run.Warnings, n) {
				s.run.Warnings = append(s.run.Warnings, n)
			}
		}
	}
	return nil
}

// notice passes on what the user must know before the first storm.
func (s *sandbox) notice() error {
	if s.options.Notice != nil {
		s.options.Notice(s.run)
	}
	return nil
}

// checkRoom finds the room for the load in every cell, before the generator's own limits could be taken for
// the server's.
func (s *sandbox) checkRoom() error {
	for _, cell := range s.run.Cells {
		if _, _, err := s.room(cell); err != nil {
			return err
		}
	}
	return nil
}

// room finds the room for the load in one cell, which may have a range of ports of its own.
func (s *sandbox) room(cell record.Cell) (workers int, sources loadgen.Sources, err error) {
	plan := s.plans[cell.ID]
	if sources, err = s.sources(plan); err != nil {
		return 0, sources, err
	}
	ports := s.run.Host.Sysctls[portRange]
	own, swept := cell.Sysctls[portRange]
	swept = swept && s.isolated()
	if swept {
		ports = own
	}
	workers, sources, err = fit(s.run.Host, ports, s.run.CallsOf(&cell), plan.Storm.Workers, sources)
	if err != nil && (swept || cell.Calls > 0) {
		err = fmt.Errorf("%w (setting %s)", err, cell.ID)
	}
	return workers, sources, err
}

// agiPort is FastAGI's own (res_agi.c, AGI_PORT). On a host any free one is taken.
const agiPort = 4573

func (s *sandbox) order(at step, dir record.RepeatDir) (order *cellOrder, err error) {
	plan := s.plans[at.cell.ID]
	address, port := netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(agiPort)
	switch {
	case !s.isolated():
		port = 0
	case s.linked(plan):
		address = link.Server
	}
	order = &cellOrder{
		Isolated:  s.isolated(),
		Effective: at.cell.Effective,
		Dir:       dir,
		Target: targetOrder{
			Listen: netip.AddrPortFrom(address, port).String(), Backlog: at.cell.Backlog,
			Target: plan.Target, Seed: plan.Seed,
			Calls: s.run.CallsOf(&at.cell), Dir: dir,
		},
		Storm: stormOrder{Load: loadOf(plan, s.options.Engine), Dir: dir},
	}
	order.Storm.Repeat = at.repeat
	s.linkUp(order, plan)
	if order.Isolated {
		order.Sysctls = s.sysctlsOf(at.cell)
	}
	order.Server = s.serverOrder(at.cell, dir)
	order.Workers, order.Storm.Sources, err = s.room(at.cell)
	return order, err
}

// loadOf is the storm of one cell; room says where its calls come from.
func loadOf(plan *scenarios.Scenario, engine string) Load {
	storm := &plan.Storm
	return Load{
		Script: storm.Script, Arrival: storm.Arrival, Calls: storm.Calls, Duration: storm.Duration,
		Limits: storm.Limits(), Client: storm.Caller(), Engine: engine, Seed: plan.Seed,
	}
}

// hostLimit is the host's own somaxconn. Where the system does not report it, 128 is
// the historic constant SOMAXCONN.
func hostLimit() (int, error) {
	limit, err := probe.Somaxconn()
	if errors.Is(err, errors.ErrUnsupported) {
		return 128, nil
	}
	return limit, err
}
