package analysis

import (
	"sort"
	"strings"
	"time"

	"agistorm/analysis/record"
)

// dropPlaces are where a SYN can be dropped on its way, each with the counter that shows it.
func (m medium) dropPlaces() []dropPlace {
	return []dropPlace{
		{listenOverflows, atAcceptQueue},
		{"TCPReqQFullDrop", "at the full SYN queue"},
		{m.counter, m.by()},
	}
}

type dropPlace struct{ counter, words string }

const atAcceptQueue = "at the full accept queue"

// lookLag is how much later than a drop the look is that counts it: looks are 10 ms apart, and on a busy machine come later.
const lookLag = 25 * time.Millisecond

// droppedAt tells where the kernel counted drops in that time, in words; empty where it counted none, or nobody looked. The looks
// have a grain: it may name one place too many, but none too few.
func (s *storyteller) droppedAt(from, to time.Duration) string {
	var words []string
	for _, place := range s.medium.dropPlaces() {
		if gainedWithin(s.counters, place.counter, from, to+lookLag) {
			words = append(words, place.words)
		}
	}
	return strings.Join(words, " or ")
}

// gainedWithin tells whether a counter gained between the last look before from and the last one until to. Looks that saw nothing new are not
// recorded: of a time without a look nothing is known to have been gained.
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
