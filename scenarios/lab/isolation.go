package lab

import (
	"context"
	"errors"
	"os"
	"runtime"
	"strings"
	"syscall"

	"agistorm/analysis/record"
	"agistorm/target/netns"
	"agistorm/target/probe"
)

// Isolation is how a sweep is asked to cut its cells off from the host.
type Isolation string

// Isolations.
const (
	// Auto takes the first that works of User, Net and None.
	Auto Isolation = "auto"
	// User namespaces need no root.
	User Isolation = "user"
	// Net namespaces need root.
	Net Isolation = "net"
	// None runs in the host's own namespace.
	None Isolation = "none"
)

// place is where cells will live.
type place struct {
	mode      netns.Mode
	isolation record.Isolation
	// why it is the host's own namespace; nil otherwise.
	why error
}

// RefusedError is about a machine that gives no namespace.
type RefusedError struct {
	// Note of it, for the record, and for what would help.
	Note record.Note
	err  error
}

func (e *RefusedError) Error() string { return "no network namespace of our own: " + e.err.Error() }

func (e *RefusedError) Unwrap() error { return e.err }

// choose tries what was asked for and takes the first that works.
func choose(ctx context.Context, asked Isolation) (place, error) {
	user := place{mode: netns.User, isolation: record.Isolation{Mode: record.IsolationUser}}
	net := place{mode: netns.Net, isolation: record.Isolation{Mode: record.IsolationNet}}
	host := place{
		mode:      netns.Host,
		isolation: record.Isolation{Mode: record.IsolationHost, Reason: &record.Note{Code: record.NoteHostAsked}},
		why:       errors.New("--isolation none was asked for"),
	}
	switch asked {
	case None:
		return host, nil
	case Net:
		return net, refusal(tryOut(ctx, netns.Net, trial))
	}
	err := refusal(tryOut(ctx, netns.User, trial))
	var refused *RefusedError
	switch {
	case !errors.As(err, &refused) || asked == User:
		return user, err
	case os.Geteuid() == 0 && tryOut(ctx, netns.Net, trial) == nil:
		return net, nil
	}
	host.isolation.Reason, host.why = &refused.Note, refused
	return host, ctx.Err()
}

// trial is what shows that a namespace can be set up at all.
var trial = map[string]string{somaxconn: "128"}

// tryOut sets a namespace up as a cell does, with these sysctls.
func tryOut(ctx context.Context, mode netns.Mode, sysctls map[string]string) error {
	_, err := trySetting(ctx, mode, cellOrder{Isolated: true, Sysctls: sysctls})
	return err
}

// checked is what the trial of a setting found.
type checked struct {
	// Sysctls that the cell has then.
	Sysctls map[string]string
	// NoLink is why a link that was not asked for cannot be had; empty where it can.
	NoLink string
	// Server is how the user's own listens in the setting; nil without one.
	Server *listening
}

// trySetting sets a cell up, with its link.
func trySetting(ctx context.Context, mode netns.Mode, order cellOrder) (found checked, err error) {
	c, err := startCell(ctx, roleCheck, mode, &order)
	if err != nil {
		return checked{}, err
	}
	defer c.kill()
	return found, c.ask(order, &found)
}

// checkRole is the other half of trySetting.
func checkRole(p *parent) error {
	var order cellOrder
	if err := p.order(&order); err != nil {
		return err
	}
	var found checked
	var err error
	if found.Sysctls, err = order.setUp(); err != nil {
		return err
	}
	clients, err := order.clientsPlace()
	switch {
	case err != nil && order.Fallback:
		found.NoLink = err.Error()
	case err != nil:
		return err
	default:
		if err := clients.close(&record.Kernel{}); err != nil {
			return err
		}
	}
	if order.Server != nil {
		if found.Server, err = order.Server.tryServer(); err != nil {
			return err
		}
	}
	return p.answer(found)
}

// refusal is the error of a namespace that was refused, with what would allow it.
func refusal(err error) error {
	if err == nil {
		return nil
	}
	note := record.Note{Code: record.NoteNoNamespace, Error: err.Error()}
	switch {
	case runtime.GOOS != "linux":
		note.Code = record.NoteNotLinux
	case errors.Is(err, syscall.ENOSPC): // clone(2) for a limit of namespaces, nothing to do with a disk
		note.Code = record.NoteNamespaceLimit
	}
	var allow []string
	for _, s := range switches {
		if value, err := probe.Sysctl(s.name); err == nil && value == s.refuses {
			allow = append(allow, s.name+"="+s.allows)
		}
	}
	note.Allow = strings.Join(allow, " ")
	return &RefusedError{note, err}
}

// switches are sysctls of distributions that refuse user namespaces, with the value that allows them.
var switches = []struct{ name, refuses, allows string }{
	{"kernel.apparmor_restrict_unprivileged_userns", "1", "0"},
	{"kernel.unprivileged_userns_clone", "0", "1"},
	{"user.max_user_namespaces", "0", "10000"},
	{"user.max_net_namespaces", "0", "10000"},
}
