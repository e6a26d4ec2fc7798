package record

import (
	"fmt"
	"slices"
	"time"
)

// Format is the version of the run directory that this package writes.
const Format = 1

// Run describes a run directory (run.json): enough to understand and to repeat it.
type Run struct {
	Format  int    `json:"format"`
	Version string `json:"version"`
	// Command that made the run, as it can be typed again.
	Command []string `json:"command"`
	// Scenario that was run, with every override in it.
	Scenario Scenario `json:"scenario"`
	Host     Host     `json:"host"`
	// Isolation says where the cells lived.
	Isolation Isolation `json:"isolation"`
	Cells     []Cell    `json:"cells"`
	// Repeats that were planned for each cell.
	Repeats  int       `json:"repeats"`
	Seed     uint64    `json:"seed"`
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`
	// Share of the storm that is here, where several machines play it together; nil for all of it.
	Share *Share `json:"share,omitempty"`
	// Merged are the shares that this run was put together from, each with the machine that played it.
	Merged []Share `json:"merged,omitempty"`
	// Unwatched says why the accept queue of a server that is somebody else's could not be watched from here; empty where it was.
	Unwatched string `json:"queue_unwatched,omitempty"`
	// Partial says why not every planned repeat is here, empty when all are: Interrupted, or an error.
	Partial string `json:"partial,omitempty"`
	// Warnings that whoever reads the numbers must know.
	Warnings []string `json:"warnings,omitempty"`
}

// Share is the K-th of N parts of one storm: the attempts K, K + N, K + 2N …, 0 ≤ K < N.
type Share struct {
	K int `json:"k"`
	N int `json:"n"`
	// Calls of this share.
	Calls int `json:"calls"`
	// StartAt is the common start, by each machine's own clock.
	StartAt time.Time `json:"start_at"`
	// Host that played a share of a merged run.
	Host *Host `json:"host,omitempty"`
}

// Calls that each storm of this run was to offer: those of its share.
func (r *Run) Calls() int {
	if r.Share != nil {
		return r.Share.Calls
	}
	return r.Scenario.Calls
}

// Scenario is what was asked for, in the words of the scenario file.
type Scenario struct {
	Name     string `json:"name"`
	Question string `json:"question"`
	// Source is the effective scenario as YAML, overrides included: it can be run again as it is.
	Source string `json:"source"`
	// Arrival in words, e.g. "2000 at once".
	Arrival string `json:"arrival"`
	// Calls that each storm offers.
	Calls  int    `json:"calls"`
	Client string `json:"client"`
	// Link between clients and server in words, e.g. "20ms round trip"; empty for loopback.
	Link string `json:"link,omitempty"`
	// Target in words, e.g. "pool of 16 handlers, 5ms of work a call".
	Target string `json:"target"`
	// Load has what else the clients do, by the keys of a scenario's storm ("think": "50ms"); what is as ever is absent.
	Load map[string]string `json:"load,omitempty"`
	// Commands that the built-in target gives in a session.
	Commands []string `json:"commands,omitempty"`
	// The limits of one attempt; see Outcome.
	ConnectLimit      time.Duration `json:"connect_limit_ns"`
	FirstCommandLimit time.Duration `json:"first_command_limit_ns"`
	SessionLimit      time.Duration `json:"session_limit_ns"`
	// Gates are the conditions that the run must meet, as analysis/gate/expr reads them.
	Gates []string `json:"gates,omitempty"`
}

// Host is the machine that was measured.
type Host struct {
	Name   string `json:"name,omitempty"`
	OS     string `json:"os"`
	Arch   string `json:"arch"`
	Kernel string `json:"kernel,omitempty"`
	CPU    string `json:"cpu,omitempty"`
	CPUs   int    `json:"cpus"`
	// MemoryBytes is 0 where the system does not tell.
	MemoryBytes uint64 `json:"memory_bytes,omitempty"`
	// OpenFiles is the limit of descriptors a process.
	OpenFiles uint64 `json:"open_files,omitempty"`
	// Sysctls of the host itself that matter here; the run never changes them.
	Sysctls map[string]string `json:"sysctls,omitempty"`
}

// Isolation modes.
const (
	// IsolationUser is a fresh user and network namespace for every repeat.
	IsolationUser = "user and network namespace"
	// IsolationNet is a fresh network namespace for every repeat; needs root.
	IsolationNet = "network namespace"
	// IsolationHost is none: the storm ran in the host's own network namespace.
	IsolationHost = "host"
)

// Isolation says where the cells lived.
type Isolation struct {
	Mode string `json:"mode"`
	// Reason why it is not a namespace, and what would give one; empty otherwise.
	Reason string `json:"reason,omitempty"`
	// Asked are the settings that the scenario asks for, where the host's own namespace has to show them; empty where each cell is one.
	Asked []Asked `json:"asked,omitempty"`
}

// Asked is a setting as the scenario asks for it, and what shows it.
type Asked struct {
	Cell
	// ShownBy is the ID of the run's cell that stands for it; empty where it could not be tried.
	ShownBy string `json:"shown_by,omitempty"`
	// Lacks says what of it the host has otherwise; empty where the cell that stands for it is as good.
	Lacks string `json:"lacks,omitempty"`
}

// LeftOut names the settings that could not be tried without a namespace, with what the host lacks.
func (i Isolation) LeftOut() (list []string) {
	for _, a := range i.Asked {
		if a.ShownBy == "" {
			list = append(list, fmt.Sprintf("somaxconn %d with backlog %s (%s)", a.Somaxconn, a.Backlog, a.Lacks))
		}
	}
	return list
}

// Own tells whether each storm had a network namespace of its own, where the kernel's counters count nothing else.
func (i Isolation) Own() bool { return i.Mode == IsolationUser || i.Mode == IsolationNet }

// Cell is one setting under test.
type Cell struct {
	// ID names the cell and its folder below cells/.
	ID string `json:"id"`
	// Backlog as the scenario gives it: "max" or a number. It, Somaxconn and Effective are absent for somebody else's server, of which none is known.
	Backlog string `json:"backlog,omitempty"`
	// Somaxconn as the scenario gives it, resolved to its number.
	Somaxconn int `json:"somaxconn,omitempty"`
	// Effective is the backlog that the kernel must keep by its rule: the smaller of the two.
	Effective int `json:"effective_backlog,omitempty"`
	// Sysctls that the scenario sets in this cell, by their dotted names; of those that only other cells set, the values in force.
	Sysctls map[string]string `json:"sysctls,omitempty"`
	// Client of this cell, where the cells have different ones.
	Client string `json:"client,omitempty"`
}

// BacklogMax in Cell.Backlog stands for listen(fd, 2147483647).
const BacklogMax = "max"

// FollowsSomaxconn tells whether the application asks for all that somaxconn allows when it listens, whatever that is. Where Go does not
// (its net package gives 128 from 16777215 on), Effective says so.
func (c Cell) FollowsSomaxconn() bool {
	return slices.Contains([]string{BacklogMax, "2147483647", "sysctl", "go"}, c.Backlog)
}

// Application tells whether the application's own backlog, not somaxconn, is what limits this cell.
func (c Cell) Application() bool { return c.Backlog != BacklogMax && c.Effective < c.Somaxconn }

// Interrupted is the Run.Partial of a run that somebody ended.
const Interrupted = "interrupted"
