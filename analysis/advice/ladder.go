package advice

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"agistorm/analysis"
	"agistorm/analysis/calls"
	"agistorm/analysis/counters"
	"agistorm/analysis/record"
	"agistorm/analysis/stats"
	"agistorm/scenarios/axis"
)

// ladder is settings that differ in the length of their accept queue only, in the order in which they are
// compared: ascending by effective backlog, those without a storm left out.
type ladder struct {
	// backlog: the sweep turns what applications pass to listen(2), else somaxconn.
	backlog bool
	rungs   []*analysis.Cell
	// apps are cells that the application's own backlog limits, beside rungs that somaxconn limits.
	apps []*analysis.Cell
	// success is what becomes of a call that gets all that it came for.
	success record.Outcome
	// alone: the kernel's counters count nothing but the storm.
	alone bool
	// servers are the kinds of well-known server that the run's may be.
	servers []string
	// host is the somaxconn that the host itself had; 0 where it is not known.
	host int
	// others are the ladders of cells that differ from these in more, none of which needs a longer queue.
	others []*ladder
	// mixed: the rungs differ in other things than the queue's length, and no two in nothing else: then
	// nothing is known of it.
	mixed bool
}

// newLadder is the ladder that needs the longest queue, of all that a run has of the cells that are kept.
func newLadder(s *analysis.Summary, keep func(*analysis.Cell) bool) *ladder {
	kinds := cellKinds(s, keep)
	ladders := make([]*ladder, len(kinds))
	longest := 0
	for i, k := range kinds {
		ladders[i] = ladderOf(s, k)
		longest = max(longest, ladders[i].lengths())
	}
	switch {
	case len(ladders) == 0:
		return ladderOf(s, nil)
	case len(ladders) > 1 && longest < 2:
		return mixedLadder(s, kinds)
	}
	slices.SortStableFunc(ladders, func(a, b *ladder) int { return compareNeeds(a.need(s), b.need(s)) })
	l := ladders[0]
	l.others = ladders[1:]
	return l
}

func everyCell(*analysis.Cell) bool { return true }

// cellKinds are the stormed cells that differ in somaxconn and backlog only, each in the order of the run.
func cellKinds(s *analysis.Summary, keep func(*analysis.Cell) bool) [][]*analysis.Cell {
	swept := analysis.Differing(s.Run.Cells)
	var cells []*analysis.Cell
	for c := range analysis.Each(s.Cells) {
		if len(c.Repeats) > 0 && keep(c) {
			cells = append(cells, c)
		}
	}
	return grouped(cells, func(c *analysis.Cell) string {
		return strings.Join(axis.Values(c.Axes()).Labels(swept), analysis.LabelSeparator)
	})
}

// grouped puts what has one key together, in the order in which the keys come.
func grouped[T any, K comparable](all []T, key func(T) K) (groups [][]T) {
	places := map[K]int{}
	for _, one := range all {
		at, known := places[key(one)]
		if !known {
			at = len(groups)
			places[key(one)], groups = at, append(groups, nil)
		}
		groups[at] = append(groups[at], one)
	}
	return groups
}

func effective(c *analysis.Cell) int { return c.Effective }

func somaxconn(c *analysis.Cell) int { return c.Somaxconn }

func ladderOf(s *analysis.Summary, cells []*analysis.Cell) *ladder {
	l := &ladder{success: calls.Success(s.Run), alone: s.Run.Isolation.Own()}
	l.host, _ = strconv.Atoi(s.Run.Host.Sysctls[axis.SomaxconnSysctl]) // 0 without one
	l.backlog = sweepsBacklog(cells)
	if p := s.Run.ServerProcess; p != nil {
		l.servers = p.Kinds
	}
	for _, c := range slices.SortedStableFunc(slices.Values(cells), byEffective) {
		if c.Application() && !l.backlog && !ownBacklog(c) {
			l.apps = append(l.apps, c)
		} else {
			l.rungs = append(l.rungs, c)
		}
	}
	return l
}

// mixedLadder has every cell.
func mixedLadder(s *analysis.Summary, kinds [][]*analysis.Cell) *ladder {
	l := ladderOf(s, nil)
	l.rungs, l.mixed = slices.SortedStableFunc(slices.Values(slices.Concat(kinds...)), byEffective), true
	return l
}

func byEffective(a, b *analysis.Cell) int {
	return cmp.Or(cmp.Compare(a.Effective, b.Effective), cmp.Compare(a.Somaxconn, b.Somaxconn))
}

// lengths counts the different effective backlogs.
func (l *ladder) lengths() int { return len(grouped(l.all(), effective)) }

// all are the cells of the ladder itself.
func (l *ladder) all() []*analysis.Cell { return slices.Concat(l.rungs, l.apps) }

