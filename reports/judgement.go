package reports

import (
	"errors"

	"agistorm/analysis"
	"agistorm/analysis/gate"
	"agistorm/analysis/gate/expr"
	"agistorm/reports/document"
	"agistorm/reports/gates"
	"agistorm/reports/words"
)

// gatesSection is what the gates of the run's scenario come to, and the class of that; empty for a run
// without gates. A glance has less of it.
func gatesSection(s *analysis.Summary) (section document.Section, class string) {
	v, err := judge(s)
	switch {
	case errors.Is(err, gate.ErrShare) || v == nil && err == nil:
		return section, "" // it is nothing of this run
	case err != nil:
		section, class = document.Section{
			Title:  words.TitleGatesFailed,
			Blocks: blocks{paragraph(err.Error())},
		}, "doubt"
	default:
		section, class = document.Section{Title: words.GateHeadline(v), Blocks: blocks{gates.Table(v)}}, gates.Class(v)
	}
	section.ID, section.Nav, section.Class = "gates", words.TitleGates, "gates "+class
	section.Depth = document.Detailed
	headline := document.Only{Depth: document.Explained, Blocks: blocks{paragraph(section.Title + ".")}}
	section.Blocks = append(blocks{headline}, section.Blocks...)
	return section, class
}

// fewGates that did not pass fit a glance.
const fewGates = 2

// gatesGlance says what the gates come to, and which did not pass.
func gatesGlance(s *analysis.Summary) document.Section {
	section := document.Section{Depth: document.Glance}
	v, err := judge(s)
	switch {
	case errors.Is(err, gate.ErrShare) || v == nil && err == nil:
	case err != nil:
		section.Blocks = blocks{paragraph(words.TitleGatesFailed + ": " + err.Error())}
	default:
		section.Blocks = blocks{
			paragraph(words.GateHeadline(v) + "."), document.Spare{Blocks: listOf(gates.Lines(v, fewGates))},
		}
	}
	return section
}

// judge returns nil for a run without gates.
func judge(s *analysis.Summary) (*gate.Verdict, error) {
	var conditions []expr.Condition
	for _, source := range runOf(s).Scenario.Gates {
		c, err := expr.Parse(source)
		if err != nil {
			return nil, err
		}
		conditions = append(conditions, c)
	}
	if len(conditions) == 0 {
		return nil, nil
	}
	return gate.Judge(s, "", conditions)
}
