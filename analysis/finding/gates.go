package finding

import (
	"time"

	"agistorm/analysis/record"
	"agistorm/analysis/stats"
)

// gateKinds are the facts about a gate: what was measured, and why it did not pass.
var gateKinds = []Kind{
	{"measured", Measured{}},
	{"compared", Compared{}},
	{"does-not-hold", DoesNotHold{}},
	{"not-known", NotKnown{}},
	{"not-tried", NotTried{}},
	{"not-set", NotSet{}},
	{"storms-recorded", StormsRecorded{}},
	{"claimed", Claimed{}},
	{"in-doubt", InDoubt{}},
	{"machine-differs", MachineDiffers{}},
	{"no-new-storm", NoNewStorm{}},
	{"served-none", ServedNone{}},
}

// Measured is the value that decided a gate.
type Measured struct {
	// Value in the unit of the limit; nil for a wait without an end.
	Value *float64 `json:"value"`
	Unit  string   `json:"unit,omitempty"`
	// Instant: it was too short to be measured, and not 0.
	Instant bool `json:"instant,omitempty"`
	// Least: it was more, and how much is not known.
	Least bool `json:"least,omitempty"`
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

// Compared are the medians of two runs that decided a gate.
type Compared struct {
	Unit string `json:"unit"`
	// Old and New are null for a ratio to none, which has no end.
	Old stats.Number `json:"old"`
	New stats.Number `json:"new"`
}

// DoesNotHold are the storms, of so many, in which a condition does not hold.
type DoesNotHold struct {
	Storms []int `json:"storms"`
	Of     int   `json:"of"`
}

// NotKnown means that a metric is not known in a storm.
type NotKnown struct {
	Storm int `json:"storm"`
	// Reason by its code.
	Reason string `json:"reason"`
	// Gap between two samples of the accept queue.
	Gap time.Duration `json:"gap_ns,omitempty"`
}

// NotTried is a setting that could not be tried without a namespace.
type NotTried struct {
	Lacks []record.Note `json:"lacks"`
}

// NotSet is a setting that was tried by another that stands for it, of which not all could be set without a
// namespace.
type NotSet struct {
	Lacks []record.Note `json:"lacks"`
}

// StormsRecorded are fewer storms of a setting than were planned.
type StormsRecorded struct {
	Have int `json:"have"`
	Of   int `json:"of"`
}

// Claimed is what a comparison of two runs shows of a metric in a setting.
type Claimed struct {
	// Claim by its code in comparison.json.
	Claim  string  `json:"claim"`
	Better bool    `json:"better,omitempty"`
	P      float64 `json:"p"`
	Q      float64 `json:"q"`
	// Shift from old to new, in Unit, with its interval of 95 %.
	Shift stats.Shift `json:"shift"`
	// NotWorse: the interval excludes that it is worse by the Least difference that matters.
	NotWorse bool `json:"not_worse,omitempty"`
	// Split is of storms that are distributed differently, though no shift is shown.
	Split *stats.Split `json:"split,omitempty"`
	Least float64      `json:"least"`
	Unit  string       `json:"unit"`
	Old   int          `json:"old_storms"`
	New   int          `json:"new_storms"`
	// Needed storms on both sides probably decide, at most MostNeeded; 0 where it is decided.
	Needed     int `json:"needed_storms,omitempty"`
	MostNeeded int `json:"most_needed_storms,omitempty"`
}

// InDoubt is a doubt of one of two runs, for which a gate cannot be judged.
type InDoubt struct {
	Run   string   `json:"run"`
	Doubt *Finding `json:"doubt"`
}

// MachineDiffers means that the baseline is of another machine or kernel.
type MachineDiffers struct {
	Name string `json:"name"`
	Old  string `json:"old"`
	New  string `json:"new"`
}

// NoNewStorm is a setting that only the baseline has.
type NoNewStorm struct{}

// ServedNone means that the storms of the new run served no call, and those of the baseline did.
type ServedNone struct {
	Storms int `json:"storms"`
}
