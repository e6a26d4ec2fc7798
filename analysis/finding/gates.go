package finding

import "time"

// gateKinds are the facts about a gate: what was measured, and why it did not pass.
var gateKinds = []Fact{
	Measured{}, Compared{}, DoesNotHold{}, NotKnown{}, NotTried{}, NotSet{}, StormsRecorded{}, Claimed{}, InDoubt{},
	MachineDiffers{}, NoNewStorm{},
}

// Measured is the value that decided a gate.
type Measured struct {
	// Value in the unit of the limit; nil for a wait without an end.
	Value *float64 `json:"value"`
	Unit  string   `json:"unit,omitempty"`
	// Instant: it was too short to be measured, and not 0.
	Instant bool `json:"instant,omitempty"`
	// Choice of several storms, and how many those are.
	Choice Choice `json:"choice,omitempty"`
	Storms int    `json:"storms"`
}

// Choice is how one value of several storms was chosen.
type Choice string

// The choices.
const (
	Median Choice = "median"
	Worst  Choice = "worst"
	// AnyOne that is as good as another.
	AnyOne Choice = "any"
)

// Code is "measured".
func (Measured) Code() Code { return "measured" }

// Compared are the medians of two runs that decided a gate.
type Compared struct {
	Unit string  `json:"unit"`
	Old  float64 `json:"old"`
	New  float64 `json:"new"`
}

// Code is "compared".
func (Compared) Code() Code { return "compared" }

// DoesNotHold are the storms, of so many, in which a condition does not hold.
type DoesNotHold struct {
	Storms []int `json:"storms"`
	Of     int   `json:"of"`
}

// Code is "does-not-hold".
func (DoesNotHold) Code() Code { return "does-not-hold" }

// NotKnown means that a metric is not known in a storm.
type NotKnown struct {
	Storm int `json:"storm"`
	// Reason by its code.
	Reason string `json:"reason"`
	// Gap between two samples of the accept queue.
	Gap time.Duration `json:"gap_ns,omitempty"`
}

// Code is "not-known".
func (NotKnown) Code() Code { return "not-known" }

// NotTried is a setting that could not be tried without a namespace.
type NotTried struct {
	Lacks []Note `json:"lacks"`
}

// Code is "not-tried".
func (NotTried) Code() Code { return "not-tried" }

// NotSet is a setting that was tried by another that stands for it, of which not all could be set without a
// namespace.
type NotSet struct {
	Lacks []Note `json:"lacks"`
}

// Code is "not-set".
func (NotSet) Code() Code { return "not-set" }

// StormsRecorded are fewer storms of a setting than were planned.
type StormsRecorded struct {
	Have int `json:"have"`
	Of   int `json:"of"`
}

// Code is "storms-recorded".
func (StormsRecorded) Code() Code { return "storms-recorded" }

// Claimed is what a comparison of two runs shows of a metric in a setting.
type Claimed struct {
	// Claim by its code in comparison.json.
	Claim  string  `json:"claim"`
	Better bool    `json:"better,omitempty"`
	P      float64 `json:"p"`
	Q      float64 `json:"q"`
	// Least difference that matters, in Unit.
	Least  float64 `json:"least"`
	Unit   string  `json:"unit"`
	Old    int     `json:"old_storms"`
	New    int     `json:"new_storms"`
	Needed int     `json:"needed_storms"`
}

// Code is "claimed".
func (Claimed) Code() Code { return "claimed" }

// InDoubt is a doubt of one of two runs, for which a gate cannot be judged.
type InDoubt struct {
	Run   string   `json:"run"`
	Doubt *Finding `json:"doubt"`
}

// Code is "in-doubt".
func (InDoubt) Code() Code { return "in-doubt" }

// MachineDiffers means that the baseline is of another machine or kernel.
type MachineDiffers struct {
	Name string `json:"name"`
	Old  string `json:"old"`
	New  string `json:"new"`
}

// Code is "machine-differs".
func (MachineDiffers) Code() Code { return "machine-differs" }

// NoNewStorm is a setting that only the baseline has.
type NoNewStorm struct{}

// Code is "no-new-storm".
func (NoNewStorm) Code() Code { return "no-new-storm" }
