package probe

import (
	"fmt"
	"net/netip"
	"os"

	"agistorm/target/netns"
)

// OpenDiagOf is OpenDiag in the network namespace of a process, such as one in a container; the address is
// as that namespace has it. That needs CAP_SYS_ADMIN there and here (setns(2)); the error wraps EPERM
// without it.
func OpenDiagOf(pid int, address netip.AddrPort) (d *Diag, err error) {
	namespace, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", pid))
	if err != nil {
		return nil, fmt.Errorf("accept queue: %w", err)
	}
	defer namespace.Close()
	err = netns.Inside(int(namespace.Fd()), func() error {
		d, err = OpenDiag(address) // its socket stays in the namespace that it was made in
		return err
	})
	if err != nil && d == nil {
		return nil, fmt.Errorf("the network namespace of process %d: %w", pid, err)
	}
	return d, err
}
