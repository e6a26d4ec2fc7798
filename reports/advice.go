package reports

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"agistorm/analysis"
)

const somaxconn = "net.core.somaxconn"

// advice is what to do, in the words that every form shares.
type advice struct {
	// DropIn is the file for the Line; empty where that is no sysctl.
	DropIn string
	// Line is the setting as it is typed; Note says what it is worth, empty where there is nothing to weigh.
	Line, Note string
	// Steps in their order.
	Steps []words
	// Seen is what the storms showed of it.
	Seen []words
	// Files are ready to copy.
	Files []dropIn
}

// words are prose of this package's own, with what is to be typed between backticks.
type words string

// advise is nil where there is nothing to recommend.
func advise(s *analysis.Summary) *advice {
	rec := s.Recommendation
	switch {
	case rec == nil:
		return nil
	case rec.Change == analysis.ChangeApplication:
		return adviseApplication(s)
	}
	a := &advice{
		DropIn: sysctlPath,
		Line:   sysctlLine(rec.Somaxconn), Note: note(s),
		Steps: []words{
			settingStep(s),
			applicationStep(rec),
			"The server must listen again (restart it, or let it call listen once more): a new limit does not reach a socket that listens already.",
		},
		Seen:  seen(rec),
		Files: dropIns(s),
	}
	if n, _ := hostSomaxconn(s); hostIsEnough(s) { // nothing to type: a line with less would lower what the host has
		a.DropIn = ""
		a.Line = fmt.Sprintf("%s ≥ %d (this host has %d: leave it)", somaxconn, rec.Somaxconn, n)
	}
	return a
}

// adviseApplication is for where the sysctl is not what was too small.
func adviseApplication(s *analysis.Summary) *advice {
	rec := s.Recommendation
	return &advice{
		Line: listenLine(rec.Backlog), Note: note(s),
		Steps: []words{
			"Let the application give listen(2) that backlog, or the largest number there is (2147483647): the kernel cuts it to `" + somaxconn + "`.",
			words("`" + somaxconn + "` must be as large, on the host and in a container, which has a value of its own."),
			"The server must listen again: restart it.",
		},
		Seen:  seen(rec),
		Files: dropIns(s),
	}
}

// applicationStep is stronger where the run shows what an application of a small backlog loses.
func applicationStep(rec *analysis.Recommendation) words {
	if rec.Change == analysis.ChangeBoth {
		return "The sysctl alone is not enough: the application must give listen(2) at least as many too, since the kernel keeps the smaller of the two, " +
			"and this run shows what a small one loses."
	}
	return "The application must give listen(2) a backlog of at least as many: the kernel keeps the smaller of the two."
}

// note says what the setting is worth; empty where there is nothing to weigh.
func note(s *analysis.Summary) string {
	switch rec := s.Recommendation; {
	case rec.Untried:
		return "has room for the deepest queue seen, but was not tried itself"
	case rec.Late > 0:
		return "lost no call, but " + count(rec.Late) + " a storm (median) came 1 s or more late"
	case rec.Margin != nil && *rec.Margin < littleRoom:
		return tightNote(s)
	default:
		return ""
	}
}

// littleRoom is the part of a queue below which the next storm, which is not the same, may fill it.
const littleRoom = 0.2

// tightNote names the next longer queue that was tried, where no storm lost a call with it.
func tightNote(s *analysis.Summary) string {
	text := fmt.Sprintf("leaves %.0f %% of the queue free", 100**s.Recommendation.Margin)
	if next := longer(s, s.Recommendation.Backlog); next != 0 {
		text += fmt.Sprintf("; %d leaves more", next)
	}
	return text
}

// longer is the least effective backlog above one; 0 where there is none that can be set, or a storm lost calls with it.
func longer(s *analysis.Summary, backlog int) int {
	next, lossFree := largest, false
	for i := range s.Cells {
		c := &s.Cells[i]
		if c.Effective <= backlog || c.Effective > next || len(c.Repeats) == 0 {
			continue
		}
		lossFree = c.Lost.Max == 0 && (lossFree || c.Effective < next)
		next = c.Effective
	}
	if next == largest || !lossFree {
		return 0
	}
	return next
}

func sysctlLine(n int) string { return somaxconn + " = " + strconv.Itoa(n) }
func listenLine(n int) string { return "listen(fd, " + strconv.Itoa(n) + ")" }

// settingStep compares the advice with the host's own value, which may do already.
func settingStep(s *analysis.Summary) words {
	const container = " A container has a value of its own: set it there."
	const put = "Put the line into `" + sysctlPath + "` and apply it with `sysctl --system`."
	n, known := hostSomaxconn(s)
	switch {
	case !known:
		return put + container
	case hostIsEnough(s):
		return words(fmt.Sprintf("This host had %d during the run, which is enough: leave it as it is.", n) + container)
	}
	return words(fmt.Sprintf("This host had %d during the run, which is too little. ", n) + put + container)
}

