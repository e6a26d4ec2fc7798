package plots

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"agistorm/analysis/watch"
	"agistorm/analysis/watch/watchtest"
)

func TestWatchFiguresGolden(t *testing.T) {
	figures, err := drawAll(DescribeWatch(watchtest.Sample()), goldenDPI)
	if err != nil {
		t.Fatal(err)
	}
	if len(figures) != 5 {
		t.Errorf("%d figures of five listeners with a queue", len(figures))
	}
	for _, f := range figures {
		checkGolden(t, f.Name, f.PNG)
		for name, svg := range map[string][]byte{"light": f.SVG, "dark": f.Dark} {
			if err := wellFormed(svg); err != nil {
				t.Errorf("%s, %s: %v", f.Name, name, err)
			}
		}
		if bytes.Equal(f.SVG, f.Dark) || f.Alt == "" || f.Caption == "" || !strings.Contains(f.Alt, f.Title) {
			t.Errorf("%s is not whole", f.Name)
		}
	}
}

// TestWatchFigures: at most six, of the worst; none of a queue in which nothing was seen.
func TestWatchFigures(t *testing.T) {
	r := watchtest.Sample()
	for i := range 5 {
		l := r.Listeners[2]
		l.Port += uint16(i) + 1
		r.Listeners = append(r.Listeners, l)
	}
	if all := DescribeWatch(r); len(all) != MostWatched {
		t.Errorf("%d figures of more than %d", len(all), MostWatched)
	}
	if all := DescribeWatch(&watch.Report{Listeners: r.Listeners[:1]}); len(all) != 0 {
		t.Errorf("%d figures of an idle listener", len(all))
	}
	if _, err := DrawWatch(nil); err == nil {
		t.Error("no watch is drawn")
	}
}

// TestWatchGaps: a line ends where nothing was seen, and begins anew.
func TestWatchGaps(t *testing.T) {
	q := watched{shown: watch.Timeline{Slot: time.Second, Slots: []watch.Slot{
		{Seen: true, Peak: 1}, {Seen: true, Peak: 3}, {}, {}, {Seen: true, Peak: 2},
	}}}
	at := strip{box{0, 0, 5, 4}, scale{max: 5e6, to: 5}, scale{max: 4, from: 4}}
	lines := q.lines(at, func(s watch.Slot) float64 { return float64(s.Peak) })
	if len(lines) != 2 || len(lines[0]) != 4 || lines[0][3] != (point{2, 1}) || lines[1][0] != (point{4, 2}) {
		t.Errorf("%v", lines)
	}
}

// TestJoinSlots: nothing is lost between steps, and what was not seen does not count as an empty queue.
func TestJoinSlots(t *testing.T) {
	fine := watch.Timeline{Slot: time.Second, Slots: []watch.Slot{
		{Seen: true, Peak: 9, Mean: 4, Drops: 1}, {}, {Seen: true, Peak: 3, Mean: 2, Drops: 2}, {}, {}, {},
		{Seen: true},
	}}
	want := watch.Timeline{Slot: 3 * time.Second, Slots: []watch.Slot{
		{Seen: true, Peak: 9, Mean: 3, Drops: 3}, {}, {Seen: true},
	}}
	if got := joinSlots(fine, 3); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := joinSlots(fine, 7); !reflect.DeepEqual(got, fine) {
		t.Errorf("%+v of %+v", got, fine)
	}
}

func TestClockAxis(t *testing.T) {
	at := time.Date(2026, 11, 29, 23, 59, 30, 0, time.UTC)
	labels := func(length time.Duration) string {
		var all []string
		for _, tick := range clockAxis(at, at.Add(length)).ticks {
			all = append(all, tick.label)
		}
		return strings.Join(all, " ")
	}
	for length, want := range map[time.Duration]string{
		0:                   "23:59:30",
		3 * time.Second:     "23:59:30 23:59:31 23:59:32 23:59:33",
		time.Minute:         "23:59:30 23:59:40 23:59:50 Nov 30 00:00:10 00:00:20 00:00:30",
		4 * time.Minute:     "Nov 30 00:01 00:02 00:03",
		12 * time.Hour:      "Nov 30 02:00 04:00 06:00 08:00 10:00",
		48 * time.Hour:      "Nov 30 12:00 Dec 1 12:00",
		20 * 24 * time.Hour: "Dec 3 Dec 7 Dec 11 Dec 15 Dec 19",
	} {
		if got := labels(length); got != want {
			t.Errorf("%v: %q, want %q", length, got, want)
		}
	}
}
