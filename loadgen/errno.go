package loadgen

import (
	"fmt"
	"slices"
	"syscall"
)

// errnoNames are those that connects and sessions end with on Unix and, by their
// Winsock numbers, on Windows (which package syscall has no names for).
var errnoNames = map[syscall.Errno]string{
	syscall.ECONNREFUSED: "ECONNREFUSED", winsock + 61: "WSAECONNREFUSED",
	syscall.ETIMEDOUT: "ETIMEDOUT", winsock + 60: "WSAETIMEDOUT",
	syscall.ECONNRESET: "ECONNRESET", winsock + 54: "WSAECONNRESET",
	syscall.ECONNABORTED: "ECONNABORTED", winsock + 53: "WSAECONNABORTED",
	syscall.EPIPE:         "EPIPE",
	syscall.EADDRNOTAVAIL: "EADDRNOTAVAIL", winsock + 49: "WSAEADDRNOTAVAIL",
	syscall.EADDRINUSE: "EADDRINUSE", winsock + 48: "WSAEADDRINUSE",
	syscall.EMFILE: "EMFILE", winsock + 24: "WSAEMFILE",
	syscall.ENFILE:  "ENFILE",
	syscall.ENOBUFS: "ENOBUFS", winsock + 55: "WSAENOBUFS",
	syscall.ENOMEM:       "ENOMEM",
	syscall.EAGAIN:       "EAGAIN",
	syscall.EHOSTUNREACH: "EHOSTUNREACH", winsock + 65: "WSAEHOSTUNREACH",
	syscall.ENETUNREACH: "ENETUNREACH", winsock + 51: "WSAENETUNREACH",
	syscall.EACCES: "EACCES", winsock + 13: "WSAEACCES",
	syscall.EPERM: "EPERM",
	syscall.EIO:   "EIO",
}

// winsock is the base of Winsock's error numbers (WSABASEERR).
const winsock = syscall.Errno(10000)

// errnoName is the errno's name, or its number where it has none here: an unknown errno stays visible.
func errnoName(e syscall.Errno) string {
	if name, ok := errnoNames[e]; ok {
		return name
	}
	return fmt.Sprintf("errno %d", int(e))
}

func isRefused(e syscall.Errno) bool { return oneOf(e, syscall.ECONNREFUSED, winsock+61) }
func isTimeout(e syscall.Errno) bool { return oneOf(e, syscall.ETIMEDOUT, winsock+60) }
func isReset(e syscall.Errno) bool {
	return oneOf(e, syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE, winsock+54, winsock+53)
}

// isExhaustion tells the generator's own faults: no port, descriptor or memory left.
// connect(2) gives EADDRNOTAVAIL, and EAGAIN where routing caches are full.
func isExhaustion(e syscall.Errno) bool {
	return oneOf(e, syscall.EADDRNOTAVAIL, syscall.EADDRINUSE, syscall.EMFILE, syscall.ENFILE,
		syscall.ENOBUFS, syscall.ENOMEM, syscall.EAGAIN, winsock+49, winsock+48, winsock+24, winsock+55)
}

func oneOf(e syscall.Errno, list ...syscall.Errno) bool { return slices.Contains(list, e) }
