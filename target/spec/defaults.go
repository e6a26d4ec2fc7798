package spec

import "time"

// DefaultWork is what each call costs a handler of the built-in server, by default.
const DefaultWork = 5 * time.Millisecond

// DefaultBehaviour is that of the built-in server.
func DefaultBehaviour() Behaviour { return Pool(16) }

// DefaultScript has the commands of each of its sessions.
func DefaultScript() []string { return []string{`VERBOSE "agistorm" 1`, "SET VARIABLE AGISTORM 1"} }
