package lab

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"syscall"
	"time"

	"agistorm/analysis/record"
	"agistorm/target/netns"
	"agistorm/target/probe"
)

// cellOrder is one storm in one cell.
type cellOrder struct {
	// Isolated cells set up the namespace they live in; others only read it.
	Isolated bool
	// Sysctls to set and to read back.
	Sysctls map[string]string
	// Swept sysctls are read, too, where the kernel has them.
	Swept []string
	// Effective backlog that the kernel must keep.
	Effective int
	Target    targetOrder
	// Server is the user's own in the place of the target; nil for the target.
	Server *serverOrder
	Storm  stormOrder
	// Linked cells have their clients in a namespace of their own, RTT away.
	Linked bool
	RTT    time.Duration
	// Fallback: the link was not asked for, so a trial without it is no error.
	Fallback bool
	// Workers that play the storm, at least one.
	Workers int
	Dir     record.RepeatDir
}

// headStart is what the processes get between the word "go" and the storm's first instant.
const headStart = 20 * time.Millisecond

// setUp sets the cell's sysctls and returns them, and all others that matter, as the kernel has them now.
func (o *cellOrder) setUp() (map[string]string, error) {
	if !o.Isolated {
		return readSysctls(), nil
	}
	if err := netns.LoopbackUp(); err != nil {
		return nil, err
	}
	set := slices.Sorted(maps.Keys(o.Sysctls))
	for _, name := range set {
		if err := setSysctl(name, o.Sysctls[name]); err != nil {
			return nil, err
		}
	}
	return readSysctls(slices.Concat(set, o.Swept)...), nil
}

// InputError is about a value of the scenario that only the kernel can judge.
type InputError struct{ error }

func (e InputError) Unwrap() error { return e.error }

func inputf(format string, args ...any) error { return InputError{fmt.Errorf(format, args...)} }

// setSysctl sets a sysctl of the cell and reads it back.
func setSysctl(name, value string) error {
	err := netns.SetSysctl(name, value)
	if errors.Is(err, fs.ErrNotExist) {
		return inputf("%s cannot be set in a network namespace: this kernel has it for the whole host only, or not "+
			"at all",
			name)
	}
	if errors.Is(err, fs.ErrPermission) {
		return inputf("%s cannot be set in a network namespace: it is there to read only (%w)", name, err)
	}
	if errors.Is(err, syscall.EINVAL) {
		return inputf("the kernel refuses %q for %s (%w)", value, name, err)
	}
	if err != nil {
		return fmt.Errorf("setting %s to %s: %w", name, value, err)
	}
	got, err := probe.Sysctl(name)
	if err != nil {
		return err
	}
	if want := strings.Join(strings.Fields(value), " "); got != want {
		return inputf("%s was set to %s, but the kernel kept %s", name, want, got)
	}
	return nil
}

// check holds the effective backlog against the rule, min(backlog, somaxconn).
func (o *cellOrder) check(l listening) error {
	if o.Server != nil {
		return o.checkServer(l)
	}
	if l.Effective != nil && *l.Effective != o.Effective {
		return fmt.Errorf("listen(2) with backlog %s kept a backlog of %d, want %d: the kernel does not do "+
			"min(backlog, somaxconn) here",
			o.Target.Backlog, *l.Effective, o.Effective)
	}
	return nil
}
