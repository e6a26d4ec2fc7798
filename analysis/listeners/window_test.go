package listeners

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"agistorm/analysis/gate"
	"agistorm/analysis/gate/expr"
	"agistorm/analysis/metric"
	"agistorm/target/container"
)

// TestSince: sockets are the same by their cookies, whatever their address.
func TestSince(t *testing.T) {
	at := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	before := &Report{At: at, Boot: "b", Listeners: []Listener{
		with(listener(1, 5, 128, "a"), func(l *Listener) { l.Drops, l.Depth = ptr(3), 6 }), listener(2, 5, 128, "b"),
	}, Namespaces: []Namespace{{Netns: Host, Inode: 7, Counters: map[string]uint64{"ListenDrops": 3}}}}
	text, err := json.Marshal(before)
	if err != nil {
		t.Fatal(err)
	}
	earlier, err := ReadEarlier(text)
	if err != nil {
		t.Fatal(err)
	}
	now := &Report{At: at.Add(time.Minute), Boot: "b", Listeners: []Listener{
		with(listener(1, 5, 128, "a"), func(l *Listener) { l.Drops = ptr(10) }),
		with(listener(2, 5, 128, "b"), func(l *Listener) { l.Drops, l.Cookie = ptr(4), 99 }),
	}, Namespaces: []Namespace{
		{Netns: Host, Inode: 7, Counters: map[string]uint64{"ListenDrops": 14}},
		{Netns: "8", Inode: 8, Counters: map[string]uint64{"ListenDrops": 2}},
	}}
	if err := now.Since(earlier); err != nil {
		t.Fatal(err)
	}
	a, b := &now.Listeners[0], &now.Listeners[1]
	if now.Window != time.Minute || *a.Dropped() != 7 || a.Earlier.Depth != 6 || a.New {
		t.Errorf("the same socket: %+v", a)
	}
	if !b.New || *b.Dropped() != 4 {
		t.Errorf("a new socket at the same address: %+v", b)
	}
	if now.Namespaces[0].Grown["ListenDrops"] != 11 || now.Namespaces[1].Grown["ListenDrops"] != 2 {
		t.Errorf("%+v", now.Namespaces)
	}
	for what, wrong := range map[string]*Report{
		"of another host": {At: at, Boot: "c"}, "which is not before now": {At: at.Add(time.Hour), Boot: "b"},
	} {
		if err := now.Since(wrong); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// FuzzReadEarlier: whatever the text, a report that Since takes or refuses.
func FuzzReadEarlier(f *testing.F) {
	f.Add([]byte(`{"at":"2026-11-29T12:00:00Z","boot":"b","listeners":[{"cookie":"4405","depth":1,"drops":2}]}`))
	f.Add([]byte(`{"at":"2026-11-29T12:00:00Z","boot":"b","namespaces":[{"inode":1,"counters":{"ListenDrops":9}}]}`))
	f.Add([]byte(`{"verdict":"of a run"}`))
	f.Add([]byte(`[`))
	f.Fuzz(func(t *testing.T, text []byte) {
		earlier, err := ReadEarlier(text)
		if err != nil {
			return
		}
		now := &Report{At: earlier.At.Add(time.Second), Boot: earlier.Boot}
		now.Listeners = []Listener{listener(1, 5, 128, "a")}
		if err := now.Since(earlier); err != nil && earlier.At.Before(now.At) {
			t.Errorf("%s: %v", text, err)
		}
		Judge(now)
	})
}

func report() *Report {
	r := &Report{Listeners: []Listener{
		with(listener(80, 4096, 4096, "nginx", "nginx"), func(l *Listener) { l.Depth, l.Drops = 2048, ptr(3) }),
		with(listener(4573, 128, 4096, "python3"), func(l *Listener) {
			l.Address, l.Netns = "127.0.0.1", "4026532000"
			l.Container = &container.Container{ID: strings.Repeat("ab", 32), Name: "agi"}
		}),
		with(listener(443, 511, 4096, "nginx"), func(l *Listener) { l.Address, l.Holders = "::", []int{5, 6} }),
		with(listener(9, 5, 4096, "odd"), func(l *Listener) { l.Address, l.Drops = "192.0.2.1", nil }),
	}}
	return r
}

// TestGates: a gate is about each listener that it selects, and fails where one does not hold.
func TestGates(t *testing.T) {
	for source, want := range map[string]struct {
		status  gate.Status
		results int
		value   float64
	}{
		"process=nginx: drops == 0":          {gate.Failed, 1, 3},
		"drops == 0":                         {gate.Failed, 2, 3},
		"port=9: drops == 0":                 {gate.Inconclusive, 1, -1},
		"process=nginx: drops < 4":           {gate.Passed, 1, 3},
		"depth < 80%":                        {gate.Passed, 1, 100 * 2048. / 4097},
		"netns=host: depth < 50%":            {gate.Passed, 1, 100 * 2048. / 4097},
		"depth <= 1,000":                     {gate.Failed, 1, 2048},
		"container=agi: backlog >= 128":      {gate.Passed, 1, 128},
		"address=192.0.2.1: backlog >= 1024": {gate.Failed, 1, 5},
		"backlog >= 256":                     {gate.Failed, 2, 128},
	} {
		c, err := ParseGate(source)
		if err != nil {
			t.Fatal(err)
		}
		r := report()
		if err := r.Hold([]expr.Condition{c}); err != nil {
			t.Fatal(err)
		}
		first := r.Gates.Results[0]
		if r.Gates.Status != want.status || len(r.Gates.Results) != want.results ||
			want.value >= 0 && *first.Value != want.value || want.value < 0 && first.Value != nil {
			t.Errorf("%s: %s, %+v", source, r.Gates.Status, r.Gates.Results)
		}
	}
	c, _ := ParseGate("port=1: drops == 0")
	var nothing *gate.NothingSelected
	if err := report().Hold([]expr.Condition{c}); !errors.As(err, &nothing) {
		t.Errorf("a port that is not there: %v", err)
	}
	for source, want := range map[string]string{
		"lost == 0":         "there is no metric lost. There are drops, depth, backlog",
		"drop == 0":         "did you mean drops?",
		"drops >= 0":        "this always holds",
		"drops < 5ms":       "drops is measured in a number (5), not in time",
		"median drops == 0": "a median is of storms",
	} {
		if _, err := ParseGate(source); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", source, err, want)
		}
	}
}

// TestEveryMetricIsMeasured holds the registry against what is measured.
func TestEveryMetricIsMeasured(t *testing.T) {
	for _, m := range metric.OfListeners() {
		if measures[m.Name] == nil || metric.Find(m.Name) != nil || metric.Named(m.Name) != m {
			t.Errorf("%s", m.Name)
		}
	}
}

// TestMatches: what a word means.
func TestMatches(t *testing.T) {
	for what, want := range map[string]int{
		"80": 80, "443": 443, "10080": 80, "6": 443, "127.0.0.1": 4573, "127.0.0.1:4573": 4573, "localhost": 4573,
		"localhost:80": 80, "::": 443, "[::1]:443": 443, "10.0.0.1:80": 80, "agi": 4573, strings.Repeat("ab", 6): 4573,
		"192.0.2.1:9": 9, ":80": 80, "127.0.0.1:443": 443,
		"4574": 0, "abab": 0, "192.0.2.2:9": 0, "web": 0, "": 0, "[::1]:80": 0, "99999": 0,
	} {
		got := 0
		if all := report().Matches(what); len(all) == 1 {
			got = int(all[0].Port)
		} else if len(all) > 1 {
			got = -len(all)
		}
		if got != want {
			t.Errorf("%q: port %d, want %d", what, got, want)
		}
	}
}

// TestCheckWord: what can mean no listener is said to be wrong, not looked for.
func TestCheckWord(t *testing.T) {
	for _, fine := range []string{
		"80", "99999", "127.0.0.1", "127.0.0.1:80", ":80", "::", "::1", "[::1]:80", "localhost", "localhost:80",
		"agi", "a.b_c-d",
	} {
		if err := CheckWord(fine); err != nil {
			t.Errorf("%q: %v", fine, err)
		}
	}
	for _, wrong := range []string{
		"", " ", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:agi", "example.com:80", "[agi]:80",
	} {
		if CheckWord(wrong) == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}

// TestLabels: where a listener is, in a few words.
func TestLabels(t *testing.T) {
	r := report()
	for i, want := range []string{
		"0.0.0.0:80 nginx", "127.0.0.1:4573 python3 in agi", "[::]:443 nginx", "192.0.2.1:9 odd",
	} {
		if got := r.Listeners[i].Label(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