// seen is what the storms showed of the setting, and of smaller and larger ones.
func seen(rec *analysis.Recommendation) []words {
	var all []words
	say := func(format string, args ...any) { all = append(all, words(fmt.Sprintf(format, args...))) }
	if rec.Peak > 0 {
		setting := strconv.Itoa(rec.Backlog)
		if rec.Untried {
			setting = "somaxconn max"
		}
		say("Deepest accept queue seen with %s: %s%s.", setting, amount(int(rec.Peak), "connection", "connections"), marginWords(rec))
	}
	if rec.LossFree < rec.Backlog && rec.LossFree > 0 {
		late := "in some storms calls"
		if rec.LossFreeLate > 0 {
			late = count(rec.LossFreeLate) + " a storm (median)"
		}
		say("With %d no call was lost either, but %s came 1 s or more late.", rec.LossFree, late)
	}
	if rec.TryLonger {
		say("Even this queue was full, which is why calls were late: try a longer one before you settle for it.")
	}
	if rec.Useful > 0 {
		say("More than about %s is of no use with this server: calls queued behind that many pass the first-command limit "+
			"before they are served. "+
			"The limit is this storm's own; Asterisk has none.", about(rec.Useful))
	}
	return all
}

// about writes an estimate: more than two digits would be more than is known of it.
func about(n int) string {
	unit := 1
	for n/unit >= 100 {
		unit *= 10
	}
	return analysis.Count((n + unit/2) / unit * unit)
}

func marginWords(rec *analysis.Recommendation) string {
	if rec.Margin == nil {
		return ""
	}
	return fmt.Sprintf("; of the %s that a backlog of %d holds, %.0f %% were free", analysis.Count(rec.Backlog+1), rec.Backlog, 100**rec.Margin)
}

// status sorts the verdict, with words beside the colour.
type status struct {
	Class string
	Words string
}

func statusOf(s *analysis.Summary) status {
	switch {
	case !s.Conclusive:
		return status{"doubt", "Inconclusive"}
	case s.Recommendation != nil:
		return status{"good", "Conclusive: a setting that helps was found"}
	case anyLost(s):
		return status{"bad", "Conclusive: calls are lost"}
	case anySlow(s) && slices.ContainsFunc(s.Cells, func(c analysis.Cell) bool { return c.Slow.Max > 0 && c.Lagging() }):
		return status{"doubt", "Conclusive: no call was lost, but some waited for their first command"}
	case anySlow(s):
		return status{"doubt", "Conclusive: no call was lost, but the server is too slow for its calls"}
	case anyLate(s):
		return status{"doubt", "Conclusive: no call was lost, but some were late"}
	default:
		return status{"good", "Conclusive: no call was lost"}
	}
}

func anyLate(s *analysis.Summary) bool {
	return slices.ContainsFunc(s.Cells, func(c analysis.Cell) bool { return c.Late.Max > 0 })
}

func anyLost(s *analysis.Summary) bool {
	for i := range s.Cells {
		if s.Cells[i].Lost.Max > 0 {
			return true
		}
	}
	return false
}

// doubts are those to list: a single one that the verdict has told already is not said twice.
func doubts(s *analysis.Summary) []string {
	if len(s.Doubts) == 1 && strings.Contains(s.Verdict, s.Doubts[0]) {
		return nil
	}
	return s.Doubts
}

// doubtsTitle tells a run that is in doubt as a whole from one whose answer rests on settings that are.
func doubtsTitle(s *analysis.Summary) string {
	if len(s.RunDoubts()) == 0 && len(s.SettingDoubts()) > 0 {
		return "Why the answer is inconclusive"
	}
	return "Why this run proves nothing"
}

// inDoubt reports whether the run is not sure of the setting, though of others it is. The verdict says why.
func inDoubt(s *analysis.Summary, c *analysis.Cell) bool {
	return len(s.DoubtsOf(c.ID)) > 0 && len(s.RunDoubts()) == 0
}

// partial is a line for a run that is not whole, else empty.
func partial(s *analysis.Summary) string {
	if s.Partial == "" {
		return ""
	}
	run := runOf(s)
	have := 0
	for i := range s.Cells {
		have += len(s.Cells[i].Repeats)
	}
	planned := len(run.Cells) * run.Repeats
	text := fmt.Sprintf("This run is partial: %s.", s.Partial)
	if have == planned {
		return text // of the only storm a part is missing
	}
	return text + fmt.Sprintf(" It holds %s of %s planned.", analysis.Count(have), amount(planned, "storm", "storms"))
}

// remark is a warning of one storm of one cell.
type remark struct {
	Cell   string
	Repeat int
	Text   string
}

func (r remark) String() string { return fmt.Sprintf("%s, storm %d: %s", r.Cell, r.Repeat, r.Text) }

func remarks(s *analysis.Summary) []remark {
	var all []remark
	for i := range s.Cells {
		all = append(all, remarksOf(&s.Cells[i])...)
	}
	return all
}

func remarksOf(c *analysis.Cell) []remark {
	var all []remark
	for i := range c.Repeats {
		for _, w := range c.Repeats[i].Warnings {
			all = append(all, remark{c.Label, c.Repeats[i].N, w})
		}
	}
	return all
}
