package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"agistorm/analysis/record"
)

// retransmissions returns the times after the SYN at which a client retransmits it, n of them.
func retransmissions(linear, n int) (list []time.Duration) {
	for k := range n {
		list = append(list, record.SYNRetransmission(k+1, linear))
	}
	return list
}

// The kernel's timer wheel fires late, never early: by up to an eighth (kernel/time/timer.c), and a
// processor that is busy adds to that.
const (
	lateShare = 8
	lateSlack = 250 * time.Millisecond
	// grain is how much earlier than its time something may seem to be: a clock tick at HZ=100, and the read
	// of the clock.
	grain = 20 * time.Millisecond
)

// onTime reports whether an event can be the one that was due then.
func onTime(due, at time.Duration) bool {
	return at >= due-grain && at <= due+due/lateShare+lateSlack
}

// allOnTime reports whether each event of a schedule is on time, in order.
func allOnTime(due, at []time.Duration) bool { return slices.EqualFunc(due, at, onTime) }

// seconds writes times: "1.02, 2.04 s", whole ones without digits after the point.
func seconds(times ...time.Duration) string {
	var words []string
	for _, t := range times {
		word := fmt.Sprintf("%.2f", t.Seconds())
		words = append(words, strings.TrimSuffix(word, ".00"))
	}
	if len(words) == 0 {
		return "never"
	}
	return strings.Join(words, ", ") + " s"
}

// numbers writes whole numbers: "2, 5, 17".
func numbers(list []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(list), " ", ", "), "[]")
}
