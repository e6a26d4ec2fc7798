package listeners

import (
	"cmp"
	"slices"

	"agistorm/analysis/finding"
)

// Short is the longest backlog that counts as short whatever the reason: what many programs ask for, and what loses
// calls in the main job of `agistorm sweep`.
const Short = 128

// Grade is how grave a finding is.
type Grade int

// The grades. A Note is worth knowing; from Fault on a listener needs attention.
const (
	None Grade = iota
	Note
	Fault
	Loss
)

// rank of each kind of finding among others, the gravest first, with its grade.
var ranks = []struct {
	code  finding.Code
	grade Grade
}{
	{"listener-stuck", Loss}, {"worker-stuck", Loss}, {"listener-full", Loss}, {"listener-drops", Loss},
	{"backlog-tiny", Fault}, {"go-fallback", Fault}, {"somaxconn-raised", Fault}, {"backlog-clamped", Fault},
	{"somaxconn-lowered", Fault}, {"backlog-follows", Fault}, {"backlog-asked", Note},
	{"backlog-asked-or-raised", Note}, {"backlog-clamped-or-asked", Note}, {"drops-unknown", Note},
}

func rankOf(f *finding.Finding) int {
	code := f.Code()
	for i := range ranks {
		if ranks[i].code == code {
			return i
		}
	}
	return len(ranks)
}

// Grade returns the gravest of the listener's findings. A short backlog is a Fault in any case; older drops than
// those of a window are, too.
func (l *Listener) Grade() (worst Grade) {
	for i := range l.Findings {
		f := &l.Findings[i]
		grade := ranks[rankOf(f)].grade
		if grade == Note && l.Backlog <= Short && f.Code() != "drops-unknown" {
			grade = Fault
		}
		if drops, ok := f.Fact.(finding.ListenerDrops); ok && drops.Within > 0 && drops.Drops == 0 {
			grade = Fault
		}
		worst = max(worst, grade)
	}
	return worst
}

// Judge fills in the findings and the advice of every listener, and sorts them, the worst first.
func Judge(r *Report) {
	groupSockets(r)
	j := &judge{r}
	all := make([]judged, len(r.Listeners))
	for i := range r.Listeners {
		l := &r.Listeners[i]
		l.Findings = j.findings(l)
		l.Advice = advise(l)
		all[i] = judged{l, l.Grade(), firstRank(l.Findings)}
	}
	slices.SortStableFunc(all, worstFirst)
	sorted := make([]Listener, len(all))
	for i := range all {
		sorted[i] = *all[i].Listener
	}
	r.Listeners = sorted
}

// judged is a listener with what sorts it.
type judged struct {
	*Listener
	grade Grade
	rank  int
}

func worstFirst(a, b judged) int {
	return cmp.Or(-cmp.Compare(a.grade, b.grade), cmp.Compare(a.rank, b.rank),
		-cmp.Compare(number(a.Dropped()), number(b.Dropped())), cmp.Compare(a.Backlog, b.Backlog),
		cmp.Compare(a.Netns, b.Netns), cmp.Compare(a.Port, b.Port), cmp.Compare(a.Address, b.Address),
		cmp.Compare(a.Socket, b.Socket))
}

func firstRank(findings []finding.Finding) int {
	if len(findings) == 0 {
		return len(ranks)
	}
	return rankOf(&findings[0])
}

func number(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}

// place is where sockets share connections: they have the same.
type place struct {
	netns, address string
	port           uint16
	device         uint32
}

func (l *Listener) place() place { return place{l.Netns, l.Address, l.Port, l.Device} }

// groupSockets numbers the sockets that share an address, in the order of their cookies.
func groupSockets(r *Report) {
	groups := map[place][]*Listener{}
	for i := range r.Listeners {
		l := &r.Listeners[i]
		groups[l.place()] = append(groups[l.place()], l)
	}
	for _, group := range groups {
		if len(group) < 2 {
			continue
		}
		slices.SortFunc(group, func(a, b *Listener) int { return cmp.Compare(a.Cookie, b.Cookie) })
		for i, l := range group {
			l.Socket, l.Sockets = i+1, len(group)
		}
	}
}

// judge knows all listeners: some findings are about several.
type judge struct{ *Report }

func (j *judge) findings(l *Listener) []finding.Finding {
	all := finding.List{}
	for _, fact := range []finding.Fact{j.queueNow(l), j.dropped(l), j.explain(l)} {
		all.AddIf(fact != nil, fact)
	}
	slices.SortStableFunc(all, func(a, b finding.Finding) int { return cmp.Compare(rankOf(&a), rankOf(&b)) })
	return all
}

// queueNow is the fact about a full queue; nil for another.
func (j *judge) queueNow(l *Listener) finding.Fact {
	if !l.Full() {
		return nil
	}
	stood := l.Earlier != nil && l.Earlier.Stood != nil && *l.Earlier.Stood
	stuck, idle := j.group(l)
	switch {
	case idle > 0 && stood:
		return finding.WorkerStuck{Depth: l.Depth, Stuck: stuck, Sockets: l.Sockets, For: j.Window}
	case idle > 0:
		return finding.WorkerStuck{Depth: l.Depth, Stuck: stuck, Sockets: l.Sockets}
	case stood:
		return finding.ListenerStuck{Depth: l.Depth, For: j.Window}
	}
	return finding.ListenerFull{Depth: l.Depth, Before: l.Earlier != nil && l.Earlier.Depth > l.Backlog}
}

// group counts the full and the empty sockets among those that share the address of a listener.
func (j *judge) group(l *Listener) (full, empty int) {
	if l.Sockets == 0 {
		return 0, 0
	}
	for i := range j.Listeners {
		switch o := &j.Listeners[i]; {
		case o.place() != l.place():
		case o.Full():
			full++
		case o.Depth == 0:
			empty++
		}
	}
	return full, empty
}

// dropped is the fact about what it dropped; nil for nothing.
func (j *judge) dropped(l *Listener) finding.Fact {
	n := l.Dropped()
	switch {
	case n == nil:
		return finding.DropsUnknown{}
	case j.Window > 0 && *l.Drops > 0:
		return finding.ListenerDrops{Drops: *n, Within: j.Window, Total: *l.Drops}
	case *n > 0:
		return finding.ListenerDrops{Drops: *n}
	}
	return nil
}
