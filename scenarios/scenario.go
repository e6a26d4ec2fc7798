// Package scenarios says what to run: the storm, the target, the settings under
// test and how often. It reads and checks scenario files; it runs nothing.
package scenarios

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"agistorm/loadgen"
	"agistorm/loadgen/caller"
	"agistorm/scenarios/arrival"
	"agistorm/scenarios/near"
	"agistorm/target"
	"agistorm/target/spec"
	"agistorm/target/work"
)

// Scenario is a whole scenario file.
type Scenario struct {
	Name     string `yaml:"name"`
	Question string `yaml:"question,omitempty"`
	Storm    Storm  `yaml:"storm"`
	Target   Target `yaml:"target"`
	// Link between clients and server: LinkVeth, which puts them into two namespaces joined by a wire that loses
	// nothing, or LinkLoopback, for callers on the server's own host. Empty is LinkVeth where the machine lets it, else
	// LinkLoopback.
	Link string `yaml:"link,omitempty"`
	// RTT is the round trip on that link, 0 to MaxRTT; more than 0 needs LinkVeth.
	RTT time.Duration `yaml:"rtt,omitempty"`
	// Sysctls of every cell by their dotted names, net.… only. net.core.somaxconn is a setting, not here.
	Sysctls  map[string]string `yaml:"sysctls,omitempty"`
	Settings []Setting         `yaml:"settings"`
	// Matrix are settings too: every combination of its values. Parse puts them behind Settings.
	Matrix *Matrix `yaml:"matrix,omitempty"`
	// Gates are conditions as expr.Parse reads them, e.g. "somaxconn=128: lost > 0": what must hold of the run.
	Gates []string `yaml:"gates,omitempty"`
	// Repeats of each cell, 1 to MaxRepeats.
	Repeats int `yaml:"repeats"`
	// Seed of everything random: the order of the cells, the callers' identities.
	Seed uint64 `yaml:"seed"`
}

// Storm is what the clients do.
type Storm struct {
	// Calls that one storm offers, 1 to arrival.MaxCalls. 0 is as many as Duration or a trace gives.
	Calls int `yaml:"calls"`
	// Duration in which they come, 0 for as long as Calls take.
	Duration time.Duration `yaml:"duration,omitempty"`
	// Arrival as arrival.Parse reads it, e.g. "burst" or "asterisk 4".
	Arrival string `yaml:"arrival"`
	// Script is the path and query of the AGI URL, without the leading slash; may be empty.
	Script string `yaml:"script"`
	// Client is who calls: one of caller.Clients, with what caller.Client says of the others.
	Client       string            `yaml:"client"`
	Args         []string          `yaml:"args,omitempty"`
	Variables    map[string]string `yaml:"variables,omitempty"`
	MissingFiles []string          `yaml:"missing-files,omitempty"`
	Think        time.Duration     `yaml:"think,omitempty"`
	HangUpAfter  time.Duration     `yaml:"hang-up-after,omitempty"`
	// Sources are the clients' addresses as caller.ParseSources reads them; empty leaves them to the kernel. On a link
	// those of loopback stand for as many of its own.
	Sources string `yaml:"sources,omitempty"`
	// Workers are the processes that play a storm, 0 for as few as can.
	Workers int `yaml:"workers,omitempty"`
	// ConnectLimit is Asterisk's MAX_AGI_CONNECT, 2 s (res_agi.c); 1 ms to MaxLimit.
	ConnectLimit time.Duration `yaml:"connect-limit"`
	// FirstCommandLimit runs from the first words, right after the connect, to the first command; 1 ms to MaxLimit.
	FirstCommandLimit time.Duration `yaml:"first-command-limit"`
	// SessionLimit runs from the connect to the server's close; 1 ms to MaxLimit.
	SessionLimit time.Duration `yaml:"session-limit"`
}

// Target is what the built-in server does.
type Target struct {
	// Like is a server of the field, as target.ParseLike reads it: its behaviour and its backlog, where the file gives none.
	Like string `yaml:"like,omitempty"`
	// Behaviour as target.ParseBehaviour reads it.
	Behaviour string `yaml:"behaviour"`
	// Work of each call as work.Parse reads it.
	Work string `yaml:"work"`
	// Script is the list of AGI commands of a session, at least one; ScriptFile has them instead, one a line.
	Script     []string `yaml:"script"`
	ScriptFile string   `yaml:"script-file,omitempty"`
	// Stalls and Restarts as target.ParseDisturbance reads them; their times count from the storm's first instant.
	Stalls   []string `yaml:"stalls,omitempty"`
	Restarts []string `yaml:"restarts,omitempty"`
}

// Setting is one cell: the values of everything that is under test.
type Setting struct {
	// Somaxconn is net.core.somaxconn: "max" or 0 to 2147483647.
	Somaxconn string `yaml:"somaxconn"`
	// Backlog that the application gives listen(2), as target.ParseBacklog reads it; that of Target.Like where the file gives none.
	Backlog string `yaml:"backlog"`
	// Sysctls of this cell only, over those of the scenario.
	Sysctls map[string]string `yaml:"sysctls,omitempty"`
	// Client of this cell only: asterisk or single-write. Parse gives the storm's to those without where others have one; empty is the storm's.
	Client string `yaml:"client,omitempty"`
}

