package analysis

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"agistorm/analysis/record"
)

// verdict says in plain words what the run shows. It claims nothing of settings that were not
// tried, and names the number of storms.
func verdict(s *Summary, l *ladder) string {
	seen := append(findings(s, l), onTheWay(s)...)
	if s.Conclusive {
		return strings.Join(slices.Concat(seen, doubtedSettings(s), partially(s)), " ")
	}
	text := "Inconclusive: " + s.Doubts[0]
	if more := len(s.Doubts) - 1; more > 0 {
		text += fmt.Sprintf(" (and %s)", amount(more, "more doubt", "more doubts"))
	}
	text += "."
	if len(seen) > 0 {
		text += " What was seen all the same: " + lowerFirst(strings.Join(seen, " "))
	}
	return text
}

// onTheWay says what was dropped between clients and server, if anything.
func onTheWay(s *Summary) []string {
	if s.PacketLoss == nil {
		return nil
	}
	return []string{s.PacketLoss.Words}
}

// partially tells of a run that is not whole; an inconclusive one says so among its doubts.
func partially(s *Summary) []string {
	if s.Partial == "" {
		return nil
	}
	return []string{"The run is partial (" + s.Partial + ")."}
}

// findings are the sentences of the verdict, none without a storm.
func findings(s *Summary, l *ladder) []string {
	switch {
	case len(l.rungs)+len(l.apps) == 0:
		return nil
	case len(s.Cells) == 1:
		return l.single(s, &s.Cells[0])
	}
	m, ok := l.trouble()
	if !ok {
		return l.noTrouble(s)
	}
	sentences := []string{l.comparison(m), l.elsewhere(m), l.worseElsewhere(m), l.largestStillHurts(s, m), l.answer(s,
		m), l.applications(m),
		l.slowest(), l.ownLimits(s)}
	return slices.DeleteFunc(sentences, func(text string) bool { return text == "" })
}

// answer is what to do, or why that cannot be said; empty where the largest setting had its say.
func (l *ladder) answer(s *Summary, m trouble) string {
	switch {
	case s.Recommendation != nil:
		return l.adviceOf(s, m)
	case l.innocent(m) && !l.evenLargest(m):
		return "The accept queue was never full where that happened: its length is not the cause."
	default:
		return ""
	}
}

// noTrouble says that every setting served every call.
func (l *ladder) noTrouble(s *Summary) []string {
	storms, late := 0, true
	for _, c := range l.everything() {
		storms, late = storms+c.storms(), late && c.LateKnown()
	}
	text := "No setting lost a call"
	if late {
		text += " or " + string(l.success) + " one late"
	}
	text += fmt.Sprintf(" in %s", amount(storms, "storm", "storms"))
	if calls := s.Run.Calls(); calls > 0 && !slices.ContainsFunc(s.Run.Cells, func(c record.Cell) bool { return c.Calls > 0 }) {
		text += " of " + amount(calls, "call", "calls")
	}
	overflowed, slow := l.unhurtOverflow(), l.slowest()
	switch {
	case overflowed != "":
	case l.one():
		text += ": this storm does not show a difference"
	default:
		text += ": this storm does not show a difference, even " + l.fullName(l.rungs[0]) + " was enough for it"
	}
	if overflowed+slow == "" {
		slow = "A larger burst or a slower server may show one."
	}
	return slices.DeleteFunc([]string{text + ".", overflowed, slow}, func(text string) bool { return text == "" })
}

// unhurtOverflow names the settings whose accept queue overflowed though no call was lost or late: what it dropped were last ACKs, and
// their calls waited for another packet. Empty without one.
func (l *ladder) unhurtOverflow() string {
	var labels []string
	revived, free := 0, ""
	for _, c := range l.everything() {
		switch full, known := l.overflowed(c); {
		case full:
			labels, free = append(labels, c.Label), ""
			revived = max(revived, c.revived())
		case known && free == "":
			free = " With " + c.Label + " it did not."
		}
	}
	if len(labels) == 0 {
		return ""
	}
	text := "But with " + list(labels) + " the accept queue overflowed"
	if revived > 0 {
		text += fmt.Sprintf(": it dropped the last ACK of up to %s a storm, which a packet sent later let in", amount(revived, "call", "calls"))
	}
	return text + "." + free
}

