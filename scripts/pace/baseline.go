package main

import (
	"fmt"
	"math"
)

// losses are calls by the status that an Asterisk dialplan gets.
type losses struct {
	// timeout calls had no connection: FAILURE.
	timeout float64
	// silent calls had a connection and no script: SUCCESS.
	silent float64
	// other calls ended in no way that Asterisk has, such as at agistorm's own limits.
	other float64
}

// measured is what one backlog gave: medians of several storms of 500 calls.
type measured struct {
	backlog int
	served  float64
	losses
}

// baseline is what a caller got from a serial server with 5 ms of work: 500 calls, Linux 6.18, 2 CPUs,
// loopback.
type baseline struct {
	// arrival that agistorm plays beside it.
	arrival string
	// caller that was measured.
	caller string
	// bar: agistorm must serve as many calls, within tolerance.
	bar  bool
	rows []measured
}

// tolerance of the calls that are served.
const tolerance = 0.10

// baselines were measured on one machine: Asterisk 22.11 with Local channels from call files, which fired 500
// calls in 0.21 to 0.3 s, and agistorm 0.1.0.
var baselines = []baseline{
	{"asterisk 1", "Asterisk 22.11", true, []measured{
		{5, 69, losses{timeout: 136, silent: 299}},
		{50, 193, losses{timeout: 88, silent: 214}},
		{128, 418, losses{timeout: 46, silent: 36}},
	}},
	{"constant 2500/s", "agistorm 0.1.0", false, []measured{
		{5, 75, losses{timeout: 12, silent: 418}},
		{50, 198, losses{timeout: 0, silent: 302}},
		{128, 432, losses{timeout: 0, silent: 64}},
	}},
	{"burst", "agistorm 0.1.0", false, []measured{
		{5, 14, losses{timeout: 0, silent: 486}},
		{50, 103, losses{timeout: 0, silent: 396}},
		{128, 260, losses{timeout: 0, silent: 240}},
	}},
}

// misses are the backlogs that serve too many or too few calls, a line each; none where there is no bar.
func (b *baseline) misses(results []result) (lines []string) {
	if !b.bar {
		return nil
	}
	for _, want := range b.rows {
		r := resultWith(results, want.backlog)
		if r == nil {
			lines = append(lines, fmt.Sprintf("backlog %d was not played", want.backlog))
			continue
		}
		if off := r.served/want.served - 1; math.Abs(off) > tolerance {
			lines = append(lines, fmt.Sprintf("backlog %d serves %.0f calls, %s %.0f: %+.0f %%, want at most %.0f %%",
				r.backlog, r.served, b.caller, want.served, 100*off, 100*tolerance))
		}
	}
	return lines
}

// misplacedShare is the share of the losses, 0 to 1, that fall into another class than those that they are
// held against: half of the sum by which the shares of the classes differ. It is 0 where either side lost
// nothing.
func (l losses) misplacedShare(want losses) float64 {
	all, wanted := l.timeout+l.silent+l.other, want.timeout+want.silent+want.other
	if all == 0 || wanted == 0 {
		return 0
	}
	return (math.Abs(l.timeout/all-want.timeout/wanted) + math.Abs(l.silent/all-want.silent/wanted) +
		math.Abs(l.other/all-want.other/wanted)) / 2
}
