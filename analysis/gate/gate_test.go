package gate

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/google/go-cmp/cmp"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/gate/expr"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
)

func ptr[T any](v T) *T { return &v }

const ms = time.Millisecond

// latency of 9 calls, all alike.
func latency(d time.Duration) metric.Latency {
	h := hdrhistogram.New(1, int64(time.Minute/time.Microsecond), 3)
	_ = h.RecordValues(d.Microseconds(), 9) // it is in range
	return metric.Latency{
		Quantiles: metric.Quantiles{Count: 9, P50: d, P90: d, P99: d, Min: d, Max: d},
		Histogram: h,
	}
}

// storm n that lost so many of 200 calls.
func storm(n, lost int) analysis.Repeat {
	return analysis.Repeat{
		N: n, Storm: metric.Storm{
			Offered:        200,
			Lost:           lost,
			Late:           3,
			Phantoms:       ptr(0),
			SYNRetransmits: ptr(uint64(1)),
			SYNsLost:       ptr(uint64(2 * lost)),
			Outcomes:       map[record.Outcome]int{record.ConnectTimeout: lost, record.Answered: 200 - lost},
			Queue: &metric.Queue{
				Limit: 99,
				Peak:  uint32(40 + n),
				Seen:  uint32(40 + n),
				Mean:  20,
				Full:  5 * ms,
				Drain: 7 * ms,
			},
			Latencies:  metric.Latencies{Connect: latency(time.Duration(10*n) * ms)},
			ServedRate: ptr(float64(100 * n)),
			StartLag:   latency(ms).Quantiles,
			Dialplan:   &metric.Dialplan{Success: 9, Unserved: 4},
			Replies: metric.Replies{
				Quantiles: metric.Quantiles{
					Count: 400,
					P50:   ms,
					P90:   2 * ms,
					P99:   3 * ms,
					Max:   4 * ms,
				}, Share: ptr(0.05)},
		},
	}
}

// sample has a setting that lost nothing and one that lost calls, each with three storms.
func sample() *analysis.Summary {
	cell := func(somaxconn int, label string, lost ...int) analysis.Cell {
		c := analysis.Cell{
			Label: label,
			Cell: record.Cell{
				ID:        "cell-" + label,
				Backlog:   "max",
				Somaxconn: somaxconn,
				Sysctls:   map[string]string{"net.ipv4.tcp_syncookies": "1"},
			},
		}
		for i, n := range lost {
			c.Repeats = append(c.Repeats, storm(i+1, n))
		}
		return c
	}
	return &analysis.Summary{
		Conclusive: true, Run: &record.Run{Repeats: 3, Scenario: record.Scenario{Name: "x"}},
		Cells: []analysis.Cell{cell(4096, "big", 0, 0, 0), cell(128, "small", 50, 0, 60)},
	}
}

