package summary

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis"
	"agistorm/analysis/comparison"
	"agistorm/analysis/finding"
	"agistorm/analysis/health"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
)

// lagOf is the lag of replies that took so long each.
func lagOf(lags ...time.Duration) *record.Lag {
	l := &record.Lag{}
	for _, lag := range lags {
		l.Count++
		l.Sum += lag
		l.Max = max(l.Max, lag)
		l.Brackets = append(l.Brackets, record.LagBracket{Below: lag + 1, Count: 1})
	}
	slices.SortFunc(l.Brackets, func(a, b record.LagBracket) int { return int(a.Below - b.Below) })
	return l
}

// lagging gives a storm so much lag in one reply, and its server's handlers so much time in all; 0 is no log.
func lagging(raw *record.Repeat, lag, handlers time.Duration) {
	raw.Storm.Workers = []record.Worker{{Share: "0/1", ReplyLag: lagOf(lag)}}
	if handlers > 0 {
		raw.Target = &record.Target{
			Peers: []record.Peer{{At: ms, Done: ms + handlers, Address: raw.Attempts[1999].Local}},
		}
	}
}

func TestReplyLagOfAStorm(t *testing.T) {
	peers := func(done ...time.Duration) *record.Target {
		target := &record.Target{}
		for _, d := range done {
			target.Peers = append(target.Peers, record.Peer{At: 10 * ms, Done: d})
		}
		return target
	}
	two := []record.Worker{{ReplyLag: lagOf(ms, 2*ms)}, {}, {ReplyLag: lagOf(17 * ms)}}
	lag := func(change func(*analysis.ReplyLag)) *analysis.ReplyLag {
		l := &analysis.ReplyLag{
			Count: 3,
			P50:   2*ms + 1,
			P90:   2*ms + 1,
			P95:   2*ms + 1,
			P99:   2*ms + 1,
			Max:   17 * ms,
			Sum:   20 * ms,
			Grade: analysis.HealthWell,
		}
		change(l)
		return l
	}
	for name, tt := range map[string]struct {
		raw  record.Repeat
		want *analysis.ReplyLag
	}{
		"a record of " +
			"0.1.0": {record.Repeat{Storm: record.Storm{Workers: []record.Worker{{}}}, Target: peers(20 * ms)}, nil},
		"two workers, one without a " +
			"reply": {record.Repeat{Storm: record.Storm{Workers: two}, Target: peers(60*ms, 160*ms)},
			lag(func(l *analysis.ReplyLag) { l.HandlerTime, l.Share = ptr(200*ms), ptr(0.1) })},
		"from the read": {record.Repeat{Storm: record.Storm{Workers: two, Lacks: []string{record.LacksTCPInfo,
			record.LacksArrivalStamps}}},
			lag(func(l *analysis.ReplyLag) { l.FromRead, l.ShareUnknown = true, metric.NoServerLog })},
		"an external server": {record.Repeat{Storm: record.Storm{Workers: two}},
			lag(func(l *analysis.ReplyLag) { l.ShareUnknown = metric.NoServerLog })},
		"a session that never ended": {record.Repeat{Storm: record.Storm{Workers: two}, Target: peers(60*ms, 0)},
			lag(func(l *analysis.ReplyLag) { l.ShareUnknown = metric.OpenSessions })},
	} {
		if diff := cmp.Diff(tt.want, health.MeasureReplyLag(&tt.raw)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestReplyLagGrades(t *testing.T) {
	for name, tt := range map[string]struct {
		lag      time.Duration
		count    int
		share    *float64
		impaired bool
		want     analysis.Grade
		pace     bool
	}{
		"20 % of the handlers' time":                {40 * ms, 1, ptr(0.20), true, analysis.HealthStrained, false},
		"more, and a call was impaired by it":       {40 * ms, 1, ptr(0.201), true, analysis.HealthLimit, false},
		"more, and no call was impaired by it":      {40 * ms, 1, ptr(0.201), false, analysis.HealthStrained, true},
		"15 %":                                      {40 * ms, 1, ptr(0.15), true, analysis.HealthWell, false},
		"more than 15 %":                            {40 * ms, 1, ptr(0.151), true, analysis.HealthStrained, false},
		"100 ms, and a call was impaired":           {100 * ms, 1, ptr(0.01), true, analysis.HealthStrained, false},
		"more, and a call was impaired":             {101 * ms, 1, ptr(0.01), true, analysis.HealthLimit, false},
		"more, and no call was impaired":            {101 * ms, 1, ptr(0.01), false, analysis.HealthStrained, false},
		"more, the share is not known":              {101 * ms, 1, nil, true, analysis.HealthLimit, false},
		"50 ms":                                     {50 * ms, 1, ptr(0.01), true, analysis.HealthWell, false},
		"more than 50 ms":                           {51 * ms, 1, ptr(0.01), true, analysis.HealthStrained, false},
		"a server without work, and prompt replies": {20 * ms, 100, ptr(0.5), true, analysis.HealthWell, false},
		"a server without work, no such replies, and no call was impaired": {20*ms + 1, 100, ptr(0.5), false,
			analysis.HealthStrained,
			true},
		"a server without work, and no such replies":  {20*ms + 1, 100, ptr(0.5), true, analysis.HealthLimit, false},
		"prompt replies but for one that is too late": {101 * ms, 1000, ptr(0.5), true, analysis.HealthLimit, false},
	} {
		l := &analysis.ReplyLag{Count: tt.count, Max: tt.lag, Sum: tt.lag, Share: tt.share, Grade: analysis.HealthWell}
		if health.JudgeLag(l, tt.impaired); l.Grade != tt.want || l.PaceDoubted != tt.pace {
			t.Errorf("%s: %q, pace doubted %v, want %q, %v", name, l.Grade, l.PaceDoubted, tt.want, tt.pace)
		}
	}
}

// A slow call counts as an impaired one: it waited for the server, which waited for the generator.
func TestReplyLagOfAStormWithASlowCall(t *testing.T) {
	run, all := madeRun(cellOf{tuned(4096), storms(made{})})
	raw := all["somaxconn-4096"][0]
	lagging(raw, 101*ms, 0)
	raw.Attempts[0].FirstCommand = ptr(1500 * ms)
	if r := New(run, all).Cells[0].Repeats[0]; r.Slow != 1 || r.Lost+r.Late != 0 ||
		r.ReplyLag.Grade != analysis.HealthLimit || r.Health.Grade != analysis.HealthLimit {
		t.Errorf("%d slow, lag %q, health %q", r.Slow, r.ReplyLag.Grade, r.Health.Grade)
	}
}

// mainJob is a sweep in which 128 and 512 lose calls, and 4096 none; the lags are those of one reply
// in each storm, of 1 s of handler time.
func mainJob(lags map[int]time.Duration) (*record.Run, Storms) {
	run, all := madeRun(
		cellOf{tuned(128), thrice(made{timeout: 1500, peak: 129})},
		cellOf{tuned(512), thrice(made{timeout: 1100, peak: 513})},
		cellOf{tuned(4096), thrice(made{peak: 1900})})
	run.Isolation.Mode = record.IsolationHost
	for _, c := range run.Cells {
		for _, raw := range all[c.ID] {
			lagging(raw, lags[c.Somaxconn], time.Second)
		}
	}
	return run, all
}

// TestReplyLagDoubtsSettings: where the generator was too slow to reply its settings are in doubt, and the
// answer only where it rests on them.
func TestReplyLagDoubtsSettings(t *testing.T) {
	const a, b, best = "somaxconn-128", "somaxconn-512", "somaxconn-4096"
	for name, tt := range map[string]struct {
		lags map[int]time.Duration
		// doubted settings, and those of which only the pace is.
		doubted, pace []string
		conclusive    bool
	}{
		"no lag":                {nil, nil, nil, true},
		"the least is in doubt": {map[int]time.Duration{128: 210 * ms}, []string{a}, nil, true},
		"all that lose calls are in " +
			"doubt": {map[int]time.Duration{128: 210 * ms, 512: 210 * ms}, []string{a, b}, nil, false},
		"of the answer only the pace is": {map[int]time.Duration{4096: 210 * ms}, nil, []string{best}, true},
		"the answer, as a call was slow": {map[int]time.Duration{4096: 211 * ms}, []string{best}, nil, false},
	} {
		run, all := mainJob(tt.lags)
		if tt.lags[4096] == 211*ms {
			for _, raw := range all[best] {
				raw.Attempts[0].FirstCommand = ptr(1501 * ms)
			}
		}
		s := New(run, all)
		if s.Conclusive != tt.conclusive || s.Recommendation == nil ||
			s.Recommendation.Provisional == tt.conclusive {
			t.Errorf(
				"%s: conclusive %v, recommendation %+v, doubts %s",
				name,
				s.Conclusive,
				s.Recommendation,
				asText(s.Doubts),
			)
		}
		var doubted, pace []string
		for i := range s.Cells {
			switch id := s.Cells[i].ID; {
			case len(s.DoubtsOf(id, "")) > 0:
				doubted = append(doubted, id)
			case len(s.DoubtsOf(id, "served")) > 0:
				pace = append(pace, id)
			}
		}
		if diff := cmp.Diff([][]string{tt.doubted, tt.pace}, [][]string{doubted, pace}); diff != "" {
			t.Errorf("%s: settings in doubt (-want +got):\n%s", name, diff)
		}
		for _, id := range tt.doubted { // what is in doubt is left out of a sure answer
			left := !strings.Contains(asText(s.Answer), "calls-lost ["+id)
			if tt.conclusive && !left {
				t.Errorf("%s: %s", name, asText(s.Answer))
			}
		}
	}
}

// TestReplyLagDoubtIsData: it has the numbers of the worst storm.
func TestReplyLagDoubtIsData(t *testing.T) {
	s := New(mainJob(map[int]time.Duration{128: 300 * ms, 512: 210 * ms}))
	want := finding.ReplyLag{Max: 300 * ms, HandlerShare: ptr(0.3), Storms: 6, Effect: finding.LagOnCalls}
	if len(s.Doubts) != 1 || !hasFact(s.Doubts, want, "somaxconn-128", "somaxconn-512") {
		t.Errorf("%s", asText(s.Doubts))
	}
	if s.Health.Grade != analysis.HealthLimit || s.Health.ReplyLag.Max != 300*ms {
		t.Errorf("%q, %+v", s.Health.Grade, s.Health.ReplyLag)
	}
	if l := s.Cells[0].ReplyLag; l.Count != 3 || l.Sum != 900*ms || *l.Share != 0.3 || l.Grade != analysis.HealthLimit {
		t.Errorf("of all storms of a setting: %+v", l)
	}
}

// Nothing is claimed of the difference between a setting that is in doubt and its neighbour.
func TestReplyLagWithholdsComparisons(t *testing.T) {
	for _, c := range New(mainJob(map[int]time.Duration{128: 210 * ms})).Comparisons {
		withheld := slices.ContainsFunc(
			c.Contrast,
			func(m analysis.Contrast) bool { return m.Finding == analysis.Withheld },
		)
		if of128 := c.Old == "somaxconn 128"; withheld != of128 || (len(c.Doubted) == 1) != of128 {
			t.Errorf("%s against %s: withheld %v, doubted %q", c.Old, c.New, withheld, c.Doubted)
		}
	}
}

// TestPaceInDoubt: where no call was impaired only the server's pace is withheld.
func TestPaceInDoubt(t *testing.T) {
	s := New(mainJob(map[int]time.Duration{4096: 210 * ms}))
	if len(s.Doubts) != 1 || len(s.DoubtsOf("somaxconn-4096", "p99(first-command)")) != 1 ||
		s.Health.Grade != analysis.HealthStrained ||
		len(s.DoubtsOf("somaxconn-4096", "lost"))+len(s.DoubtsOf("somaxconn-128", "served")) != 0 {
		t.Errorf("%s, health %q", asText(s.Doubts), s.Health.Grade)
	}
	for _, c := range s.Comparisons {
		for _, m := range c.Contrast {
			want := c.New == "somaxconn 4096" && (m.Metric == "served" || m.Metric == "p99(first-command)")
			if got := m.Finding == analysis.Withheld; got != want {
				t.Errorf("%s against %s, %s: withheld %v", c.Old, c.New, m.Metric, got)
			}
		}
	}
	side := comparison.Compare("old", New(mainJob(nil)), "new", s, comparison.DefaultLeast)
	if got := factsLike[finding.NotCompared](side.Answer); len(got) != 1 || !got[0].Pace ||
		got[0].Names[0] != "somaxconn 4096" {
		t.Errorf("%s: want the server's pace with somaxconn 4096", answered(side))
	}
	if len(factsLike[finding.ReplyLag](s.Warnings)) > 0 {
		t.Errorf("it is warned of what is in doubt: %s", asText(s.Warnings))
	}
}

// TestReplyLagWarns: below the doubt the run stays as it is.
func TestReplyLagWarns(t *testing.T) {
	s := New(mainJob(map[int]time.Duration{128: 160 * ms, 4096: 60 * ms}))
	s2 := New(mainJob(map[int]time.Duration{4096: 60 * ms}))
	want := finding.ReplyLag{Max: 60 * ms, HandlerShare: ptr(0.06), Storms: 3, Effect: finding.LagOnLatency}
	if len(s.Doubts) != 1 || !hasFact(s.Warnings, want, "somaxconn-4096") ||
		!hasFact(s2.Warnings, want, "somaxconn-4096") ||
		s2.Doubts != nil ||
		s2.Health.Grade != analysis.HealthStrained {
		t.Errorf("doubts %s, warnings %s", asText(s.Doubts), asText(s.Warnings))
	}
	run, all := mainJob(nil)
	for _, of := range all {
		for _, raw := range of {
			raw.Storm.Workers = nil // as 0.1.0 wrote it
		}
	}
	if s := New(run, all); s.Health.ReplyLag != nil || s.Cells[0].ReplyLag != nil ||
		len(factsLike[finding.ReplyLag](s.Warnings)) > 0 {
		t.Errorf("a record of 0.1.0: %+v, warnings %s", s.Health.ReplyLag, asText(s.Warnings))
	}
}

// blamesServer reports whether a fact blames the server for calls that waited.
func blamesServer(f finding.Finding) bool {
	switch fact := f.Fact.(type) {
	case finding.SlowCalls:
		return fact.Blame == finding.BlameServer
	case finding.QueueNeverFull:
		return fact.Silent
	case finding.QueueFull:
		return fact.Largest && !fact.Generator
	case finding.ServerOverloaded:
		return !fact.Generator
	case finding.ServerTooSlow:
		return true
	}
	return false
}

// TestTheServerIsNotBlamedForTheLag: every run in which the server is called slow without a lag is not
// called so with one, and the generator's numbers stand there instead.
func TestTheServerIsNotBlamedForTheLag(t *testing.T) {
	slow := func(raw *record.Repeat) { raw.Attempts[1].FirstCommand = ptr(1500 * ms) }
	stretch := func(raw *record.Repeat) { // calls come for 2 s, for which the queue is full
		for i := range raw.Attempts {
			raw.Attempts[i].Intended = time.Duration(i) * ms
			raw.Attempts[i].Started = ptr(raw.Attempts[i].Intended)
			if a := &raw.Attempts[i]; a.Outcome == record.Answered {
				a.Connected, a.FirstCommand, a.Done = ptr(a.Intended+ms), ptr(a.Intended+2*ms), a.Intended+5*ms
			}
		}
		for i := range raw.Queue {
			raw.Queue[i].Depth = raw.Queue[i].Limit + 1
		}
	}
	external := record.Cell{ID: "storm"}
	for name, tt := range map[string]struct {
		cells []cellOf
		limit time.Duration
		edit  func(*record.Repeat)
	}{
		"one setting, slow calls":        {[]cellOf{{tuned(4096), thrice(made{})}}, 0, slow},
		"an external server, slow calls": {[]cellOf{{external, thrice(made{})}}, 0, slow},
		"several settings, slow calls": {[]cellOf{{tuned(128), thrice(made{timeout: 9})}, {tuned(512), thrice(made{})}},
			0, slow},
		"no call lost, slow calls": {[]cellOf{{tuned(128), thrice(made{})}, {tuned(512), thrice(made{})}}, 0, slow},
		"even the largest, never full": {[]cellOf{{tuned(128), thrice(made{timeout: 9, peak: 129})}, {tuned(512),
			thrice(made{silent: 5, peak: 100})}}, 0, nil},
		"even the largest, full": {[]cellOf{{tuned(128), thrice(made{timeout: 9, peak: 129})}, {tuned(512),
			thrice(made{timeout: 5, peak: 513})}}, 0, nil},
		"one setting, silent":              {[]cellOf{{tuned(128), thrice(made{silent: 5, peak: 20})}}, 0, nil},
		"a pace below what calls wait for": {[]cellOf{{tuned(4096), thrice(made{silent: 1500, peak: 1900})}}, ms, nil},
		"it served no call": {[]cellOf{{tuned(4096), thrice(made{silent: 2000, peak: 1900})}}, time.Second,
			nil},
		"calls came faster than it took them": {[]cellOf{{external, storms(made{timeout: 100, late: 20, peak: 129,
			limit: 128})}}, 0, stretch},
	} {
		for _, lag := range []time.Duration{0, 60 * ms, 110 * ms} {
			run, all := madeRun(tt.cells...)
			run.Scenario.FirstCommandLimit = tt.limit
			for _, of := range all {
				for _, raw := range of {
					if tt.edit != nil {
						tt.edit(raw)
					}
					lagging(raw, lag, 0)
				}
			}
			s := New(run, all)
			blamed := slices.ContainsFunc(s.Answer, blamesServer)
			if blamed != (lag == 0) {
				t.Errorf("%s, lag %v: blames the server %v:\n%s", name, lag, blamed, asText(s.Answer))
			}
			if got := factsLike[finding.ReplyLag](s.Answer); lag > 0 && (len(got) == 0 || got[0].Max != lag) {
				t.Errorf("%s, lag %v: want it in\n%s", name, lag, asText(s.Answer))
			}
		}
	}
}

// A server that waited for the generator's replies can do more than it did: its pace shows nothing of
// how long a queue is of use.
func TestNoPaceWithALag(t *testing.T) {
	for lag, want := range map[time.Duration]bool{ms: true, 60 * ms: false} {
		run, all := madeRun(cellOf{tuned(128), thrice(made{timeout: 900, peak: 129})}, cellOf{tuned(4096),
			thrice(made{peak: 1500})})
		run.Scenario.FirstCommandLimit = 10 * ms
		for _, of := range all {
			for _, raw := range of {
				lagging(raw, lag, 0)
			}
		}
		if rec := New(run, all).Recommendation; rec == nil || (rec.Useful > 0) != want {
			t.Errorf("lag %v: %+v, want a useful backlog: %v", lag, rec, want)
		}
	}
}
