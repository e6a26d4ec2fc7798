package scenarios

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"agistorm/loadgen/caller"
	"agistorm/scenarios/arrival"
	"agistorm/scenarios/axis"
	"agistorm/target/spec"
	"agistorm/target/work"
)

// FieldError is a value that a scenario must not have.
type FieldError struct {
	// Path of the field as it stands in the file, e.g. "settings[2].backlog".
	Path string
	Err  error
}

func (e *FieldError) Error() string { return e.Path + ": " + e.Err.Error() }
func (e *FieldError) Unwrap() error { return e.Err }

// Validate returns the first value that is wrong as a *FieldError, nil when there is none.
func (s *Scenario) Validate() error {
	return first(s.validateHead, s.validateLists, s.validateSettings, s.validateGates)
}

// validateLists bounds every list before anything is made of it.
func (s *Scenario) validateLists() error {
	for _, list := range []struct {
		path string
		n    int
	}{
		{"gates", len(s.Gates)}, {"sysctls", len(s.Sysctls)}, {"storm.args", len(s.Storm.Args)},
		{"storm.variables", len(s.Storm.Variables)}, {"storm.missing-files", len(s.Storm.MissingFiles)},
		{"target.script", len(s.Target.Script)}, {"target.stalls", len(s.Target.Stalls)},
		{"target.restarts", len(s.Target.Restarts)},
	} {
		if list.n > maxList {
			return wrong(list.path, "%d values: want %d at most", list.n, maxList)
		}
	}
	return nil
}

