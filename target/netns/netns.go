// Package netns gives a process a network namespace of its own and sets it up. A
// whole process lives there, so no thread is ever switched between namespaces.
package netns

// Mode is how a process is cut off from the host.
type Mode int

// Modes.
const (
	// Host is not cut off at all.
	Host Mode = iota
	// User is a fresh user namespace, in which the process is root, with a fresh
	// network namespace that belongs to it. Needs no privilege.
	User
	// Net is a fresh network namespace that belongs to the host's user namespace.
	// Needs CAP_SYS_ADMIN. Before Linux 6.3 or so it is the only one that shows net.core.somaxconn.
	Net
)