// Matrix has the values of each axis; an axis that it leaves out has the one value of a Setting that leaves it out.
type Matrix struct {
	Somaxconn []string            `yaml:"somaxconn,omitempty"`
	Backlog   []string            `yaml:"backlog,omitempty"`
	Client    []string            `yaml:"client,omitempty"`
	Sysctls   map[string][]string `yaml:"sysctls,omitempty"`
}

// What Scenario.Link can be.
const (
	LinkVeth     = "veth"
	LinkLoopback = "loopback"
)

// Bounds of a scenario.
const (
	MaxRepeats  = 1000
	MaxSettings = 100
	MaxLimit    = 10 * time.Minute
	MaxRTT      = 2 * time.Second
	// MaxSomaxconn is the largest net.core.somaxconn (the kernel's net/core/sysctl_net_core.c: an int from 0).
	MaxSomaxconn = 1<<31 - 1
)

// Defaults is the scenario that a file fills in: a key that the file leaves out has this value.
func Defaults() Scenario {
	server := target.DefaultConfig()
	return Scenario{
		Storm: Storm{
			Arrival:           "burst",
			Script:            "agistorm",
			Client:            caller.Asterisk,
			ConnectLimit:      2 * time.Second,
			FirstCommandLimit: 3 * time.Second,
			SessionLimit:      10 * time.Second,
		},
		Target: Target{
			Behaviour: server.Behaviour.String(),
			Work:      server.Work.String(),
			Script:    server.Script,
		},
		Repeats: 3,
		Seed:    1,
	}
}

// Linked reports whether clients and server are to be in two namespaces.
func (s *Scenario) Linked() bool { return s.Link != LinkLoopback }

// LinkAsked reports whether they must be: where they cannot, the scenario cannot be played.
func (s *Scenario) LinkAsked() bool { return s.Link == LinkVeth || s.RTT > 0 }

// Schedule of the storm; the scenario has passed Validate.
func (s *Scenario) Schedule() (arrival.Schedule, error) {
	return ParseArrival(s.Storm.Arrival, s.Storm.Calls, s.Storm.Duration, s.Seed)
}

// ParseArrival reads an arrival as arrival.Parse does: traces from files, and with a suggestion for a misspelt word.
func ParseArrival(spec string, calls int, duration time.Duration, seed uint64) (arrival.Schedule, error) {
	return arrival.Parse(spec, arrival.Options{
		Calls: calls, Duration: duration, Seed: seed, Open: OpenRegular, Near: near.Match,
	})
}

// OpenRegular opens a file that a scenario names. It is read more than once, so a pipe will not do.
func OpenRegular(name string) (io.ReadCloser, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file: it is read more than once", name)
	}
	return os.Open(name)
}

// Caller is the storm's client.
func (s Storm) Caller() caller.Client {
	return caller.Client{
		Name: s.Client, Args: s.Args, Variables: s.Variables, MissingFiles: s.MissingFiles, Think: s.Think,
		HangUpAfter: s.HangUpAfter,
	}
}

// Limits of the storm's attempts.
func (s Storm) Limits() caller.Limits {
	return caller.Limits{Connect: s.ConnectLimit, FirstCommand: s.FirstCommandLimit, Session: s.SessionLimit}
}

// Addresses of the storm's clients; none leaves them to the kernel.
func (s Storm) Addresses() (loadgen.Sources, error) {
	if s.Sources == "" {
		return loadgen.Sources{}, nil
	}
	addrs, err := caller.ParseSources(s.Sources)
	return loadgen.Sources{Addrs: addrs}, err
}

// Limit is the setting's somaxconn as a number.
func (s Setting) Limit() (int, error) {
	if s.Somaxconn == "max" {
		return MaxSomaxconn, nil
	}
	n, err := strconv.ParseUint(s.Somaxconn, 10, 31)
	return int(n), err
}

// Asked is what the setting's application gives listen(2).
func (s Setting) Asked() (int, error) {
	limit, err := s.Limit()
	if err != nil {
		return 0, err
	}
	backlog, err := spec.ParseBacklog(s.Backlog)
	if err != nil {
		return 0, err
	}
	return backlog.Number(&limit)
}

// Config of the server; the scenario has passed Validate.
func (t *Target) Config(seed uint64) (target.Config, error) {
	config := target.DefaultConfig()
	config.Script, config.Seed = t.Script, seed
	var err error
	if config.Behaviour, err = spec.ParseBehaviour(t.Behaviour); err != nil {
		return config, err
	}
	if config.Work, err = work.Parse(t.Work, OpenRegular); err != nil {
		return config, err
	}
	if config.Stalls, err = spec.ParseDisturbances(t.Stalls); err != nil {
		return config, err
	}
	config.Restarts, err = spec.ParseDisturbances(t.Restarts)
	return config, err
}
