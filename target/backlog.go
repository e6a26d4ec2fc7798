package target

import (
	"errors"
	"fmt"
	"strconv"
)

// MaxBacklog is exactly INT_MAX, what listen(2) is given for "as much as the kernel grants":
//
//   - Linux takes it as unsigned and cuts it to the net.core.somaxconn of that moment, in the
//     network namespace of the socket (net/socket.c, __sys_listen_socket).
//   - macOS and FreeBSD cut it to kern.ipc.somaxconn and kern.ipc.soacceptqueue
//     (kern/uipc_socket.c, solisten), OpenBSD and NetBSD to their kern.somaxconn.
//   - Windows: the same number is Winsock's SOMAXCONN, "a maximum reasonable backlog", which
//     the provider chooses; it is not a count there.
//
// One more does not fit C's int: 2147483648 would be a negative backlog.
const MaxBacklog = 2147483647

// Backlog is the number that listen(2) is given, from 0 to MaxBacklog. What the kernel keeps of it
// is the effective backlog.
type Backlog int

// errBacklog is a backlog above MaxBacklog.
var errBacklog = errors.New(`the largest is 2147483647 (INT_MAX), or "max"`)

// ParseBacklog takes "max", which is MaxBacklog, or a number from 0 to MaxBacklog.
func ParseBacklog(s string) (Backlog, error) {
	if s == "max" {
		return MaxBacklog, nil
	}
	n, err := strconv.ParseUint(s, 10, 31)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return 0, fmt.Errorf("backlog %s: %w", s, errBacklog)
	case err != nil:
		return 0, fmt.Errorf("backlog %q: want a number from 0 to %d, or \"max\"", s, MaxBacklog)
	}
	return Backlog(n), nil
}

// String is what ParseBacklog takes: "max" for MaxBacklog.
func (b Backlog) String() string {
	if b == MaxBacklog {
		return "max"
	}
	return strconv.Itoa(int(b))
}

func (b Backlog) check() error {
	switch {
	case int64(b) > MaxBacklog:
		return fmt.Errorf("backlog %d: %w", int64(b), errBacklog)
	case b < 0:
		return fmt.Errorf("backlog %d: the least is 0", int64(b))
	}
	return nil
}
