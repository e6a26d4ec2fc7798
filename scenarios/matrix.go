package scenarios

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"agistorm/loadgen/caller"
)

// settings are all combinations, the last axis turning fastest: somaxconn, backlog, client, then the sysctls by name. A server of the field
// has a backlog for those without.
func (m *Matrix) settings(like bool) ([]Setting, error) {
	axes := m.axes()
	if err := m.check(axes, like); err != nil {
		return nil, err
	}
	list := []Setting{{}}
	for _, a := range axes {
		list = a.spreadOut(list)
	}
	return list, nil
}

// check finds what is wrong with the axes, as the file has them, before any combination is made.
func (m *Matrix) check(axes []axis, like bool) error {
	product := 1
	for _, a := range axes {
		if err := a.check(); err != nil {
			return err
		}
		if product *= max(len(a.values), 1); product > MaxSettings {
			return wrong("matrix", "more than %d combinations", MaxSettings)
		}
	}
	switch {
	case len(m.Somaxconn) == 0:
		return wrong("matrix", "somaxconn is missing: want its values")
	case len(m.Backlog) == 0 && !like:
		return wrong("matrix", "backlog is missing: want its values")
	}
	return nil
}

// axis is one thing that a matrix turns.
type axis struct {
	path   string
	sysctl string // empty for what is none
	values []string
	set    func(s *Setting, value string)
}

// axes are those of the matrix, in the order of settings.
func (m *Matrix) axes() []axis {
	all := []axis{
		{"matrix.somaxconn", "", m.Somaxconn, func(s *Setting, v string) { s.Somaxconn = v }},
		{"matrix.backlog", "", m.Backlog, func(s *Setting, v string) { s.Backlog = v }},
		{"matrix.client", "", m.Client, func(s *Setting, v string) { s.Client = v }},
	}
	for _, name := range slices.Sorted(maps.Keys(m.Sysctls)) {
		all = append(all, axis{"matrix.sysctls", name, m.Sysctls[name], func(s *Setting, v string) {
			s.Sysctls = maps.Clone(s.Sysctls)
			if s.Sysctls == nil {
				s.Sysctls = map[string]string{}
			}
			s.Sysctls[name] = v
		}})
	}
	return all
}

// check finds a value that is wrong, and one that is given twice, however it is written.
func (a *axis) check() error {
	if a.sysctl != "" && len(a.values) == 0 {
		return wrong(a.path, "%s has no value", a.sysctl)
	}
	seen := map[string]string{}
	for i, v := range a.values {
		if v == "" && a.path == "matrix.client" {
			return wrong(a.place(i), "want asterisk or single-write")
		}
		s := Setting{Somaxconn: "0", Backlog: "0"}
		a.set(&s, v)
		if _, err := s.fault(); err != nil {
			return &FieldError{a.place(i), err}
		}
		key := s.plain().Key()
		if first, twice := seen[key]; twice {
			return wrong(a.place(i), "%s is the same as %s before it; use repeats for more storms of one setting", strings.TrimSpace(a.sysctl+" "+v), first)
		}
		seen[key] = v
	}
	return nil
}

// place of a value in the file; a sysctl's name has points, which a path cannot have.
func (a *axis) place(i int) string {
	if a.sysctl != "" {
		return a.path
	}
	return fmt.Sprintf("%s[%d]", a.path, i)
}

// spreadOut gives each setting every one of the values; an axis without values changes nothing.
func (a *axis) spreadOut(list []Setting) []Setting {
	if len(a.values) == 0 {
		return list
	}
	all := make([]Setting, 0, len(list)*len(a.values))
	for _, s := range list {
		for _, v := range a.values {
			next := s
			a.set(&next, v)
			all = append(all, next)
		}
	}
	return all
}

