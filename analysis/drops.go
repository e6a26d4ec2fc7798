package analysis

import (
	"sort"
	"time"

	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// lookLag is how much later than a drop the sample is that counts it: samples are 10 ms apart, and on a busy machine come later.
const lookLag = 25 * time.Millisecond

// droppedAt gives where the kernel counted drops of SYNs in that time; none where it counted none, or no sample was
// taken. The samples have a grain: it may name one place too many, but none too few.
func (e *explainer) droppedAt(from, to time.Duration) (places []finding.Place) {
	for _, at := range []struct {
		counter string
		place   finding.Place
	}{
		{listenOverflows, finding.AcceptQueue}, {"TCPReqQFullDrop", finding.SYNQueue}, {e.medium.counter, e.medium.place},
	} {
		if gainedWithin(e.counters, at.counter, from, to+lookLag) {
			places = append(places, at.place)
		}
	}
	return places
}

// gainedWithin reports whether a counter gained between the last sample before from and the last one until to. Samples that saw nothing new are not
// recorded: of a time without a sample nothing is known to have been gained.
func gainedWithin(samples []record.CounterSample, name string, from, to time.Duration) bool {
	after := func(t time.Duration) int {
		return sort.Search(len(samples), func(i int) bool { return samples[i].At > t })
	}
	first, last := after(from), after(to)
	if first == last {
		return false
	}
	before := uint64(0)
	if first > 0 {
		before = samples[first-1].Gained[name]
	}
	return samples[last-1].Gained[name] > before
}

// againByMedium reports whether the listener dropped as many SYNs as calls had their first one dropped, and the medium,
// which had dropped none by the time when the last call started, the others: then the medium dropped every one that was
// retransmitted. With a round trip a SYN that was answered too late counts as not answered, and nothing is known.
func againByMedium(run *record.Run, raw *record.Repeat, r *Repeat) bool {
	if m := r.medium; !m.watched || m.dropped == 0 || !run.Isolation.Own() || oneWay(raw.Kernel) > 0 {
		return false
	}
	if len(raw.Counters) == 0 || gainedWithin(raw.Counters, r.medium.counter, -1, lastStart(raw.Attempts)+lookLag) {
		return false // it may have dropped first ones too
	}
	unanswered, known := unansweredSYNs(raw, r.trails)
	return known && unanswered-r.medium.dropped == int64(firstSYNsLost(raw.Attempts))
}

// lastStart is when the last of the calls started.
func lastStart(attempts []record.Attempt) (last time.Duration) {
	for i := range attempts {
		if s := attempts[i].Started; s != nil {
			last = max(last, *s)
		}
	}
	return last
}

// firstSYNsLost counts the calls whose first SYN nobody answered.
func firstSYNsLost(attempts []record.Attempt) (n int) {
	for i := range attempts {
		a := &attempts[i]
		if sent, _ := retransmits(a); sent > 0 || a.Outcome == record.ConnectTimeout {
			n++
		}
	}
	return n
}
