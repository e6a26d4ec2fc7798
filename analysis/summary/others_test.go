package summary

import (
	"testing"
	"time"

	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// besideOthers makes a storm of 1 s on 2 CPUs of which other processes used so much.
func besideOthers(raw *record.Repeat, others time.Duration) {
	if raw.Kernel == nil {
		raw.Kernel = &record.Kernel{}
	}
	raw.Kernel.Others = &record.Others{CPU: others, Own: 100 * ms, Wall: time.Second, CPUs: 2}
}

// TestOthersAreNamed: a generator that was short of CPU beside other processes names their part, from a tenth
// on.
func TestOthersAreNamed(t *testing.T) {
	for others, named := range map[time.Duration]float64{1240 * ms: 0.62, 5 * time.Second: 1, 200 * ms: 0.1, 199 * ms: 0} {
		run, all := madeRun(cellOf{tuned(4), storms(made{timeout: 1})})
		raw := all[tuned(4).ID][0]
		thread := &record.Thread{CPU: 220 * ms, Waited: 860 * ms}
		raw.Storm.Workers = []record.Worker{{Share: "0/1", Wall: 2 * time.Second, Thread: thread}}
		besideOthers(raw, others)
		s := New(run, all)
		if got := factsLike[finding.HeldUp](s.Doubts); len(got) != 1 || got[0].Others != named {
			t.Errorf("%v: %+v, want a share of %v", others, got, named)
		}
		want := min(float64(others)/float64(2*time.Second), 1)
		if got := s.Health.OthersShare; got == nil || *got != want {
			t.Errorf("%v: a share of %v, want %v", others, got, want)
		}
	}
}

// TestHeldBackIsNotSlow: a server is not called slow for what other processes used, unless it got the CPU
// before them.
func TestHeldBackIsNotSlow(t *testing.T) {
	const used, slow = finding.BlameOthers, finding.BlameServer
	for name, tt := range map[string]struct {
		others   time.Duration
		priority *record.Priority
		want     finding.Blame
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
		if got := factsLike[finding.SlowCalls](New(run, all).Answer); len(got) != 1 || got[0].Blame != tt.want {
			t.Errorf("%s: %+v; want it to blame %q", name, got, tt.want)
		}
	}
}

// TestOthersAreUnknown: a record without them shows none.
func TestOthersAreUnknown(t *testing.T) {
	run, all := madeRun(cellOf{tuned(4), storms(made{calls: 10})})
	all[tuned(4).ID][0].Storm.Workers = []record.Worker{{Share: "0/1", Wall: time.Second}}
	if s := New(run, all); s.Health.OthersShare != nil {
		t.Errorf("others used %v", *s.Health.OthersShare)
	}
}
