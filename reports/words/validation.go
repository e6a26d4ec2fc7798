package words

import (
	"math"
	"strconv"
	"strings"

	"agistorm/analysis/validation"
	"agistorm/reports/lists"
)

// What a validation of the simulator says. Each is filled with its report.
const (
	// TitleCells stands over the table of all settings.
	TitleCells = "Simulated beside measured"

	validationLead Phrase = `The simulator predicts the lost calls of {{count .All.Right}} of ` +
		`{{amount .All.Cells "setting" "settings"}} correctly (goal {{.All.Goal}})`
	validationPools Phrase = `{{if .Pools.Cells}}Of {{.Pools.Cells}} with a pool or prefork server it ` +
		`predicts {{.Pools.Right}} correctly (goal {{.Pools.Goal}}).{{end}}`
	validationError Phrase = `{{if not .Part}}The median error is {{points .All.MedianError}} of the calls (goal: ` +
		`at most {{points goalError}}).{{end}}`
	validationLosing Phrase = `{{if not .Part}}{{.Losing}} of the settings {{verb .Losing "loses" "lose"}} between ` +
		`5 and 95 % of the calls (goal {{.LosingGoal}}): others are easy to predict.{{end}}`
	validationHeldOut Phrase = `{{with .HeldOut}}{{if .Cells}}Of {{amount .Cells "setting" "settings"}} not looked ` +
		`at while the simulator was tuned it predicts {{.Right}} correctly (goal {{.Goal}}), median error ` +
		`{{points .MedianError}}` +
		`{{with $.HeldOutPools}}{{if .Cells}}; of {{.Cells}} pool and prefork ones {{.Right}} (goal {{.Goal}})` +
		`{{end}}{{end}}.{{end}}{{end}}`
	validationPlanned Phrase = `These numbers are with the recorded starts of the calls. With the planned starts it ` +
		`predicts {{.All.WithPlanned}} of {{.All.Cells}} correctly, median error {{points .All.PlannedMedianError}}.`
	validationHost Phrase = `{{with .Host.Kernel}}Measured on {{$.Host.OS}} {{.}}, {{$.Host.CPUs}} × ` +
		`{{or $.Host.CPU "unknown CPU"}}.{{end}}`
)

// validationDoubts are why there is no verdict, by their codes.
var validationDoubts = map[validation.DoubtCode]Phrase{
	validation.NoNamespaces: `the storms had no network namespace of their own, so the settings cannot be tried`,
	validation.FewStorms:    `a setting has {{amount .Have "storm" "storms"}}, and a verdict needs {{.Want}} of each`,
	validation.FewCells:     `there are {{amount .Have "setting" "settings"}}, and a verdict needs {{.Want}}`,
	validation.DoubtedCells: `{{amount .Have "setting" "settings"}} that {{verb .Have "is" "are"}} predicted wrongly ` +
		`{{verb .Have "was" "were"}} not measured well; measure on a quiet machine`,
}

// validationReasons are why a prediction is not right, by their codes.
var validationReasons = map[validation.Reason]string{
	validation.CPUDecides: "the CPU decides whether connects or accepts come first",
	validation.OwnRange:   "the kernel's own storms differ by more than 10 % of the calls",
	validation.LateStarts: "wrong with the planned starts: the generator started calls late",
	validation.InDoubt:    "the measured storms are in doubt",
}

// points writes a part of the calls in percent of them.
func points(p float64) string { return Points(p) + " %" }

// Points writes percent of a storm's calls, as a number.
func Points(p float64) string { return strconv.FormatFloat(p, 'f', 1, 64) }

// SignedPoints writes an error in percent of a storm's calls; one that rounds to nothing has no sign.
func SignedPoints(p float64) string {
	switch text := Points(math.Abs(p)); {
	case text == Points(0):
		return text
	case p < 0:
		return "-" + text
	default:
		return "+" + text
	}
}

// Validation is the verdict on the simulator in a paragraph.
func Validation(r *validation.Report) string {
	var doubts []string
	for _, d := range r.Doubts {
		doubts = append(doubts, "Not sure, because "+clause(stop(validationDoubts[d.Code].With(d))))
	}
	if len(r.Cells) == 0 {
		return strings.Join(append([]string{"No prediction was judged."}, doubts...), " ")
	}
	lead := validationLead.With(r)
	if r.Status == validation.Failed {
		lead = "The simulator misses its goal. It" + strings.TrimPrefix(lead, "The simulator")
	}
	sentences := []string{stop(lead)}
	for _, p := range []Phrase{validationPools, validationError} {
		sentences = append(sentences, p.With(r))
	}
	return strings.Join(lists.NonEmpty(append(sentences, doubts...)...), " ")
}

// ValidationNotes say how far the verdict reaches.
func ValidationNotes(r *validation.Report) []string {
	if len(r.Cells) == 0 {
		return nil
	}
	return lists.NonEmpty(lists.Map([]Phrase{validationHeldOut, validationPlanned, validationLosing, validationHost},
		func(p Phrase) string { return p.With(r) })...)
}

// ValidationLegend explains the table.
func ValidationLegend() []string {
	return []string{
		"Median of a setting's storms; measured lost calls with (least–most). sim.: simulated with the actual " +
			"starts, planned: with the planned ones. error: simulated less measured, in % of the calls.",
		"Right: within 5 % of the calls of the measured median; where the kernel's own storms differ by more than 10 " +
			"%, also within their range. ○ was held out while the simulator was tuned.",
	}
}

// ValidationWhy says why a prediction is not right; empty for one that is.
func ValidationWhy(c *validation.Cell) string {
	return strings.Join(lists.Map(c.Why, func(r validation.Reason) string { return validationReasons[r] }), "; ")
}

// ValidationClass names the classes of servers.
var ValidationClass = map[validation.Class]string{
	validation.Pool: "Pool and prefork servers", validation.Other: "Other servers",
}
