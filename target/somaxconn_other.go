//go:build !linux

package target

import "syscall"

// headerSomaxconn is SOMAXCONN of the system's headers.
const headerSomaxconn = syscall.SOMAXCONN
