package metric

import (
	"math"
	"slices"
	"testing"
	"time"

	"agistorm/analysis/record"
	"agistorm/analysis/stats"
)

// TestRegistry: each metric has all that readers of the registry need, and names and columns are its own.
func TestRegistry(t *testing.T) {
	names, columns := map[string]bool{}, map[string]bool{}
	for _, m := range All() {
		if names[m.Name] || columns[m.Column] || m.Column == "" {
			t.Errorf("%s: its name or column %q is missing, or another's", m.Name, m.Column)
		}
		names[m.Name], columns[m.Column] = true, true
		if m.Title() == "" || m.Unit == "" || m.Population == "" || m.Better == "" || m.Of == "" || m.Measure == nil {
			t.Errorf("%+v is not whole", m)
		}
		if m.Func != "" && m.Name != m.Func+"("+m.Of+")" || m.Func == "" && m.Name != m.Of {
			t.Errorf("%s is %s of %s", m.Name, m.Func, m.Of)
		}
		if Find(m.Name) != m {
			t.Errorf("%s is not found", m.Name)
		}
	}
	for _, o := range record.Outcomes {
		if m := Find(string(o)); m == nil || m.Outcome != o && o != record.Phantom {
			t.Errorf("no metric counts %s", o)
		}
	}
	for _, w := range Waits {
		for _, f := range functions {
			if Find(f.name+"("+w.Name+")") == nil {
				t.Errorf("no %s of %s", f.name, w.Name)
			}
		}
	}
	if Find("p96(connect)") != nil {
		t.Error("a metric that there is not")
	}
}

// TestStorms: a storm that knows all of it, and one that knows nothing, are measured without a failure, and
// each unknown metric has a reason.
func TestStorms(t *testing.T) {
	if known, unknown := (&Storm{}).Values(); len(known)+len(unknown) != len(All()) ||
		unknown["max(queue)"] != QueueUnwatched ||
		unknown["late"] != NoKernelAccount ||
		unknown["phantom"] != NoServerLog ||
		unknown["p99(reply-lag)"] != NoReplies {
		t.Errorf("known %v, unknown %v", known, unknown)
	}
	connected := &Latency{}
	*connected = LatenciesOf([]record.Attempt{{Connected: ptr(ms)}}).Connect
	three, retransmits, share, rate := 3, uint64(1), 0.25, 7.5
	s := &Storm{
		Offered: 4, Lost: 1, Late: 2, Slow: 1, Phantoms: &three, SYNRetransmits: &retransmits, SYNsLost: &retransmits,
		ServedRate: &rate, Dialplan: &Dialplan{Unserved: 2}, StartLag: Quantiles{Count: 4, P95: 9 * ms},
		Outcomes:   map[record.Outcome]int{record.Answered: 3, record.NotOffered: 6},
		Latencies:  Latencies{Handshake: *connected, Connect: *connected, FirstCommand: *connected, Session: *connected},
		Unaccepted: ptr(2), Queue: &Queue{Limit: 9, Peak: 5, Mean: 2.5, Full: 0, Drain: ms},
		Replies: Replies{Quantiles: Quantiles{Count: 2, P95: 5 * ms}, Share: &share},
	}
	known, unknown := s.Values()
	if len(unknown) != 0 {
		t.Errorf("unknown %v", unknown)
	}
	for name, want := range map[string]float64{
		"lost": 1, "late": 2, "lost-or-late": 3, "slow": 1, "phantom": 3, "unaccepted": 2, "answered": 3, "not-offered": 6,
		"syns-lost": 1,
		"unserved":  2, "served": 7.5, "p95(start-lag)": float64(9 * ms), "p95(reply-lag)": float64(5 * ms),
		"share(reply-lag)": 25,
		"max(queue)":       5, "mean(queue)": 2.5, "full(queue)": 0, "drain(queue)": float64(ms),
		"min(connect)":   float64(ms),
		"p50(handshake)": float64(ms), "p99(connect)": stats.NoEnd,
	} {
		if got := known[name]; math.Abs(float64(got)-want) > want/1000 {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	for name, want := range map[string]float64{"lost": 4, "not-offered": 10, "offered": 10, "max(queue)": 10} {
		if got := Named(name).Of100(s); got != want {
			t.Errorf("100 %% of %s is %v, want %v", name, got, want)
		}
	}
}

func ptr[T any](v T) *T { return &v }

// TestLateIsKnown by the kernel's account, or by a connect that took as long as a retransmission.
func TestLateIsKnown(t *testing.T) {
	none := uint64(0)
	for _, tt := range []struct {
		s    Storm
		want bool
	}{{Storm{}, false}, {Storm{Late: 2}, true}, {Storm{SYNRetransmits: &none}, true}} {
		for _, name := range []string{"late", "lost-or-late"} {
			if v := Named(name).Measure(&tt.s); v.Known() != tt.want {
				t.Errorf("%s of %+v: %+v", name, tt.s, v)
			}
		}
	}
}

// TestServed: a storm that served no call served 0 calls/s; one that took no time is not known.
func TestServed(t *testing.T) {
	served := Named("served")
	if v := served.Measure(&Storm{Dialplan: &Dialplan{}}); !v.Known() || v.Number != 0 {
		t.Errorf("none: %+v", v)
	}
	answered := &Storm{Outcomes: map[record.Outcome]int{record.Answered: 1}, Dialplan: &Dialplan{}}
	if v := served.Measure(answered); v.Unknown != NoTime {
		t.Errorf("in no time: %+v", v)
	}
	rate := 900.0
	connected := &Storm{Outcomes: map[record.Outcome]int{record.Connected: 1817}, ServedRate: &rate}
	if v := served.Measure(connected); v.Unknown != OnlyConnects {
		t.Errorf("calls that the kernel has connected, and the server perhaps never accepts: %+v", v)
	}
}

// TestQueueDoubt: what is not known of a queue may yet be known to be no less.
func TestQueueDoubt(t *testing.T) {
	for name, want := range map[string]struct {
		q    Queue
		want Value
	}{
		"max(queue)": {Queue{Peak: 7, LongestPause: 2 * PauseLimit},
			Value{7, QueueUnsampled, true, 200 * time.Millisecond}},
		"mean(queue)": {Queue{Peak: 7, LongestPause: 2 * PauseLimit},
			Value{0, QueueUnsampled, false, 200 * time.Millisecond}},
		"drain(queue)": {Queue{Peak: 7, Limit: 8, Seen: 7, Left: 5, Drain: 9 * time.Second},
			Value{float64(9 * time.Second), NotDrained, true, 0}},
		"full(queue)": {Queue{Peak: 7, Limit: 6, Seen: 2}, Value{Instant, OverflowUnseen, true, 0}},
	} {
		if got := Named(name).Measure(&Storm{Queue: &want.q}); got != want.want {
			t.Errorf("%s: %+v, want %+v", name, got, want.want)
		}
	}
}

// TestEnough: p99 needs 100 calls; a maximum needs one.
func TestEnough(t *testing.T) {
	var got []string
	for _, m := range All() {
		if !m.Enough(99) {
			got = append(got, m.Func)
		}
	}
	slices.Sort(got)
	if got = slices.Compact(got); !slices.Equal(got, []string{"p99", "p99.9"}) {
		t.Errorf("%v need more than 99 calls", got)
	}
}
