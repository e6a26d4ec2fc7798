package analysis

import (
	"strings"
	"testing"
	"time"

	"agistorm/analysis/record"
)

// slowStorms are storms of 400 calls at once at a server that serves 100 a second: whoever is not served within 3 s has gone.
func slowStorms(cells ...record.Cell) (*record.Run, Storms) {
	var all []cellOf
	for _, c := range cells {
		all = append(all, cellOf{c, thrice(made{calls: 400, silent: 100, peak: 120})})
	}
	run, storms := madeRun(all...)
	run.Scenario.Calls, run.Scenario.FirstCommandLimit = 400, 3*time.Second
	for _, of := range storms {
		for _, raw := range of {
			for i := 100; i < 400; i++ {
				raw.Attempts[i].Done = time.Duration(i-99) * 10 * ms
			}
		}
	}
	return run, storms
}

const noBacklogHelps = "the server serves 100 calls a second at best, so the last of 400 calls waits 4.00 s in the " +
	"queue, and this storm's first-command limit is 3.00 s: " +
	"no backlog helps, only a server of at least 134 calls a second."

const ownLimit = " 300 are lost only because this storm's own first-command limit of 3.00 s passed: Asterisk has no " +
	"such limit and would wait."

func TestTooSlow(t *testing.T) {
	one := Summarise(slowStorms(tuned(4096)))
	if !strings.HasSuffix(one.Verdict, " "+upperFirst(noBacklogHelps)+" Of the lost calls,"+ownLimit) {
		t.Errorf("one setting: %s", one.Verdict)
	}
	two := Summarise(slowStorms(tuned(128), tuned(4096)))
	if !strings.HasSuffix(two.Verdict, "Even the largest tried, 4096, loses 100: "+noBacklogHelps+" Of the lost calls "+
		"with somaxconn 128,"+ownLimit) || two.Recommendation != nil {
		t.Errorf("two settings: %s (%+v)", two.Verdict, two.Recommendation)
	}
}

// A server that served nobody has no pace, and is too slow all the same.
func TestServedNobody(t *testing.T) {
	run, all := madeRun(cellOf{tuned(128), thrice(made{calls: 200, silent: 130, timeout: 70, peak: 129})}, cellOf{tuned(4096), thrice(made{calls: 200, silent: 200, peak: 199})})
	run.Scenario.FirstCommandLimit = time.Second
	const want = "the server served nobody within the first-command limit of 1.00 s (this storm's own): " +
		"no backlog helps, only a server of at least 200 calls a second."
	if s := Summarise(run, all); !strings.Contains(s.Verdict, want) || strings.Contains(s.Verdict, "larger setting") {
		t.Error(s.Verdict)
	}
}

// What the server did while it waited for calls is not what it can do.
func TestAnIdleServerHasNoPace(t *testing.T) {
	run, storms := slowStorms(tuned(4096))
	for _, raw := range storms["somaxconn-4096"] {
		raw.Queue[0].Depth = 0
		raw.Queue[40].Depth = 1
	}
	if s := Summarise(run, storms); strings.Contains(s.Verdict, "no backlog helps") {
		t.Errorf("the queue was empty most of the time, and yet: %s", s.Verdict)
	}
}

func TestPatienceOfCallsThatComeSlowly(t *testing.T) {
	p := pace{rate: 100, patience: 3 * time.Second}
	for span, want := range map[time.Duration]time.Duration{0: 4 * time.Second, time.Second: 3 * time.Second, 9 * time.Second: 0} {
		if got := p.wait(400, span); got != want {
			t.Errorf("400 calls within %v: the last waits %v, want %v", span, got, want)
		}
	}
	if got := p.useful(); got != 300 {
		t.Errorf("a backlog of %d is of use, want 300", got)
	}
}

func TestUsefulBacklog(t *testing.T) {
	run, all := madeRun(cellOf{tuned(128), thrice(made{timeout: 900, peak: 129})}, cellOf{tuned(4096), thrice(made{peak: 1500})})
	run.Scenario.FirstCommandLimit = 10 * ms
	// 2,000 calls in 5 ms are 400,000 a second, 4,000 in 10 ms.
	if rec := Summarise(run, all).Recommendation; rec == nil || rec.Useful != 4000 {
		t.Errorf("%+v, want that more than 4,000 are of no use", rec)
	}
}

// Whose limit the effective backlog of somebody else's server is.
func TestShortBacklog(t *testing.T) {
	cell := func(somaxconn string) *Cell {
		raw := &record.Repeat{}
		if somaxconn != "" {
			raw.Kernel = &record.Kernel{Sysctls: map[string]string{somaxconnSysctl: somaxconn}}
		}
		return &Cell{Repeats: []Repeat{{Raw: raw}}}
	}
	for somaxconn, want := range map[string]string{
		"":     "raise what it gives listen(2) or net.core.somaxconn, whichever is the smaller",
		"4096": "let it ask for more",
		"128":  "which is all that net.core.somaxconn allows: raise that",
	} {
		if got := shortBacklog(cell(somaxconn), 128); !strings.Contains(got, want) {
			t.Errorf("somaxconn %q: %s", somaxconn, got)
		}
	}
}
