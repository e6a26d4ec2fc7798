package probe

import (
	"fmt"
	"net/netip"
	"os"

	"agistorm/target/netns"
)

// OpenSourceOf is OpenSource in the network namespace of a process, such as one in a container; the address is
// as that namespace has it. That needs CAP_SYS_ADMIN there and here (setns(2)); the error wraps EPERM
// without it.
func OpenSourceOf(pid int, address netip.AddrPort) (s Source, err error) {
	err = Inside(pid, func() error {
		s, err = OpenSource(address) // its socket stays in the namespace that it was made in
		return err
	})
	if err != nil && s == nil {
		return nil, fmt.Errorf("the network namespace of process %d: %w", pid, err)
	}
	return s, err
}

// Inside runs f on a thread in the network namespace of a process; with the same needs as OpenSourceOf.
func Inside(pid int, f func() error) error {
	namespace, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", pid))
	if err != nil {
		return fmt.Errorf("accept queue: %w", err)
	}
	defer namespace.Close()
	return netns.Inside(int(namespace.Fd()), f)
}
