package lab

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"agistorm/analysis/record"
	"agistorm/scenarios/axis"
	"agistorm/target/command"
	"agistorm/target/known"
	"agistorm/target/netns"
	"agistorm/target/probe"
)

// ServerCommand is the user's own server, which takes the place of the built-in target in every cell.
type ServerCommand struct {
	// Argv is the program with its arguments; command.Placeholder in them is replaced by the backlog.
	Argv []string
	// Port that it listens on; 0 is the only one that appears.
	Port uint16
	// Wait is how long it may take until it listens.
	Wait time.Duration

	// asked: the server takes the backlog of the settings.
	asked bool
	// process that held its socket when it was tried; nil where that cannot be seen.
	process *record.Process
}

// unlikely is a backlog that no server has by itself.
const unlikely = 37

// uncut lets a server have the backlog that it asks for: the largest somaxconn that all kernels take.
var uncut = map[string]string{somaxconn: "65535"}

// learn finds out whether the command takes the backlog that it is given: its arguments say so, or it listens
// with one that no server has by itself.
func (s *sandbox) learn(ctx context.Context) error {
	server := s.options.Server
	if server == nil {
		return nil
	}
	order := cellOrder{Isolated: true, Sysctls: uncut, Server: s.startOrder(unlikely, "")}
	found, err := trySetting(ctx, s.place.mode, order)
	if err != nil {
		return cmp.Or(ctx.Err(), fmt.Errorf("%w: %w", ErrCannotStart, err))
	}
	server.asked = command.TakesBacklog(server.Argv) || *found.Server.Effective == unlikely
	server.process = found.Server.Process
	return nil
}

// targetPath is where the keys of a scenario are that are about the built-in target only.
const targetPath = "target."

// place is where the cells will live. A command keeps its user: root's stays root only outside of user
// namespaces. On the host itself no setting could be tried.
func (o *Options) place(ctx context.Context) (place, error) {
	asked := o.Isolation
	if o.Server != nil && asked == Auto && os.Geteuid() == 0 {
		asked = Net
	}
	where, err := choose(ctx, asked)
	if err == nil && o.Server != nil && where.mode == netns.Host {
		err = fmt.Errorf("%w: a command is stormed in a network namespace of its own: %w", ErrCannotStart, where.why)
	}
	return where, err
}

// settings are those of the scenario. With a server of the user's own they leave out what is about the built-in
// target, and the backlog where the server does not take it; those that do not differ then are one.
func (s *sandbox) settings() []axis.Values {
	settings, server := s.options.Scenario.Settings, s.options.Server
	if server == nil {
		return settings
	}
	var kept []axis.Values
	left := map[string]bool{}
	for _, setting := range settings {
		setting = maps.Clone(setting)
		if !server.asked {
			setting["backlog"] = axis.Max // which the server does not take: takeOver says whose it is
		}
		for _, name := range slices.Sorted(maps.Keys(setting)) {
			if strings.HasPrefix(axis.Named(name).Path, targetPath) {
				delete(setting, name)
				left[name] = true
			}
		}
		if !slices.ContainsFunc(kept, func(o axis.Values) bool { return maps.Equal(o, setting) }) {
			kept = append(kept, setting)
		}
	}
	s.leaveOut(slices.Sorted(maps.Keys(left)), len(settings)-len(kept))
	return kept
}

// leaveOut notes what is left out of the scenario.
func (s *sandbox) leaveOut(axes []string, settings int) {
	s.notes = record.Notes{{Code: record.NoteAlone}}
	if !s.options.Server.asked {
		axes = append(axes, "backlog")
		s.notes = append(s.notes, record.Note{Code: record.NoteOwnBacklog})
	}
	s.notes = append(s.notes, record.Note{Code: record.NoteTargetLeftOut, Name: strings.Join(axes, ", ")})
	if settings > 0 {
		s.notes = append(s.notes, record.Note{Code: record.NoteSameSettings, Want: strconv.Itoa(settings)})
	}
}

// takeOver makes a cell one of the user's own server: where the settings give no backlog to take, it is the
// server's own, and known when it was tried.
func (c *ServerCommand) takeOver(cell *record.Cell) {
	if c == nil || c.asked {
		return
	}
	cell.ID = strings.Replace(cell.ID, "backlog-"+cell.Backlog, "backlog-"+record.BacklogOwn, 1)
	cell.Backlog = record.BacklogOwn
}

// describeServer describes the run's server.
func (s *sandbox) describeServer() {
	argv := s.options.Server.Argv
	s.run.Notes, s.run.ServerProcess = s.notes, s.options.Server.process
	s.run.Scenario.Process, s.run.Scenario.Target = argv, command.Line(argv)
}

// serverOrder returns how to start the user's own server in a cell; nil for the built-in target.
func (s *sandbox) serverOrder(cell record.Cell, dir record.RepeatDir) *serverOrder {
	if s.options.Server == nil {
		return nil
	}
	_, backlog, _ := s.plans[cell.ID].Limits() // the plan was checked when the cell was made of it
	return s.startOrder(backlog, dir)
}

// startOrder returns how to start the user's own server with a backlog.
func (s *sandbox) startOrder(backlog int, dir record.RepeatDir) *serverOrder {
	server := s.options.Server
	o := &serverOrder{Dir: dir, Config: command.Config{
		Argv: server.Argv, Backlog: backlog, Port: server.Port, Wait: server.Wait, UID: -1, GID: -1,
	}}
	if s.place.mode == netns.User {
		o.UID, o.GID = os.Geteuid(), os.Getegid()
	}
	return o
}

// processOf returns the process that holds a listening socket; nil where that cannot be seen.
func processOf(socket *probe.Listener) *record.Process {
	p, found := known.Owner(socket.Inode)
	if !found {
		return nil
	}
	return &record.Process{Name: p.Name, Program: p.Program, Kinds: known.Kinds(&p, int(socket.Limit))}
}

// tried notes how the user's own server listens in a cell. A backlog that it was given and did not take is an
// error before anything is measured.
func (s *sandbox) tried(cell *record.Cell, found *listening) error {
	if found == nil {
		return nil
	}
	if s.options.Server.asked && *found.Effective != cell.Effective {
		return inputf("%w: setting %s: the command does not take the backlog: it listens with %d, not with %d; "+
			"put %s among its arguments, or let it read %s", ErrCannotStart, cell.ID, *found.Effective, cell.Effective,
			command.Placeholder, command.Variable)
	}
	cell.Effective = *found.Effective
	if !found.Loopback || s.noLink {
		return nil
	}
	if s.plans[cell.ID].LinkAsked() {
		return inputf("%w: the scenario asks for a link, and the command listens on loopback only (%s)",
			ErrCannotStart, found.Address)
	}
	s.onLoopback(record.Note{Code: record.NoteServerOnLoopback, Here: found.Address})
	return nil
}
