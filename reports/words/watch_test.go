package words

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"agistorm/analysis/listeners"
	"agistorm/analysis/record"
	"agistorm/analysis/watch"
	"agistorm/analysis/watch/watchtest"
)

// watchCases are watches with each variant of the verdict, by what is special of them.
var watchCases = []struct {
	what   string
	change func(*watch.Report)
}{
	{"everything", func(*watch.Report) {}},
	{"one overflow", func(r *watch.Report) {
		l := &r.Listeners[2]
		l.Overflows, l.OverflowCount, l.Peak.Full, l.Waiting = l.Overflows[:1], 1, false, nil
		l.Peak.AtLeast = true
		r.Listeners = r.Listeners[2:3]
	}},
	{"drops without an episode", func(r *watch.Report) {
		l := &r.Listeners[2]
		l.Overflows, l.OverflowCount, l.Peak, l.Waiting, l.DropsSeen = nil, 0, watch.Peak{}, nil, ptr(uint64(1))
		r.Listeners = append(r.Listeners[2:3:3], r.Listeners[7])
	}},
	{"two days", func(r *watch.Report) { r.From = r.From.Add(-36 * time.Hour) }},
	{"stuck", func(r *watch.Report) { r.Listeners = []watch.Listener{r.Listeners[1], r.Listeners[6]} }},
	{"gone", func(r *watch.Report) { r.Listeners = []watch.Listener{r.Listeners[4], r.Listeners[7]} }},
	{"full, nothing dropped", func(r *watch.Report) {
		l := &r.Listeners[1]
		l.Findings, l.Advice = nil, nil
		r.Listeners = r.Listeners[1:2]
	}},
	{"unknown drops", func(r *watch.Report) { r.Listeners = r.Listeners[5:6] }},
	{"short backlog", func(r *watch.Report) { r.Listeners = r.Listeners[:1] }},
	{"idle", func(r *watch.Report) { r.Listeners = r.Listeners[7:] }},
	{"nothing listened", func(r *watch.Report) { r.Listeners = nil }},
	{"not what was asked for", func(r *watch.Report) {
		r.Listeners, r.Awaited, r.ListenersLeftOut, r.NamespacesLeftOut = nil, []string{"4573", "agi"}, 1, 12
	}},
	{"dropped within a short life", func(r *watch.Report) {
		r.Listeners = r.Listeners[2:3]
		l := &r.Listeners[0]
		l.Gone, l.First, l.Last = true, watchtest.Begin.Add(time.Hour), watchtest.Begin.Add(time.Hour+time.Second)
	}},
	{"a short life", func(r *watch.Report) {
		r.Listeners = r.Listeners[4:5]
		r.Listeners[0].First = r.Listeners[0].Last.Add(-time.Second)
	}},
	{"dropped, then gone", func(r *watch.Report) {
		r.Listeners = r.Listeners[2:3]
		r.Listeners[0].Gone, r.Listeners[0].Last = true, watchtest.Begin.Add(11*time.Hour)
	}},
}

// TestWatch shows what is said of a watch, and keeps the verdict at three sentences and each of them short.
func TestWatch(t *testing.T) {
	var b strings.Builder
	for _, c := range watchCases {
		r := watchtest.Sample()
		c.change(r)
		w := NewWatch(r)
		class, status := w.Status()
		fmt.Fprintf(&b, "\n%s\n  %s: %s\n  %s\n", c.what, class, status, w.Verdict())
		short(t, w.Verdict(), 3)
		texts := slices.Concat(w.ToSet(), w.ToSetLater(), w.Why())
		for _, line := range append(lineTexts(texts), w.Sure()...) {
			fmt.Fprintf(&b, "  - %s\n", line)
			_, said, _ := strings.Cut(line, ": ")
			short(t, said, 10)
		}
		for _, l := range w.Worst {
			fmt.Fprintf(&b, "  %s: %s\n", l.Label(), w.States(l))
		}
	}
	golden(t, "testdata/watch.golden", strings.TrimPrefix(b.String(), "\n"))
}

