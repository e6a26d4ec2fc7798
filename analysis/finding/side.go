package finding

import "agistorm/analysis/stats"

// sideKinds are the facts about two runs beside each other, and about settings that are compared.
var sideKinds = []Kind{
	{"run-in-doubt", RunInDoubt{}},
	{"storms-differ", StormsDiffer{}},
	{"runs-differ", RunsDiffer{}},
	{"one-simulated", OneSimulated{}},
	{"only-reference", OnlyReference{}},
	{"nothing-in-common", NothingInCommon{}},
	{"changed", Changed{}},
	{"seen-changed", SeenChanged{}},
	{"perhaps-changed", PerhapsChanged{}},
	{"distribution-differs", DistributionDiffers{}},
	{"no-change", NoChange{}},
	{"too-few-storms", TooFewStorms{}},
	{"not-compared", NotCompared{}},
	{"one-run-only", OneRunOnly{}},
}

// RunInDoubt is a run that is inconclusive as a whole, so that nothing is claimed of a difference from it.
type RunInDoubt struct {
	Run string `json:"run"`
	// Doubt is its first one.
	Doubt *Finding `json:"doubt,omitempty"`
}

// StormsDiffer means that the calls of two runs came otherwise, so that nothing is claimed of a difference.
type StormsDiffer struct {
	// Names of what differs.
	Names []string `json:"names"`
}

// RunsDiffer means that two runs differ in more than one kind of thing, so that the cause of a difference is
// not known.
type RunsDiffer struct {
	Kinds []string `json:"kinds"`
}

// OneSimulated means that one of two runs is simulated and the other was measured: what differs may be the simulator's
// error.
type OneSimulated struct {
	Simulated string `json:"simulated"`
	Measured  string `json:"measured"`
}

// OnlyReference means that two runs have one setting in common, and so no ratio of settings.
type OnlyReference struct {
	Setting string `json:"setting"`
}

// NothingInCommon means that two runs have no setting in common.
type NothingInCommon struct {
	Old string `json:"old"`
	New string `json:"new"`
}

// Change is a metric of a setting that differs between two runs.
type Change struct {
	Metric  string `json:"metric"`
	Setting string `json:"setting"`
	Unit    string `json:"unit"`
	// Old and New medians; null for a ratio to none, which has no end.
	Old stats.Number `json:"old"`
	New stats.Number `json:"new"`
}

// Changed are differences that are sure, all for the better or all for the worse.
type Changed struct {
	Run     string   `json:"run"`
	Better  bool     `json:"better"`
	Changes []Change `json:"changes"`
}

// SeenChanged are differences in the numbers of runs or settings that are in doubt, so that none is claimed.
type SeenChanged struct {
	Changes []Change `json:"changes"`
}

// PerhapsChanged are differences that may be chance, since so many settings were compared; Needed storms
// decide.
type PerhapsChanged struct {
	Changes  []Change `json:"changes"`
	Settings int      `json:"settings"`
	Needed   int      `json:"needed"`
}

// DistributionDiffers is a metric of a setting whose storms are distributed differently, though no shift was
// shown: in two clusters beside one, say.
type DistributionDiffers struct {
	Metric  string `json:"metric"`
	Setting string `json:"setting"`
	Unit    string `json:"unit"`
	// The least and the greatest value of both; null for one that has no end.
	OldMin stats.Number `json:"old_min"`
	OldMax stats.Number `json:"old_max"`
	NewMin stats.Number `json:"new_min"`
	NewMax stats.Number `json:"new_max"`
	// Q is how likely storms of one kind are to be distributed so differently, corrected for the number of settings.
	Q float64 `json:"q"`
}

// NoChange means that no difference was shown in any setting.
type NoChange struct {
	Old      string `json:"old"`
	New      string `json:"new"`
	Settings int    `json:"settings"`
}

// TooFewStorms means that settings have too few storms for a comparison: some, or All of those compared.
type TooFewStorms struct {
	Settings int  `json:"settings"`
	All      bool `json:"all"`
	Needed   int  `json:"needed"`
}

// NotCompared are settings of which nothing is claimed, for a Doubt of one Run; or nothing of the server's
// Pace.
type NotCompared struct {
	Names []string `json:"names"`
	Pace  bool     `json:"pace,omitempty"`
	Run   string   `json:"run"`
	Doubt *Finding `json:"doubt"`
}

// OneRunOnly are settings that only one of two runs has.
type OneRunOnly struct {
	Settings int `json:"settings"`
}
