package analysis

import (
	"fmt"
	"slices"
	"time"
)

// Doubt is a reason why what a run shows may not be so: of some of its settings, or of the run as a whole.
type Doubt struct {
	Code DoubtCode `json:"code"`
	// Settings that it concerns, by the IDs of their cells; none is the run as a whole.
	Settings []string `json:"settings,omitempty"`
	// Storms of these settings that gave rise to it; nil where it is not counted.
	Storms *int `json:"storms,omitempty"`
	// MaxReplyLag and ShareOfHandlerTime are those of DoubtReplyLag, of the worst storm; the share is
	// nil where it is not known.
	MaxReplyLag        *time.Duration `json:"max_reply_lag_ns,omitempty"`
	ShareOfHandlerTime *float64       `json:"share_of_handler_time,omitempty"`
	// Calls of DoubtNotServed, over all storms of the settings.
	Calls *int `json:"calls,omitempty"`
	// PaceOnly: only the server's pace and its latencies are in doubt. What became of the calls is not.
	PaceOnly bool `json:"pace_only,omitempty"`
	// Words for it.
	Words string `json:"words"`
}

// DoubtCode says what a doubt is about.
type DoubtCode string

// The doubts of a run.
const (
	// DoubtNoStorm: none was recorded.
	DoubtNoStorm DoubtCode = "no-storm"
	// DoubtUnmeasured: a setting has no storm.
	DoubtUnmeasured DoubtCode = "unmeasured"
	// DoubtMissingShares: the storm was played in shares, and one is missing.
	DoubtMissingShares DoubtCode = "missing-shares"
	// DoubtNotInForce: the kernel did not have the setting that was tried.
	DoubtNotInForce DoubtCode = "not-in-force"
	// DoubtNotOffered: attempts never reached the network.
	DoubtNotOffered DoubtCode = "not-offered"
	// DoubtAcceptErrors: the built-in target had no descriptors left.
	DoubtAcceptErrors DoubtCode = "accept-errors"
	// DoubtStartLag: the generator started calls too late.
	DoubtStartLag DoubtCode = "start-lag"
	// DoubtHeldUp: the generator was short of CPU, was paused, or was saturated.
	DoubtHeldUp DoubtCode = "held-up"
	// DoubtIncomplete: the record lacks attempts.
	DoubtIncomplete DoubtCode = "incomplete"
	// DoubtLink: the link between clients and server dropped enough to explain every lost call.
	DoubtLink DoubtCode = "link-drops"
	// DoubtNobodyAnswered: a server that runs already served nobody.
	DoubtNobodyAnswered DoubtCode = "nobody-answered"
)

// The doubts of single settings.
const (
	// DoubtReplyLag: the generator kept the server's handlers waiting for its replies.
	DoubtReplyLag DoubtCode = "reply-lag"
	// DoubtNotServed: calls are answered for their clients, and were not served by the server's own account.
	DoubtNotServed DoubtCode = "answered-not-served"
)

// concerns reports whether the doubt is of that cell; one of the run as a whole is of each.
func (d *Doubt) concerns(id string) bool {
	return len(d.Settings) == 0 || slices.Contains(d.Settings, id)
}

// RunDoubts are the words of the doubts that concern the run as a whole: it proves nothing of any setting.
func (s *Summary) RunDoubts() (words []string) {
	for i := range s.Inconclusive {
		if d := &s.Inconclusive[i]; len(d.Settings) == 0 {
			words = append(words, d.Words)
		}
	}
	return words
}

// SettingDoubts are the words of the doubts that concern single settings, which they name where the run has
// others; those of their pace only are left out.
func (s *Summary) SettingDoubts() (words []string) {
	for i := range s.Inconclusive {
		if d := &s.Inconclusive[i]; len(d.Settings) > 0 && !d.PaceOnly {
			words = append(words, withSettings(s, d.Settings, d.Words))
		}
	}
	return words
}

// DoubtsOf are the words of the doubts that concern all that a cell shows, those of the run as a whole
// included.
func (s *Summary) DoubtsOf(id string) []string { return s.wordsOf(id, false) }

// PaceDoubtsOf are the words of the doubts that concern only the server's pace and latencies in a cell.
func (s *Summary) PaceDoubtsOf(id string) []string { return s.wordsOf(id, true) }

