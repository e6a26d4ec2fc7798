package analysis

import (
	"sort"
	"strings"
	"time"

	"agistorm/analysis/record"
)

// dropPlaces are where a SYN can be dropped on its way, each with the counter that tells.
var dropPlaces = []struct{ counter, words string }{
	{listenOverflows, atAcceptQueue},
	{"TCPReqQFullDrop", "at the full SYN queue"},
	{loDropped, "by lo"},
}

const atAcceptQueue = "at the full accept queue"

// lookLag is how much later than a drop the look is that counts it: looks are 10 ms apart, and on a busy machine come later.
const lookLag = 25 * time.Millisecond

// droppedAt tells where the kernel counted drops in that time, in words; empty where it counted none, or nobody looked. The looks
// have a grain: it may name one place too many, but none too few.
func (s *storyteller) droppedAt(from, to time.Duration) string {
	var words []string
	for _, place := range dropPlaces {
		if gainedWithin(s.counters, place.counter, from, to+lookLag) {
			words = append(words, place.words)
		}
	}
	return strings.Join(words, " or ")
}

// gainedWithin tells whether a counter gained between the last look before from and the last one until to, or the first after it
// where there was none meanwhile.
func gainedWithin(samples []record.CounterSample, name string, from, to time.Duration) bool {
	after := func(t time.Duration) int {
		return sort.Search(len(samples), func(i int) bool { return samples[i].At > t })
	}
	first, last := after(from), after(to)
	if first == last {
		last++
	}
	if last > len(samples) {
		return false
	}
	before := uint64(0)
	if first > 0 {
		before = samples[first-1].Gained[name]
	}
	return samples[last-1].Gained[name] > before
}
