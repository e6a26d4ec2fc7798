package spec

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"strconv"
	"strings"
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
const MaxBacklog = math.MaxInt32

// Backlog is how an application chooses what it gives listen(2); what the kernel keeps of it is the effective
// backlog. The zero value is the fixed number 0. Make one with Max, Fixed or ParseBacklog.
type Backlog struct {
	policy string // empty for a fixed number
	number int
}

// Max is the policy "max": MaxBacklog.
func Max() Backlog { return Backlog{policy: "max"} }

// Fixed is a number from 0 to MaxBacklog.
func Fixed(n int) Backlog { return Backlog{number: n} }

// policy is what applications do that give no number of their own.
type policy struct {
	name   string
	number func(somaxconn *int) (int, error)
}

// policies in the order in which they are explained.
var policies = []policy{
	{"max", func(*int) (int, error) { return MaxBacklog, nil }},
	// The SOMAXCONN that the system's headers have: Python's socket.SOMAXCONN.
	{"const", func(*int) (int, error) { return headerSomaxconn, nil }},
	// The SOMAXCONN of Linux's headers before 5.4.
	{"const128", func(*int) (int, error) { return 128, nil }},
	{"max1024", func(*int) (int, error) { return max(1024, headerSomaxconn), nil }},
	// The kernel's limit as it was when the server started.
	{"sysctl", readOnce},
	// What Go's package net gives: the kernel's limit, but 128 where that is 0, hidden, or at least 16777215.
	{"go", goBacklog},
	// sysconf(_SC_SOMAXCONN), where the system has it.
	{"sysconf", func(*int) (int, error) {
		return 0, fmt.Errorf("backlog sysconf: sysconf(3) has no SOMAXCONN on %s: %w", runtime.GOOS,
			errors.ErrUnsupported)
	}},
}

// readOnce is the kernel's limit.
func readOnce(somaxconn *int) (int, error) {
	if somaxconn == nil {
		return 0, fmt.Errorf("backlog sysctl: this system does not report its limit: %w", errors.ErrUnsupported)
	}
	return *somaxconn, nil
}

// goBacklog is maxListenerBacklog of Go's net/sock_linux.go: its parser of small numbers fails from
// 0xFFFFFF on, and then it takes syscall.SOMAXCONN, which is 128.
func goBacklog(somaxconn *int) (int, error) {
	const big, fallback = 0xFFFFFF, 128
	if somaxconn == nil || *somaxconn == 0 || *somaxconn >= big {
		return fallback, nil
	}
	return *somaxconn, nil
}

// Policies are the names that ParseBacklog takes beside numbers.
func Policies() (names []string) {
	for _, p := range policies {
		names = append(names, p.name)
	}
	return names
}

// errBacklog is a backlog above MaxBacklog.
var errBacklog = errors.New(`the largest is 2147483647 (INT_MAX), or "max"`)

// ParseBacklog takes the name of a policy, or a number from 0 to MaxBacklog.
func ParseBacklog(s string) (Backlog, error) {
	for _, p := range policies {
		if s == p.name {
			return Backlog{policy: s}, nil
		}
	}
	n, err := strconv.ParseUint(s, 10, 31)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return Backlog{}, fmt.Errorf("backlog %s: %w", s, errBacklog)
	case isNegative(s):
		return Backlog{}, fmt.Errorf("backlog %s: the kernel takes a negative backlog for the largest, and cuts it to "+
			"net.core.somaxconn: write max", s)
	case err != nil:
		return Backlog{}, fmt.Errorf("backlog %q: want a number from 0 to %d, or one of %s", s, MaxBacklog,
			strings.Join(Policies(), ", "))
	}
	return Fixed(int(n)), nil
}

func isNegative(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n < 0
}

// Number is what listen(2) is given where the kernel's limit is somaxconn, nil where that is unknown. The
// error wraps errors.ErrUnsupported where the policy is not to be had.
func (b Backlog) Number(somaxconn *int) (int, error) {
	for _, p := range policies {
		if b.policy == p.name {
			return p.number(somaxconn)
		}
	}
	switch {
	case int64(b.number) > MaxBacklog:
		return 0, fmt.Errorf("backlog %d: %w", b.number, errBacklog)
	case b.number < 0:
		return 0, fmt.Errorf("backlog %d: the least is 0", b.number)
	}
	return b.number, nil
}

// String is what ParseBacklog takes.
func (b Backlog) String() string {
	if b.policy != "" {
		return b.policy
	}
	return strconv.Itoa(b.number)
}
