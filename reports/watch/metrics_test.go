package watch

import (
	"strings"
	"testing"
	"time"

	"agistorm/analysis/listeners"
	"agistorm/analysis/watch"
	"agistorm/analysis/watch/watchtest"
	"agistorm/target/container"
	"agistorm/target/metrics/openmetrics/strict"
)

// scraped is what Prometheus reads of a report.
func scraped(t *testing.T, r *watch.Report) []strict.Sample {
	t.Helper()
	var b strings.Builder
	if err := Metrics(&b, r); err != nil {
		t.Fatal(err)
	}
	all, err := strict.Parse(b.String())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// valueOf is that of the only sample with a name and some labels; nil without one.
func valueOf(t *testing.T, all []strict.Sample, name string, labels ...string) (value *float64) {
	t.Helper()
	for i := range all {
		is := all[i].Name == name
		for k := 0; k < len(labels); k += 2 {
			is = is && all[i].Label(labels[k]) == labels[k+1]
		}
		if is && value != nil {
			t.Fatalf("%s %q comes twice", name, labels)
		}
		if is {
			value = &all[i].Value
		}
	}
	return value
}

func TestMetrics(t *testing.T) {
	r := watchtest.Sample()
	all := scraped(t, r)
	var b strings.Builder
	if err := Metrics(&b, r); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	at := strings.Index(text, "goversion=")
	end := at + strings.Index(text[at:], "}")
	golden(t, "sample.metrics", text[:at]+`goversion="go"`+text[end:])
	written := map[string]bool{}
	for _, s := range all {
		written[s.Name] = true
		for _, l := range s.Labels {
			if strings.Contains(l[0], "pid") || strings.Contains(l[0], "cookie") {
				t.Errorf("%s has the label %s", s.Name, l[0])
			}
		}
	}
	for _, name := range MetricNames() {
		if !written[name] {
			t.Errorf("the sample has no %s", name)
		}
		delete(written, name)
	}
	if len(written) > 0 {
		t.Errorf("%v are not among the names", written)
	}
}

// TestMetricsOfGroups: sockets of a port are one series: of the fullest, and of the drops of all.
func TestMetricsOfGroups(t *testing.T) {
	r := watchtest.Sample()
	r.Listeners = []watch.Listener{r.Listeners[1], r.Listeners[6]}
	*r.Listeners[0].DropsSeen, *r.Listeners[1].DropsSeen = 3, 4
	r.Listeners[1].Depths.Full = time.Second
	all := scraped(t, r)
	for name, want := range map[string]float64{
		"agistorm_listener_drops_total": 7, "agistorm_listener_accept_queue_depth": 512,
		"agistorm_listener_accept_queue_full_seconds_total": 40, "agistorm_listener_accept_queue_limit": 511,
	} {
		if got := valueOf(t, all, name); got == nil || *got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
}

// TestMetricsAfterRestart: a container that began anew, in another namespace and with other sockets, goes on with the
// series that it had.
func TestMetricsAfterRestart(t *testing.T) {
	agi := &container.Container{ID: "abcdef", Name: "agi"}
	one := func(netns string, pid int, cookie, drops uint64) watch.Listener {
		return watch.Listener{DropsSeen: &drops, Last: watchtest.Begin, Listener: listeners.Listener{
			Address: "::", Port: 4573, Netns: netns, Process: "agi", PID: pid, Cookie: cookie, Container: agi,
			Backlog: 5, Depth: 2,
		}}
	}
	space := func(netns string, n uint64) watch.Namespace {
		return watch.Namespace{Namespace: listeners.Namespace{Netns: netns, Container: agi,
			Grown: map[string]uint64{"ListenDrops": n}}}
	}
	r := &watch.Report{To: watchtest.Begin.Add(2 * goneShown), Listeners: []watch.Listener{one("7", 10, 1, 40)},
		Namespaces: []watch.Namespace{space("7", 40)}}
	before := scraped(t, r)
	r.Listeners[0].Gone, r.Namespaces[0].Gone = true, true
	r.Listeners = append(r.Listeners, one("8", 99, 2, 2))
	r.Namespaces = append(r.Namespaces, space("8", 2))
	after := scraped(t, r)
	if len(before) != len(after) {
		t.Errorf("%d series before, %d after", len(before), len(after))
	}
	for name, want := range map[string]float64{
		"agistorm_listener_drops_total": 42, "agistorm_listener_listening": 1, "agistorm_netns_listen_drops_total": 42,
	} {
		if got := valueOf(t, after, name, "container", "agi", "netns", ""); got == nil || *got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
}

// TestMetricsOfGone: a listener that has gone says so for a while; then it has no series any more. What is not known
// has none either.
func TestMetricsOfGone(t *testing.T) {
	r := watchtest.Sample()
	r.To = r.Listeners[4].Last.Add(goneShown)
	all := scraped(t, r)
	if v := valueOf(t, all, "agistorm_listener_listening", "port", "8080"); v == nil || *v != 0 {
		t.Errorf("listening is %v", v)
	}
	for _, series := range [][2]string{
		{"agistorm_listener_accept_queue_depth", "8080"}, {"agistorm_listener_drops_total", "9000"},
		{"agistorm_listener_waiting_seconds_count", "9000"},
	} {
		if v := valueOf(t, all, series[0], "port", series[1]); v != nil {
			t.Errorf("%s of %s is %v", series[0], series[1], *v)
		}
	}
	r.To = r.To.Add(time.Second)
	if v := valueOf(t, scraped(t, r), "agistorm_listener_listening", "port", "8080"); v != nil {
		t.Errorf("after an hour listening is %v", *v)
	}
}
