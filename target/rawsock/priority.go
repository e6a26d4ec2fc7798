package rawsock

// Priority is how a process competes for the CPU, as the kernel has it.
type Priority struct {
	// Nice value, -20 to 19: of the thread; a process's is that of its first thread.
	Nice int
	// Autogroup is the nice value of its session among all sessions, -20 to 19 (sched(7), "The autogroup
	// feature"); nil where the kernel does not group processes by session.
	Autogroup *int
	// Session is the ID of the process that leads the session.
	Session int
}