// besideMatrix finds a combination that is among the settings that stand by themselves.
func besideMatrix(own, combinations []Setting) error {
	for _, c := range combinations {
		if i := slices.IndexFunc(own, func(s Setting) bool { return s.Key() == c.Key() }); i >= 0 {
			return wrong("matrix", "its combination %s is the same as settings[%d]; use repeats for more storms of one setting", c.Key(), i)
		}
	}
	return nil
}

// Key tells settings apart: it is the same only for the same values.
func (s Setting) Key() string {
	key := "somaxconn-" + s.Somaxconn + "_backlog-" + s.Backlog
	for _, name := range slices.Sorted(maps.Keys(s.Sysctls)) {
		key += "_" + shortName(name) + "-" + strings.Join(strings.Fields(s.Sysctls[name]), "-")
	}
	key = strings.ReplaceAll(key, "/", "-") // it names a folder
	if s.Client != "" {
		key += "_" + s.Client
	}
	return key
}

// shortName is a sysctl's name without net.core or net.ipv4. Where there is more of it all of it stays: several end alike.
func shortName(name string) string {
	for _, folder := range []string{"net.core.", "net.ipv4."} {
		if last, ok := strings.CutPrefix(name, folder); ok && !strings.Contains(last, ".") {
			return last
		}
	}
	return name
}

// hostWide are sysctls that a network namespace has not, with what they are.
var hostWide = map[string]string{
	"net.core.netdev_max_backlog": "the queue of packets that a CPU takes in",
	"net.ipv4.tcp_mem":            "the memory of all sockets",
	"net.ipv4.tcp_max_orphans":    "the sockets that no process holds",
	"net.core.rmem_max":           "a bound of every socket's buffer",
	"net.core.wmem_max":           "a bound of every socket's buffer",
}

// sysctlsError is about the sysctls of a scenario, or of a setting.
func sysctlsError(sysctls map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(sysctls)) {
		switch what, host := hostWide[name]; {
		case name == "net.core.somaxconn":
			return errors.New("net.core.somaxconn is what a setting varies: give it there as somaxconn")
		case host:
			return fmt.Errorf("%s belongs to the host (%s): no network namespace has one of its own", name, what)
		case !sysctlForm.MatchString(name):
			return fmt.Errorf("%q: only net.… sysctls belong to a network namespace", name)
		case strings.TrimSpace(sysctls[name]) == "":
			return fmt.Errorf("%s has no value", name)
		}
	}
	return nil
}

// fault is the first field that is wrong, and why; nil where none is.
func (s Setting) fault() (field string, why error) {
	if _, err := s.Limit(); err != nil {
		return "somaxconn", somaxconnError(s.Somaxconn)
	}
	if _, err := s.Asked(); err != nil {
		return "backlog", err
	}
	if err := sysctlsError(s.Sysctls); err != nil {
		return "sysctls", err
	}
	return "client", s.clientError()
}

// clientError is about the client of a setting: one that speaks AGI, so that all settings count the same success.
func (s Setting) clientError() error {
	switch s.Client {
	case "", caller.Asterisk, caller.SingleWrite:
		return nil
	}
	return fmt.Errorf("%q: want asterisk or single-write", s.Client)
}

// plain is the setting with each value as the run writes it, however the file does: 128 for 0128, max for 2147483647, one blank for several.
func (s Setting) plain() Setting {
	if n, err := s.Limit(); err == nil {
		s.Somaxconn = plainNumber(n)
	}
	if n, err := strconv.ParseUint(s.Backlog, 10, 31); err == nil {
		s.Backlog = plainNumber(int(n))
	}
	s.Sysctls = maps.Clone(s.Sysctls)
	for name, value := range s.Sysctls {
		s.Sysctls[name] = strings.Join(strings.Fields(value), " ")
	}
	return s
}

// plainNumber has the word for INT_MAX that somaxconn and backlog share.
func plainNumber(n int) string {
	if n == MaxSomaxconn {
		return "max"
	}
	return strconv.Itoa(n)
}
