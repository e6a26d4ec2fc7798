package portable

import (
	"testing"
	"time"

	"agistorm/target/engine"
)

// TestSpend: an event takes its cost, and the clients get as much more time; one without a cost takes
// nothing.
func TestSpend(t *testing.T) {
	for _, cost := range []time.Duration{0, 3 * time.Millisecond} {
		d := newAcceptor(New(&engine.Plan{Rules: engine.Rules{OneThread: true, EventCost: cost}}))
		began := time.Now()
		d.spend()
		if blocked := d.blockedFor(); blocked < cost || blocked > time.Since(began) || cost == 0 && blocked != 0 {
			t.Errorf("an event of %v counts as %v", cost, blocked)
		}
	}
}
