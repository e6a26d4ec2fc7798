package words

import (
	"reflect"
	"slices"
	"strings"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/reports/lists"
)

// LabelsOf are the labels of a run's settings.
func LabelsOf(s *analysis.Summary) Labels {
	l := Labels{}
	for i := range s.Cells {
		l[s.Cells[i].ID] = s.Cells[i].Label
	}
	return l
}

// Verdict is the answer of a run in a paragraph: what happened, why, what to change, and how sure that is.
func Verdict(s *analysis.Summary) string {
	l := LabelsOf(s)
	sentences := l.Sentences(s.Answer)
	doubts := Doubts(s)
	if len(doubts) > 0 {
		sentences = append(sentences, doubts[0])
	}
	sentences = append(sentences, moreDoubts(len(doubts)-1)...)
	return markSimulated(runOf(s).Simulated != nil, strings.Join(sentences, " "))
}

// Doubts says of what a run is not sure, and why, but for the doubts that are its answer.
func Doubts(s *analysis.Summary) []string { return lists.Map(doubtsOf(s), LabelsOf(s).NotSure) }

func doubtsOf(s *analysis.Summary) []finding.Finding {
	return slices.DeleteFunc(slices.Clone(s.Doubts), func(f finding.Finding) bool {
		return slices.ContainsFunc(s.Answer, func(a finding.Finding) bool { return reflect.DeepEqual(a.Fact, f.Fact) })
	})
}

// Partial states why a run is not whole; empty for one that is.
func Partial(p *finding.Partial) string {
	if p == nil {
		return ""
	}
	return Labels{}.Sentence(finding.Finding{Fact: *p})
}

// partialShares states of each share why it is not whole.
func partialShares(shares []finding.PartialShare) (texts []string) {
	for _, s := range shares {
		text := "share " + s.Share + " is missing"
		switch {
		case s.Interrupted:
			text = "share " + s.Share + " was interrupted"
		case s.Failure != "":
			text = "share " + s.Share + " failed (" + s.Failure + ")"
		}
		texts = append(texts, text)
	}
	return texts
}

// Fill writes the words of all findings of a summary into them, for export.
func Fill(s *analysis.Summary) {
	l := LabelsOf(s)
	l.Fill(s.Answer)
	l.Fill(s.Doubts)
	l.Fill(s.Warnings)
	for i := range s.Comparisons {
		l.fillDoubts(s.Comparisons[i].Doubted)
	}
	FillStorms(s)
}
