package expr

import (
	"slices"
	"strings"

	"agistorm/scenarios/near"
)

// Metric is what a condition measures: a number of calls, or a function of something.
type Metric struct {
	// Func is empty for a number of calls; else "p50", "p90", "p99", "p99.9", "min", "max", "mean",
	// "full", "drain" or "share".
	Func string
	// Of is what is counted or what the function is of, e.g. "lost" or "connect".
	Of string
	// Units in which its limit can be given.
	Units []Unit
}

func (m Metric) String() string {
	if m.Func == "" {
		return m.Of
	}
	return m.Func + "(" + m.Of + ")"
}

// The names of the metrics.
var (
	// counts are numbers of calls of a storm.
	counts = []string{
		"lost", "late", "slow", "phantom", "answered", "connected", "connect-timeout", "refused", "unreachable", "closed", "reset", "silent",
		"protocol-error", "unserved", "syns-lost",
	}
	latencies   = []string{"connect", "handshake", "first-command", "session", startLag}
	ofLatencies = []string{"p50", "p90", "p99", "p99.9", "min", "max"}
	// ofReplyLag: the record keeps no least one, and brackets that are too coarse for p99.9.
	ofReplyLag = []string{"p50", "p90", "p99", "max"}
)

// The generator's own delays.
const (
	startLag = "start-lag"
	replyLag = "reply-lag"
)

// OfGenerator reports whether the metric measures the generator itself: no delay of the generator puts it in doubt.
func (m Metric) OfGenerator() bool { return m.Of == startLag || m.Of == replyLag }

// all metrics by their names.
func all() []Metric {
	var list []Metric
	for _, name := range counts {
		list = append(list, Metric{Of: name, Units: []Unit{Calls, Percent}})
	}
	for _, name := range latencies {
		for _, f := range ofLatencies {
			if name == startLag && f == "p99.9" {
				continue // of which no histogram is kept
			}
			list = append(list, Metric{Func: f, Of: name, Units: []Unit{Time}})
		}
	}
	for _, f := range ofReplyLag {
		list = append(list, Metric{Func: f, Of: replyLag, Units: []Unit{Time}})
	}
	list = append(list, Metric{Func: "share", Of: replyLag, Units: []Unit{Percent}})
	for _, f := range []string{"max", "mean"} {
		list = append(list, Metric{Func: f, Of: "queue", Units: []Unit{Calls, Percent}})
	}
	for _, f := range []string{"full", "drain"} {
		list = append(list, Metric{Func: f, Of: "queue", Units: []Unit{Time}})
	}
	return append(list, Metric{Of: "served", Units: []Unit{Rate}})
}

// lookUp also takes the plural of phantom.
func lookUp(name string) (Metric, bool) {
	if name == "phantoms" {
		name = "phantom"
	}
	list := all()
	i := slices.IndexFunc(list, func(m Metric) bool { return m.String() == name })
	if i < 0 {
		return Metric{}, false
	}
	return list[i], true
}

// unknownMetric says what exists, the nearest first.
func unknownMetric(name string) string {
	what := "want a metric"
	if name != "" {
		what = "there is no metric " + name
	}
	if match := near.Match(strings.ReplaceAll(name, " ", "-"), names()); match != "" {
		what += "; did you mean " + match + "?"
	} else {
		what += "."
	}
	return what + " There are " + strings.Join(counts, ", ") + "; " + strings.Join(ofLatencies, ", ") + " of " + strings.Join(latencies, ", ") +
		", such as p99(connect); " + strings.Join(ofReplyLag, ", ") + " and share of " + replyLag +
		"; max(queue), mean(queue), full(queue), drain(queue); served"
}

func names() (list []string) {
	for _, m := range all() {
		list = append(list, m.String())
	}
	return list
}

func (m Metric) unitWords() string {
	var words []string
	for _, u := range m.Units {
		words = append(words, unitWord(u))
	}
	return strings.Join(words, " or ")
}

// unitWord says how a limit in the unit is written.
func unitWord(u Unit) string {
	switch u {
	case Percent:
		return "percent (5%)"
	case Time:
		return "time (50ms)"
	case Rate:
		return "calls a second (200/s)"
	default:
		return "a number (5)"
	}
}
