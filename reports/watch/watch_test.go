package watch

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis/listeners"
	"agistorm/analysis/record"
	"agistorm/analysis/watch"
	"agistorm/analysis/watch/watchtest"
)

var update = flag.Bool("update", false, "write the golden files of testdata anew")

func write(t *testing.T, form string, r *watch.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := Forms[form](&b, r, Options{Width: 110}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got); -update writes it anew:\n%s", path, diff)
	}
}

// quiet is a watch in which nothing happened.
func quiet() *watch.Report {
	r := watchtest.Sample()
	r.Listeners = []watch.Listener{r.Listeners[0], r.Listeners[6]}
	r.Listeners[0].Findings, r.Listeners[0].Advice = nil, nil
	r.Listeners[1].Findings, r.Listeners[1].Advice = nil, nil
	r.Namespaces, r.Events, r.Reasons, r.EventsLeftOut, r.Suspended, r.Interrupted = nil, nil, nil, 0, 0, false
	r.Unseen = listeners.Unseen{}
	return r
}

func TestForms(t *testing.T) {
	golden(t, "sample.text", write(t, "text", watchtest.Sample()))
	golden(t, "sample.md", write(t, "markdown", watchtest.Sample()))
	golden(t, "quiet.text", write(t, "text", quiet()))
	golden(t, "empty.text", write(t, "text", &watch.Report{From: watchtest.Begin, To: watchtest.Begin}))
}

// TestJSON has the verdict first, and the words of what was found.
func TestJSON(t *testing.T) {
	r := watchtest.Sample()
	for i := range r.Listeners {
		r.Listeners[i].Timeline.Slots = r.Listeners[i].Timeline.Slots[:1]
	}
	text := write(t, "json", r)
	golden(t, "sample.json", text)
	var got struct {
		Verdict   string
		Listeners []struct {
			Advice *struct{ Words string }
		}
	}
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(text, "{\n  \"verdict\": ") || got.Listeners[2].Advice.Words == "" {
		t.Errorf("%+v", got)
	}
}

// TestWrite: page, Markdown, JSON and a picture for each figure; the page loads nothing.
func TestWrite(t *testing.T) {
	dir := t.TempDir()
	if err := Write(record.Dir(dir), watchtest.Sample()); err != nil {
		t.Fatal(err)
	}
	var names []string
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	const want = "depth-1.png depth-2.png depth-3.png depth-4.png depth-5.png report.html report.md watch.json"
	if got := strings.Join(names, " "); got != want || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	page, err := os.ReadFile(filepath.Join(dir, Page))
	if err != nil || bytes.Count(page, []byte("<figure ")) != 5 || bytes.Contains(page, []byte("<script src")) {
		t.Errorf("%d figures, %v", bytes.Count(page, []byte("<figure ")), err)
	}
	if err := Write(record.Dir(dir), quiet()); err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*.png")); len(left) > 0 || err != nil {
		t.Errorf("a report without figures has %q, %v", left, err)
	}
	if err := Write(record.Dir(filepath.Join(dir, "none")), quiet()); err == nil {
		t.Error("it writes into a folder that is not there")
	}
}

// TestDeterministic: the same watch gives the same report.
func TestDeterministic(t *testing.T) {
	for form := range Forms {
		if a, b := write(t, form, watchtest.Sample()), write(t, form, watchtest.Sample()); a != b {
			t.Errorf("%s: two renderings differ", form)
		}
	}
}

// TestGravestEvents: where there is no room for all events, those that are common give way.
func TestGravestEvents(t *testing.T) {
	r := watchtest.Sample()
	for range mostEvents {
		r.Events = append(r.Events, r.Events[1], r.Events[2])
	}
	text := write(t, "text", r)
	for event, want := range map[string]bool{
		"began to listen": false, "container old-agi ended": false, "suspended": true, "Nothing listens on": true,
	} {
		_, table, _ := strings.Cut(text, "what happened\n")
		table, _, _ = strings.Cut(table, "network namespace ")
		if strings.Contains(table, event) != want {
			t.Errorf("%q is shown: %t", event, !want)
		}
	}
}

// TestRoom: of many listeners, episodes, events and namespaces a table shows the gravest, and says how many more there
// are.
func TestRoom(t *testing.T) {
	r := watchtest.Sample()
	busy, host, happened := r.Listeners[2], r.Namespaces[0], r.Events
	for i := range 100 {
		l := busy
		l.Port = uint16(i + 10000)
		r.Listeners = append(r.Listeners, l)
		r.Namespaces = append(r.Namespaces, host)
		r.Events = append(r.Events, happened[0])
	}
	text := write(t, "markdown", r)
	if n := strings.Count(write(t, "json", r), `"slots": [`); n != mostListeners {
		t.Errorf("the JSON has %d timelines", n)
	}
	for _, want := range []string{
		"56 listeners are not shown.", "2 idle listeners without a fault are not shown.",
		"284 overflows are not shown.", "49 texts are not shown.", "82 namespaces are not shown.",
		"82 events are not shown.", "99 more, with less or no loss",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in the report of many", want)
		}
	}
}
