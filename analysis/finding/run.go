package finding

import (
	"time"

	"agistorm/analysis/record"
)

// recordKinds are the facts about the record of a run.
var recordKinds = []Kind{
	{"no-storm", NoStorm{}},
	{"unmeasured", Unmeasured{}},
	{"shares-missing", SharesMissing{}},
	{"not-in-force", NotInForce{}},
	{"incomplete", Incomplete{}},
	{"noticed", Noticed{}},
	{"record-damaged", Damaged{}},
	{"storms-missing", StormsMissing{}},
	{"one-storm", OneStorm{}},
	{"queue-unwatched", QueueUnwatched{}},
	{"server-ended", ServerEnded{}},
	{"storm-began-busy", BeganBusy{}},
}

// NoStorm means that no storm was recorded.
type NoStorm struct{}

// Unmeasured is a setting without a storm.
type Unmeasured struct{}

// SharesMissing means that a storm was played in shares of which some are missing.
type SharesMissing struct {
	Shares []string `json:"shares"`
}

// NotInForce means that the kernel did not have the setting that was tried.
type NotInForce struct {
	// Name of a sysctl, or "effective backlog".
	Name  string `json:"name"`
	Want  string `json:"want"`
	Got   string `json:"got"`
	Storm int    `json:"storm"`
}

// Incomplete means that storms lack attempts.
type Incomplete struct {
	Have   int `json:"have"`
	Of     int `json:"of"`
	Storms int `json:"storms"`
	// Interrupted: the run was ended by a signal, and its record has the calls that were over by then.
	Interrupted bool `json:"interrupted,omitempty"`
}

// Noticed is what was recorded about how the run was made.
type Noticed struct {
	Note record.Note `json:"note"`
}

// Damaged is a file of the record that is missing or broken.
type Damaged struct {
	Problem string `json:"problem"`
}

// StormsMissing are planned storms without numbers.
type StormsMissing struct {
	Repeats []int `json:"repeats"`
	Of      int   `json:"of"`
}

// OneStorm are settings that were stormed once only: how far their numbers vary is not known.
type OneStorm struct {
	Settings int `json:"settings"`
}

// QueueUnwatched means that the built-in target's accept queue could not be watched.
type QueueUnwatched struct {
	Storms int         `json:"storms"`
	Why    record.Note `json:"why"`
}

// ServerEnded means that the user's own server ended in a storm, before it was to, or was stopped.
type ServerEnded struct {
	// Storms in which it did. The other numbers are those of the first.
	Storms int `json:"storms"`
	Storm  int `json:"storm"`
	// Code of its exit, or the Signal that ended it; Stopped by it, it is still there and runs no more.
	Code    int    `json:"code"`
	Signal  string `json:"signal,omitempty"`
	Stopped bool   `json:"stopped,omitempty"`
	// Output is its last lines.
	Output []string `json:"output,omitempty"`
}

// BeganBusy are storms that began after their pause, though the server was not seen at rest from the one before.
type BeganBusy struct {
	Storms int `json:"storms"`
	Of     int `json:"of"`
	// Waited is the longest time that one waited.
	Waited time.Duration `json:"waited_ns"`
	// Unseen: the accept queue cannot be watched, so that nothing shows whether the server is at rest.
	Unseen bool `json:"unseen,omitempty"`
}
