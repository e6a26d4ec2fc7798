package analysis

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"agistorm/analysis/record"
	"agistorm/scenarios/axis"
)

// ladder is settings that differ in the length of their accept queue only, in the order in which they are compared: ascending by effective
// backlog, those without a storm left out.
type ladder struct {
	// noun is what the sweep turns: "somaxconn" or "backlog".
	noun  string
	rungs []*Cell
	// apps are cells that the application's own backlog limits, beside rungs that somaxconn limits.
	apps []*Cell
	// names of the rungs as sentences use them, e.g. "128".
	names map[*Cell]string
	// success is what becomes of a call that gets all that it came for.
	success record.Outcome
	// alone tells that the kernel's counters count nothing but the storm.
	alone bool
	// host is the somaxconn that the host itself had; 0 where it is not known.
	host int
	// kind is what its cells have in common where others of the run have something else: "client asterisk + tcp_syncookies 0". Empty where
	// the run has no others.
	kind string
	// others are the ladders of those, none of which needs a longer queue.
	others []*ladder
	// mixed tells that the rungs differ in other things than the queue's length, and no two in nothing else: then nothing can be said of it.
	mixed bool
}

// newLadder is the ladder that needs the longest queue, of all that a run has of the cells that are kept.
func newLadder(s *Summary, keep func(*Cell) bool) *ladder {
	kinds := cellKinds(s, keep)
	ladders := make([]*ladder, len(kinds))
	longest := 0
	for i, k := range kinds {
		ladders[i] = ladderOf(s, k.cells)
		ladders[i].kind = k.name
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

// cellKind is the stormed cells that differ in somaxconn and backlog only.
type cellKind struct {
	name  string
	cells []*Cell
}

func everyCell(*Cell) bool { return true }

// cellKinds are in the order of the run. The only one has no name.
func cellKinds(s *Summary, keep func(*Cell) bool) []cellKind {
	var kinds []cellKind
	places := map[string]int{}
	for i := range s.Cells {
		c := &s.Cells[i]
		if len(c.Repeats) == 0 || !keep(c) {
			continue
		}
		name := strings.Join(otherParts(&c.Cell, s.swept), LabelSeparator)
		at, known := places[name]
		if !known {
			at = len(kinds)
			places[name] = at
			kinds = append(kinds, cellKind{name: name})
		}
		kinds[at].cells = append(kinds[at].cells, c)
	}
	if len(kinds) == 1 {
		kinds[0].name = ""
	}
	return kinds
}

func ladderOf(s *Summary, cells []*Cell) *ladder {
	l := &ladder{noun: "somaxconn", names: map[*Cell]string{}, success: Success(s.Run), alone: s.Run.Isolation.Own()}
	l.host, _ = strconv.Atoi(s.Run.Host.Sysctls[somaxconnSysctl]) // 0 without one
	for _, c := range cells {
		if c.Application() {
			l.apps = append(l.apps, c)
		} else {
			l.rungs = append(l.rungs, c)
		}
	}
	if sweepsBacklog(cells) {
		l.noun = "backlog"
		l.rungs, l.apps = append(l.rungs, l.apps...), nil
	}
	slices.SortStableFunc(l.rungs, byEffective)
	slices.SortStableFunc(l.apps, byEffective)
	l.nameRungs()
	return l
}

// mixedLadder has every cell under its full label.
func mixedLadder(s *Summary, kinds []cellKind) *ladder {
	var all []*Cell
	for _, k := range kinds {
		all = append(all, k.cells...)
	}
	l := ladderOf(s, nil)
	l.rungs, l.mixed = all, true
	slices.SortStableFunc(l.rungs, byEffective)
	for _, c := range l.rungs {
		l.names[c] = c.Label
	}
	return l
}

func byEffective(a, b *Cell) int {
	return cmp.Or(cmp.Compare(a.Effective, b.Effective), cmp.Compare(a.Somaxconn, b.Somaxconn))
}

// lengths counts the different effective backlogs.
func (l *ladder) lengths() int {
	all := map[int]bool{}
	for _, c := range l.all() {
		all[c.Effective] = true
	}
	return len(all)
}

// all are the cells of the ladder itself.
func (l *ladder) all() []*Cell { return slices.Concat(l.rungs, l.apps) }

// everything is the cells of all ladders.
func (l *ladder) everything() []*Cell {
	all := l.all()
	for _, o := range l.others {
		all = append(all, o.all()...)
	}
	return all
}

// sweepsBacklog tells whether the run compares what applications give listen(2): none of the cells is limited by its somaxconn, or
// somaxconn is the same in all of several.
func sweepsBacklog(cells []*Cell) bool {
	limited, applications, somaxconns := false, false, map[int]bool{}
	for _, c := range cells {
		limited = limited || !c.Application()
		applications = applications || c.Application()
		somaxconns[c.Somaxconn] = true
	}
	return !limited || applications && len(somaxconns) == 1
}

// nameRungs uses the bare setting where that is enough to tell a rung from the others.
func (l *ladder) nameRungs() {
	for i, c := range l.rungs {
		twin := i > 0 && l.rungs[i-1].Effective == c.Effective ||
			i+1 < len(l.rungs) && l.rungs[i+1].Effective == c.Effective
		if twin || c.Backlog == "" {
			l.names[c] = limitLabel(c.Cell)
		} else {
			l.names[c] = axis.FormatLimit(c.Effective)
		}
	}
}

// fullName is a rung's name where nothing has said yet what the number is.
func (l *ladder) fullName(c *Cell) string {
	switch {
	case l.names[c] != axis.FormatLimit(c.Effective):
		return l.names[c]
	case l.noun == "backlog":
		return "a backlog of " + l.names[c]
	default:
		return l.noun + " " + l.names[c]
	}
}

// one tells whether all rungs have the same effective backlog: then no queue lengths are compared.
func (l *ladder) one() bool {
	return len(l.rungs) == 0 || l.rungs[0].Effective == l.rungs[len(l.rungs)-1].Effective
}

// trouble is one way in which calls suffer, with the words for it.
type trouble struct {
	of func(*Cell) Spread
	// opening goes before a comparison by this metric.
	opening string
	// is and are follow a number of calls; loses (of many: lose; past: lost) and tail frame a number.
	is, are                 string
	loses, lose, past, tail string
	// noun is what needs a cause.
	noun string
}

var lostCalls = trouble{
	of: func(c *Cell) Spread { return c.Lost },
	is: "is lost", are: "are lost", loses: "loses", lose: "lose", past: "lost", noun: "loss",
}

// lateCalls has the words for what the client came for.
func (l *ladder) lateCalls() trouble {
	past := string(l.success)
	return trouble{
		of:      func(c *Cell) Spread { return c.Late },
		opening: "No setting lost a call, but not every call was " + past + " in time. ",
		is:      "is " + past + " 1 s or more late", are: "are " + past + " 1 s or more late",
		loses: verb(l.success), lose: strings.TrimSuffix(verb(l.success), "s"), past: past, tail: " late", noun: "delay",
	}
}

// hurt tells whether any storm of any of the cells has a call that suffered.
func (m trouble) hurt(cells []*Cell) bool {
	return slices.ContainsFunc(cells, func(c *Cell) bool { return m.of(c).Max > 0 })
}

// trouble is what tells the settings apart: lost calls, or where there are none late ones.
// False where no call suffered.
func (l *ladder) trouble() (trouble, bool) {
	all := l.everything()
	if lostCalls.hurt(all) {
		return lostCalls, true
	}
	unknown := slices.ContainsFunc(all, func(c *Cell) bool { return !c.LateKnown() })
	m := l.lateCalls()
	return m, !unknown && m.hurt(all)
}

// freeFrom is the index of the first rung from which on no call suffered, len(l.rungs) if there is none.
func (l *ladder) freeFrom(m trouble) int {
	at := len(l.rungs)
	for at > 0 && m.of(l.rungs[at-1]).Max == 0 {
		at--
	}
	return at
}

// firstFree is freeFrom, but never in the midst of rungs with the same effective backlog:
// there something else than its length made the difference.
func (l *ladder) firstFree(m trouble) int {
	at := l.freeFrom(m)
	for at > 0 && at < len(l.rungs) && l.rungs[at].Effective == l.rungs[at-1].Effective {
		at++
	}
	return at
}

// overflowed tells whether the accept queue of the cell was ever full; not known where
// neither the queue nor counters of the storm alone could be read.
func (l *ladder) overflowed(c *Cell) (full, known bool) {
	for i := range c.Repeats {
		r := &c.Repeats[i]
		saw, sure := r.sawFull()
		if n, ok := gain(r.Raw.Kernel, listenOverflows); ok && l.alone {
			// The socket's own drops are not all for want of room: the kernel counts a broken handshake there too.
			saw, sure = n > 0 || r.Queue != nil && r.Queue.WasFull(), true
		}
		full, known = full || saw, known || sure
	}
	return full, known
}

// total sums one outcome over all storms of the cell.
func (c *Cell) total(o record.Outcome) int {
	n := 0
	for i := range c.Repeats {
		n += c.Repeats[i].Outcomes[o]
	}
	return n
}
