package causes

import (
	"strings"
	"testing"

	"agistorm/analysis/calls"
	"agistorm/analysis/record"
)

// TestUnaccepted: a connection that was left in the accept queue, or that a restart discarded, lost no ACK:
// it is no phantom.
func TestUnaccepted(t *testing.T) {
	reset := func(n int) record.Attempt {
		a := call(n, 12*ms)
		a.Connected, a.Outcome, a.Errno, a.Done = p(13*ms), record.Reset, "ECONNRESET", 220*ms
		return a
	}
	silent := func(n int) record.Attempt {
		a := call(n, 12*ms)
		a.Connected, a.Outcome, a.Limit, a.Done = p(13*ms), record.Silent, "first-command", 3013*ms
		return a
	}
	const (
		dropped = "phantom, "
		left    = "left-in-queue, "
		closed  = "discarded, reset"
		never   = "never-accepted, "
	)
	for name, c := range map[string]struct {
		queued            *int
		discarded         int
		attempts          []record.Attempt
		ofReset, ofSilent string
	}{
		"nothing was left":             {p(0), 0, []record.Attempt{reset(0), silent(1)}, dropped, dropped},
		"one was left":                 {p(1), 0, []record.Attempt{reset(0), silent(1)}, dropped, left},
		"one of two was left":          {p(1), 0, []record.Attempt{reset(0), silent(1), silent(2)}, dropped, never},
		"a restart":                    {p(0), 1, []record.Attempt{reset(0)}, closed, ""},
		"a restart, and one was left":  {p(1), 1, []record.Attempt{reset(0), silent(1)}, closed, left},
		"a restart, and phantoms":      {p(0), 1, []record.Attempt{reset(0), reset(1)}, never, ""},
		"a restart after one had gone": {p(0), 2, []record.Attempt{reset(0), silent(1)}, closed, "discarded, "},
		"what was left is not known":   {nil, 0, []record.Attempt{silent(0)}, "", never},
	} {
		raw := joined(c.attempts)
		raw.Target.Queued, raw.Target.Discarded = c.queued, c.discarded
		run := &record.Run{Scenario: limits}
		for _, chain := range Chains(run, []*calls.Storm{calls.Follow(run, 1, raw)}) {
			want := c.ofSilent
			if chain.Outcome == record.Reset {
				want = c.ofReset
			}
			kind, seen := written(chain.Steps)
			if !strings.HasPrefix(kind, want) {
				t.Errorf("%s, %s: %q, want %q", name, chain.Outcome, kind, want)
			}
			if want == left && strings.Contains(seen, "/129") { // the queue is shown where an ACK was dropped at it
				t.Errorf("%s: example %q", name, seen)
			}
		}
	}
}
