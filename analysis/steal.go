package analysis

import "fmt"

// stealLimit is the part of a machine's CPU time from which on a hypervisor that takes it is named: a server that was to be busy for nine
// tenths of its time or more cannot keep up any longer.
const stealLimit = 0.1

// stolen is the greatest part of the machine's CPU time that was taken in a storm; 0 where nobody knows.
func (r *Repeat) stolen() (share float64) {
	if r.Health == nil {
		return 0
	}
	for _, w := range r.Health.Workers {
		if w.StolenShare != nil {
			share = max(share, *w.StolenShare)
		}
	}
	return share
}

// stolen is that of the setting's worst storm.
func (c *Cell) stolen() (share float64) {
	for i := range c.Repeats {
		share = max(share, c.Repeats[i].stolen())
	}
	return share
}

// stealWarnings tells of storms in which the machine had less CPU than it seemed to have.
func stealWarnings(s *Summary) []string {
	storms, hit, own := 0, 0, false
	var most float64
	eachRepeat(s, func(c *Cell, r *Repeat) {
		storms++
		own = own || c.Backlog != ""
		most = max(most, r.stolen())
		if r.stolen() > stealLimit {
			hit++
		}
	})
	if hit == 0 {
		return nil
	}
	whose, what := "this machine's", "server and generator were slower for it, so late and slow calls and latencies"
	if !own {
		whose, what = "the generator's machine's", "it was slower for it, so latencies"
	}
	in := amountOf(hit, storms, "storm", "storms")
	if storms == 1 {
		in = "the storm"
	}
	return []string{fmt.Sprintf("a hypervisor gave more than %.0f %% of %s CPU time to others in %s, up to %.1f %% (steal): %s are partly its doing; "+
		"measure where the CPUs are yours", 100*stealLimit, whose, in, 100*most, what)}
}
