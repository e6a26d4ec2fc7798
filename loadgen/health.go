package loadgen

import (
	"fmt"
	"math"
	"os"
	"runtime/metrics"
	"strings"
	"time"

	"agistorm/analysis/record"
)

// health is what the generator has waited so far.
type health struct {
	thread *record.Thread
	pauses *metrics.Float64Histogram
}

// readHealth is for the thread that plays: it must be locked to it.
func readHealth() health {
	h := health{pauses: collectorPauses()}
	// Other systems have no such file, and a kernel may be built without it.
	if text, err := os.ReadFile("/proc/thread-self/schedstat"); err == nil {
		h.thread = parseSchedstat(string(text))
	}
	return h
}

// parseSchedstat reads the time on a CPU and the time in the run queue, in nanoseconds (the
// kernel's Documentation/scheduler/sched-stats.rst); nil for what it does not know.
func parseSchedstat(text string) *record.Thread {
	var cpu, waited int64
	if _, err := fmt.Sscan(strings.TrimSpace(text), &cpu, &waited); err != nil {
		return nil
	}
	return &record.Thread{CPU: time.Duration(cpu), Waited: time.Duration(waited)}
}

// collectorPauses is the runtime's own histogram of the times in which the collector stopped everything.
func collectorPauses() *metrics.Float64Histogram {
	sample := []metrics.Sample{{Name: "/sched/pauses/total/gc:seconds"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindFloat64Histogram {
		return nil
	}
	return sample[0].Value.Float64Histogram()
}

// worker is the account of what came to pass between two looks.
func (h health) worker(after health) record.Worker {
	var w record.Worker
	if h.thread != nil && after.thread != nil {
		w.Thread = &record.Thread{CPU: after.thread.CPU - h.thread.CPU, Waited: after.thread.Waited - h.thread.Waited}
	}
	if h.pauses != nil && after.pauses != nil {
		w.Pauses = newPauses(after.pauses.Buckets, h.pauses.Counts, after.pauses.Counts)
	}
	return w
}

// newPauses counts what a histogram has gained; a bracket stands for its upper edge, one without for its lower.
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

func spent(before, after *time.Duration) *time.Duration {
	if before == nil || after == nil {
		return nil
	}
	d := *after - *before
	return &d
}
