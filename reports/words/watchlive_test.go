package words

import (
	"strings"
	"testing"
	"time"

	"agistorm/analysis/listeners"
	"agistorm/analysis/watch"
	"agistorm/analysis/watch/watchtest"
)

// TestWatchLive: whatever is watched fits a terminal of 24 lines and 80 columns, with the last line left for the
// cursor.
func TestWatchLive(t *testing.T) {
	r := watchtest.Sample()
	for range 100 {
		r.Listeners = append(r.Listeners, watch.Listener{Listener: listeners.Listener{
			Address: "2001:db8:85a3:8d3:1319:8a2e:370:7348", Port: 65535, Process: strings.Repeat("long-", 20),
			Backlog: 1 << 30,
		}})
	}
	lines := WatchLive(r)
	if len(lines) > 23 {
		t.Errorf("%d lines", len(lines))
	}
	for _, line := range lines {
		if n := len([]rune(line)); n > 79 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

// TestWatchLiveByHand: two listeners, one of which has gone.
func TestWatchLiveByHand(t *testing.T) {
	drops := uint64(1204)
	mean := watch.Waiting{Mean: 120 * time.Millisecond}
	r := &watch.Report{
		From: watchtest.Begin, To: watchtest.Begin.Add(90 * time.Minute), Awaited: []string{"80"},
		Sampling: watch.Sampling{CPU: 27 * time.Second}, Events: make([]watch.Event, 1),
		Namespaces: []watch.Namespace{{Namespace: listeners.Namespace{
			Grown: map[string]uint64{"TCPSynRetrans": 12, "SyncookiesSent": 1},
		}}},
		Listeners: []watch.Listener{
			{
				Listener: listeners.Listener{Address: "::", Port: 80, Netns: listeners.Host, Backlog: 5}, Gone: true,
				Peak: watch.Peak{Depth: 2, AtLeast: true},
			},
			{
				Listener: listeners.Listener{
					Address: "127.0.0.1", Port: 4573, Process: "agi", Netns: listeners.Host, Backlog: 128, Depth: 3,
				},
				Peak: watch.Peak{Depth: 129, Full: true}, DropsSeen: &drops, Waiting: &mean,
			},
		},
	}
	want := []string{
		"90 min, 2 listeners, 1 awaited, 1 event, 0.5 % of a CPU",
		"",
		"      queue now      peak     drops  mean wait  listener",
		"       3 of 129       129     1,204     120 ms  127.0.0.1:4573 agi",
		"           gone       ≥ 2         –          –  [::]:80",
		"",
		"3 queued, 1,204 packets dropped, 12 SYNs retransmitted, 1 cookie sent",
	}
	got := WatchLive(r)
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got) || i >= len(want):
			t.Fatalf("%d lines, want %d: %q", len(got), len(want), got)
		case got[i] != want[i]:
			t.Errorf("%q, want %q", got[i], want[i])
		}
	}
	if got, want := WatchStatus(r), "90 min: 2 listeners, 3 queued, 1,204 packets dropped so far; "+
		"worst 127.0.0.1:4573 agi: peak 129 of 129."; got != want {
		t.Errorf("%s", got)
	}
	r.Listeners = r.Listeners[:1]
	begins := strings.Join(WatchBegins(r, 24*time.Hour), "|")
	wantBegins := "Watching 1 listener for 24 h.|Nothing listens on 80 yet: it is watched as soon as it does.|"
	if begins != wantBegins {
		t.Errorf("%s", begins)
	}
}

func TestOverflowEnded(t *testing.T) {
	l := &listeners.Listener{Address: "127.0.0.1", Port: 80, Process: "web", Netns: listeners.Host, Backlog: 128}
	o := watch.Overflow{
		From: watchtest.Begin, To: watchtest.Begin.Add(3 * time.Second), Drops: 1204, Before: 5, Peak: 129, Limit: 128,
	}
	want := "127.0.0.1:80 web dropped 1,204 packets within 3 s: 5 of 129 queued before, at most 129."
	if got := OverflowEnded(l, o); got != want {
		t.Errorf("%s", got)
	}
	o.Peak = 3
	want = "127.0.0.1:80 web dropped 1,204 packets within 3 s, though its accept queue was not full: at most 3 of 129."
	if got := OverflowEnded(l, o); got != want {
		t.Errorf("%s", got)
	}
	if got := LinesLost(2); got != "2 lines are missing here: they came faster than they could be written." {
		t.Errorf("%s", got)
	}
}