// first returns the first error of some checks.
func first(checks ...func() error) error {
	for _, check := range checks {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func wrong(path, format string, args ...any) error {
	return &FieldError{Path: path, Err: fmt.Errorf(format, args...)}
}

var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

func (s *Scenario) validateHead() error {
	switch {
	case !nameForm.MatchString(s.Name):
		return wrong("name", "%q: want 1 to 64 of a-z, 0-9, dot, dash and underscore, beginning with a letter or digit",
			s.Name)
	case s.Repeats < 1 || s.Repeats > MaxRepeats:
		return wrong("repeats", "%d: want 1 to %d", s.Repeats, MaxRepeats)
	}
	return nil
}

// validatePlan finds what is wrong with the scenario's storm, target and link.
func (s *Scenario) validatePlan() error {
	return first(s.validateLink, s.validateArrival, s.validateClient, s.validateTimeouts, s.validateTarget,
		s.validateSysctls)
}

func (s *Scenario) validateLink() error {
	switch {
	case s.Link != "" && s.Link != axis.LinkVeth && s.Link != axis.LinkLoopback:
		return wrong("link", "%q: want %s or %s", s.Link, axis.LinkVeth, axis.LinkLoopback)
	case s.RTT < 0 || s.RTT > MaxRTT:
		return wrong("rtt", "%v: want 0s to %v", s.RTT, MaxRTT)
	case s.RTT > 0 && s.Link == axis.LinkLoopback:
		return wrong("link", "loopback: it has no round trip of %v; leave it out", s.RTT)
	}
	return s.validateSources()
}

// validateSources requires addresses that a client can have: on loopback those of loopback, on a link any of a host.
func (s *Scenario) validateSources() error {
	sources, err := s.Storm.Addresses()
	if err != nil {
		return &FieldError{"storm.sources", err}
	}
	for _, a := range sources {
		switch {
		case !a.Is4():
			return wrong("storm.sources", "%s: want IPv4 addresses, the server has one", a)
		case !a.IsLoopback() && !s.Linked():
			return wrong("storm.sources", "%s: want addresses of 127.0.0.0/8, the server is at %s", a, serverIP)
		}
	}
	return nil
}

// serverIP is the lab's own on loopback.
var serverIP = netip.AddrFrom4([4]byte{127, 0, 0, 1})

func (s *Scenario) validateTimeouts() error {
	for _, limit := range []struct {
		path string
		d    time.Duration
	}{
		{"storm.connect-timeout", s.Storm.ConnectTimeout},
		{"storm.first-command-timeout", s.Storm.FirstCommandTimeout},
		{"storm.session-timeout", s.Storm.SessionTimeout},
	} {
		if err := caller.CheckTimeout(limit.d); err != nil {
			return &FieldError{limit.path, err}
		}
	}
	return nil
}

func (s *Scenario) validateArrival() error {
	switch {
	case s.Storm.Calls < 0 || s.Storm.Calls > arrival.MaxCalls:
		return wrong("storm.calls", "%d: want 1 to %d", s.Storm.Calls, arrival.MaxCalls)
	case s.Storm.Calls == 0 && s.Storm.Duration == 0 && !arrival.IsTrace(s.Storm.Arrival):
		return wrong("storm.calls", "0: want 1 to %d, or a duration", arrival.MaxCalls)
	case s.Storm.Duration < 0:
		return wrong("storm.duration", "%v: want a time above 0", s.Storm.Duration)
	}
	if _, err := s.Schedule(); err != nil {
		return &FieldError{"storm.arrival", err}
	}
	if strings.ContainsAny(s.Storm.Script, "\r\n\x00") {
		return wrong("storm.script", "%q: a line break would end the agi_network_script line", s.Storm.Script)
	}
	return nil
}

func (s *Scenario) validateClient() error {
	storm := &s.Storm
	if err := (caller.Client{Name: storm.Client}).Check(); err != nil {
		return &FieldError{"storm.client", err}
	}
	for i, file := range storm.MissingFiles {
		if err := (caller.Client{MissingFiles: []string{file}}).Check(); err != nil {
			return &FieldError{fmt.Sprintf("storm.missing-files[%d]", i), err}
		}
	}
	err := storm.Caller().Check()
	if err == nil {
		err = storm.Caller().Fit(storm.Limits())
	}
	if err != nil {
		return &FieldError{"storm", err}
	}
	if storm.Workers < 0 || storm.Workers > caller.MaxWorkers {
		return wrong("storm.workers", "%d: want 1 to %d", storm.Workers, caller.MaxWorkers)
	}
	return nil
}

func (s *Scenario) validateTarget() error {
	if _, err := spec.ParseBehaviour(s.Target.Behaviour); err != nil {
		return &FieldError{"target.behaviour", err}
	}
	if _, err := work.Parse(s.Target.Work, OpenRegular); err != nil {
		return &FieldError{"target.work", err}
	}
	for path, list := range map[string][]string{
		"target.stalls": s.Target.Stalls, "target.restarts": s.Target.Restarts,
	} {
		for i, text := range list {
			if _, err := spec.ParseDisturbance(text); err != nil {
				return &FieldError{fmt.Sprintf("%s[%d]", path, i), err}
			}
		}
	}
	if len(s.Target.Script) == 0 {
		return wrong("target.script", "no command: only a first command proves that a script ran, give at least one")
	}
	for i, command := range s.Target.Script {
		if command == "" || strings.ContainsAny(command, "\n\x00") {
			return wrong(fmt.Sprintf("target.script[%d]", i), "%q: an AGI command is one line that is not "+
				"empty", command)
		}
	}
	return nil
}

func (s *Scenario) validateSysctls() error {
	for _, name := range slices.Sorted(maps.Keys(s.Sysctls)) {
		if err := axis.CheckSysctl(name, s.Sysctls[name]); err != nil {
			return &FieldError{"sysctls", err}
		}
	}
	return nil
}

func (s *Scenario) validateSettings() error {
	if n := len(s.Settings); n < 1 || n > MaxSettings {
		return cmp.Or(s.validatePlan(), wrong("settings", "%d: want 1 to %d, listed here or as combinations of a "+
			"matrix", n,
			MaxSettings))
	}
	seen := map[string]int{}
	var last axis.Plan
	for i, setting := range s.Settings {
		path := fmt.Sprintf("settings[%d]", i)
		cell, err := s.Cell(setting)
		if err == nil && !sameLoad(&last, &cell.Plan) { // to read a schedule of many calls takes its time
			err = cell.validatePlan()
		}
		if err != nil {
			return locateIn(path, setting, err)
		}
		if first, twice := seen[setting.Key()]; twice {
			return wrong(path, "the same as settings[%d]; use repeats for more storms of one setting", first)
		}
		seen[setting.Key()], last = i, cell.Plan
	}
	return nil
}

// sameLoad reports whether two plans differ in the length of the queue at most.
func sameLoad(a, b *axis.Plan) bool {
	plain := *b
	plain.Somaxconn, plain.Backlog = a.Somaxconn, a.Backlog
	return reflect.DeepEqual(*a, plain)
}

// locateIn puts an error to the key of the setting that it is about, if it is about one that the setting gives.
func locateIn(path string, setting axis.Values, err error) error {
	var value *axis.Error
	if errors.As(err, &value) {
		return &FieldError{keyPath(path, value.Name), value.Err}
	}
	var field *FieldError
	if errors.As(err, &field) {
		for name := range setting {
			if axis.Named(name).Path == field.Path {
				return &FieldError{keyPath(path, name), field.Err}
			}
		}
	}
	return err
}
