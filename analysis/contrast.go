package analysis

import (
	"agistorm/analysis/finding"
	"agistorm/analysis/stats"
)

// Comparison sets two samples of storms beside each other, metric by metric: two settings of one run, or one
// setting of two runs.
type Comparison struct {
	// Old and New name the two.
	Old string `json:"old"`
	New string `json:"new"`
	// Cell is the ID of the setting in the new run, where both are of one setting.
	Cell string `json:"cell,omitempty"`
	// Differs is the axis on which they differ, e.g. "net.core.somaxconn".
	Differs string `json:"differs,omitempty"`
	// RatioTo is the setting that the numbers of both are divided by; empty for the numbers themselves.
	RatioTo string `json:"ratio_to,omitempty"`
	// Doubted are the doubts of one of the two, for which nothing is claimed of the metrics that they
	// concern.
	Doubted  []RunDoubt `json:"doubted,omitempty"`
	Contrast []Contrast `json:"metrics"`
}

// RunDoubt is a doubt of one of two runs, or of two settings of a run.
type RunDoubt struct {
	// Of which of them, by its name.
	Of    string          `json:"of"`
	Doubt finding.Finding `json:"doubt"`
}

// Contrast is one metric of a Comparison.
type Contrast struct {
	// Metric is its name in the registry of package metric, such as "lost" or "p99(connect)".
	Metric string `json:"metric"`
	// Unit of the values, of package metric, or "ratio"; "%" of its own calls where one of the two offers
	// more than the other. Latencies are those of all offered calls; what has no end, as the wait of a lost
	// call, is null in JSON.
	Unit string `json:"unit"`
	stats.Difference
	// Shift from old to new, in Unit.
	Shift stats.Shift `json:"shift"`
	// Split is that the storms of both are distributed differently, though no shift is shown: in two clusters beside
	// one, say. Nil where that is not shown.
	Split *stats.Split `json:"split,omitempty"`
	// Least difference of the medians that matters, in Unit.
	Least float64 `json:"least"`
	// NotWorse: the interval of the shift excludes that the new one is worse by the least difference.
	NotWorse bool `json:"not_worse,omitempty"`
	// Deciding is how many storms on both sides probably decide whether it is worse (stats.Deciding); 0 where that
	// is decided, or there are too few storms to estimate it.
	Deciding int `json:"deciding_storms,omitempty"`
	// Finding is what may be claimed.
	Finding Finding `json:"finding"`
	// Better reports whether the new one is the better, where they differ or may differ.
	Better bool `json:"better,omitempty"`
	// Reference is what a ratio is divided by; nil for a number itself.
	Reference *Divisor `json:"reference,omitempty"`
	// Against reports that the number itself did not go where its ratio went.
	Against bool `json:"-"`
	// Quarters is by how much the quartiles of both differ at most.
	Quarters float64 `json:"-"`
}

// Divisor is the medians of the reference setting in both runs; null in JSON where they have no end.
type Divisor struct {
	Unit string       `json:"unit"`
	Old  stats.Number `json:"old"`
	New  stats.Number `json:"new"`
}

// Finding is what a Contrast shows.
type Finding string

const (
	// Differs is a difference that is significant and not below the least one that matters.
	Differs Finding = "different"
	// Slight is a significant difference that is too small to matter.
	Slight Finding = "too-small"
	// NotShown is what storms of these numbers may differ by without a cause.
	NotShown Finding = "not-shown"
	// TooFew storms for any claim (stats.LeastCompared).
	TooFew Finding = "too-few-storms"
	// Undecided is what would be a difference if it were the only number that was compared, and among so many
	// may be chance: more storms would decide it.
	Undecided Finding = "undecided"
	// Split is a shift that is not shown, of storms that are distributed differently.
	Split Finding = "split"
	// Reference is a ratio that differs though the number itself did not go that way: what it is divided by
	// did.
	Reference Finding = "only-reference"
	// OneSided is a number that only one of the two has.
	OneSided Finding = "one-sided"
	// Withheld is for runs and settings that must not be compared; see SideBySide.Withheld and
	// Comparison.Doubted.
	Withheld Finding = "withheld"
)
