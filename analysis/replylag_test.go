package analysis

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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
		raw.Target = &record.Target{Peers: []record.Peer{{At: ms, Done: ms + handlers, Address: raw.Attempts[1999].Local}}}
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
	lag := func(change func(*ReplyLag)) *ReplyLag {
		l := &ReplyLag{Count: 3, P50: 2*ms + 1, P90: 2*ms + 1, P95: 2*ms + 1, P99: 2*ms + 1, Max: 17 * ms, Sum: 20 * ms, Grade: HealthWell}
		change(l)
		return l
	}
	for name, tt := range map[string]struct {
		raw  record.Repeat
		want *ReplyLag
	}{
		"a record of 0.1.0": {record.Repeat{Storm: record.Storm{Workers: []record.Worker{{}}}, Target: peers(20 * ms)}, nil},
		"two workers, one without a reply": {record.Repeat{Storm: record.Storm{Workers: two}, Target: peers(60*ms, 160*ms)},
			lag(func(l *ReplyLag) { l.HandlerTime, l.Share = ptr(200*ms), ptr(0.1) })},
		"from the read": {record.Repeat{Storm: record.Storm{Workers: two, Lacks: []string{record.LacksTCPInfo,
			record.LacksArrivalStamps}}},
			lag(func(l *ReplyLag) { l.FromRead, l.ShareUnknown = true, lagWithoutLog })},
		"an external server": {record.Repeat{Storm: record.Storm{Workers: two}},
			lag(func(l *ReplyLag) { l.ShareUnknown = lagWithoutLog })},
		"a session that never ended": {record.Repeat{Storm: record.Storm{Workers: two}, Target: peers(60*ms, 0)},
			lag(func(l *ReplyLag) { l.ShareUnknown = lagOpenPeers })},
	} {
		if diff := cmp.Diff(tt.want, replyLag(&tt.raw)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestReplyLagGrades(t *testing.T) {
	for name, tt := range map[string]struct {
		lag   time.Duration
		count int
		share *float64
		hurt  bool
		want  Grade
		pace  bool
	}{
		"20 % of the handlers' time":                {40 * ms, 1, ptr(0.20), true, HealthStrained, false},
		"more, and a call suffered by it":           {40 * ms, 1, ptr(0.201), true, HealthLimit, false},
		"more, and no call suffered by it":          {40 * ms, 1, ptr(0.201), false, HealthStrained, true},
		"15 %":                                      {40 * ms, 1, ptr(0.15), true, HealthWell, false},
		"more than 15 %":                            {40 * ms, 1, ptr(0.151), true, HealthStrained, false},
		"100 ms, and a call suffered":               {100 * ms, 1, ptr(0.01), true, HealthStrained, false},
		"more, and a call suffered":                 {101 * ms, 1, ptr(0.01), true, HealthLimit, false},
		"more, and no call suffered":                {101 * ms, 1, ptr(0.01), false, HealthStrained, false},
		"more, the share is not known":              {101 * ms, 1, nil, true, HealthLimit, false},
		"50 ms":                                     {50 * ms, 1, ptr(0.01), true, HealthWell, false},
		"more than 50 ms":                           {51 * ms, 1, ptr(0.01), true, HealthStrained, false},
		"a server without work, and prompt replies": {20 * ms, 100, ptr(0.5), true, HealthWell, false},
		"a server without work, no such replies, and no call suffered": {20*ms + 1, 100, ptr(0.5), false, HealthStrained,
			true},
		"a server without work, and no such replies":  {20*ms + 1, 100, ptr(0.5), true, HealthLimit, false},
		"prompt replies but for one that is too late": {101 * ms, 1000, ptr(0.5), true, HealthLimit, false},
	} {
		l := &ReplyLag{Count: tt.count, Max: tt.lag, Sum: tt.lag, Share: tt.share, Grade: HealthWell}
		if l.judge(tt.hurt); l.Grade != tt.want || l.PaceDoubted != tt.pace {
			t.Errorf("%s: %q, pace doubted %v, want %q, %v", name, l.Grade, l.PaceDoubted, tt.want, tt.pace)
		}
	}
}

// A slow call counts as one that suffered: it waited for the server, which waited for the generator.
func TestReplyLagOfAStormWithASlowCall(t *testing.T) {
	run, all := madeRun(cellOf{tuned(4096), storms(made{})})
	raw := all["somaxconn-4096"][0]
	lagging(raw, 101*ms, 0)
	raw.Attempts[0].FirstCommand = ptr(1500 * ms)
	if r := Summarise(run, all).Cells[0].Repeats[0]; r.Slow != 1 || r.Lost+r.Late != 0 ||
		r.ReplyLag.Grade != HealthLimit || r.Health.Grade != HealthLimit {
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

// TestReplyLagDoubtsItsSettings: the others still speak, and the answer stands where it rests on none that is in doubt.
func TestReplyLagDoubtsItsSettings(t *testing.T) {
	const why = "the generator was too slow to reply in 3 storms. Commands waited up to 210 ms for its replies, " +
		"which cost up to 21 % of the handlers' time. Lost, late and slow calls there may be its own doing; " +
		"use fewer calls, more workers (--workers) or an idle machine"
	const advice = "Set net.core.somaxconn to at least 4096 and restart the server: with that no call was lost or late, " +
		"and the accept queue was never deeper than 1,900."
	for name, tt := range map[string]struct {
		lags    map[int]time.Duration
		verdict string
		doubted []string
		doubts  []string
	}{
		"no lag": {nil, "With somaxconn 128, 1,500 of 2,000 calls are lost (in each of 3 storms); with 512 it is 1,100; " +
			"with 4096, none. " + advice, nil, nil},
		"the least is in doubt": {map[int]time.Duration{128: 210 * ms},
			"With somaxconn 512, 1,100 of 2,000 calls are lost (in each of 3 storms); with 4096, none. " + advice +
				" Not sure of somaxconn 128 (1,500 lost): " + why + ".", []string{"somaxconn-128"}, nil},
		"all that lose calls are in doubt": {map[int]time.Duration{128: 210 * ms, 512: 210 * ms},
			"Inconclusive: with somaxconn 128 and somaxconn 512, " + strings.Replace(why, "3 storms", "6 storms", 1) +
				". What was seen all the same: " +
				"with somaxconn 128, 1,500 of 2,000 calls are lost (in each of 3 storms); with 512 it is 1,100; with 4096, none.",
			[]string{"somaxconn-128", "somaxconn-512"}, []string{"with somaxconn 128 and somaxconn 512, " +
				strings.Replace(why, "3 storms", "6 storms", 1)}},
		"of the answer only the pace is in doubt": {map[int]time.Duration{4096: 210 * ms},
			"With somaxconn 128, 1,500 of 2,000 calls are lost (in each of 3 storms); with 512 it is 1,100; with 4096, none. " +
				advice + " Not sure of the server's pace and latencies with somaxconn 4096: the generator was too slow to reply " +
				"in 3 storms. Commands waited up to 210 ms for its replies, which cost up to 21 % of the handlers' time. " +
				"No call was lost, late or slow there; use fewer calls, more workers (--workers) or an idle machine.", nil, nil},
		"the answer itself is in doubt, since a call was slow": {map[int]time.Duration{4096: 211 * ms},
			"Inconclusive: with somaxconn 4096, " + strings.Replace(why, "210 ms", "211 ms", 1) +
				". What was seen all the same: " +
				"with somaxconn 128, 1,500 of 2,000 calls are lost (in each of 3 storms); with 512 it is 1,100; with 4096, none. " +
				"With somaxconn 4096, 1 answered call a storm waited 1 s or more for their first command after they were " +
				"connected, " +
				"up to 1.50 s: the generator kept the server waiting for its replies, for up to 211 ms each and up to 21 % of " +
				"the " +
				"handlers' time.",
			[]string{"somaxconn-4096"}, []string{"with somaxconn 4096, " + strings.Replace(why, "210 ms", "211 ms", 1)}},
	} {
		run, all := mainJob(tt.lags)
		if tt.lags[4096] == 211*ms {
			for _, raw := range all["somaxconn-4096"] {
				raw.Attempts[0].FirstCommand = ptr(1501 * ms)
			}
		}
		s := Summarise(run, all)
		if diff := cmp.Diff(tt.verdict, s.Verdict); diff != "" {
			t.Errorf("%s: verdict (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(tt.doubts, s.Doubts); diff != "" || s.Conclusive != (tt.doubts == nil) ||
			(s.Recommendation == nil) == s.Conclusive {
			t.Errorf("%s: conclusive %v, recommendation %+v, doubts (-want +got):\n%s", name, s.Conclusive, s.Recommendation,
				diff)
		}
		var doubted []string
		for i := range s.Cells {
			if len(s.DoubtsOf(s.Cells[i].ID)) > 0 {
				doubted = append(doubted, s.Cells[i].ID)
			}
		}
		if diff := cmp.Diff(tt.doubted, doubted); diff != "" {
			t.Errorf("%s: settings in doubt (-want +got):\n%s", name, diff)
		}
	}
}

// TestReplyLagDoubtIsData: its code and numbers stand beside its words.
func TestReplyLagDoubtIsData(t *testing.T) {
	s := Summarise(mainJob(map[int]time.Duration{128: 300 * ms, 512: 210 * ms}))
	d := s.Inconclusive[0]
	if len(s.Inconclusive) != 1 || d.Code != DoubtReplyLag || *d.Storms != 6 || *d.MaxReplyLag != 300*ms ||
		*d.ShareOfHandlerTime != 0.3 {
		t.Errorf("%+v", s.Inconclusive)
	}
	if s.Health.Grade != HealthLimit || s.Health.ReplyLag.Max != 300*ms {
		t.Errorf("%q, %+v", s.Health.Grade, s.Health.ReplyLag)
	}
	if l := s.Cells[0].ReplyLag; l.Count != 3 || l.Sum != 900*ms || *l.Share != 0.3 || l.Grade != HealthLimit {
		t.Errorf("of all storms of a setting: %+v", l)
	}
}

// Nothing is claimed of the difference between a setting that is in doubt and its neighbour.
func TestReplyLagWithholdsComparisons(t *testing.T) {
	for _, c := range Summarise(mainJob(map[int]time.Duration{128: 210 * ms})).Comparisons {
		withheld := slices.ContainsFunc(c.Contrast, func(m Contrast) bool { return m.Finding == Withheld })
		if of128 := c.Old == "somaxconn 128"; withheld != of128 || (len(c.Doubted) == 1) != of128 {
			t.Errorf("%s against %s: withheld %v, doubted %q", c.Old, c.New, withheld, c.Doubted)
		}
	}
}

// TestPaceInDoubt: where no call suffered only what says how fast the server was is withheld.
func TestPaceInDoubt(t *testing.T) {
	s := Summarise(mainJob(map[int]time.Duration{4096: 210 * ms}))
	if d := s.Inconclusive; len(d) != 1 || !d[0].PaceOnly || len(s.PaceDoubtsOf("somaxconn-4096")) != 1 ||
		len(s.DoubtsOf("somaxconn-4096"))+len(s.PaceDoubtsOf("somaxconn-128")) != 0 || s.Health.Grade != HealthStrained {
		t.Errorf("%+v, health %q", d, s.Health.Grade)
	}
	for _, c := range s.Comparisons {
		for _, m := range c.Contrast {
			want := c.New == "somaxconn 4096" && (m.Metric == "served" || m.Metric == "p99(first-command)")
			if got := m.Finding == Withheld; got != want {
				t.Errorf("%s against %s, %s: withheld %v", c.Old, c.New, m.Metric, got)
			}
		}
	}
	side := Compare("old", Summarise(mainJob(nil)), "new", s, DefaultLeast)
	if want := "Not compared, since inconclusive: the server's pace with somaxconn 4096 (new: the generator was too " +
		"slow"; !strings.Contains(side.Verdict, want) {
		t.Errorf("want %q in %s", want, side.Verdict)
	}
	if strings.Contains(strings.Join(s.Warnings, ""), "slow to reply") {
		t.Errorf("it is warned of what is in doubt: %q", s.Warnings)
	}
}

// TestReplyLagWarns: below the doubt the run stays as it is.
func TestReplyLagWarns(t *testing.T) {
	s := Summarise(mainJob(map[int]time.Duration{128: 160 * ms, 4096: 60 * ms}))
	s2 := Summarise(mainJob(map[int]time.Duration{4096: 60 * ms}))
	want := "with somaxconn 4096, the generator was slow to reply in 3 storms. Commands waited up to 60.0 ms for its " +
		"replies, " +
		"which cost up to 6 % of the handlers' time. Latencies and the server's pace are partly its own there; use fewer " +
		"calls, more workers (--workers) or an idle machine"
	if len(s.Inconclusive) != 1 || !slices.Contains(s.Warnings, want) || !slices.Contains(s2.Warnings, want) ||
		s2.Inconclusive != nil || s2.Health.Grade != HealthStrained {
		t.Errorf("doubts %+v, warnings %q", s.Inconclusive, s.Warnings)
	}
	run, all := mainJob(nil)
	for _, of := range all {
		for _, raw := range of {
			raw.Storm.Workers = nil // as 0.1.0 wrote it
		}
	}
	if s := Summarise(run, all); s.Health.ReplyLag != nil || s.Cells[0].ReplyLag != nil ||
		strings.Contains(strings.Join(s.Warnings, ""), "reply") {
		t.Errorf("a record of 0.1.0: %+v, warnings %q", s.Health.ReplyLag, s.Warnings)
	}
}

// blames are the words that blame the server for calls that waited.
var blames = []string{"slower than its calls come", "no queue makes the server faster", "server is too slow",
	"faster server", "took its calls too slowly",
	"the server serves", "server served nobody", "give it more handlers", "only a server of at least"}

// TestTheServerIsNotBlamedForTheLag: every run in which the server is called slow without a lag is not
// called so with one, and the generator's numbers stand there instead.
func TestTheServerIsNotBlamedForTheLag(t *testing.T) {
	slow := func(raw *record.Repeat) { raw.Attempts[1].FirstCommand = ptr(1500 * ms) }
	stretch := func(raw *record.Repeat) { // calls come for 2 s, for which the queue is full
		for i := range raw.Attempts {
			raw.Attempts[i].Intended = time.Duration(i) * ms
			raw.Attempts[i].Started = ptr(raw.Attempts[i].Intended)
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
		blame string
	}{
		"one setting, slow calls":        {[]cellOf{{tuned(4096), thrice(made{})}}, 0, slow, blames[0]},
		"an external server, slow calls": {[]cellOf{{external, thrice(made{})}}, 0, slow, blames[0]},
		"several settings, slow calls": {[]cellOf{{tuned(128), thrice(made{timeout: 9})}, {tuned(512), thrice(made{})}},
			0, slow, blames[1]},
		"no call lost, slow calls": {[]cellOf{{tuned(128), thrice(made{})}, {tuned(512), thrice(made{})}}, 0, slow,
			blames[1]},
		"even the largest, never full": {[]cellOf{{tuned(128), thrice(made{timeout: 9, peak: 129})}, {tuned(512),
			thrice(made{silent: 5, peak: 100})}}, 0, nil, blames[2]},
		"even the largest, full": {[]cellOf{{tuned(128), thrice(made{timeout: 9, peak: 129})}, {tuned(512),
			thrice(made{timeout: 5, peak: 513})}}, 0, nil, blames[3]},
		"one setting, silent": {[]cellOf{{tuned(128), thrice(made{silent: 5, peak: 20})}}, 0, nil, blames[4]},
		"a pace below what calls wait for": {[]cellOf{{tuned(4096), thrice(made{silent: 1500, peak: 1900})}}, ms, nil,
			blames[5]},
		"it served nobody": {[]cellOf{{tuned(4096), thrice(made{silent: 2000, peak: 1900})}}, time.Second,
			nil, blames[6]},
		"calls came faster than it took them": {[]cellOf{{external, storms(made{timeout: 100, late: 20, peak: 129,
			limit: 128})}}, 0, stretch,
			blames[7]},
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
			s := Summarise(run, all)
			blamed := slices.ContainsFunc(blames, func(words string) bool {
				return strings.Contains(strings.ToLower(s.Verdict),
					words)
			})
			if lag == 0 && !strings.Contains(strings.ToLower(s.Verdict), tt.blame) {
				t.Errorf("%s: want %q in\n%s", name, tt.blame, s.Verdict)
			}
			if number := "for up to " + Duration(lag) + " each"; lag > 0 && (blamed || !strings.Contains(s.Verdict, number)) {
				t.Errorf("%s, lag %v: want no blame of the server, and %q, in\n%s", name, lag, number, s.Verdict)
			}
		}
	}
}

// A server that waited for the generator's replies can do more than it did: its pace says nothing of
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
		if rec := Summarise(run, all).Recommendation; rec == nil || (rec.Useful > 0) != want {
			t.Errorf("lag %v: %+v, want a useful backlog: %v", lag, rec, want)
		}
	}
}
