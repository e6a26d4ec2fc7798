package record

import "slices"

// ConnectOnly is the client whose calls end with the connection: it sends nothing and closes.
const ConnectOnly = "connect-only"

// Outcome is what became of one attempt. Every attempt ends in exactly one.
type Outcome string

const (
	// Answered is a whole session: at least one command came, and the server closed.
	Answered Outcome = "answered"
	// Connected is the whole attempt of a client that only connects (Scenario.Client is ConnectOnly): it
	// proves a connection, not a script.
	Connected Outcome = "connected"
	// Refused is an RST in answer to the SYN. On Linux that is a closed port, never a full queue.
	Refused Outcome = "refused"
	// ConnectTimeout is no connection within the connect limit (Asterisk: 2 s, MAX_AGI_CONNECT in res_agi.c).
	ConnectTimeout Outcome = "connect-timeout"
	// Unreachable is a connect that failed with any other errno (no route, forbidden …); the errno stands
	// beside it.
	Unreachable Outcome = "unreachable"
	// Phantom is a connection of a client that only connects, and of which the server's kernel had nothing when its
	// client left: it dropped the last ACK at the full accept queue.
	Phantom Outcome = "phantom"
	// Closed is a FIN before the first command, and before a client that only connects closed its own side.
	Closed Outcome = "closed"
	// Reset is an RST after the connect.
	Reset Outcome = "reset"
	// Silent is a connection without a command within the first-command limit.
	Silent Outcome = "silent"
	// ProtocolError is a session that broke FastAGI's rules or did not end within the session limit.
	ProtocolError Outcome = "protocol-error"
	// LocalExhaustion is the generator's own fault: no port, descriptor or memory was left (EADDRNOTAVAIL,
	// EMFILE, ENOBUFS …).
	LocalExhaustion Outcome = "local-exhaustion"
	// NotOffered is the generator's own fault: the attempt's time passed before it could be started.
	NotOffered Outcome = "not-offered"
)

// Outcomes lists every outcome, in the order in which tables and figures show them.
var Outcomes = []Outcome{
	Answered, Connected, ConnectTimeout, Refused, Unreachable, Phantom, Closed, Reset, Silent, ProtocolError,
	LocalExhaustion, NotOffered,
}

// Offered reports whether the attempt reached the network. One that did not is the
// generator's fault and makes a run inconclusive.
func (o Outcome) Offered() bool { return o != LocalExhaustion && o != NotOffered }

// Spoken reports whether only an attempt of a client that waits for commands can end so.
func (o Outcome) Spoken() bool { return slices.Contains(spoken, o) }

// spoken are those outcomes.
var spoken = []Outcome{Answered, Silent, ProtocolError}

// Served reports whether the client got all that it came for.
func (o Outcome) Served() bool { return o == Answered || o == Connected }

// Lost reports whether a call was lost: offered, and not served.
func (o Outcome) Lost() bool { return o.Offered() && !o.Served() }

// Valid reports whether o is one of Outcomes.
func (o Outcome) Valid() bool { return slices.Contains(Outcomes, o) }
