//go:build !windows

package portable

import "syscall"

// connReset is the system's ECONNRESET; Windows has another one.
const connReset = syscall.ECONNRESET
