package watch

import (
	"io"
	"maps"
	"runtime"
	"slices"
	"strconv"

	"agistorm/analysis/finding"
	"agistorm/analysis/listeners"
	"agistorm/analysis/watch"
	"agistorm/target/metrics/openmetrics"
)

// listenerMetric is a metric of a listener. Its value is nil where it is not known: then there is no sample.
type listenerMetric struct {
	name  string
	kind  openmetrics.Kind
	help  string
	value func(*watch.Listener) *float64
}

// listenerMetrics are those of each listener, but for its waiting time. Their labels stay the same when the server
// restarts: no PID and no cookie is among them.
var listenerMetrics = []listenerMetric{
	{"listening", openmetrics.Gauge, "1 while something listens there, 0 when it has gone.",
		known(func(l *watch.Listener) float64 { return truth(!l.Gone) })},
	{"stuck", openmetrics.Gauge, "1 while the queue is full and nothing is accepted from it.",
		known(func(l *watch.Listener) float64 { return truth(isStuck(l)) })},
	{"accept_queue_depth", openmetrics.Gauge, "Connections in the accept queue.", present(func(l *watch.Listener) float64 {
		return float64(l.Depth)
	})},
	{"accept_queue_limit", openmetrics.Gauge, "Effective backlog; the queue holds one more.",
		known(func(l *watch.Listener) float64 { return float64(l.Backlog) })},
	{"accept_queue_peak", openmetrics.Gauge, "Deepest queue since the watch began.",
		known(func(l *watch.Listener) float64 { return float64(l.Peak.Depth) })},
	{"accept_queue_full_seconds", openmetrics.Counter, "Time in which the queue held all that it can.",
		known(func(l *watch.Listener) float64 { return l.Depths.Full.Seconds() })},
	{"accept_queue_connection_seconds", openmetrics.Counter, "Depth by time: its rate is the mean depth.",
		known(func(l *watch.Listener) float64 { return l.Depths.Mean * l.Depths.Time.Seconds() })},
	{"drops", openmetrics.Counter, "Packets of clients that the listener dropped since the watch began.",
		func(l *watch.Listener) *float64 {
			if l.DropsSeen == nil {
				return nil
			}
			n := float64(*l.DropsSeen)
			return &n
		}},
	{"overflow_episodes", openmetrics.Counter, "Episodes in which the listener dropped packets.",
		known(func(l *watch.Listener) float64 { return float64(l.OverflowCount) })},
	{"overflow_seconds", openmetrics.Counter, "Time from the first to the last drop of each episode.",
		known(func(l *watch.Listener) float64 { return l.OverflowTime.Seconds() })},
	{"restarts", openmetrics.Counter, "Sockets that took the place of another at the same address.",
		known(func(l *watch.Listener) float64 { return float64(l.Restarts) })},
}

func known(value func(*watch.Listener) float64) func(*watch.Listener) *float64 {
	return func(l *watch.Listener) *float64 {
		v := value(l)
		return &v
	}
}

