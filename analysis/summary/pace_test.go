package summary

import (
	"testing"
	"time"

	"agistorm/analysis/finding"
	"agistorm/analysis/record"
	"agistorm/scenarios/axis"
)

// slowStorms are storms of 400 calls at once at a server that serves 100 calls/s: a call that is not served
// within 3 s has gone.
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
			for i := range raw.Queue { // a call was queued until the last was served
				raw.Queue[i].Depth = uint32(120 - i)
			}
			raw.Queue[len(raw.Queue)-1].Depth = 0
		}
	}
	return run, storms
}

var noBacklogHelps = finding.ServerTooSlow{
	Rate:    100,
	Needed:  134,
	Calls:   400,
	Wait:    4 * time.Second,
	Timeout: 3 * time.Second,
}

func TestTooSlow(t *testing.T) {
	limit := finding.EndedByTimeout{FirstCommand: 300, FirstCommandTimeout: 3 * time.Second}
	one := New(slowStorms(tuned(4096)))
	if !hasFact(one.Answer, noBacklogHelps, "somaxconn-4096") || !hasFact(one.Answer, limit, "somaxconn-4096") {
		t.Errorf("one setting: %s", asText(one.Answer))
	}
	two := New(slowStorms(tuned(128), tuned(4096)))
	if !hasFact(two.Answer, noBacklogHelps, "somaxconn-4096") || !hasFact(two.Answer, limit, "somaxconn-128") ||
		two.Recommendation != nil {
		t.Errorf("two settings: %s (%+v)", asText(two.Answer), two.Recommendation)
	}
}

// TestPaceOfOtherHandlers: a server with more handlers does not make one with fewer faster.
func TestPaceOfOtherHandlers(t *testing.T) {
	handlers := func(somaxconn int, n string) record.Cell {
		return valued(somaxconn, map[string]string{"handlers": n}, 0)
	}
	few, many := handlers(4096, "4"), handlers(4096, "64")
	run, all := slowStorms(handlers(128, "4"), few)
	run.Cells = append(run.Cells, many)
	_, fast := madeRun(cellOf{many, thrice(made{calls: 400, peak: 120})})
	all[many.ID] = fast[many.ID]
	if s := New(run, all); !hasFact(s.Answer, noBacklogHelps, few.ID) {
		t.Error(asText(s.Answer))
	}
}

// A server that served no call has no pace, and is too slow all the same.
func TestServedNobody(t *testing.T) {
	run, all := madeRun(cellOf{tuned(128), thrice(made{calls: 200, silent: 130, timeout: 70, peak: 129})},
		cellOf{tuned(4096), thrice(made{calls: 200, silent: 200, peak: 199})})
	run.Scenario.FirstCommandLimit = time.Second
	want := finding.ServerTooSlow{Needed: 200, Calls: 200, Timeout: time.Second}
	if s := New(run, all); !hasFact(s.Answer, want, "somaxconn-4096") ||
		len(factsLike[finding.QueueFull](s.Answer)) > 0 {
		t.Error(asText(s.Answer))
	}
}

// What the server did while it waited for calls is not what it can do: with a queue that was empty but at the
// beginning, as that of a proxy, or but for a moment.
func TestAnIdleServerHasNoPace(t *testing.T) {
	for _, busy := range []int{0, 40} {
		run, storms := slowStorms(tuned(4096))
		for _, raw := range storms["somaxconn-4096"] {
			for i := range raw.Queue {
				raw.Queue[i].Depth = 0
			}
			raw.Queue[busy].Depth = 1
		}
		if s := New(run, storms); len(factsLike[finding.ServerTooSlow](s.Answer)) > 0 {
			t.Errorf("the queue was empty most of the time, and yet: %s", asText(s.Answer))
		}
	}
}

func TestUsefulBacklog(t *testing.T) {
	run, all := madeRun(
		cellOf{tuned(128), thrice(made{timeout: 900, peak: 129})},
		cellOf{tuned(4096), thrice(made{peak: 1500})},
	)
	run.Scenario.FirstCommandLimit = 10 * ms
	// 2,000 calls in 5 ms are 400,000 a second, 4,000 in 10 ms.
	s := New(run, all)
	if rec := s.Recommendation; rec == nil || rec.Useful != 4000 || rec.Backlog != 4000 || rec.Tried != 4096 {
		t.Errorf("%+v, want 4,000, since more are of no use", rec)
	}
	want := finding.RaiseBacklog{Action: finding.RaiseSysctl, Somaxconn: 4000, Backlog: 4000, Useful: 4000, Untried: true,
		Peak: 1500}
	if !hasFact(s.Answer, want, "somaxconn-4096") {
		t.Errorf("%s, want %+v", asText(s.Answer), want)
	}
	// 400 in 1 ms, and 1,500 were queued without a loss: the storms disprove it.
	run.Scenario.FirstCommandLimit = ms
	if rec := New(run, all).Recommendation; rec == nil || rec.Useful != 0 || rec.Backlog != 4096 {
		t.Errorf("%+v, want 4,096 without a bound", rec)
	}
}

// TestShortBacklog: the value of somaxconn, where it was read, shows whose limit the effective backlog is.
func TestShortBacklog(t *testing.T) {
	for somaxconn, want := range map[string]finding.ShortBacklog{
		"":     {Action: finding.RaiseBoth},
		"100":  {Action: finding.RaiseBoth, Somaxconn: ptr(100)},
		"512":  {Action: finding.RaiseBoth, Somaxconn: ptr(512)},
		"4096": {Action: finding.RaiseApplication, Somaxconn: ptr(4096)},
	} {
		want.Backlog, want.Want, want.Waiting, want.Calls = 100, 1024, 500, 500
		run, all := madeRun(
			cellOf{record.Cell{ID: "storm"}, storms(made{calls: 500, timeout: 10, peak: 101, limit: 100})},
		)
		run.Isolation.Mode = record.IsolationHost
		if somaxconn != "" {
			all["storm"][0].Kernel = &record.Kernel{Sysctls: map[string]string{axis.SomaxconnSysctl: somaxconn}}
		}
		got := New(run, all).Answer
		if !hasFact(got, want, "storm") {
			t.Errorf("somaxconn %q: %s", somaxconn, asText(got))
		}
	}
}
