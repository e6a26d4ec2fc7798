package axis

import (
	"net/netip"
	"time"

	"agistorm/analysis/record"
	"agistorm/loadgen/caller"
)

// Plan is what one cell is made of: all that an axis can set.
type Plan struct {
	Storm  Storm  `yaml:"storm"`
	Target Target `yaml:"target"`
	// Link between clients and server: LinkVeth, which puts them into two namespaces joined by a wire that
	// loses nothing, or LinkLoopback, for callers on the server's own host. Empty is LinkVeth where the
	// machine lets it, else LinkLoopback.
	Link string `yaml:"link,omitempty"`
	// RTT is the round trip on that link, 0 to MaxRTT; more than 0 needs LinkVeth.
	RTT time.Duration `yaml:"rtt,omitempty"`
	// Sysctls of every cell by their dotted names, net.… only. net.core.somaxconn is an axis of its own.
	Sysctls map[string]string `yaml:"sysctls,omitempty"`
	// Somaxconn is net.core.somaxconn of the cell: "max" or 0 to spec.MaxBacklog. Only settings give it, and
	// the backlog.
	Somaxconn string `yaml:"-"`
	// Backlog that the application gives listen(2), as spec.ParseBacklog reads it.
	Backlog string `yaml:"-"`
}

// Storm is what the clients do.
type Storm struct {
	// Calls that one storm offers, 1 to arrival.MaxCalls. 0 is as many as Duration or a trace gives.
	Calls int `yaml:"calls"`
	// Duration in which they come, 0 for as long as Calls take.
	Duration time.Duration `yaml:"duration,omitempty"`
	// Arrival as arrival.Parse reads it, e.g. "burst" or "asterisk 4".
	Arrival string `yaml:"arrival"`
	// Rate is short for the Arrival "constant RATE"; a scenario that was read has it there.
	Rate string `yaml:"rate,omitempty"`
	// Script is the path and query of the AGI URL, without the leading slash; may be empty.
	Script string `yaml:"script"`
	// Client is the name of one of caller.Kinds; the keys behind it are as in caller.Client.
	Client       string            `yaml:"client"`
	Args         []string          `yaml:"args,omitempty"`
	Variables    map[string]string `yaml:"variables,omitempty"`
	MissingFiles []string          `yaml:"missing-files,omitempty"`
	Think        time.Duration     `yaml:"think,omitempty"`
	HangUpAfter  time.Duration     `yaml:"hang-up-after,omitempty"`
	// Sources are the clients' addresses as caller.ParseSources reads them; empty leaves them to the kernel.
	// On a link those of loopback stand for as many of its own.
	Sources string `yaml:"sources,omitempty"`
	// Workers are the processes that play a storm, 0 for as few as can.
	Workers int `yaml:"workers,omitempty"`
	// ConnectTimeout is Asterisk's MAX_AGI_CONNECT, 2 s (res_agi.c). Every timeout must pass caller.CheckTimeout.
	ConnectTimeout time.Duration `yaml:"connect-timeout"`
	// FirstCommandTimeout runs from the end of the environment to the first command.
	FirstCommandTimeout time.Duration `yaml:"first-command-timeout"`
	// SessionTimeout runs from the connect to the server's close.
	SessionTimeout time.Duration `yaml:"session-timeout"`
}

// Caller is the storm's client.
func (s *Storm) Caller() caller.Client {
	return caller.Client{
		Name: s.Client, Args: s.Args, Variables: s.Variables, MissingFiles: s.MissingFiles, Think: s.Think,
		HangUpAfter: s.HangUpAfter,
	}
}

// Limits of the storm's attempts.
func (s *Storm) Limits() caller.Limits {
	return caller.Limits{Connect: s.ConnectTimeout, FirstCommand: s.FirstCommandTimeout, Session: s.SessionTimeout}
}

// Addresses of the storm's clients; none leaves them to the kernel.
func (s *Storm) Addresses() ([]netip.Addr, error) {
	if s.Sources == "" {
		return nil, nil
	}
	return caller.ParseSources(s.Sources)
}

// Target is what the built-in server does.
type Target struct {
	// Like is a well-known server, as spec.ParseLike reads it: its behaviour and its backlog, where the file
	// gives none.
	Like string `yaml:"like,omitempty"`
	// Behaviour as spec.ParseBehaviour reads it.
	Behaviour string `yaml:"behaviour"`
	// Work of each call as work.Parse reads it.
	Work string `yaml:"work"`
	// Script is the list of AGI commands of a session, at least one; ScriptFile has them instead, one a line.
	Script     []string `yaml:"script"`
	ScriptFile string   `yaml:"script-file,omitempty"`
	// Stalls and Restarts as spec.ParseDisturbance reads them; their times count from the storm's first
	// instant.
	Stalls   []string `yaml:"stalls,omitempty"`
	Restarts []string `yaml:"restarts,omitempty"`
}

// What Plan.Link can be.
const (
	LinkVeth     = record.LinkVeth
	LinkLoopback = "loopback"
)

// Linked reports whether clients and server are to be in two namespaces.
func (p *Plan) Linked() bool { return p.Link != LinkLoopback }

// LinkAsked reports whether they must be: where they cannot, the plan cannot be played.
func (p *Plan) LinkAsked() bool { return p.Link == LinkVeth || p.RTT > 0 }