// revivedSentence is empty where no call was.
func revivedSentence(c *Cell) string {
	n := c.revived()
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("The accept queue dropped the last ACK of up to %s a storm that a packet sent later let in.", amount(n, "call", "calls"))
}

// revived is the most in any storm.
func (c *Cell) revived() (most int) {
	for i := range c.Repeats {
		if f := c.Repeats[i].PhantomFates; f != nil {
			most = max(most, f.Revived)
		}
	}
	return most
}

// single says what became of the calls of the only setting.
func (l *ladder) single(s *Summary, c *Cell) []string {
	offered, lost := 0, 0
	for i := range c.Repeats {
		offered += c.Repeats[i].Offered
		lost += c.Repeats[i].Lost
	}
	if offered == 0 {
		return []string{"No call was offered."}
	}
	text := "Of " + amount(offered, "call", "calls")
	if n := len(c.Repeats); n > 1 {
		text += fmt.Sprintf(" in %d storms", n)
	}
	if share := shareOf(s.Run); share != "" {
		text += " (" + share + ")"
	}
	if c.Backlog != "" {
		text += " with " + c.Label
	}
	switch {
	case lost == 0 && l.success == record.Connected:
		text += ", none is lost: all connected."
	case lost == 0:
		text += ", none is lost."
	default:
		text += fmt.Sprintf(", %s %s lost%s: %s.", Count(lost), choose(lost, "is", "are"), perStorm(c.Lost), breakdown(c, lost))
	}
	sentences := []string{text, l.lateOfServed(c), l.slowOfServed(c), l.queueSentence(c, lost), revivedSentence(c),
		l.remedy(s, c), l.ownLimits(s)}
	return slices.DeleteFunc(sentences, func(text string) bool { return text == "" })
}

// remedy says what would help, where that is known.
func (l *ladder) remedy(s *Summary, c *Cell) string {
	if slow := tooSlow(s, c); slow != "" {
		return upperFirst(slow) + "."
	}
	if full, _ := l.overflowed(c); full && c.Backlog != "" && c.Lost.Max > 0 && c.Effective < largest {
		return "Sweep larger settings beside it: they show from where on none is lost."
	}
	return l.suspicion(s.Run, c)
}

// suspicion says of somebody else's server what its queue says where it could be seen, and else what lost packets hint at.
func (l *ladder) suspicion(run *record.Run, c *Cell) string {
	if c.Backlog != "" {
		return ""
	}
	limit, seen := c.SeenBacklog()
	full, known := l.overflowed(c)
	hit := droppedSYNs(c)
	switch {
	case known && (!full || hit == 0 && c.Lost.Max == 0):
		return ""
	case full && overloaded(c):
		return "Calls came faster than the server took them, for most of the storm" + c.overloadRemedy()
	case full && seen:
		return shortBacklog(c, int(limit))
	case hit > 0:
		return amount(hit, "call had", "calls had") + " a SYN dropped, as a full accept queue does it, which " + unseen(run)
	case resetUnheard(c) > 0:
		return amount(resetUnheard(c), "call was", "calls were") + " reset before a command, as it happens where a full accept queue dropped the last ACK, which " + unseen(run)
	case run.Unwatched == "" || c.served() == 0: // nobody may be there
		return ""
	}
	return "Whether its accept queue was full " + unseen(run)
}

// overloadRemedy is what helps a server that calls come to too fast, unless the generator kept it waiting.
func (c *Cell) overloadRemedy() string {
	if c.Lagging() {
		return ", but " + c.keptWaiting() + "."
	}
	return ": a longer queue would only let them wait; give it more handlers, or less work a call."
}

// unseen says that the queue cannot be seen from here, why, and what to do about it.
func unseen(run *record.Run) string {
	why := ""
	if run.Unwatched != "" {
		why = " (" + run.Unwatched + ")"
	}
	return "cannot be seen from here" + why + ": on the server compare Recv-Q with Send-Q (ss -lnt) during a storm, and nstat -az TcpExtListenOverflows before and after it."
}

// resetUnheard counts the calls that were reset before a command.
func resetUnheard(c *Cell) (n int) {
	for i := range c.Repeats {
		for _, a := range c.Repeats[i].Raw.Attempts {
			if a.Outcome == record.Reset && a.FirstCommand == nil {
				n++
			}
		}
	}
	return n
}

