package causes

import (
	"testing"
	"time"

	"agistorm/analysis/record"
)

// TestMoved: what the first address did not answer is not stated of the second, as it was measured with two
// addresses and a limit of 2 s.
func TestMoved(t *testing.T) {
	for name, c := range map[string]struct {
		change     func(*record.Attempt)
		kind, seen string
	}{
		"answered there at once": {
			func(a *record.Attempt) {
				a.EarlierSYNRetransmits, a.Connected, a.FirstCommand = 1, p(2013*ms), p(2030*ms)
			},
			"syn-dropped@accept-queue again 1, address-given-up 2s, moved-on, answered-there, answered",
			"12ms 129/129, 2.012s, 2.012s to [::1]:4573, 2.01202s, 2.03s",
		},
		"answered there late": {
			func(a *record.Attempt) {
				a.EarlierSYNRetransmits, a.SYNRetransmits, a.SYNACK, a.RTOTime = 1, p(uint32(1)), p(3030*ms), p(ms)
				a.Connected, a.Outcome, a.Errno, a.Done = p(3031*ms), record.Reset, "ECONNRESET", 3250*ms
			},
			"syn-dropped@accept-queue again 1, address-given-up 2s, moved-on, syn-dropped-there, syn-answered, reset-on-write",
			"12ms 129/129, 2.012s, 2.012s to [::1]:4573, 2.012s, 3.03s, 3.25s",
		},
		"given up there too": {
			func(a *record.Attempt) {
				a.Tried, a.SYNRetransmits = p(13*ms), p(uint32(1))
				a.Outcome, a.Limit, a.Done = record.ConnectTimeout, "connect", 2013*ms
			},
			"address-failed, moved-on, syn-dropped-there again 1, gave-up 2s",
			"12ms, 13ms to [::1]:4573, 13ms, 2.013s",
		},
	} {
		a := call(0, 12*ms)
		a.Tried, a.Address = p(2012*ms), "[::1]:4573"
		c.change(&a)
		raw := joined([]record.Attempt{a})
		raw.Target = nil
		raw.Storm.Wall = 4 * time.Second
		kind, seen := stepsOf(t, raw)
		if kind != c.kind || seen != c.seen {
			t.Errorf("%s:\n got %q\n     %q\nwant %q\n     %q", name, kind, seen, c.kind, c.seen)
		}
	}
}
