package watch

import (
	"io"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"time"

	"agistorm/analysis/listeners"
	"agistorm/analysis/watch"
	"agistorm/target/metrics/openmetrics"
)

// goneShown is how long a listener that has gone still has series: an alert sees that, and a host that starts servers
// at ever new ports does not fill Prometheus.
const goneShown = time.Hour

// listenerMetric is a metric of a listener.
type listenerMetric struct {
	name, help string
	kind       openmetrics.Kind
	// sum: sockets that share a port are counted together; else the greatest of them stands.
	sum   bool
	value func(*watch.Listener) float64
	// unknown of a listener: then there is no sample; nil where it is always known.
	unknown func(*watch.Listener) bool
}

// listenerMetrics are those of each listener, but for its waiting time.
var listenerMetrics = []listenerMetric{
	{name: "listening", kind: openmetrics.Gauge, help: "1 while something listens there, 0 when it has gone.",
		value: func(l *watch.Listener) float64 {
			if l.Gone {
				return 0
			}
			return 1
		}},
	{name: "accept_queue_depth", kind: openmetrics.Gauge,
		help:    "Connections in the accept queue, of several sockets the longest.",
		value:   func(l *watch.Listener) float64 { return float64(l.Depth) },
		unknown: func(l *watch.Listener) bool { return l.Gone }},
	{name: "accept_queue_limit", kind: openmetrics.Gauge, help: "Effective backlog; the queue holds one more.",
		value:   func(l *watch.Listener) float64 { return float64(l.Backlog) },
		unknown: func(l *watch.Listener) bool { return l.Gone }},
	{name: "accept_queue_peak", kind: openmetrics.Gauge, help: "Deepest queue since the watch began.",
		value: func(l *watch.Listener) float64 { return float64(l.Peak.Depth) }},
	{name: "accept_queue_full_seconds", kind: openmetrics.Counter,
		help:  "Time in which the queue held all that it can, of several sockets the longest.",
		value: func(l *watch.Listener) float64 { return l.Depths.Full.Seconds() }},
	{name: "accept_queue_connection_seconds", kind: openmetrics.Counter, sum: true,
		help:  "Depth by time, all sockets together: its rate is the mean depth.",
		value: func(l *watch.Listener) float64 { return l.Depths.Area }},
	{name: "drops", kind: openmetrics.Counter, sum: true,
		help:    "Packets of clients that the listener dropped since the watch began.",
		value:   func(l *watch.Listener) float64 { return float64(l.KnownDrops()) },
		unknown: func(l *watch.Listener) bool { return l.DropsSeen == nil }},
	{name: "overflow_episodes", kind: openmetrics.Counter, sum: true,
		help:  "Episodes in which the listener dropped packets.",
		value: func(l *watch.Listener) float64 { return float64(l.OverflowCount) }},
	{name: "overflow_seconds", kind: openmetrics.Counter,
		help:  "Time from the first to the last drop of each episode, of several sockets the longest.",
		value: func(l *watch.Listener) float64 { return l.OverflowTime.Seconds() }},
	{name: "restarts", kind: openmetrics.Counter, sum: true,
		help:  "Sockets that took the place of another at the same address.",
		value: func(l *watch.Listener) float64 { return float64(l.Restarts) }},
	{name: "waiting_longest_seconds", kind: openmetrics.Gauge,
		help:    "Longest time that a connection was seen waiting since the watch began.",
		value:   func(l *watch.Listener) float64 { return l.Waiting.Longest.Seconds() },
		unknown: func(l *watch.Listener) bool { return l.Waiting == nil || l.Waiting.Longest == nil }},
}

// Metrics writes a watch that runs, as of now, for Prometheus.
func Metrics(w io.Writer, r *watch.Report) error { return openmetrics.Write(w, families(r)) }

// MetricNames are the names of all series that Metrics can write.
func MetricNames() []string { return openmetrics.Series(families(&watch.Report{})) }

// families has every family, those without a sample too.
func families(r *watch.Report) (all []openmetrics.Family) {
	shown := recent(r)
	for _, m := range listenerMetrics {
		all = append(all, m.family(shown))
	}
	all = append(all, waitingFamily(shown))
	for _, counter := range watch.Counters {
		all = append(all, netnsFamily(r, counter))
	}
	return append(all, watchFamilies(r)...)
}

// recent leaves out listeners that have gone long ago, unless another one has the same labels: its counters go on.
func recent(r *watch.Report) (shown []*watch.Listener) {
	last := map[string]time.Time{}
	for i := range r.Listeners {
		l := &r.Listeners[i]
		key, seen := openmetrics.Key(listenerLabels(l)), l.Last
		if !l.Gone {
			seen = r.To
		}
		if seen.After(last[key]) {
			last[key] = seen
		}
	}
	for i := range r.Listeners {
		l := &r.Listeners[i]
		if r.To.Sub(last[openmetrics.Key(listenerLabels(l))]) <= goneShown {
			shown = append(shown, l)
		}
	}
	return shown
}

func (m *listenerMetric) family(all []*watch.Listener) openmetrics.Family {
	var c collection
	for _, l := range all {
		if m.unknown == nil || !m.unknown(l) {
			c.add(openmetrics.Sample{Labels: listenerLabels(l), Value: m.value(l)}, m.sum)
		}
	}
	return openmetrics.Family{Name: "agistorm_listener_" + m.name, Kind: m.kind, Help: m.help, Samples: c.samples}
}

