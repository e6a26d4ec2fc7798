package portable

import "syscall"

// connReset is Winsock's WSAECONNRESET.
const connReset = syscall.WSAECONNRESET
