package health

import (
	"cmp"
	"slices"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
)

// Bounds of the reply lag. A client with a thread per call, as Asterisk is, has a longest lag of 10 to
// 41 ms in bursts of up to 10,000 calls, and costs 4 to 9 % of the handlers' time.
const (
	lagMaxWarned    = 50 * time.Millisecond
	lagMaxDoubted   = 100 * time.Millisecond
	lagShareWarned  = 0.15
	lagShareDoubted = 0.20
)

// promptReply is a mean lag that no caller is much quicker than. The share of a server without work is
// high even so: its handlers do little else than wait for replies.
const promptReply = 200 * time.Microsecond

// MeasureReplyLag is nil where nothing was replied, and where the record has no account (before 0.2).
func MeasureReplyLag(raw *record.Repeat) *analysis.ReplyLag {
	l := newReplyLag(lagsOf(raw), slices.Contains(raw.Storm.Lacks, record.LacksArrivalStamps))
	if l != nil {
		handlers, why := handlerTime(raw.Target)
		setShare(l, handlers, why)
	}
	return l
}

func lagsOf(raw *record.Repeat) *record.Lag {
	var lags []*record.Lag
	for w := range analysis.Each(raw.Storm.Workers) {
		lags = append(lags, w.ReplyLag)
	}
	return record.MergeLags(lags...)
}

func newReplyLag(lag *record.Lag, fromRead bool) *analysis.ReplyLag {
	if lag == nil || lag.Count == 0 {
		return nil
	}
	l := &analysis.ReplyLag{Sum: lag.Sum, FromRead: fromRead, Grade: analysis.HealthWell}
	l.SetQuantiles(metric.NewQuantiles(int64(lag.Count), 0, lag.Max, func(percent float64) time.Duration {
		d, _ := lag.Quantile(percent / 100) // there is one
		return d
	}))
	return l
}

// handlerTime is nil where it is not known, and why.
func handlerTime(t *record.Target) (total *time.Duration, why metric.Reason) {
	if t == nil || len(t.Peers) == 0 {
		return nil, metric.NoServerLog
	}
	var sum time.Duration
	for p := range analysis.Each(t.Peers) {
		if p.Done < p.At {
			return nil, metric.OpenSessions
		}
		sum += p.Done - p.At
	}
	return &sum, ""
}

// setShare fills in the part of the handlers' time that the lag cost, or why it is not known.
func setShare(l *analysis.ReplyLag, handlers *time.Duration, why metric.Reason) {
	l.HandlerTime, l.ShareUnknown = handlers, why
	l.Share = part(l.Sum, analysis.Deref(handlers))
}

// JudgeLag grades the lag of a storm in which calls were lost, late or slow, or none was.
func JudgeLag(l *analysis.ReplyLag, impaired bool) {
	share := analysis.Deref(l.Share)
	if l.Sum <= time.Duration(l.Count)*promptReply {
		share = 0
	}
	costly := share > lagShareDoubted
	switch {
	case impaired && (costly || l.Max > lagMaxDoubted):
		l.Grade = analysis.HealthLimit
	case share > lagShareWarned, l.Max > lagMaxWarned:
		l.Grade, l.PaceDoubted = analysis.HealthStrained, costly
	}
}

// lagEffect is what the lag of a storm puts in doubt.
type lagEffect int

// In the order of how much that is.
const (
	lagWithoutEffect lagEffect = iota
	lagWarned
	lagOnPace
	lagOnCalls
)

func effectOf(l *analysis.ReplyLag) lagEffect {
	switch {
	case l == nil:
		return lagWithoutEffect
	case l.Grade == analysis.HealthLimit:
		return lagOnCalls
	case l.PaceDoubted:
		return lagOnPace
	case l.Grade == analysis.HealthStrained:
		return lagWarned
	}
	return lagWithoutEffect
}

// Replies are the numbers from which metrics are made.
func Replies(l *analysis.ReplyLag) metric.Replies {
	return metric.Replies{Quantiles: l.Quantiles(), Sum: l.Sum, Share: l.Share, ShareUnknown: l.ShareUnknown}
}