func conditions(t *testing.T, sources ...string) (all []expr.Condition) {
	t.Helper()
	for _, s := range sources {
		c, err := expr.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	return all
}

// said puts a finding shortly: "30% worst of 3", "does-not-hold [1 3] of 3" or its code.
func said(f *finding.Finding) string {
	if f == nil {
		return ""
	}
	switch fact := f.Fact.(type) {
	case finding.Measured:
		text := "no end"
		if fact.Value != nil {
			text = fmt.Sprint(*fact.Value) + fact.Unit
		}
		if fact.Instant {
			text = "instant"
		}
		if fact.Choice != "" {
			text += fmt.Sprintf(" %s of %d", fact.Choice, fact.Storms)
		}
		return text
	case finding.DoesNotHold:
		return fmt.Sprintf("does-not-hold %v of %d", fact.Storms, fact.Of)
	case finding.NotKnown:
		return strings.TrimSuffix(fmt.Sprintf("storm %d: %s %v", fact.Storm, fact.Reason, fact.Gap), " 0s")
	case finding.Damaged:
		return fact.Problem
	}
	return string(f.Code())
}

// Each gate, judged of one setting: its status, what was measured, and why.
func TestJudge(t *testing.T) {
	for source, want := range map[string]string{
		"cell=cell-big: lost == 0":                "passed 0 worst of 3|",
		"cell=cell-small: lost == 0":              "failed 60|does-not-hold [1 3] of 3",
		"cell=cell-small: lost < 31%":             "passed 30% worst of 3|",
		"cell=cell-small: lost < 30%":             "failed 30%|does-not-hold [3] of 3",
		"cell=cell-small: lost > 0":               "failed 0|does-not-hold [2] of 3",
		"cell=cell-small: median lost > 0":        "passed 50 median of 3|",
		"cell=cell-small: median lost < 50":       "failed 50 median of 3|",
		"cell=cell-small: lost != 50":             "failed 50|does-not-hold [1] of 3",
		"cell=cell-small: lost != 7":              "passed 50 any of 3|",
		"somaxconn=128: connect-timeout <= 60":    "passed 60 worst of 3|",
		"somaxconn=4096: late == 3":               "passed 3 worst of 3|",
		"somaxconn=4096: phantom == 0":            "passed 0 worst of 3|",
		"somaxconn=4096: unserved == 0":           "failed 4|does-not-hold [1 2 3] of 3",
		"somaxconn=128: syns-lost <= 120":         "passed 120 worst of 3|",
		"somaxconn=4096: p99(connect) < 50ms":     "passed 3e+07ns worst of 3|",
		"somaxconn=4096: p99(connect) < 30ms":     "failed 3e+07ns|does-not-hold [3] of 3",
		"somaxconn=128: p99(connect) < 50ms":      "failed no end|does-not-hold [1 3] of 3",
		"somaxconn=128: median p99(connect)<1h":   "failed no end median of 3|",
		"somaxconn=128: p50(session) < 1s":        "failed no end|does-not-hold [1 3] of 3",
		"somaxconn=128: median p50(session) < 1s": "inconclusive |storm 2: no-such-call",
		"somaxconn=4096: median max(connect)<1s":  "passed 2e+07ns median of 3|",
		"somaxconn=4096: p50(start-lag) <= 1ms":   "passed 1e+06ns worst of 3|",
		"somaxconn=4096: p50(reply-lag) <= 1ms":   "passed 1e+06ns worst of 3|",
		"somaxconn=4096: p99(reply-lag) < 3ms":    "failed 3e+06ns|does-not-hold [1 2 3] of 3",
		"somaxconn=4096: max(reply-lag) < 5ms":    "passed 4e+06ns worst of 3|",
		"somaxconn=4096: p90(reply-lag) == 2ms":   "passed 2e+06ns worst of 3|",
		"somaxconn=4096: share(reply-lag) < 5%":   "failed 5%|does-not-hold [1 2 3] of 3",
		"somaxconn=4096: max(queue) < 80%":        "passed 43% worst of 3|",
		"somaxconn=4096: max(queue) < 43":         "failed 43|does-not-hold [3] of 3",
		"somaxconn=4096: mean(queue) == 20":       "passed 20 worst of 3|",
		"somaxconn=4096: full(queue) <= 5ms":      "passed 5e+06ns worst of 3|",
		"somaxconn=4096: drain(queue) < 5ms":      "failed 7e+06ns|does-not-hold [1 2 3] of 3",
		"somaxconn=4096: served >= 100/s":         "passed 100/s worst of 3|",
		"somaxconn=4096: p99(handshake) < 1s":     "inconclusive |storm 1: no-such-call",
	} {
		v, err := Judge(sample(), "run", conditions(t, source))
		if err != nil || len(v.Results) != 1 {
			t.Errorf("%s: %+v, %v", source, v, err)
			continue
		}
		r := v.Results[0]
		if got := string(r.Status) + " " + said(r.Measured) + "|" + said(r.Why); got != want || v.Status != r.Status {
			t.Errorf("%s:\n%s (%s), want\n%s", source, got, v.Status, want)
		}
	}
}

// Machines read numbers, not words.
func TestJudgedNumbers(t *testing.T) {
	for source, want := range map[string]Result{
		"somaxconn=128: lost < 30%":                 {Value: ptr(30.0), Limit: ptr(30.0), Unit: "%"},
		"somaxconn=4096: p99(connect) < 50ms":       {Value: ptr(3e7), Limit: ptr(5e7), Unit: "ns"},
		"somaxconn=128: median p99(connect) < 50ms": {Limit: ptr(5e7), Unit: "ns"}, // it has no end
		"somaxconn=128: median lost < 60":           {Value: ptr(50.0), Limit: ptr(60.0)},
		"somaxconn=128: median p50(session) < 1s":   {Limit: ptr(1e9), Unit: "ns"}, // not known
	} {
		v, err := Judge(sample(), "run", conditions(t, source))
		if err != nil {
			t.Fatal(err)
		}
		got := Result{Value: v.Results[0].Value, Limit: v.Results[0].Limit, Unit: v.Results[0].Unit}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", source, diff)
		}
	}
}