// shortBacklog tells whose limit the effective backlog of somebody else's server is: the kernel keeps the smaller of what the server gave
// listen(2) and net.core.somaxconn, which is read where the storm was watched.
func shortBacklog(c *Cell, limit int) string {
	text := fmt.Sprintf("The server's effective backlog is %s", Count(limit))
	const restart = ", and restart it"
	switch somaxconn, known := c.readSomaxconn(); {
	case !known:
		return text + ": raise what it gives listen(2) or net.core.somaxconn, whichever is the smaller" + restart + "."
	case limit < somaxconn:
		return text + fmt.Sprintf(", though net.core.somaxconn is %s: that is what it gives listen(2), or what somaxconn was when it began to listen; "+
			"let it ask for more%s.", Count(somaxconn), restart)
	default:
		return text + ", which is all that net.core.somaxconn allows: raise that, let the server ask for as many" + restart + "."
	}
}

// readSomaxconn is the value that was read before the storm, in the namespace of the storm.
func (c *Cell) readSomaxconn() (int, bool) {
	for i := range c.Repeats {
		if k := c.Repeats[i].Raw.Kernel; k != nil {
			if n, err := strconv.Atoi(k.Sysctls[somaxconnSysctl]); err == nil {
				return n, true
			}
		}
	}
	return 0, false
}

// droppedSYNs counts the calls whose SYN was dropped. One that met a TIME_WAIT is sent again without having been
// dropped; where nobody listens any more it is then refused.
func droppedSYNs(c *Cell) int {
	hit := 0
	for i := range c.Repeats {
		for _, a := range c.Repeats[i].Raw.Attempts {
			if n, ok := retransmits(&a); ok && n > 0 && a.Outcome.Offered() && a.Outcome != record.Refused {
				hit++
			}
		}
	}
	return hit
}

// perStorm is the range over the storms; empty for one storm.
func perStorm(s Spread) string {
	switch {
	case s.N < 2:
		return ""
	case s.Min == s.Max:
		return fmt.Sprintf(" (%s a storm)", whole(s.Min))
	default:
		return fmt.Sprintf(" (%s to %s a storm)", whole(s.Min), whole(s.Max))
	}
}

// lostInAll is how many calls all storms lost.
func (c *Cell) lostInAll() (n int) {
	for i := range c.Repeats {
		n += c.Repeats[i].Lost
	}
	return n
}

// breakdown counts the lost calls of all storms by outcome.
func breakdown(c *Cell, lost int) string {
	var parts []string
	for _, o := range record.Outcomes {
		if n := c.total(o); n > 0 && o.Lost() {
			parts = append(parts, Count(n)+" "+string(o))
			lost -= n
		}
	}
	if lost > 0 {
		parts = append(parts, Count(lost)+" of unknown outcome")
	}
	return strings.Join(parts, ", ")
}

// lateOfServed is empty where nothing was served or lateness is not known.
func (l *ladder) lateOfServed(c *Cell) string {
	late, served := 0, c.served()
	for i := range c.Repeats {
		late += c.Repeats[i].Late
	}
	switch {
	case served == 0 || !c.LateKnown():
		return ""
	case late == 0 && c.Slow.Max > 0:
		return ""
	case late == 0:
		return "No " + string(l.success) + " call is late."
	default:
		return fmt.Sprintf("%s of the %s %s %s 1 s or more late.", Count(late), Count(served), l.success, choose(late, "is", "are"))
	}
}

// queueSentence says whether the accept queue was full; empty where that is not known or does not matter.
func (l *ladder) queueSentence(c *Cell, lost int) string {
	full, known := l.overflowed(c)
	switch {
	case !known || lost == 0 && !full:
		return ""
	case !full && 2*c.total(record.Silent) > lost && c.Lagging():
		return "The accept queue was never full, and " + c.keptWaiting() + "."
	case !full && 2*c.total(record.Silent) > lost:
		return "The accept queue was never full: the server took its calls too slowly, or never answered them."
	case !full:
		return "The accept queue was never full: the loss has another cause."
	}
	longest := time.Duration(0)
	for i := range c.Repeats {
		if q := c.Repeats[i].Queue; q != nil {
			longest = max(longest, q.Full)
		}
	}
	if longest == 0 {
		return "The accept queue was full."
	}
	return fmt.Sprintf("The accept queue was full for up to %s%s.", Duration(longest), choose(len(c.Repeats), "", " a storm"))
}
