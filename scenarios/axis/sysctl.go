package axis

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// sysctl declares the axis of one sysctl of a network namespace.
func sysctl(name string) *Axis {
	return &Axis{
		Name: name, Title: ShortName(name), Path: name,
		Set: func(p *Plan, value string) error {
			if err := CheckSysctl(name, value); err != nil {
				return err
			}
			if p.Sysctls == nil {
				p.Sysctls = map[string]string{}
			}
			p.Sysctls[name] = strings.Join(strings.Fields(value), " ")
			return nil
		},
		Get: func(p *Plan) string { return p.Sysctls[name] },
	}
}

// ShortName leaves out of a sysctl's name what all have in common that are swept as a rule.
func ShortName(name string) string {
	return strings.TrimPrefix(strings.TrimPrefix(name, "net.core."), "net.ipv4.")
}

// keyName is the axis in a cell's ID. Where a sysctl's name has more folders all of it stays: several end
// alike.
func (a *Axis) keyName() string {
	if short := ShortName(a.Name); !strings.Contains(short, ".") {
		return short
	}
	return a.Name
}

// sysctlForm lets nothing through that could leave /proc/sys/net.
var sysctlForm = regexp.MustCompile(`^net(\.[a-z0-9_-]+)+$`)

// hostWide are sysctls that a network namespace has not, with what they are.
var hostWide = map[string]string{
	"net.core.netdev_max_backlog": "the queue of packets that a CPU takes in",
	"net.ipv4.tcp_mem":            "the memory of all sockets",
	"net.ipv4.tcp_max_orphans":    "the sockets that no process holds",
	"net.core.rmem_max":           "a bound of every socket's buffer",
	"net.core.wmem_max":           "a bound of every socket's buffer",
}

func notOfNamespace(name string) error {
	return &WordError{name, fmt.Errorf("%q: only net.… sysctls belong to a network namespace", name)}
}

// CheckSysctl returns why a namespace cannot be given that value of a sysctl.
func CheckSysctl(name, value string) error {
	switch what, host := hostWide[name]; {
	case name == SomaxconnSysctl:
		return errors.New("net.core.somaxconn is what a setting varies: give it there as somaxconn")
	case host:
		return fmt.Errorf("%s belongs to the host (%s): no network namespace has one of its own", name, what)
	case !sysctlForm.MatchString(name):
		return notOfNamespace(name)
	case strings.TrimSpace(value) == "":
		return fmt.Errorf("%s has no value", name)
	}
	return nil
}
