package arrival

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
)

// MaxHosts bounds the Asterisk hosts of one storm.
const MaxHosts = 1000

// milestone is a number of calls, and the times in which the fastest and the slowest of several runs fired
// them.
type milestone struct {
	calls            int
	fastest, slowest time.Duration
}

// milestones of one Asterisk host, measured with Asterisk 22.11 on Linux 6.18 with 2 CPUs: Local channels
// from call files, on the server's own host. The middle of each range is 0.255 s, 0.645 s and 2.3 s. Beyond
// 2,000 calls nothing was measured: a host keeps the pace of the last stretch, about 600 calls/s.
var milestones = []milestone{
	{0, 0, 0},
	{500, 210 * time.Millisecond, 300 * time.Millisecond},
	{1000, 450 * time.Millisecond, 840 * time.Millisecond},
	{2000, 1600 * time.Millisecond, 3000 * time.Millisecond},
}

// pace is where in the measured ranges a host is: 0 is the fastest measured, 1 the slowest.
type pace float64

// reached returns the time at which the host has fired n calls. Between milestones calls come evenly.
func (p pace) reached(n int) time.Duration {
	k := 1
	for k < len(milestones)-1 && n > milestones[k].calls {
		k++
	}
	from, to := milestones[k-1], milestones[k]
	began := p.timeOf(from)
	return began + share(n-from.calls, p.timeOf(to)-began, to.calls-from.calls)
}

// timeOf returns the host's own time in a milestone's range.
func (p pace) timeOf(m milestone) time.Duration {
	return m.fastest + time.Duration(float64(p)*float64(m.slowest-m.fastest))
}

// asterisk shares the calls between hosts that all begin at the storm's first instant. Each has a pace of its
// own within the measured ranges, and its own jitter. The same seed gives the same schedule, and host k the
// same times beside any number of others.
func asterisk(hosts int, o Options) (Schedule, error) {
	if o.Calls > 0 && hosts > o.Calls {
		return nil, fmt.Errorf("%s share %s: want at least one call for each host",
			counted(hosts, "host"), counted(o.Calls, "call"))
	}
	var at []time.Duration
	for k := range hosts {
		random := rand.New(rand.NewPCG(o.Seed, asteriskStream+uint64(k)))
		at = append(at, jittered(random, pace(random.Float64()).reached, o.ofHost(k, hosts, len(at)), o)...)
	}
	slices.Sort(at)
	at = o.cut(at)
	return paced{hostWords(hosts, at), at}, nil
}

// hostWords returns how many calls come from how many hosts, and in which time: that depends on the seed, and
// runs are compared by it.
func hostWords(hosts int, at []time.Duration) string {
	text := fmt.Sprintf("%s from %s", thousands(len(at)), counted(hosts, "Asterisk host"))
	if len(at) > 0 {
		text += " within " + spaced(at[len(at)-1].Round(time.Millisecond))
	}
	return text
}

// ofHost returns the largest number of calls that host k of n fires, where so many come from the hosts before
// it.
func (o Options) ofHost(k, n, before int) int {
	if o.Calls == 0 {
		return o.maxCalls() - before // its time says how many
	}
	return Part{Burst{o.Calls}, k, n}.Len()
}

// spread starts the calls evenly within a time, each at a random instant of its own slot.
func spread(in time.Duration, o Options) (Schedule, error) {
	if o.Calls == 0 {
		return nil, errNoRate
	}
	random := rand.New(rand.NewPCG(o.Seed, spreadStream))
	at := o.cut(jittered(random, func(n int) time.Duration { return share(n, in, o.Calls) }, o.Calls, o))
	return paced{fmt.Sprintf("%s within %s", thousands(len(at)), spaced(in)), at}, nil
}

// jittered puts call n at a random instant of its own slot, which begins at slot(n) and ends where the next
// one begins. Slots come in order, so the times never decrease. Calls of slots that begin too late are left
// out.
func jittered(random *rand.Rand, slot func(n int) time.Duration, calls int, o Options) []time.Duration {
	var at []time.Duration
	for n := range calls {
		begin := slot(n)
		if o.isOver(begin) {
			break
		}
		at = append(at, begin+time.Duration(random.Int64N(int64(max(1, slot(n+1)-begin)))))
	}
	return at
}

// counted writes a number of things, such as "1 host" or "2,000 calls".
func counted(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return thousands(n) + " " + what
}

// thousands writes n ≥ 0 with commas: "2,000".
func thousands(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}

// spaced puts a space before the unit of a time below a minute: "200 ms". Longer times have several units:
// "1m30s".
func spaced(d time.Duration) string {
	text := d.String()
	if d >= time.Minute {
		return text
	}
	number := strings.TrimRight(text, "nµms") // "0s" too
	return number + " " + text[len(number):]
}
