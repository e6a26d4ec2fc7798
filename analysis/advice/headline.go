package advice

import (
	"agistorm/analysis"
)

// headline is what a ladder's answer rests on.
type headline struct {
	// harmed: calls are impaired in some setting; late: only of delay.
	harmed, late bool
	// backlog that is recommended, what must change for it, and the least without a loss; 0 and empty
	// without a recommendation.
	backlog, lossFree int
	change            analysis.Change
	// largest is the setting that even the largest tried could not help; nil without one.
	largest *analysis.Cell
}

func (l *ladder) headline(s *analysis.Summary) headline {
	harm, ok := l.harm()
	if !ok {
		return headline{}
	}
	h := headline{harmed: true, late: harm.late}
	if _, rec := l.adviser(s); rec != nil {
		h.backlog, h.lossFree, h.change = rec.Backlog, rec.LossFree, rec.Change
	}
	if l.evenLargest(harm) {
		h.largest = l.rungs[len(l.rungs)-1]
	}
	return h
}

// sureLadder is the ladder of the settings that are not in doubt; nil where the run as a whole is, and
// where the answer rests on a setting that is: without it the run shows something else, or nothing.
func sureLadder(s *analysis.Summary) *ladder {
	if len(s.RunDoubts()) > 0 {
		return nil
	}
	all := newLadder(s, everyCell)
	if len(s.Doubts) == 0 {
		return all
	}
	sure := newLadder(s, func(c *analysis.Cell) bool { return len(s.DoubtsOf(c.ID, "")) == 0 })
	if len(sure.all()) == 0 || sure.headline(s) != all.headline(s) {
		return nil
	}
	return sure
}
