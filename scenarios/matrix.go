package scenarios

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// settings are all combinations, the last axis turning fastest: somaxconn, backlog, client, then the sysctls by name.
func (m *Matrix) settings() ([]Setting, error) {
	list := []Setting{{}}
	list = spreadOut(list, m.Somaxconn, func(s *Setting, v string) { s.Somaxconn = v })
	list = spreadOut(list, m.Backlog, func(s *Setting, v string) { s.Backlog = v })
	list = spreadOut(list, m.Client, func(s *Setting, v string) { s.Client = v })
	for _, name := range slices.Sorted(maps.Keys(m.Sysctls)) {
		if len(m.Sysctls[name]) == 0 {
			return nil, wrong("matrix.sysctls", "%s has no value", name)
		}
		list = spreadOut(list, m.Sysctls[name], func(s *Setting, v string) {
			s.Sysctls = maps.Clone(s.Sysctls)
			if s.Sysctls == nil {
				s.Sysctls = map[string]string{}
			}
			s.Sysctls[name] = v
		})
		if len(list) > MaxSettings {
			return nil, wrong("matrix", "more than %d combinations", MaxSettings)
		}
	}
	return list, nil
}

// spreadOut gives each setting every one of the values; an axis without values changes nothing.
func spreadOut(list []Setting, values []string, set func(*Setting, string)) []Setting {
	if len(values) == 0 {
		return list
	}
	all := make([]Setting, 0, len(list)*len(values))
	for _, s := range list {
		for _, v := range values {
			next := s
			set(&next, v)
			all = append(all, next)
		}
	}
	return all
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

// checkSysctls is about the sysctls of a scenario, or of a setting.
func checkSysctls(path string, sysctls map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(sysctls)) {
		switch what, host := hostWide[name]; {
		case name == "net.core.somaxconn":
			return wrong(path, "net.core.somaxconn is what a setting varies: give it there as somaxconn")
		case host:
			return wrong(path, "%s belongs to the host (%s): no network namespace has one of its own", name, what)
		case !sysctlForm.MatchString(name):
			return wrong(path, "%q: only net.… sysctls belong to a network namespace", name)
		case strings.TrimSpace(sysctls[name]) == "":
			return wrong(path, "%s has no value", name)
		}
	}
	return nil
}

// checkClient is about the client of a setting: one that speaks AGI, so that all settings count the same success.
func (s Setting) checkClient(path string) error {
	switch s.Client {
	case "", "asterisk", "single-write":
		return nil
	}
	return &FieldError{path + ".client", fmt.Errorf("%q: want asterisk or single-write", s.Client)}
}
