package reports

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"agistorm/analysis"
)

const somaxconn = "net.core.somaxconn"

// dropIn is where an administrator puts the setting; agistorm writes no such file.
const dropIn = "/etc/sysctl.d/90-listen-queue.conf"

// advice is what to do, in the words that every form shares.
type advice struct {
	// DropIn is the file for one of the Choices; empty where they are no sysctls.
	DropIn  string
	Choices []choice
	// Steps in their order.
	Steps []words
	// Seen is what the storms showed of the first choice.
	Seen []words
}

// choice is a line of a sysctl file. Note says what it is worth, empty where there is nothing to weigh.
type choice struct{ Line, Note string }

// words are prose of this package's own, with what is to be typed between backticks.
type words string

// span is a piece of words.
type span struct {
	Code bool
	Text string
}

// Spans tells prose and code apart.
func (w words) Spans() []span {
	var all []span
	for i, text := range strings.Split(string(w), "`") {
		all = append(all, span{i%2 == 1, text})
	}
	return all
}

// Plain is for where there is no other type for code.
func (w words) Plain() string { return strings.ReplaceAll(string(w), "`", "") }

// all is what there is to say beside the line itself.
func (a *advice) all() []words { return slices.Concat(a.Steps, a.Seen) }

// advise is nil where there is nothing to recommend.
func advise(s *analysis.Summary) *advice {
	rec := s.Recommendation
	switch {
	case rec == nil:
		return nil
	case rec.Application:
		return adviseApplication(rec)
	}
	return &advice{
		DropIn:  dropIn,
		Choices: choices(rec, sysctlLine),
		Steps: []words{
			settingStep(s),
			"The application must give listen(2) a backlog of at least as many: the kernel keeps the smaller of the two.",
			"The server must listen again (restart it, or let it call listen once more): a new limit does not reach a socket that listens already.",
		},
		Seen: seen(rec),
	}
}

// adviseApplication is for where the sysctl is not what was too small.
func adviseApplication(rec *analysis.Recommendation) *advice {
	return &advice{
		Choices: choices(rec, listenLine),
		Steps: []words{
			"Let the application give listen(2) that backlog, or the largest number there is (2147483647): the kernel cuts it to `" + somaxconn + "`.",
			words("`" + somaxconn + "` must be as large, on the host and in a container, which has a value of its own."),
			"The server must listen again: restart it.",
		},
		Seen: seen(rec),
	}
}

// choices are the least setting with which no call was lost or late and, where that is another,
// the least that lost none.
func choices(rec *analysis.Recommendation, line func(int) string) []choice {
	least := choice{Line: line(rec.Somaxconn)}
	switch {
	case rec.Untried:
		least.Note = "has room for the deepest queue seen, but was not tried itself"
	case rec.Late > 0:
		least.Note = "lost no call, but " + count(rec.Late) + " a storm (median) came 1 s or more late"
	case rec.InTime > rec.Somaxconn:
		least.Note = "lost no call, but in some storms calls came 1 s or more late"
	}
	if !inTime(rec) {
		return []choice{least}
	}
	return []choice{{line(rec.InTime), "the least tried with which no call was lost or late"}, least}
}

// inTime tells whether there is a larger setting to prefer; "max" is none for a sysctl file.
func inTime(rec *analysis.Recommendation) bool {
	return rec.InTime > rec.Somaxconn && rec.InTime < largest && !rec.Untried
}

func sysctlLine(n int) string { return somaxconn + " = " + strconv.Itoa(n) }
func listenLine(n int) string { return "listen(fd, " + strconv.Itoa(n) + ")" }

// settingStep compares the advice with the host's own value, which may do already.
func settingStep(s *analysis.Summary) words {
	const container = " A container has a value of its own: set it there."
	rec := s.Recommendation
	put, best := "Put the line into `", rec.Somaxconn
	if inTime(rec) {
		put, best = "Put one of the lines into `", rec.InTime
	}
	put += dropIn + "` and apply it with `sysctl --system`."
	n, err := strconv.Atoi(runOf(s).Host.Sysctls[somaxconn])
	switch {
	case err != nil:
		return words(put + container)
	case n >= best:
		return words(fmt.Sprintf("This host had %d during the run, which is enough: leave it as it is.", n) + container)
	case n >= rec.Somaxconn:
		return words(fmt.Sprintf("This host had %d during the run, which loses no call, but some come late. ", n) + put + container)
	}
	return words(fmt.Sprintf("This host had %d during the run, which is too little. ", n) + put + container)
}

func seen(rec *analysis.Recommendation) []words {
	if rec.Peak == 0 {
		return nil
	}
	setting := strconv.Itoa(rec.Somaxconn)
	if rec.Untried {
		setting = "somaxconn max"
	}
	return []words{words(fmt.Sprintf("Deepest accept queue seen with %s: %s.", setting, amount(int(rec.Peak), "connection", "connections")))}
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

// partial is a line for a run that ended early, else empty.
func partial(s *analysis.Summary) string {
	run := runOf(s)
	if run.Partial == "" {
		return ""
	}
	have := 0
	for i := range s.Cells {
		have += len(s.Cells[i].Repeats)
	}
	planned := len(run.Cells) * run.Repeats
	text := fmt.Sprintf("This run is partial: %s.", run.Partial)
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