// PoolLags is the lag of all storms of a setting; nil where none has one.
func PoolLags(repeats []analysis.Repeat) *analysis.ReplyLag {
	var lags []*record.Lag
	var handlers time.Duration
	fromRead, pace, grade, unknown := false, false, analysis.HealthWell, metric.Reason("")
	for r := range analysis.Each(repeats) {
		l := r.ReplyLag
		if l == nil {
			continue
		}
		lags = append(lags, lagsOf(r.Raw))
		fromRead, pace, grade = fromRead || l.FromRead, pace || l.PaceDoubted, worse(grade, l.Grade)
		if l.HandlerTime == nil {
			unknown = l.ShareUnknown
			continue
		}
		handlers += *l.HandlerTime
	}
	pooled := newReplyLag(record.MergeLags(lags...), fromRead)
	if pooled == nil {
		return nil
	}
	if setShare(pooled, &handlers, ""); unknown != "" {
		setShare(pooled, nil, unknown)
	}
	pooled.Grade, pooled.PaceDoubted = grade, pace
	return pooled
}

// worstLag has the worst of two lags, number by number; nil is none.
func worstLag(a, b *analysis.ReplyLag) *analysis.ReplyLag {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	worst := &analysis.ReplyLag{
		Sum: max(a.Sum, b.Sum), FromRead: a.FromRead || b.FromRead,
		HandlerTime: greater(a.HandlerTime, b.HandlerTime),
		Share:       greater(a.Share, b.Share), ShareUnknown: cmp.Or(a.ShareUnknown, b.ShareUnknown),
		Grade: worse(a.Grade, b.Grade), PaceDoubted: a.PaceDoubted || b.PaceDoubted,
	}
	worst.SetQuantiles(a.Quantiles().Worst(b.Quantiles()))
	return worst
}

// lagged is the worst lag of the cell's storms in which it has so much of an effect or more, and how many
// those are.
func lagged(c *analysis.Cell, effect lagEffect) (worst *analysis.ReplyLag, storms int) {
	for r := range analysis.Each(c.Repeats) {
		if effectOf(r.ReplyLag) >= effect {
			worst, storms = worstLag(worst, r.ReplyLag), storms+1
		}
	}
	return worst, storms
}

// laggards are the settings with a storm of just that effect, none of a graver one: their worst lag
// and the number of those storms.
func laggards(s *analysis.Summary, effect lagEffect, means finding.LagEffect) []finding.Finding {
	var cells []*analysis.Cell
	var worst *analysis.ReplyLag
	storms := 0
	for c := range analysis.Each(s.Cells) {
		l, n := lagged(c, effect)
		if graver, _ := lagged(c, effect+1); l == nil || graver != nil {
			continue
		}
		cells, worst, storms = append(cells, c), worstLag(worst, l), storms+n
	}
	return lagFinding(worst, storms, means, cells...)
}

// LagFinding is the reply lag of a setting that is Lagging.
func LagFinding(c *analysis.Cell) []finding.Finding {
	l, storms := lagged(c, lagWarned)
	return lagFinding(l, storms, finding.LagOnLatency, c)
}

// lagFinding states the worst lag of settings; nothing without one.
func lagFinding(
	worst *analysis.ReplyLag,
	storms int,
	effect finding.LagEffect,
	cells ...*analysis.Cell,
) []finding.Finding {
	l := analysis.Deref(worst)
	return analysis.FactIf(worst != nil, finding.ReplyLag{
		Max: l.Max, HandlerShare: l.Share, FromRead: l.FromRead, Storms: storms, Effect: effect,
	}, cells...)
}

// paceMetrics lists what the metrics of the server's pace measure: they depend on how prompt the replies
// are, even where no call was lost, late or slow.
func paceMetrics() (names []string) {
	for _, m := range metric.Select(func(m *metric.Metric) bool { return m.Pace }) {
		if !slices.Contains(names, m.Of) {
			names = append(names, m.Of)
		}
	}
	return names
}

// ReplyLagDoubts are the settings in which the generator's replies may have cost calls, and those in which
// they cost the server too much of its time.
func ReplyLagDoubts(s *analysis.Summary) []finding.Finding {
	pace := laggards(s, lagOnPace, finding.LagOnPace)
	for i := range pace {
		pace[i].Metrics = paceMetrics()
	}
	return append(laggards(s, lagOnCalls, finding.LagOnCalls), pace...)
}

// ReplyLagWarnings are of the settings in which the lag is long, and not too long.
func ReplyLagWarnings(s *analysis.Summary) []finding.Finding {
	return laggards(s, lagWarned, finding.LagOnLatency)
}
