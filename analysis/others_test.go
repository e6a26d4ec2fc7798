package analysis

import (
	"slices"
	"strings"
	"testing"
	"time"

	"agistorm/analysis/record"
)

// besideOthers makes a storm of 1 s on 2 CPUs of which other processes used so much.
func besideOthers(raw *record.Repeat, others time.Duration) {
	if raw.Kernel == nil {
		raw.Kernel = &record.Kernel{}
	}
	raw.Kernel.Others = &record.Others{CPU: others, Own: 100 * ms, Wall: time.Second, CPUs: 2}
}

// TestOthersAreNamed: a generator that was short of CPU beside other processes names their part, from a tenth on.
func TestOthersAreNamed(t *testing.T) {
	const waited = "the generator waited for a CPU for 860 ms of the 1.08 s in which it needed one"
	const ofCPU = " of the CPU time (somaxconn 4, storm 1), so calls may be lost"
	for _, tt := range []struct {
		others time.Duration
		want   string
	}{
		{1240 * ms, waited + ", while other processes used 62 %" + ofCPU},
		{5 * time.Second, waited + ", while other processes used 100 %" + ofCPU},
		{200 * ms, waited + ", while other processes used 10 %" + ofCPU},
		{199 * ms, waited + " (somaxconn 4, storm 1), so calls"},
	} {
		run, all := madeRun(cellOf{tuned(4), storms(made{timeout: 1})})
		raw := all[tuned(4).ID][0]
		thread := &record.Thread{CPU: 220 * ms, Waited: 860 * ms}
		raw.Storm.Workers = []record.Worker{{Share: "0/1", Wall: 2 * time.Second, Thread: thread}}
		besideOthers(raw, tt.others)
		s := Summarise(run, all)
		if !slices.ContainsFunc(s.Doubts, func(line string) bool { return strings.HasPrefix(line, tt.want) }) {
			t.Errorf("%v: %q, want %q", tt.others, s.Doubts, tt.want)
		}
		want := min(float64(tt.others)/float64(2*time.Second), 1)
		if got := s.Health.OthersShare; got == nil || *got != want {
			t.Errorf("%v: a share of %v, want %v", tt.others, got, want)
		}
	}
}

// TestHeldBackIsNotSlow: a server is not called slow for what other processes used, unless it got the CPU before them.
func TestHeldBackIsNotSlow(t *testing.T) {
	const used = "other processes used up to 62 % of its machine's CPU time meanwhile."
	const slow = "the server is slower than its calls come."
	for name, tt := range map[string]struct {
		others   time.Duration
		priority *record.Priority
		want     string
	}{
		"a quiet machine":               {100 * ms, nil, slow},
		"no record of a priority":       {1240 * ms, nil, used},
		"the priority of most":          {1240 * ms, &record.Priority{}, used},
		"a session like any other":      {1240 * ms, &record.Priority{Nice: -10, AutogroupNice: ptr(0)}, used},
		"before other work":             {1240 * ms, &record.Priority{Nice: -10, AutogroupNice: ptr(-10)}, slow},
		"where sessions do not compete": {1240 * ms, &record.Priority{Nice: -10}, slow},
	} {
		run, all := madeRun(cellOf{tuned(4), storms(made{calls: 10})})
		raw := all[tuned(4).ID][0]
		raw.Target = &record.Target{Priority: tt.priority}
		besideOthers(raw, tt.others)
		raw.Attempts[3].FirstCommand = ptr(*raw.Attempts[3].Connected + 1500*ms)
		if got := Summarise(run, all).Verdict; !strings.HasSuffix(got, tt.want) {
			t.Errorf("%s: %s; want it to end with %q", name, got, tt.want)
		}
	}
}

// TestOthersAreUnknown: a record without them tells of none.
func TestOthersAreUnknown(t *testing.T) {
	run, all := madeRun(cellOf{tuned(4), storms(made{calls: 10})})
	all[tuned(4).ID][0].Storm.Workers = []record.Worker{{Share: "0/1", Wall: time.Second}}
	if s := Summarise(run, all); s.Health.OthersShare != nil {
		t.Errorf("others used %v", *s.Health.OthersShare)
	}
}
