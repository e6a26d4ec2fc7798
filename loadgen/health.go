package loadgen

import (
	"math"
	"runtime/metrics"
	"time"

	"agistorm/analysis/record"
	"agistorm/loadgen/engine"
	"agistorm/target/probe"
)

// gcPauses returns the runtime's histogram of GC pauses.
func gcPauses() *metrics.Float64Histogram {
	sample := []metrics.Sample{{Name: "/sched/pauses/total/gc:seconds"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindFloat64Histogram {
		return nil
	}
	return sample[0].Value.Float64Histogram()
}

// pausesBetween counts the GC pauses between two readings; nil where they are not counted.
func pausesBetween(before, after *metrics.Float64Histogram) *record.Pauses {
	if before == nil || after == nil {
		return nil
	}
	return newPauses(after.Buckets, before.Counts, after.Counts)
}

// newPauses counts what a histogram has gained; a bracket stands for its upper edge, one without for its
// lower.
func newPauses(edges []float64, before, after []uint64) *record.Pauses {
	p := &record.Pauses{}
	for i := range after {
		n := after[i] - before[i]
		if n == 0 {
			continue
		}
		edge := edges[i+1]
		if math.IsInf(edge, 1) {
			edge = edges[i]
		}
		pause := time.Duration(edge * float64(time.Second))
		p.Count += int(n)
		p.Longest = pause
		p.Total += time.Duration(n) * pause
	}
	return p
}

// lagOf is nil of no lags.
func lagOf(l *engine.Lags) *record.Lag {
	if l == nil || l.Count == 0 {
		return nil
	}
	lag := &record.Lag{Count: l.Count, Sum: l.Sum, Max: l.Max}
	for i, n := range l.Counts {
		if n > 0 {
			lag.Brackets = append(lag.Brackets, record.LagBracket{Below: engine.BracketEnd(i), Count: int(n)})
		}
	}
	return lag
}

// stolen is what a hypervisor has taken from this machine since it started; nil where the system does not
// report it.
func stolen() *record.Steal {
	times, err := probe.CPU()
	if err != nil {
		return nil
	}
	return &record.Steal{Time: times.Steal, CPUs: times.CPUs}
}

// stolenBetween two readings; nil where it is not counted.
func stolenBetween(before, after *record.Steal) *record.Steal {
	if before == nil || after == nil {
		return nil
	}
	return &record.Steal{Time: max(after.Time-before.Time, 0), CPUs: after.CPUs}
}

func difference(before, after *time.Duration) *time.Duration {
	if before == nil || after == nil {
		return nil
	}
	d := *after - *before
	return &d
}
