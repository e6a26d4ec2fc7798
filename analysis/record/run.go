package record

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
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
	// Isolation is where the cells lived.
	Isolation Isolation `json:"isolation"`
	// Simulated is what the simulator of the listen queue assumed; nil for storms that were played.
	Simulated *Simulated `json:"simulated,omitempty"`
	Cells     []Cell     `json:"cells"`
	// Repeats that were planned for each cell that CellRepeats does not name.
	Repeats int `json:"repeats"`
	// CellRepeats has the storms that were planned for the cells that have a number of their own, by the
	// cells' IDs.
	CellRepeats map[string]int `json:"cell_repeats,omitempty"`
	// Warmups are the storms of each cell before its first repeat, which are recorded and not judged.
	Warmups  int       `json:"warmups,omitempty"`
	Seed     uint64    `json:"seed"`
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`
	// Share of the storm that is here, where several machines play it together; nil for all of it.
	Share *Share `json:"share,omitempty"`
	// Merged are the shares that this run was put together from, each with the machine that played it.
	Merged []Share `json:"merged,omitempty"`
	// ServerProcess is the process that held the server's listening socket; nil for the built-in target, and where
	// that cannot be seen.
	ServerProcess *Process `json:"server_process,omitempty"`
	// Unwatched is why the accept queue of an external server could not be watched from here; nil where it
	// was.
	Unwatched *Note `json:"queue_unwatched,omitempty"`
	// Partial is why not every planned repeat is here: Interrupted, SharesPartial or an error; empty when all
	// are.
	Partial string `json:"partial,omitempty"`
	// Notes of how it was made that are no warnings.
	Notes Notes `json:"notes,omitempty"`
	// Warnings that readers of the numbers must know.
	Warnings Notes `json:"warnings,omitempty"`
}

// Share is the K-th of N parts of one storm: the attempts K, K + N, K + 2N …, 0 ≤ K < N.
type Share struct {
	K int `json:"k"`
	N int `json:"n"`
	// Calls of this share.
	Calls int `json:"calls"`
	// StartAt is the common start, by each machine's own clock.
	StartAt time.Time `json:"start_at"`
	// Host that played a share of a merged run, by which Version of the program, and why it is Partial, as in
	// Run.
	Host    *Host  `json:"host,omitempty"`
	Version string `json:"version,omitempty"`
	Partial string `json:"partial,omitempty"`
}

// Planned returns how many storms were planned of a cell.
func (r *Run) Planned(cell string) int {
	if n, own := r.CellRepeats[cell]; own {
		return n
	}
	return r.Repeats
}

// Step is one planned storm: repeat N, from 1, of a cell.
type Step struct {
	Cell string
	N    int
}

// Steps returns all planned storms, cell by cell.
func (r *Run) Steps() (steps []Step) {
	for _, c := range r.Cells {
		for n := range r.Planned(c.ID) {
			steps = append(steps, Step{c.ID, n + 1})
		}
	}
	return steps
}

// Plan adds storm n of a cell, and the cell itself where it is new; it reports whether that changed the run.
func (r *Run) Plan(c Cell, n int) bool {
	old := 0
	if slices.ContainsFunc(r.Cells, func(o Cell) bool { return o.ID == c.ID }) {
		old = r.Planned(c.ID)
	} else {
		r.Cells = append(r.Cells, c)
	}
	if n <= old {
		return false
	}
	if r.CellRepeats == nil {
		r.CellRepeats = map[string]int{}
	}
	r.CellRepeats[c.ID] = n
	return true
}

// Calls returns how many each storm of this run was to offer: those of its share.
func (r *Run) Calls() int {
	if r.Share != nil {
		return r.Share.Calls
	}
	return r.Scenario.Calls
}

// CallsOf returns how many calls each storm of a cell was to offer.
func (r *Run) CallsOf(c *Cell) int {
	if c.Calls > 0 && r.Share == nil {
		return c.Calls
	}
	return r.Calls()
}

// Scenario is what was asked for, in the words of the scenario file.
type Scenario struct {
	Name     string `json:"name"`
	Question string `json:"question"`
	// Source is the effective scenario as YAML, overrides included: it can be run again as it is.
	Source string `json:"source"`
	// Arrival in words, e.g. "2000 at once". It, Link and Target are those of the first setting, where they
	// differ.
	Arrival string `json:"arrival"`
	// Calls that each storm offers; where settings differ in it the most.
	Calls  int    `json:"calls"`
	Client string `json:"client"`
	// Link between clients and server, LinkVeth, with its round trip; empty for loopback.
	Link string        `json:"link,omitempty"`
	RTT  time.Duration `json:"rtt_ns,omitempty"`
	// Server is the built-in one; nil for a server that was already running, and in runs of 0.1.0.
	Server *Server `json:"server,omitempty"`
	// Target is the URL of a server that was already running. Runs of 0.1.0 have the built-in one in words here.
	Target string `json:"target"`
	// Process is the command of the user's own server, which every cell ran; empty without one.
	Process []string `json:"server_command,omitempty"`
	// Clients are where the calls came from; nil where the kernel chose.
	Clients *Addresses `json:"clients,omitempty"`
	// Load has what else the clients do, as a scenario's storm has it ("think": "50ms"); defaults are absent.
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

// Server is what the built-in target does, as a scenario's target has it.
type Server struct {
	Like      string   `json:"like,omitempty"`
	Behaviour string   `json:"behaviour"`
	Work      string   `json:"work"`
	Stalls    []string `json:"stalls,omitempty"`
	Restarts  []string `json:"restarts,omitempty"`
}

// LinkVeth is the link of two namespaces.
const LinkVeth = "veth"

// Addresses is a list of them in order: the first, the last, and how many there are.
type Addresses struct {
	First string `json:"first"`
	Last  string `json:"last"`
	N     int    `json:"n"`
}

// String returns "127.0.0.1-127.0.0.14 (14)"; empty for none.
func (a *Addresses) String() string {
	if a == nil {
		return ""
	}
	return fmt.Sprintf("%s-%s (%d)", a.First, a.Last, a.N)
}

// upgrade gives what 0.1.0 has in words its present form: "20ms round trip", "127.0.0.1 to 127.0.0.14 (14)".
func (s *Scenario) upgrade() {
	if text, ok := s.Load["sources"]; ok {
		a := &Addresses{}
		if n, _ := fmt.Sscanf(text, "%s to %s (%d)", &a.First, &a.Last, &a.N); n == 1 {
			a.Last, a.N = a.First, 1
		}
		s.Clients = a
		delete(s.Load, "sources")
	}
	if text, ok := strings.CutSuffix(s.Link, " round trip"); ok {
		if rtt, err := time.ParseDuration(text); err == nil {
			s.Link, s.RTT = LinkVeth, rtt
		}
	}
}

// Host is the machine that was measured.
type Host struct {
	Name   string `json:"name,omitempty"`
	OS     string `json:"os"`
	Arch   string `json:"arch"`
	Kernel string `json:"kernel,omitempty"`
	CPU    string `json:"cpu,omitempty"`
	CPUs   int    `json:"cpus"`
	// MemoryBytes is 0 where the system does not report it.
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
	// IsolationSimulator is no place at all: no connection was made.
	IsolationSimulator = "simulator"
)

// Isolation is where the cells lived.
type Isolation struct {
	Mode string `json:"mode"`
	// Reason why it is not a namespace; nil otherwise.
	Reason *Note `json:"reason,omitempty"`
	// Asked are the settings that the scenario asks for, where the host's own namespace has to show them;
	// empty where each cell is one.
	Asked []Asked `json:"asked,omitempty"`
}

// Asked is a setting as the scenario asks for it, and what shows it.
type Asked struct {
	Cell
	// ShownBy is the ID of the run's cell that stands for it; empty where it could not be tried.
	ShownBy string `json:"shown_by,omitempty"`
	// Lacks is what of it the host has otherwise; empty where the cell that stands for it is as good.
	Lacks Notes `json:"lacks,omitempty"`
}

// LeftOut lists the settings that could not be tried without a namespace.
func (i Isolation) LeftOut() []Asked {
	return slices.DeleteFunc(slices.Clone(i.Asked), func(a Asked) bool { return a.ShownBy != "" })
}

// Own reports whether each storm had a network namespace of its own, where the kernel's counters count
// nothing else. Those of a simulator count nothing else either.
func (i Isolation) Own() bool {
	return i.Mode == IsolationUser || i.Mode == IsolationNet || i.Mode == IsolationSimulator
}

// Simulated is what a simulated run assumed of the machine and the kernel.
type Simulated struct {
	// CPUs that clients and server share; 0 where each handler has a machine of its own.
	CPUs int `json:"cpus,omitempty"`
	// Costs are the CPU times that the work of both sides takes, by the names of model.Machine's fields; empty
	// where nothing takes time.
	Costs map[string]time.Duration `json:"costs_ns,omitempty"`
	// Sysctls in force where no setting gives them: the kernel's defaults.
	Sysctls map[string]string `json:"sysctls,omitempty"`
}

// Cell is one setting under test.
type Cell struct {
	// ID names the cell and its folder below cells/.
	ID string `json:"id"`
	// Backlog as the scenario gives it: "max" or a number. It, Somaxconn and Effective are absent for an
	// external server, of which none is known.
	Backlog string `json:"backlog,omitempty"`
	// Somaxconn as the scenario gives it, resolved to its number.
	Somaxconn int `json:"somaxconn,omitempty"`
	// Effective is the backlog that the kernel must keep by its rule: the smaller of the two.
	Effective int `json:"effective_backlog,omitempty"`
	// Sysctls that the scenario sets in this cell, by their dotted names; of those that only other cells set,
	// the values in force.
	Sysctls map[string]string `json:"sysctls,omitempty"`
	// Values on all other axes that any cell gives, by the axis' name.
	Values map[string]string `json:"values,omitempty"`
	// Calls that each of its storms offers; 0 for those of the scenario.
	Calls int `json:"calls,omitempty"`
	// Client of this cell as 0.1.0 recorded it; now one of the Values.
	Client string `json:"client,omitempty"`
}

// Axes returns the cell's values on every axis, by the axis' name: as it is typed, the greatest somaxconn as
// "max". An external server has those of its storm only.
func (c *Cell) Axes() map[string]string {
	all := map[string]string{}
	maps.Copy(all, c.Sysctls)
	delete(all, "net.core.somaxconn") // which has a field of its own
	maps.Copy(all, c.Values)
	if c.Client != "" {
		all["client"] = c.Client
	}
	if c.Backlog != "" {
		all["backlog"], all["somaxconn"] = c.Backlog, strconv.Itoa(c.Somaxconn)
		if c.Somaxconn == MaxBacklog {
			all["somaxconn"] = BacklogMax
		}
	}
	return all
}

// BacklogOwn in Cell.Backlog stands for what the user's own server gives listen(2) by itself.
const BacklogOwn = "own"

// MaxBacklog is C's INT_MAX: the largest backlog and somaxconn. BacklogMax in Cell.Backlog stands for it.
const (
	MaxBacklog = math.MaxInt32
	BacklogMax = "max"
)

// FollowsSomaxconn reports whether the application asks for all that somaxconn allows when it listens,
// whatever that is. Where Go does not (its net package gives 128 from 16777215 on), Effective says so.
func (c Cell) FollowsSomaxconn() bool {
	return slices.Contains([]string{BacklogMax, strconv.Itoa(MaxBacklog), "sysctl", "go"}, c.Backlog)
}

// Application reports whether the application's own backlog, not somaxconn, is what limits this cell.
func (c Cell) Application() bool { return c.Backlog != BacklogMax && c.Effective < c.Somaxconn }

// Run.Partial of a run that was interrupted, and of a merged one whose shares are not all whole
// (Run.PartialShares).
const (
	Interrupted   = "interrupted"
	SharesPartial = "shares"
)
