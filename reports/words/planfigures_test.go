package words

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"agistorm/analysis/capacity"
)

// plannedAnswers have each variant of the grammar of captions.
var plannedAnswers = []Plan{
	{&capacity.Answer{
		Question: capacity.Question{Calls: 5000, Span: 10 * second, Work: "50ms"}, Handlers: 38, Backlog: ptr(480),
		Useful: &capacity.Useful{Backlog: 513}, Today: &capacity.Today{},
		QueueSimulated: []capacity.Sample{{}}, QueueMeasured: []capacity.Sample{{}},
		ByBacklog:  []capacity.Point{{Setting: capacity.Setting{Handlers: 38, Backlog: 5}}},
		ByHandlers: []capacity.Point{{Setting: capacity.Setting{Handlers: 30, Backlog: 480}}},
	}},
	{&capacity.Answer{Question: capacity.Question{Calls: 1, Work: "50ms"}, Backlog: ptr(1)}},
	{&capacity.Answer{QueueMeasured: []capacity.Sample{{}}}},
	{&capacity.Answer{
		Question: capacity.Question{Kind: capacity.Running}, Proofs: []capacity.Proof{{Role: capacity.RoleAsked, Storms: 1}},
		Backlog: ptr(7), QueueSimulated: []capacity.Sample{{}}, QueueMeasured: []capacity.Sample{{}},
	}},
	{&capacity.Answer{Found: &capacity.Found{
		Calls: 2140, Proof: &capacity.Proof{Role: capacity.RoleRate, Storms: 5, Calls: 1926},
	}}},
	{&capacity.Answer{Handlers: 40, Backlog: ptr(480), LeastSimulated: ptr(480), LeastHandlers: 38}},
}

// plannedNotes are the facts of notes, by the figure that shows them.
var plannedNotes = map[*Figure][]any{
	&FigurePlanShort:    {PlottedCase{Today: true, Lost: 0.58}, PlottedCase{Factor: 1}},
	&FigurePlanBacklog:  {PlottedCurve{}, PlottedCurve{Least: ptr(480), Useful: ptr(513), Below: ptr(440), BelowLost: 0.002}},
	&FigurePlanHandlers: {PlottedCurve{Least: ptr(38), Handlers: true, Below: ptr(37), BelowLost: 0.1}},
	&FigurePlanMap:      {PlottedMap{}, PlottedMap{Handlers: ptr(38), Backlog: ptr(4096)}},
	&FigurePlanQueue:    {PlottedDepth{Simulated: ptr(478), Measured: ptr(1472)}, PlottedDepth{Simulated: ptr(478)}},
}

// plannedLabels are the facts of those labels that have any.
var plannedLabels = map[string]any{
	"case": PlottedCase{Factor: 10}, "least": 480, "useful": 513, "limit": time.Second, "full": 481,
}

// TestPlanFigures shows all words of the figures of a plan, and keeps their sentences short.
func TestPlanFigures(t *testing.T) {
	var b strings.Builder
	for _, f := range PlanFigures {
		fmt.Fprintf(&b, "\n%s\n", f.Name)
		seen := map[string]bool{}
		for _, p := range plannedAnswers {
			for _, phrase := range []Phrase{f.Title, f.Below(), f.Alt, f.Axis, f.Upright, f.Caption} {
				for _, sentence := range strings.SplitAfter(phrase.With(p), ". ") {
					if sentence = strings.TrimSpace(sentence); sentence != "" && !seen[sentence] {
						fmt.Fprintf(&b, "  %s\n", sentence)
					}
					seen[sentence] = true
					if n := len(strings.Fields(sentence)); n > 25 || strings.Contains(sentence, "  ") {
						t.Errorf("%s: %d words: %s", f.Name, n, sentence)
					}
				}
			}
		}
		for _, facts := range plannedNotes[f] {
			fmt.Fprintf(&b, "  notes %s\n", f.NotesOf(facts))
		}
		for _, label := range slices.Sorted(maps.Keys(f.Labels)) {
			fmt.Fprintf(&b, "  label %s: %s\n", label, f.Label(label, plannedLabels[label]))
		}
	}
	golden(t, "testdata/plan-figures.golden", strings.TrimPrefix(b.String(), "\n"))
}