func lineTexts(all []Prose) (lines []string) {
	for _, p := range all {
		lines = append(lines, p.Plain())
	}
	return lines
}

// short holds a text to so many sentences, of at most 25 words each.
func short(t *testing.T, text string, most int) {
	t.Helper()
	sentences := strings.SplitAfter(text, ". ")
	if len(sentences) > most {
		t.Errorf("%d sentences: %s", len(sentences), text)
	}
	for _, one := range sentences {
		if n := len(strings.Fields(one)); n > 25 || strings.Contains(one, "  ") {
			t.Errorf("%d words: %s", n, one)
		}
	}
}

// TestWatchEvents: every kind of event has its line, and an unknown one says what is known.
func TestWatchEvents(t *testing.T) {
	seen := map[watch.Happening]bool{}
	for _, e := range watchtest.Sample().Events {
		seen[e.Kind] = true
		text := WatchEvent(e)
		short(t, text, 2)
		if !strings.HasSuffix(text, ".") {
			t.Errorf("%s: %q", e.Kind, text)
		}
	}
	for kind := range happenings {
		if !seen[kind] {
			t.Errorf("%s has no sample", kind)
		}
	}
	e := watch.Event{Kind: "melted", Endpoint: "[::]:80", Process: "web", Netns: "7", Text: "at 900 °C"}
	if got, want := WatchEvent(e), "melted [::]:80 web in netns 7 at 900 °C."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestTimeSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 s", 12300 * time.Millisecond: "12.3 s", 110 * time.Second: "110 s", 150 * time.Second: "2.5 min",
		4 * time.Minute: "4 min", 95 * time.Minute: "95 min", 12 * time.Hour: "12 h", 50 * time.Hour: "50 h",
		7 * 24 * time.Hour: "7 days",
	} {
		if got := TimeSpan(d); got != want {
			t.Errorf("TimeSpan(%v) = %q, want %q", d, got, want)
		}
	}
}

// TestReasonsLead: why reasons were not counted, and what the numbers lack.
func TestReasonsLead(t *testing.T) {
	for want, r := range map[string]*record.DropReasons{
		"": {By: map[string]uint64{"NO_SOCKET": 1}},
		"The kernel freed no packet with a drop reason.":                                 {},
		"1 event did not fit the kernel's buffer: each count is at least what is shown.": {Lost: 1},
		"The kernel's drop reasons were not counted: permission denied.": {
			Missing: &record.Note{Words: "permission denied"},
		},
		"4,000 events did not fit the kernel's buffer: each count is at least what is shown.": {Lost: 4000},
	} {
		if got := ReasonsLead(r); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestWatchFigure shows the words of the pictures of a watch.
func TestWatchFigure(t *testing.T) {
	r := watchtest.Sample()
	w := NewWatch(r)
	var b strings.Builder
	for i, l := range w.Worst[:5] {
		p := PlottedListener{Listener: l, Watch: w, Slot: time.Minute, Near: i != 3, Gaps: l.Gone}
		f := &FigureWatch
		for _, phrase := range []Phrase{f.Title, f.Below(), f.Alt, f.Axis, f.Caption} {
			text := phrase.With(p)
			fmt.Fprintf(&b, "  %s\n", text)
			short(t, text, 4)
		}
		fmt.Fprintf(&b, "  notes %s\n\n", f.NotesOf(p))
	}
	for _, label := range slices.Sorted(maps.Keys(FigureWatch.Labels)) {
		fmt.Fprintf(&b, "label %s: %s\n", label, FigureWatch.Label(label, 129))
	}
	golden(t, "testdata/watch-figures.golden", b.String())
}

// TestFillWatch writes the words of findings and advice.
func TestFillWatch(t *testing.T) {
	r := watchtest.Sample()
	FillWatch(r)
	for i := range r.Listeners {
		l := &r.Listeners[i]
		if l.Grade() >= listeners.Fault && (l.Findings[0].Words == "" || l.Advice.Words == "") {
			t.Errorf("%s: %+v", l.Label(), l.Findings)
		}
	}
}
