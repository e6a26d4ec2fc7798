package series

import (
	"cmp"
	"slices"
	"time"

	"agistorm/analysis/record"
)

// DotsOf returns at most so many attempts of a storm, in their order. Of more, every outcome keeps
// its place: rare ones are kept whole, the common ones share what is left, each with its slowest
// and its fastest attempt and, all along the storm, the slowest of every part and the one in its
// middle.
func DotsOf(r *record.Repeat, most int) []Dot {
	groups := grouped(r.Attempts)
	var kept []int
	for i, quota := range quotas(groups, max(most, 0)) {
		kept = append(kept, thinAttempts(r.Attempts, groups[i], quota)...)
	}
	slices.Sort(kept)
	kept = slices.Compact(kept)
	dots := make([]Dot, len(kept))
	for i, at := range kept {
		a := &r.Attempts[at]
		dots[i] = Dot{At: a.Intended, Took: took(a), Outcome: a.Outcome, Late: a.Late()}
	}
	return dots
}

// crowding is how many dots on average have a start in common if an axis of time would hide most of
// them.
const crowding = 10

// InOrder returns the different intended starts of dots, ascending, and whether there are so few that
// the dots are better put side by side in their order: on an axis of time they would hide each other.
func InOrder(dots []Dot) (starts []time.Duration, inOrder bool) {
	for _, d := range dots {
		starts = append(starts, d.At)
	}
	slices.Sort(starts)
	starts = slices.Compact(starts)
	return starts, len(starts)*crowding <= len(dots) || len(starts) == 1
}

// Places returns where dots stand in their order: each start has room for so many calls, of which
// the dots of this storm take as many as it has calls per start.
func Places(dots []Dot, starts []time.Duration, room, calls int) []float64 {
	together, passed := map[time.Duration]int{}, map[time.Duration]int{}
	for _, d := range dots {
		together[d.At]++
	}
	places := make([]float64, len(dots))
	for i, d := range dots {
		start, _ := slices.BinarySearch(starts, d.At)
		share := (float64(passed[d.At]) + 0.5) / float64(together[d.At])
		places[i] = float64(start*room) + share*float64(calls)
		passed[d.At]++
	}
	return places
}

// took returns the time to the connection, or until the attempt was given up.
func took(a *record.Attempt) time.Duration {
	d, ok := a.ConnectLatency()
	if !ok {
		d = a.Done - a.Intended
	}
	return max(d, 0)
}

// grouped returns the positions of the attempts by outcome, those that were late apart. Outcomes
// that this version does not know are one group.
func grouped(attempts []record.Attempt) [][]int {
	unknown := len(record.Outcomes)
	groups := make([][]int, 2*(unknown+1))
	for i := range attempts {
		g := slices.Index(record.Outcomes, attempts[i].Outcome)
		if g < 0 {
			g = unknown
		}
		if attempts[i].Late() {
			g += unknown + 1
		}
		groups[g] = append(groups[g], i)
	}
	return groups
}

// quotas returns how many of each group are kept: the smallest group is served first, each with an
// even share of what is left.
func quotas(groups [][]int, most int) []int {
	quota := make([]int, len(groups))
	order := make([]int, 0, len(groups))
	for i, g := range groups {
		if len(g) > 0 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return len(groups[a]) - len(groups[b]) })
	for i, g := range order {
		left := len(order) - i
		quota[g] = min(len(groups[g]), (most+left-1)/left)
		most -= quota[g]
	}
	return quota
}

// thinAttempts keeps at most quota of a group's positions.
func thinAttempts(attempts []record.Attempt, group []int, quota int) []int {
	if quota >= len(group) {
		return group
	}
	slower := func(a, b int) int { return cmp.Compare(took(&attempts[a]), took(&attempts[b])) }
	kept := []int{slices.MaxFunc(group, slower), slices.MinFunc(group, slower)}
	parts := max(quota-2, 0) / 2
	for p := range parts {
		part := group[p*len(group)/parts : (p+1)*len(group)/parts]
		kept = append(kept, slices.MaxFunc(part, slower), part[len(part)/2])
	}
	return kept[:min(quota, len(kept))]
}
