package axis

import (
	"errors"
	"fmt"
	"strconv"

	"agistorm/target/spec"
)

// somaxconn is net.core.somaxconn of the cell's own namespace.
var somaxconn = Axis{
	Name: "somaxconn", Path: SomaxconnSysctl, Queue: true,
	Set: func(p *Plan, value string) error {
		n, err := parseSomaxconn(value)
		p.Somaxconn = FormatLimit(n)
		return err
	},
	Get: func(p *Plan) string { return p.Somaxconn },
}

// SomaxconnSysctl is the sysctl that the axis somaxconn stands for.
const SomaxconnSysctl = "net.core.somaxconn"

// parseSomaxconn reads "max", or 0 to spec.MaxBacklog: the kernel's net/core/sysctl_net_core.c has an int
// from 0.
func parseSomaxconn(value string) (int, error) {
	if value == Max {
		return spec.MaxBacklog, nil
	}
	n, err := strconv.ParseUint(value, 10, 31)
	switch {
	case value == "":
		return 0, errors.New(`missing: want a number or "max"`)
	case err != nil:
		return 0, fmt.Errorf(`%q: want 0 to %d, or "max"`, value, spec.MaxBacklog)
	}
	return int(n), nil
}

// FormatLimit writes a somaxconn or a backlog as it can be typed, the greatest as "max".
func FormatLimit(n int) string {
	if n >= spec.MaxBacklog {
		return Max
	}
	return strconv.Itoa(n)
}

// backlog is what the application gives listen(2). Set needs the somaxconn first, which some policies follow.
var backlog = Axis{
	Name: "backlog", Path: "backlog", Queue: true,
	Set: func(p *Plan, value string) error {
		b, err := spec.ParseBacklog(value)
		if err != nil {
			return err
		}
		if p.Backlog = b.String(); p.Backlog == strconv.Itoa(spec.MaxBacklog) {
			p.Backlog = Max
		}
		_, _, err = p.Limits()
		return err
	},
	Get: func(p *Plan) string { return p.Backlog },
}

// Limits are the somaxconn, and the number that the application gives listen(2).
func (p *Plan) Limits() (somaxconn, asked int, err error) {
	if somaxconn, err = parseSomaxconn(p.Somaxconn); err != nil {
		return 0, 0, err
	}
	b, err := spec.ParseBacklog(p.Backlog)
	if err != nil {
		return 0, 0, err
	}
	asked, err = b.Number(&somaxconn)
	return somaxconn, asked, err
}
