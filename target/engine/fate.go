package engine

// Fate is how a session ended.
type Fate uint8

// Fates.
const (
	// Open: it has not ended.
	Open Fate = iota
	// Served: the whole script was answered.
	Served
	// HungUp: the caller hung up in the middle of it (the line HANGUP, or a 511).
	HungUp
	// Gone: the client closed before that.
	Gone
	// Reset: the client reset the connection, or the network did.
	Reset
	// LongLine: a line of the client's had too many bytes.
	LongLine
	// ManyLines: an environment, or a reply, had too many lines.
	ManyLines
	// EnvTimeout: the environment took too long.
	EnvTimeout
	// ScriptTimeout: the commands and their replies took too long.
	ScriptTimeout
	// Broken: what the client sent is not AGI.
	Broken
	// Rejected: the server closed the connection unread, because it was full.
	Rejected
	// Stopped: the server stopped, and the session outlasted the drain.
	Stopped
	// Fates is their number.
	Fates
)

// String is the fate's name in records and metrics.
func (f Fate) String() string {
	return [Fates]string{"open", "served", "hung-up", "gone", "reset", "long-line", "many-lines", "env-timeout",
		"script-timeout", "protocol", "rejected", "stopped"}[f]
}

// Failed reports whether the session is over and neither served nor ended by its caller.
func (f Fate) Failed() bool { return f > HungUp }