func (s *Summary) wordsOf(id string, paceOnly bool) (words []string) {
	for i := range s.Inconclusive {
		if d := &s.Inconclusive[i]; d.concerns(id) && d.PaceOnly == paceOnly {
			words = append(words, d.Words)
		}
	}
	return words
}

// doubted reports whether a doubt concerns the cell.
func (s *Summary) doubted(c *Cell) bool { return len(s.DoubtsOf(c.ID)) > 0 }

// doubtsOfSettings are those of single settings: what the others show stands.
func doubtsOfSettings(s *Summary) []Doubt {
	var all []Doubt
	for _, doubt := range []func(*Summary) *Doubt{replyLagDoubt, notServedDoubt, paceDoubt} {
		if d := doubt(s); d != nil {
			all = append(all, *d)
		}
	}
	return all
}

func idsOf(cells []*Cell) (ids []string) {
	for _, c := range cells {
		ids = append(ids, c.ID)
	}
	return ids
}

// replyLagDoubt is nil where the generator's replies changed nothing.
func replyLagDoubt(s *Summary) *Doubt {
	cells, worst, storms := laggedCells(s, lagOnCalls)
	if worst == nil {
		return nil
	}
	return &Doubt{
		Code: DoubtReplyLag, Settings: idsOf(cells), Storms: &storms, MaxReplyLag: &worst.Max,
		ShareOfHandlerTime: worst.Share,
		Words: fmt.Sprintf("the generator was too slow to reply in %s. %s. Lost, late and slow calls there may be its own "+
			"doing; %s",
			amount(storms, "storm", "storms"), upperFirst(worst.words()), quickerReplies),
	}
}

// paceDoubt is nil where the generator's replies did not cost the server too much of its time, or cost calls
// too: then all that the setting shows is in doubt.
func paceDoubt(s *Summary) *Doubt {
	cells, worst, storms := laggedCells(s, lagOnPace)
	if worst == nil {
		return nil
	}
	return &Doubt{
		Code: DoubtReplyLag, Settings: idsOf(cells), Storms: &storms, MaxReplyLag: &worst.Max,
		ShareOfHandlerTime: worst.Share, PaceOnly: true,
		Words: fmt.Sprintf("the generator was too slow to reply in %s. %s. No call was lost, late or slow there; %s",
			amount(storms, "storm", "storms"), upperFirst(worst.words()), quickerReplies),
	}
}

// notServedDoubt is nil where every answered call was served by the server's own account.
func notServedDoubt(s *Summary) *Doubt {
	var cells []*Cell
	storms, calls, fates := 0, 0, map[string]int{}
	for i := range s.Cells {
		c, before := &s.Cells[i], storms
		for j := range c.Repeats {
			found := c.Repeats[j].notServed()
			for _, m := range found {
				calls += m.Count
				fates[m.Fate] += m.Count
			}
			storms += min(len(found), 1)
		}
		if storms > before {
			cells = append(cells, c)
		}
	}
	if calls == 0 {
		return nil
	}
	return &Doubt{
		Code: DoubtNotServed, Settings: idsOf(cells), Storms: &storms, Calls: &calls,
		Words: fmt.Sprintf("%s for the client and not served by the server's own account, in %s: %s. That is no success",
			amount(calls, "call is answered", "calls are answered"), amount(storms, "storm", "storms"), fateWords(fates)),
	}
}

// doubtedSettings say of a run that is conclusive what is not sure in it, and what was seen there all the same.
func doubtedSettings(s *Summary) []string {
	var sentences []string
	for i := range s.Inconclusive {
		d := &s.Inconclusive[i]
		var seen []string
		for j := range s.Cells {
			if c := &s.Cells[j]; d.concerns(c.ID) {
				seen = append(seen, c.Label+" ("+c.seenThere()+")")
			}
		}
		what := list(abbreviated(seen))
		if d.PaceOnly {
			what = "the server's pace and latencies"
			if names := settingNames(s, d.Settings); names != "" {
				what += " with " + names
			}
		}
		sentences = append(sentences, fmt.Sprintf("Not sure of %s: %s.", what, d.Words))
	}
	return sentences
}

// seenThere is what was seen of a setting that is in doubt: "1,532 lost".
func (c *Cell) seenThere() string {
	switch {
	case c.Lost.Max > 0:
		return whole(c.Lost.Median) + " lost"
	case c.Late.Max > 0:
		return "none lost, " + whole(c.Late.Median) + " late"
	}
	return "none lost"
}
