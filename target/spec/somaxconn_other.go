//go:build !linux

package spec

import "syscall"

// headerSomaxconn is SOMAXCONN of the system's headers.
const headerSomaxconn = syscall.SOMAXCONN