// everything is the cells of all ladders.
func (l *ladder) everything() []*analysis.Cell {
	all := l.all()
	for _, o := range l.others {
		all = append(all, o.all()...)
	}
	return all
}

// sweepsBacklog reports whether the run compares what applications give listen(2): none of the cells is
// limited by its somaxconn, or somaxconn is the same in all of several.
func sweepsBacklog(cells []*analysis.Cell) bool {
	kinds := len(grouped(cells, (*analysis.Cell).Application))
	if kinds > 0 && ownBacklog(cells[0]) {
		return false
	}
	return kinds == 0 || kinds == 1 && cells[0].Application() || kinds == 2 && len(grouped(cells, somaxconn)) == 1
}

// one reports whether all rungs have the same effective backlog: then no queue lengths are compared.
func (l *ladder) one() bool {
	return len(l.rungs) == 0 || l.rungs[0].Effective == l.rungs[len(l.rungs)-1].Effective
}

// harm is one way in which calls are impaired.
type harm struct {
	of func(*analysis.Cell) analysis.Spread
	// in counts the impaired calls of a storm.
	in   func(*analysis.Repeat) int
	late bool
}

var (
	lostCalls = harm{of: func(c *analysis.Cell) analysis.Spread { return c.Lost }, in: lost}
	lateCalls = harm{
		of:   func(c *analysis.Cell) analysis.Spread { return c.Late },
		in:   func(r *analysis.Repeat) int { return r.Late },
		late: true,
	}
)

// together is the spread over the storms of all of the settings.
func (h harm) together(cells []*analysis.Cell) analysis.Spread {
	if len(cells) == 1 {
		return h.of(cells[0])
	}
	var all []float64
	for _, c := range cells {
		for r := range analysis.Each(c.Repeats) {
			all = append(all, float64(h.in(r)))
		}
	}
	return stats.SpreadOf(all)
}

// median of the impaired calls of a setting in a storm.
func (h harm) median(c *analysis.Cell) float64 { return h.of(c).Median }

func (h harm) byMedian(a, b *analysis.Cell) int { return cmp.Compare(h.median(a), h.median(b)) }

// cells are those of which any storm has an impaired call.
func (h harm) cells(all []*analysis.Cell) []*analysis.Cell {
	return slices.DeleteFunc(slices.Clone(all), func(c *analysis.Cell) bool { return h.of(c).Max == 0 })
}

// any reports whether there is one.
func (h harm) any(all []*analysis.Cell) bool { return len(h.cells(all)) > 0 }

// harm returns the difference between the settings: lost calls, or where there are none late ones.
// False where no call was impaired.
func (l *ladder) harm() (harm, bool) {
	all := l.everything()
	if lostCalls.any(all) {
		return lostCalls, true
	}
	unknown := slices.ContainsFunc(all, func(c *analysis.Cell) bool { return !c.LateKnown() })
	return lateCalls, !unknown && lateCalls.any(all)
}

// freeFrom is the index of the first rung from which on no call was impaired, len(l.rungs) if there is none.
func (l *ladder) freeFrom(h harm) int {
	at := len(l.rungs)
	for at > 0 && h.of(l.rungs[at-1]).Max == 0 {
		at--
	}
	return at
}

// firstFree is freeFrom, but never in the midst of rungs with the same effective backlog:
// there something else than its length made the difference.
func (l *ladder) firstFree(h harm) int {
	at := l.freeFrom(h)
	for at > 0 && at < len(l.rungs) && l.rungs[at].Effective == l.rungs[at-1].Effective {
		at++
	}
	return at
}

// overflowed reports whether the accept queue of the cell was ever full; not known where
// neither the queue nor counters of the storm alone could be read.
func (l *ladder) overflowed(c *analysis.Cell) (full, known bool) {
	for r := range analysis.Each(c.Repeats) {
		saw, sure := sawFull(r)
		if n, ok := counters.Gain(r.Raw.Kernel, record.ListenOverflows); ok && l.alone {
			// The socket's own drops are not all for lack of room: the kernel counts a broken handshake there
			// too.
			saw, sure = n > 0 && analysis.Deref(r.Queue).Elsewhere == 0 || r.Queue != nil && r.Queue.WasFull(), true
		}
		full, known = full || saw, known || sure
	}
	return full, known
}

// rounded is a median as a whole number.
func rounded(v float64) int { return int(math.Round(v)) }

// sawFull reports whether a watched queue was ever full. That it was not is known only where
// it was sampled without a long pause.
func sawFull(r *analysis.Repeat) (full, known bool) {
	if r.Queue == nil {
		return false, false
	}
	full = r.Queue.WasFull()
	return full, full || r.Queue.Watched()
}