func TestJudgeAllSettings(t *testing.T) {
	v, err := Judge(sample(), "run", conditions(t, "lost == 0", "net.ipv4.tcp_syncookies=1: late < 9"))
	if err != nil || len(v.Results) != 4 || v.Status != Failed || v.Results[0].Status != Passed ||
		v.Results[1].Status != Failed {
		t.Errorf("%+v, %v", v, err)
	}
	if v.Results[1].Setting != "small" || v.Results[1].Cell != "cell-small" {
		t.Errorf("%+v", v.Results[1])
	}
}

// A gate that was given more than once is one.
func TestJudgeOnce(t *testing.T) {
	v, err := Judge(sample(), "run", conditions(t, "lost == 0", "late < 9", " lost  ==0", "lost == 0"))
	if err != nil || len(v.Results) != 4 || v.Results[2].Gate != "late < 9" {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestNothingSelected(t *testing.T) {
	_, err := Judge(sample(), "run", conditions(t, "somaxconn=129: lost == 0"))
	var nothing *NothingSelected
	const want = `gate "somaxconn=129: lost == 0" selects no setting: somaxconn is 4096 or 128 here, not 129`
	if !errors.As(err, &nothing) || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

// On a host gates select by what was asked, and are judged by what stands for it; what the host cannot show
// is inconclusive.
func TestJudgeOnHost(t *testing.T) {
	cell := func(id string, somaxconn int, cookies string) record.Cell {
		return record.Cell{
			ID:        id,
			Backlog:   "max",
			Somaxconn: somaxconn,
			Sysctls:   map[string]string{"net.ipv4.tcp_syncookies": cookies},
		}
	}
	for gate, want := range map[string][]string{
		"somaxconn=4096: lost == 0": {"passed asked-4096 somaxconn 4096 + tcp_syncookies 1, shown by big|"},
		"backlog=max, somaxconn=128: lost == 0": {"failed asked-128 somaxconn 128 + tcp_syncookies 1, shown by " +
			"small|does-not-hold [1 3] of 3"},
		"somaxconn=64: lost == 0": {"inconclusive asked-64 somaxconn 64 + tcp_syncookies 0, shown by " +
			"big|not-set"},
		"cell=asked-max: lost == 0":              {"inconclusive asked-max somaxconn max + tcp_syncookies 1|not-tried"},
		"net.ipv4.tcp_syncookies=1: phantom > 0": {"failed asked-4096", "failed asked-128", "inconclusive asked-max"},
	} {
		s := sample()
		s.Run.Isolation.Asked = []record.Asked{
			{Cell: cell("asked-4096", 4096, "1"), ShownBy: "cell-big"},
			{Cell: cell("asked-128", 128, "1"), ShownBy: "cell-small"},
			{Cell: cell("asked-64", 64, "0"), ShownBy: "cell-big", Lacks: record.Notes{{Words: "another cookie"}}},
			{Cell: cell("asked-max", 1<<31-1, "1"), Lacks: record.Notes{{Words: "the host's somaxconn is 4096"}}},
		}
		v, err := Judge(s, "run", conditions(t, gate))
		if err != nil || len(v.Results) != len(want) {
			t.Errorf("%s: %+v, %v", gate, v, err)
			continue
		}
		for i, r := range v.Results {
			if got := fmt.Sprintf("%s %s %s|%s", r.Status, r.Cell, r.Setting, said(r.Why)); !strings.HasPrefix(
				got,
				want[i],
			) {
				t.Errorf("%s:\n%s, want\n%s", gate, got, want[i])
			}
		}
	}
}

// What a share of a storm shows is nothing of the storm.
func TestShareIsNotJudged(t *testing.T) {
	s := sample()
	s.Run.Share = &record.Share{K: 0, N: 2, Calls: 100}
	if v, err := Judge(s, "run", conditions(t, "lost == 0")); !errors.Is(err, ErrShare) {
		t.Errorf("%+v, %v", v, err)
	}
}

// An inconclusive run neither passes nor fails, whatever its gates say.
func TestInconclusiveRun(t *testing.T) {
	s := sample()
	s.Conclusive, s.Doubts = false, []finding.Finding{{Fact: finding.StartLag{}}}
	v, err := Judge(s, "run", conditions(t, "lost == 0"))
	if err != nil || v.Status != Inconclusive {
		t.Fatalf("%+v, %v", v, err)
	}
	seen := map[Status]int{}
	for _, r := range v.Results {
		seen[r.Seen]++
		if r.Status != Inconclusive || said(r.Why) != "start-lag" || r.Measured == nil {
			t.Errorf("%+v", r)
		}
	}
	if seen[Passed] != 1 || seen[Failed] != 1 {
		t.Errorf("the numbers come to %v, want one that passed and one that failed", seen)
	}
	if v, _ := Judge(s, "run", nil); v.Status != Inconclusive {
		t.Errorf("without a gate: %+v", v)
	}
}

// TestSettingInDoubt: gates of the other settings speak, and those that measure the generator itself.
func TestSettingInDoubt(t *testing.T) {
	doubt := finding.Finding{Settings: []string{"cell-small"}, Fact: finding.ReplyLag{}}
	for source, want := range map[string]string{
		"lost == 0":                             "passed |inconclusive reply-lag",
		"cell=cell-big: lost == 0":              "passed ",
		"cell=cell-big: lost > 0":               "failed does-not-hold [1 2 3] of 3",
		"cell=cell-small: lost == 0":            "inconclusive reply-lag",
		"cell=cell-small: lost < 100":           "inconclusive reply-lag",
		"cell=cell-small: max(reply-lag) < 1s":  "passed ",
		"cell=cell-small: max(reply-lag) < 2ms": "failed does-not-hold [1 2 3] of 3",
		"cell=cell-small: p99(start-lag) < 1s":  "passed ",
	} {
		for _, conclusive := range []bool{true, false} { // what the verdict of the run says does not matter here
			s := sample()
			s.Conclusive, s.Doubts = conclusive, []finding.Finding{doubt}
			v, err := Judge(s, "run", conditions(t, source))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range v.Results {
				got = append(got, string(r.Status)+" "+said(r.Why))
			}
			if strings.Join(got, "|") != want || len(v.Doubts) != 0 || v.Status != worst(v.Results) {
				t.Errorf("%s: %q (%s, doubts %+v), want %q", source, got, v.Status, v.Doubts, want)
			}
		}
	}
}

// TestPaceInDoubt: only the gates on how fast the server was are inconclusive.
func TestPaceInDoubt(t *testing.T) {
	for source, want := range map[string]Status{
		"lost < 100": Passed, "late == 3": Passed, "p99(connect) < 1h": Failed, "max(reply-lag) < 1s": Passed,
		"phantom == 0": Passed,
		"served > 1/s": Inconclusive, "drain(queue) < 1s": Inconclusive, "p50(session) < 1s": Inconclusive,
		"max(first-command) < 1s": Inconclusive,
	} {
		s := sample()
		s.Doubts = []finding.Finding{{
			Settings: []string{"cell-small"}, Fact: finding.ReplyLag{},
			Metrics: []string{"served", "first-command", "session", "queue"},
		}}
		v, err := Judge(s, "run", conditions(t, "cell=cell-small: "+source))
		if err != nil || v.Status != want || want == Inconclusive && said(v.Results[0].Why) != "reply-lag" {
			t.Errorf("%s: %+v, %v", source, v, err)
		}
		if v, err := Judge(s, "run", conditions(t, "cell=cell-big: served > 1/s")); err != nil || v.Status != Passed {
			t.Errorf("of the other setting: %+v, %v", v, err)
		}
	}
}

// What was not measured is no pass; but a gate that failed fails the run, whatever another left open.
func TestUnknownValues(t *testing.T) {
	for name, forget := range map[string]func(*analysis.Repeat){
		"phantom == 0":        func(r *analysis.Repeat) { r.Phantoms = nil },
		"late == 3":           func(r *analysis.Repeat) { r.SYNRetransmits, r.Late = nil, 0 },
		"syns-lost == 0":      func(r *analysis.Repeat) { r.SYNsLost = nil },
		"max(reply-lag) < 1s": func(r *analysis.Repeat) { r.Replies = metric.Replies{} },
		"share(reply-lag) < 10%": func(r *analysis.Repeat) {
			r.Replies.Share, r.Replies.ShareUnknown = nil, metric.NoServerLog
		},
		"unserved == 4":    func(r *analysis.Repeat) { r.Dialplan = nil },
		"max(queue) < 90%": func(r *analysis.Repeat) { r.Queue = nil },
	} {
		s := sample()
		forget(&s.Cells[0].Repeats[1])
		v, err := Judge(s, "run", conditions(t, "somaxconn=4096: "+name))
		if err != nil || v.Status != Inconclusive || !strings.HasPrefix(said(v.Results[0].Why), "storm 2: ") {
			t.Errorf("%s: %+v, %v", name, v, err)
		}
		if v, _ := Judge(s, "run", conditions(t, "somaxconn=4096: "+name,
			"somaxconn=128: lost == 0")); v.Status != Failed {
			t.Errorf("%s beside one that failed: %s", name, v.Status)
		}
	}
	for gate, storms := range map[string]int{"max(queue) < 1%": 3, "late == 0": 3, "lost == 0": 2} {
		s := sample()
		s.Cells[1].Repeats[1].Queue, s.Cells[1].Repeats = nil, s.Cells[1].Repeats[:storms]
		if v, _ := Judge(s, "run", conditions(t, "somaxconn=128: "+gate)); v.Status != Failed {
			t.Errorf("%s does not hold in one storm, whatever the others lack: %+v", gate, v)
		}
	}
	s := sample()
	s.Cells[0].Repeats[1].Damaged = []string{"cells/x/repeat-2/queue.jsonl: it is missing"}
	if v, _ := Judge(s, "run", conditions(t, "somaxconn=4096: lost == 0")); v.Status != Inconclusive ||
		said(v.Results[0].Why) != s.Cells[0].Repeats[1].Damaged[0] {
		t.Errorf("with a file missing: %+v", v)
	}
	s = sample()
	s.Cells[0].Repeats = s.Cells[0].Repeats[:2]
	if v, _ := Judge(s, "run", conditions(t, "somaxconn=4096: lost == 0")); v.Status != Inconclusive ||
		v.Results[0].Why.Fact != finding.Fact(finding.StormsRecorded{Have: 2, Of: 3}) {
		t.Errorf("with a storm missing: %+v", v)
	}
}

// Where the queue was not sampled for long it may have been deeper: only that it was too deep is sure.
func TestQueueNotLookedAt(t *testing.T) {
	for gate, want := range map[string]Status{
		"max(queue) < 80%": Inconclusive, "max(queue) < 40%": Failed, "max(queue) <= 20": Failed,
		"max(queue) > 1":  Inconclusive,
		"mean(queue) < 1": Inconclusive, "full(queue) < 1ms": Inconclusive, "drain(queue) < 1ms": Inconclusive,
	} {
		s := sample()
		for i := range s.Cells[0].Repeats {
			s.Cells[0].Repeats[i].Queue.LongestPause = 101 * ms
		}
		v, err := Judge(s, "run", conditions(t, "somaxconn=4096: "+gate))
		if err != nil || v.Status != want ||
			want == Inconclusive && said(v.Results[0].Why) != "storm 1: queue-unsampled 101ms" {
			t.Errorf("%s: %+v, %v; want %s", gate, v, err, want)
		}
	}
}

// An overflow between two samples proves that the queue was full, and not for how long.
func TestQueueOverflowedUnseen(t *testing.T) {
	for gate, want := range map[string]Status{
		"max(queue) < 80%": Failed, "max(queue) <= 99": Failed, "max(queue) == 100": Passed,
		"full(queue) == 0s": Failed, "full(queue) <= 0s": Failed, "full(queue) < 1ms": Inconclusive,
		"full(queue) > 0s":   Inconclusive,
		"drain(queue) < 1ms": Failed, "drain(queue) == 1ms": Failed, "drain(queue) < 8ms": Inconclusive,
		"mean(queue) < 1": Inconclusive, "mean(queue) > 1": Inconclusive,
	} {
		s := sample()
		for i := range s.Cells[0].Repeats {
			q := s.Cells[0].Repeats[i].Queue
			q.Seen, q.Peak, q.Full = 20, q.Limit+1, 0
		}
		v, err := Judge(s, "run", conditions(t, "somaxconn=4096: "+gate))
		if err != nil || v.Status != want ||
			want == Inconclusive && said(v.Results[0].Why) != "storm 1: overflow-unseen" {
			t.Errorf("%s: %+v, %v; want %s", gate, v, err, want)
		}
		if gate == "full(queue) == 0s" && said(v.Results[0].Measured) != "instant" {
			t.Errorf("%s: measured %s", gate, said(v.Results[0].Measured))
		}
	}
}

// TestQueueNotDrained: a queue that was not empty when the watch ended takes longer than that to drain.
func TestQueueNotDrained(t *testing.T) {
	for gate, want := range map[string]Status{
		"drain(queue) < 9s": Failed, "drain(queue) < 11s": Inconclusive, "drain(queue) > 9s": Inconclusive,
		"max(queue) <= 99": Passed,
	} {
		s := sample()
		for i := range s.Cells[0].Repeats {
			q := s.Cells[0].Repeats[i].Queue
			q.Left, q.Drain = 17, 10*time.Second
		}
		v, err := Judge(s, "run", conditions(t, "somaxconn=4096: "+gate))
		if err != nil || v.Status != want ||
			want == Inconclusive && said(v.Results[0].Why) != "storm 1: queue-not-drained" {
			t.Errorf("%s: %+v, %v; want %s", gate, v, err, want)
		}
		if want != Failed {
			continue
		}
		if m, ok := v.Results[0].Measured.Fact.(finding.Measured); !ok || !m.Least {
			t.Errorf("%s: measured %+v, want at least that", gate, v.Results[0].Measured)
		}
	}
}

func TestAxes(t *testing.T) {
	got := Axes(
		&record.Cell{
			ID:        "x",
			Backlog:   "5",
			Somaxconn: 1<<31 - 1,
			Client:    "asterisk",
			Sysctls:   map[string]string{"net.a": "1"},
		},
	)
	want := map[string]string{"cell": "x", "backlog": "5", "somaxconn": "max", "client": "asterisk", "net.a": "1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := Axes(&record.Cell{ID: "storm"}); len(got) != 1 {
		t.Errorf("an external server has no backlog that is known: %v", got)
	}
}

// TestAnd: two judgements together are as grave as the graver one, also where only their doubts say so.
func TestAnd(t *testing.T) {
	doubt := func(why string) finding.Finding {
		return finding.Finding{Fact: finding.Noticed{Note: record.Note{Words: why}}}
	}
	for _, tt := range []struct{ a, b, want Status }{
		{Passed, Passed, Passed}, {Passed, Failed, Failed}, {Failed, Passed, Failed}, {Failed, Failed, Failed},
		{Passed, Inconclusive, Inconclusive}, {Inconclusive, Passed, Inconclusive},
		{Inconclusive, Inconclusive, Inconclusive},
		{Failed, Inconclusive, Failed}, {Inconclusive, Failed, Failed},
	} {
		a := &Verdict{Scenario: "x", Run: "run", Status: tt.a, Doubts: []finding.Finding{doubt("a")}}
		b := &Verdict{Status: tt.b, Doubts: []finding.Finding{doubt("b")}}
		want := &Verdict{Scenario: "x", Run: "run", Status: tt.want, Doubts: []finding.Finding{doubt("a"), doubt("b")}}
		if diff := cmp.Diff(want, a.And(b)); diff != "" {
			t.Errorf("%s and %s (-want +got):\n%s", tt.a, tt.b, diff)
		}
	}
	of := func(status Status) *Verdict { return &Verdict{Status: Passed, Results: []Result{{Status: status}}} }
	if got := of(Passed).And(of(Failed)); got.Status != Failed || len(got.Results) != 2 {
		t.Errorf("a result that failed: %+v", got)
	}
}

// TestFailedBeyondTheGenerator: calls that were all refused, closed by the server, or lost at a full queue, fail a gate whatever doubts there
// are of the generator; doubts of other kinds stay.
func TestFailedBeyondTheGenerator(t *testing.T) {
	refused := func(r *analysis.Repeat) {
		r.Lost, r.Outcomes = 200, map[record.Outcome]int{record.Refused: 200}
	}
	full := func(r *analysis.Repeat) {
		r.Lost, r.Outcomes = 200, map[record.Outcome]int{record.ConnectTimeout: 200}
		r.Queue.Peak = r.Queue.Limit + 1
	}
	unknown := func(r *analysis.Repeat) {
		r.Lost, r.Outcomes = 200, map[record.Outcome]int{record.ConnectTimeout: 200}
	}
	closed := func(r *analysis.Repeat) {
		r.Lost, r.Outcomes = 200, map[record.Outcome]int{record.Closed: 150, record.Reset: 50}
	}
	for name, tt := range map[string]struct {
		lost   func(*analysis.Repeat)
		storms int
		gate   string
		doubt  finding.Fact
		want   Status
	}{
		"refused":                    {refused, 3, "lost == 0", finding.HeldUp{}, Failed},
		"refused, late starts":       {refused, 3, "answered > 5", finding.StartLag{}, Failed},
		"refused, median":            {refused, 3, "median lost == 0", finding.NotOffered{}, Failed},
		"refused once":               {refused, 1, "lost == 0", finding.HeldUp{}, Failed},
		"refused once, median":       {refused, 1, "median lost == 0", finding.HeldUp{}, Inconclusive},
		"refused, a gate that holds": {refused, 3, "lost == 200", finding.HeldUp{}, Inconclusive},
		"refused, another doubt":     {refused, 3, "lost == 0", finding.Incomplete{}, Inconclusive},
		"closed":                     {closed, 3, "lost == 0", finding.HeldUp{}, Failed},
		"closed, queue unknown": {func(r *analysis.Repeat) { closed(r); r.Queue = nil }, 3, "lost == 0",
			finding.HeldUp{}, Inconclusive},
		"a full queue":              {full, 3, "lost == 0", finding.HeldUp{}, Failed},
		"a queue that was not full": {unknown, 3, "lost == 0", finding.HeldUp{}, Inconclusive},
	} {
		s := sample()
		for i := range tt.storms {
			tt.lost(&s.Cells[1].Repeats[i])
		}
		s.Doubts = []finding.Finding{{Settings: []string{s.Cells[1].ID}, Fact: tt.doubt}}
		v, err := Judge(s, "run", conditions(t, "cell="+s.Cells[1].ID+": "+tt.gate))
		if err != nil || v.Status != tt.want {
			t.Errorf("%s: %+v, %v", name, v, err)
		}
	}
}

// TestRefusedAll: what could not be measured since every call was refused fails too.
func TestRefusedAll(t *testing.T) {
	s := sample()
	s.Cells = s.Cells[:1]
	nobody := finding.Finding{Fact: finding.NobodyAnswered{Why: finding.SilenceRefused, Calls: 600}}
	for _, answered := range []bool{true, false} {
		for r := range analysis.Each(s.Cells[0].Repeats) {
			r.Lost, r.Outcomes, r.Queue = 200, map[record.Outcome]int{record.Refused: 200}, nil
		}
		want, why := Inconclusive, "storm 1: queue-unwatched"
		if s.Answer = nil; !answered {
			s.Answer, want, why = []finding.Finding{nobody}, Failed, "nobody-answered"
		}
		v, err := Judge(s, "run", conditions(t, "max(queue) < 80%"))
		if err != nil || v.Status != want || !strings.HasPrefix(said(v.Results[0].Why), why) {
			t.Errorf("%+v, %v; %s", v, err, said(v.Results[0].Why))
		}
	}
}
