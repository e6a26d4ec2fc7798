package health

import (
	"time"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// othersLimit is the part of a machine's CPU time from which on other processes that use it are named as a
// cause: the same as for a hypervisor.
const othersLimit = stealLimit

// othersShare is the part of the machine's CPU time that other processes used in a storm, 0 to 1; nil where
// that is not known.
func othersShare(k *record.Kernel) *float64 {
	if k == nil || k.Others == nil {
		return nil
	}
	whole := k.Others.Wall * time.Duration(k.Others.CPUs)
	return part(min(k.Others.CPU, whole), whole)
}

// heldBack returns the greatest part of the CPU time that other processes used in a storm of the setting
// whose built-in target had no priority over them, 0 to 1; 0 where it is not known.
func heldBack(c *analysis.Cell) float64 {
	return analysis.Most(c, func(r *analysis.Repeat) float64 {
		if raw := r.Raw; raw != nil && raw.Target != nil && !raw.Target.Priority.Ahead() {
			return analysis.Deref(othersShare(raw.Kernel))
		}
		return 0
	})
}

// Blame returns what kept the slow calls of a setting waiting, with the share of its CPU time that others
// took. The CPUs of an external server are not known.
func Blame(c *analysis.Cell) (finding.Blame, float64) {
	switch taken, used := stolen(c), heldBack(c); {
	case c.Lagging():
		return finding.BlameGenerator, 0
	case taken > stealLimit && c.Backlog != "":
		return finding.BlameHypervisor, taken
	case used >= othersLimit:
		return finding.BlameOthers, used
	}
	return finding.BlameServer, 0
}
