//go:build darwin || freebsd

package probe

import (
	"fmt"
	"os"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

func somaxconn() (string, error) {
	name := "kern.ipc.somaxconn"
	if runtime.GOOS == "freebsd" {
		name = "kern.ipc.soacceptqueue"
	}
	n, err := unix.SysctlUint32(name)
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, os.NewSyscallError("sysctl", err))
	}
	return strconv.FormatUint(uint64(n), 10), nil
}
