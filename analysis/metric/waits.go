package metric

import (
	"slices"
	"strings"
	"time"

	"agistorm/analysis/record"
	"agistorm/analysis/stats"
)

// Wait is a latency: the one declaration from which all its metrics and exports are made.
type Wait struct {
	// Name of it in documents, e.g. "first-command".
	Name string
	// What it runs from and to, in words.
	What       string
	Population Population
	Client     Client
	Pace       bool
	// Of all calls that came so far, in a storm or a setting.
	Of func(*Latencies) *Latency
	// attempt has it, or has not.
	attempt func(*record.Attempt) (time.Duration, bool)
	// compared are the functions in which storms are held against each other.
	compared []string
	table    Table
}

// Waits are all that are measured.
var Waits = []Wait{
	{
		Name:       "handshake",
		What:       "SYN to SYN-ACK by the kernel's account, retransmissions included",
		Population: OfConnected,
		Of:         func(l *Latencies) *Latency { return &l.Handshake },
		attempt:    (*record.Attempt).Handshake,
	},
	{Name: "connect", What: "intended start until the client could use its connection", Population: OfOffered,
		Of: func(l *Latencies) *Latency { return &l.Connect }, attempt: (*record.Attempt).ConnectLatency,
		compared: []string{"p50", "p99"}, table: MainTable},
	{
		Name:       "first-command",
		What:       "intended start until the server's first whole command was read",
		Population: OfOffered,
		Client:     SpeakingClient,
		Pace:       true,
		Of:         func(l *Latencies) *Latency { return &l.FirstCommand },
		attempt:    (*record.Attempt).FirstCommandLatency,
		compared:   []string{"p99"},
	},
	{Name: "session", What: "intended start until the end of an answered session", Population: OfOffered,
		Client: SpeakingClient, Pace: true, Of: func(l *Latencies) *Latency { return &l.Session },
		attempt: (*record.Attempt).SessionLatency},
}

// Latencies of a storm or a setting, each of the calls that came so far, and from the intended start but for
// Handshake (SYN to SYN-ACK).
type Latencies struct {
	Handshake    Latency `json:"handshake"`
	Connect      Latency `json:"connect"`
	FirstCommand Latency `json:"first_command"`
	Session      Latency `json:"session"`
}

// Functions of a latency, with the percent of the calls that each is of.
var functions = []struct {
	name    string
	percent float64
}{{"min", 0}, {"p50", 50}, {"p90", 90}, {"p95", 95}, {"p99", 99}, {"p99.9", 99.9}, {"max", 100}}

// Tabled are the functions for which there is room everywhere.
var Tabled = []string{"p50", "p99", "max"}

// latencies are the metrics of all waits.
func latencies() (all []*Metric) {
	for _, w := range Waits {
		for _, f := range functions {
			m := ofTime(f.name, w.Name, w.Population, func(s *Storm) Value { return w.wait(s, f.percent) })
			m.Client, m.Pace = w.Client, w.Pace
			m.Compared = slices.Contains(w.compared, f.name)
			m.Benchmarked = m.Compared
			if slices.Contains(Tabled, f.name) {
				m.Table = w.table
			}
			all = append(all, m)
		}
	}
	return all
}

// ofTime is a metric that is a function of a delay.
func ofTime(name, of string, population Population, measure func(*Storm) Value) *Metric {
	var percentile float64
	for _, f := range functions {
		if f.name == name && f.percent < 100 { // the longest of any number is one
			percentile = f.percent
		}
	}
	return &Metric{
		Name: function(
			name,
			of,
		), percentile: percentile, Func: name, Of: of, Unit: Time, Population: population, Better: Fewer,
		Head: [2]string{of, name}, Column: strings.ReplaceAll(of, "-", "_") + "_" + name, Measure: measure,
	}
}

// wait is what percent of the calls, 0 to 100, did not exceed; 0 is the shortest and 100 the longest, both
// exact. Of offered calls, one that was lost before it came there waited for longer than any other: where
// half of all calls are lost there is no p99, however fast the others were, and the wait is stats.NoEnd.
func (w *Wait) wait(s *Storm, percent float64) Value {
	l := w.Of(&s.Latencies)
	var lost int64
	if w.Population == OfOffered {
		lost = min(max(int64(s.Offered)-l.Count, 0), int64(s.Lost))
	}
	switch {
	case w.Client == SpeakingClient && s.Dialplan == nil:
		return unknown(OnlyConnects)
	case w.Population == OfConnected && s.SYNRetransmits == nil:
		return unknown(NoKernelAccount)
	case l.Count+lost == 0:
		return unknown(NoSuchCall)
	case l.Count == 0:
		return known(stats.NoEnd)
	case percent <= 0:
		return known(l.Min)
	}
	if lost > 0 {
		percent *= float64(l.Count+lost) / float64(l.Count)
	}
	if percent > 100+1e-9 { // what rounding adds is no call
		return known(stats.NoEnd)
	}
	return known(l.At(min(percent, 100)))
}

// startLags are the generator's own delay before a call: exact, so without p99.9, of which no histogram is
// kept.
func startLags() (all []*Metric) {
	return lags("start-lag", []string{"min", "p50", "p90", "p95", "p99", "max"}, NoSuchCall,
		func(s *Storm) *Quantiles { return &s.StartLag })
}

// replyLags are its delay before a reply: the record keeps no least one, and brackets that are too coarse for
// p99.9.
func replyLags() []*Metric {
	all := lags("reply-lag", []string{"p50", "p90", "p95", "p99", "max"}, NoReplies,
		func(s *Storm) *Quantiles { return &s.Replies.Quantiles })
	share := ofTime("share", "reply-lag", OfGenerator, func(s *Storm) Value {
		switch {
		case s.Replies.Count == 0:
			return unknown(NoReplies)
		case s.Replies.Share == nil:
			return unknown(s.Replies.ShareUnknown)
		}
		return known(100 * *s.Replies.Share)
	})
	share.Unit, share.Logged = Percent, true
	all = append(all, share)
	for _, m := range all {
		m.Client = SpeakingClient
	}
	return all
}

func lags(of string, functions []string, why Reason, quantiles func(*Storm) *Quantiles) (all []*Metric) {
	for _, name := range functions {
		all = append(all, ofTime(name, of, OfGenerator, func(s *Storm) Value {
			q := quantiles(s)
			if q.Count == 0 {
				return unknown(why)
			}
			return known(map[string]time.Duration{
				"min": q.Min, "p50": q.P50, "p90": q.P90, "p95": q.P95, "p99": q.P99, "max": q.Max}[name])
		}))
	}
	return all
}
