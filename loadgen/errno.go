package loadgen

import (
	"fmt"
	"syscall"

	"agistorm/analysis/record"
)

// errno is a name and the outcome of a connect that ends with it; unreachable where empty.
type errno struct {
	name    string
	outcome record.Outcome
}

// errnos holds those that connects and sessions end with on Unix and, by their Winsock numbers, on Windows
// (for which package syscall has no names). An exhaustion is the generator's own fault: no port, descriptor
// or memory is left; connect(2) gives EADDRNOTAVAIL, and EAGAIN where routing caches are full.
var errnos = map[syscall.Errno]errno{
	syscall.ECONNREFUSED:  {"ECONNREFUSED", record.Refused},
	syscall.ETIMEDOUT:     {"ETIMEDOUT", record.ConnectTimeout},
	syscall.ECONNRESET:    {"ECONNRESET", record.Reset},
	syscall.ECONNABORTED:  {"ECONNABORTED", record.Reset},
	syscall.EPIPE:         {"EPIPE", record.Reset},
	syscall.EADDRNOTAVAIL: {"EADDRNOTAVAIL", record.LocalExhaustion},
	syscall.EADDRINUSE:    {"EADDRINUSE", record.LocalExhaustion},
	syscall.EMFILE:        {"EMFILE", record.LocalExhaustion},
	syscall.ENFILE:        {"ENFILE", record.LocalExhaustion},
	syscall.ENOBUFS:       {"ENOBUFS", record.LocalExhaustion},
	syscall.ENOMEM:        {"ENOMEM", record.LocalExhaustion},
	syscall.EAGAIN:        {"EAGAIN", record.LocalExhaustion},
	syscall.EHOSTUNREACH:  {name: "EHOSTUNREACH"},
	syscall.ENETUNREACH:   {name: "ENETUNREACH"},
	syscall.EACCES:        {name: "EACCES"},
	syscall.EPERM:         {name: "EPERM"},
	syscall.EIO:           {name: "EIO"},

	winsock + 61: {"WSAECONNREFUSED", record.Refused},
	winsock + 60: {"WSAETIMEDOUT", record.ConnectTimeout},
	winsock + 54: {"WSAECONNRESET", record.Reset},
	winsock + 53: {"WSAECONNABORTED", record.Reset},
	winsock + 49: {"WSAEADDRNOTAVAIL", record.LocalExhaustion},
	winsock + 48: {"WSAEADDRINUSE", record.LocalExhaustion},
	winsock + 24: {"WSAEMFILE", record.LocalExhaustion},
	winsock + 55: {"WSAENOBUFS", record.LocalExhaustion},
	winsock + 65: {name: "WSAEHOSTUNREACH"},
	winsock + 51: {name: "WSAENETUNREACH"},
	winsock + 13: {name: "WSAEACCES"},
}

// winsock is the base of Winsock's error numbers (WSABASEERR).
const winsock = syscall.Errno(10000)

// errnoName returns the errno's name, or its number where it has none here: an unknown errno stays visible.
func errnoName(e syscall.Errno) string {
	if known, ok := errnos[e]; ok {
		return known.name
	}
	return fmt.Sprintf("errno %d", int(e))
}
