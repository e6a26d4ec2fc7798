package target

import (
	"os"

	"golang.org/x/sys/unix"
)

// sharePort lets several sockets listen on one port, each with a queue of its own; the kernel deals the
// connections out by a hash of the client's address and port (net/core/sock_reuseport.c).
func sharePort(fd int) error {
	return os.NewSyscallError("setsockopt SO_REUSEPORT", unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1))
}