// present is not known of a listener that has gone.
func present(value func(*watch.Listener) float64) func(*watch.Listener) *float64 {
	return func(l *watch.Listener) *float64 {
		if l.Gone {
			return nil
		}
		v := value(l)
		return &v
	}
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

func isStuck(l *watch.Listener) bool {
	return !l.Gone && slices.ContainsFunc(l.Findings, func(f finding.Finding) bool {
		return f.Code() == "listener-stuck" || f.Code() == "worker-stuck"
	})
}

// Metrics writes a watch that runs, as of now, for Prometheus.
func Metrics(w io.Writer, r *watch.Report) error { return openmetrics.Write(w, families(r)) }

// MetricNames are the names of all series that Metrics can write.
func MetricNames() []string { return openmetrics.Series(families(&watch.Report{})) }

// families has every family, those without a sample too.
func families(r *watch.Report) (all []openmetrics.Family) {
	for _, m := range listenerMetrics {
		all = append(all, m.family(r))
	}
	all = append(all, waitingFamily(r), longestFamily(r))
	for _, counter := range watch.Counters {
		all = append(all, netnsFamily(r, counter))
	}
	return append(all, watchFamilies(r)...)
}

func (m *listenerMetric) family(r *watch.Report) openmetrics.Family {
	var c collection
	for i := range r.Listeners {
		if v := m.value(&r.Listeners[i]); v != nil {
			c.add(openmetrics.Sample{Labels: listenerLabels(&r.Listeners[i]), Value: *v}, m.kind)
		}
	}
	return openmetrics.Family{Name: "agistorm_listener_" + m.name, Kind: m.kind, Help: m.help, Samples: c.samples}
}

// waitingFamily has sums and counts, so that the mean of any time can be had. Each source of waiting times counts for
// itself.
func waitingFamily(r *watch.Report) openmetrics.Family {
	var c collection
	for i := range r.Listeners {
		l := &r.Listeners[i]
		if l.Waiting == nil {
			continue
		}
		labels := append(listenerLabels(l), openmetrics.Label{Name: "source", Value: string(l.Waiting.Source)})
		n := float64(l.Waiting.Connections)
		c.add(openmetrics.Sample{
			Suffix: openmetrics.SumSuffix, Labels: labels, Value: n * l.Waiting.Mean.Seconds(),
		}, openmetrics.Counter)
		c.add(openmetrics.Sample{Suffix: openmetrics.CountSuffix, Labels: labels, Value: n}, openmetrics.Counter)
	}
	return openmetrics.Family{Name: "agistorm_listener_waiting_seconds", Kind: openmetrics.Summary,
		Help: "How long connections waited to be accepted.", Samples: c.samples}
}

func longestFamily(r *watch.Report) openmetrics.Family {
	var c collection
	for i := range r.Listeners {
		if l := &r.Listeners[i]; l.Waiting != nil && l.Waiting.Longest != nil {
			c.add(openmetrics.Sample{Labels: listenerLabels(l), Value: l.Waiting.Longest.Seconds()}, openmetrics.Gauge)
		}
	}
	return openmetrics.Family{Name: "agistorm_listener_waiting_longest_seconds", Kind: openmetrics.Gauge,
		Help: "Longest time that a connection was seen waiting since the watch began.", Samples: c.samples}
}

// netnsFamily counts from the beginning of the watch: of a container that began anew the counts go on.
func netnsFamily(r *watch.Report, counter string) openmetrics.Family {
	f := openmetrics.KernelFamily(counter)
	var c collection
	for i := range r.Namespaces {
		n := &r.Namespaces[i]
		if grown, ok := n.Grown[counter]; ok {
			labels := netnsLabels(n.Netns, containerName(&n.Namespace))
			c.add(openmetrics.Sample{Labels: labels, Value: float64(grown)}, f.Kind)
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

// listenerLabels name a listener. Sockets that share a port have numbers, as in reports.
func listenerLabels(l *watch.Listener) []openmetrics.Label {
	container, socket, device := "", "", ""
	if l.Container != nil {
		container = l.Container.Short()
	}
	if l.Sockets > 0 {
		socket = strconv.Itoa(l.Socket)
	}
	if l.Device > 0 {
		device = strconv.FormatUint(uint64(l.Device), 10)
	}
	return append([]openmetrics.Label{
		{Name: "address", Value: l.Address}, {Name: "port", Value: strconv.Itoa(int(l.Port))},
		{Name: "process", Value: l.Process}, {Name: "socket", Value: socket}, {Name: "device", Value: device},
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

// collection has one sample for each set of labels. Of those that share one, counters add up, and the greatest gauge
// stands.
type collection struct {
	samples []openmetrics.Sample
	at      map[string]int
}

func (c *collection) add(s openmetrics.Sample, kind openmetrics.Kind) {
	key := s.Suffix + openmetrics.Key(s.Labels)
	i, there := c.at[key]
	switch {
	case !there:
		if c.at == nil {
			c.at = map[string]int{}
		}
		c.at[key] = len(c.samples)
		c.samples = append(c.samples, s)
	case kind == openmetrics.Counter:
		c.samples[i].Value += s.Value
	default:
		c.samples[i].Value = max(c.samples[i].Value, s.Value)
	}
}
