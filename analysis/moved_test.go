package analysis

import (
	"testing"
	"time"

	"agistorm/analysis/record"
)

// TestMoved: what the first address did not answer is not told of the second, as it was measured with two addresses and a limit of 2 s.
func TestMoved(t *testing.T) {
	for name, c := range map[string]struct {
		change     func(*record.Attempt)
		kind, told string
	}{
		"answered there at once": {
			func(a *record.Attempt) {
				a.EarlierSYNRetransmits, a.Connected, a.FirstCommand = 1, p(2013*ms), p(2030*ms)
			},
			"SYN dropped at the full accept queue, and when it was sent again, address given up after 2s, went on to another address, answered there, answered",
			"SYN dropped at +12.0 ms (accept queue 129 of 129), and when it was sent again, address given up by +2.01 s, went on to [::1]:4573 at +2.01 s, " +
				"answered at +2.01 s, first command at +2.03 s",
		},
		"answered there late": {
			func(a *record.Attempt) {
				a.EarlierSYNRetransmits, a.SYNRetransmits, a.SYNACK, a.RTOTime = 1, p(uint32(1)), p(3030*ms), p(ms)
				a.Connected, a.Outcome, a.Errno, a.Done = p(3031*ms), record.Reset, "ECONNRESET", 3250*ms
			},
			"SYN dropped at the full accept queue, and when it was sent again, address given up after 2s, went on to another address, " +
				"SYN dropped there, answered when it was sent again, reset when it spoke",
			"SYN dropped at +12.0 ms (accept queue 129 of 129), and when it was sent again, address given up by +2.01 s, went on to [::1]:4573 at +2.01 s, " +
				"answered at +3.03 s when it was sent again, reset at +3.25 s",
		},
		"given up there too": {
			func(a *record.Attempt) {
				a.Tried, a.SYNRetransmits = p(13*ms), p(uint32(1))
				a.Outcome, a.Limit, a.Done = record.ConnectTimeout, "connect", 2013*ms
			},
			"an address failed at once, went on to another address, SYN dropped there (2 times), given up after 2s",
			"an address failed, went on to [::1]:4573 at +13.0 ms, SYN dropped there (2 times), given up at +2.01 s",
		},
	} {
		a := call(0, 12*ms)
		a.Tried, a.Address = p(2012*ms), "[::1]:4573"
		c.change(&a)
		raw := joined([]record.Attempt{a})
		raw.Target = nil
		raw.Storm.Wall = 4 * time.Second
		kind, told := storyOf(t, raw)
		if kind != c.kind || told != c.told {
			t.Errorf("%s:\n got %q\n     %q\nwant %q\n     %q", name, kind, told, c.kind, c.told)
		}
	}
}