// waitingFamily has sums and counts, so that the mean of any time can be had. Each source of waiting times counts for
// itself.
func waitingFamily(all []*watch.Listener) openmetrics.Family {
	var c collection
	for _, l := range all {
		if l.Waiting == nil {
			continue
		}
		labels := append(listenerLabels(l), openmetrics.Label{Name: "source", Value: string(l.Waiting.Source)})
		n := float64(l.Waiting.Connections)
		sum := l.Waiting.Total.Seconds()
		c.add(openmetrics.Sample{Suffix: openmetrics.SumSuffix, Labels: labels, Value: sum}, true)
		c.add(openmetrics.Sample{Suffix: openmetrics.CountSuffix, Labels: labels, Value: n}, true)
	}
	return openmetrics.Family{Name: "agistorm_listener_waiting_seconds", Kind: openmetrics.Summary,
		Help: "How long connections waited to be accepted.", Samples: c.samples}
}

// netnsFamily counts from the beginning of the watch: of a container that began anew the counts go on.
func netnsFamily(r *watch.Report, counter string) openmetrics.Family {
	f := openmetrics.KernelFamily(counter)
	var c collection
	for i := range r.Namespaces {
		n := &r.Namespaces[i]
		if grown, ok := n.Grown[counter]; ok {
			labels := netnsLabels(n.Netns, containerName(&n.Namespace))
			c.add(openmetrics.Sample{Labels: labels, Value: float64(grown)}, true)
		}
	}
	f.Samples = c.samples
	return f
}

func watchFamilies(r *watch.Report) []openmetrics.Family {
	one := func(v float64) []openmetrics.Sample { return []openmetrics.Sample{{Value: v}} }
	return []openmetrics.Family{
		{Name: "agistorm_watch_samples", Kind: openmetrics.Counter, Help: "Samples of listeners that were taken.",
			Samples: openmetrics.Counted(r.Sampling.Samples)},
		{Name: "agistorm_watch_cpu_seconds", Kind: openmetrics.Counter, Help: "CPU time that the watch took.",
			Samples: one(r.Sampling.CPU.Seconds())},
		{Name: "agistorm_watch_suspended_seconds", Kind: openmetrics.Counter,
			Help: "Time in which the host was suspended.", Samples: one(r.Suspended.Seconds())},
		{Name: "agistorm_watch_events", Kind: openmetrics.Counter, Help: "Events, such as a listener that appeared.",
			Samples: openmetrics.Counted(len(r.Events) + r.EventsLeftOut)},
		{Name: "agistorm_watch_unseen", Kind: openmetrics.Gauge, Help: "What cannot be seen without further rights.",
			Samples: unseen(&r.Unseen)},
		reasonsFamily(r),
		{Name: "agistorm_build", Kind: openmetrics.Info, Help: "Version of agistorm, and of the Go that built it.",
			Samples: []openmetrics.Sample{{Value: 1, Labels: []openmetrics.Label{
				{Name: "version", Value: r.Version}, {Name: "goversion", Value: runtime.Version()},
			}}}},
	}
}

// reasonsFamily counts on the whole host. The SYN at a full accept queue has no reason.
func reasonsFamily(r *watch.Report) openmetrics.Family {
	f := openmetrics.Family{Name: "agistorm_watch_drop_reasons", Kind: openmetrics.Counter,
		Help: "Packets that the kernel freed with a drop reason. A SYN at a full accept queue has none."}
	if r.Reasons == nil {
		return f
	}
	for _, name := range slices.Sorted(maps.Keys(r.Reasons.By)) {
		f.Samples = append(f.Samples, openmetrics.Sample{
			Labels: []openmetrics.Label{{Name: "reason", Value: name}}, Value: float64(r.Reasons.By[name]),
		})
	}
	return f
}

func unseen(u *listeners.Unseen) (all []openmetrics.Sample) {
	for _, kind := range []struct {
		name string
		n    int
	}{{"namespaces", u.Namespaces}, {"processes", u.Processes}, {"owners", u.Owners}} {
		all = append(all, openmetrics.Sample{
			Labels: []openmetrics.Label{{Name: "kind", Value: kind.name}}, Value: float64(kind.n),
		})
	}
	return all
}

// listenerLabels name a listener. They stay the same when its server restarts: no PID, no cookie and no number of a
// socket is among them. Sockets that share a port have the same.
func listenerLabels(l *watch.Listener) []openmetrics.Label {
	container, device := "", ""
	if l.Container != nil {
		container = l.Container.Short()
	}
	if l.Device > 0 {
		device = strconv.FormatUint(uint64(l.Device), 10)
	}
	return append([]openmetrics.Label{
		{Name: "address", Value: l.Address}, {Name: "port", Value: strconv.Itoa(int(l.Port))},
		{Name: "process", Value: l.Process}, {Name: "device", Value: device},
	}, netnsLabels(l.Netns, container)...)
}

// netnsLabels name a network namespace: by its container where it has one, whose namespace is another after a restart.
func netnsLabels(netns, container string) []openmetrics.Label {
	if container != "" {
		netns = ""
	}
	return []openmetrics.Label{{Name: "container", Value: container}, {Name: "netns", Value: netns}}
}

func containerName(n *listeners.Namespace) string {
	if n.Container == nil {
		return ""
	}
	return n.Container.Short()
}

// collection has one sample for each set of labels.
type collection struct {
	samples []openmetrics.Sample
	at      map[string]int
}

// add adds a sample to the one with the same labels, or lets the greater of both stand.
func (c *collection) add(s openmetrics.Sample, sum bool) {
	key := s.Suffix + openmetrics.Key(s.Labels)
	i, there := c.at[key]
	switch {
	case !there:
		if c.at == nil {
			c.at = map[string]int{}
		}
		c.at[key] = len(c.samples)
		c.samples = append(c.samples, s)
	case sum:
		c.samples[i].Value += s.Value
	default:
		c.samples[i].Value = max(c.samples[i].Value, s.Value)
	}
}
