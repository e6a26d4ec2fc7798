package reports

import (
	"errors"
	"io"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/capacity"
	"agistorm/analysis/record"
	"agistorm/analysis/stats"
	"agistorm/reports/document"
	"agistorm/reports/lists"
	"agistorm/reports/plots"
	"agistorm/reports/words"
)

// The documents of a plan in its directory; beside them stand plan-NAME.png for each figure.
const (
	planHTML     = "plan.html"
	planMarkdown = "plan.md"
	planJSON     = "plan.json"
)

// WritePlan draws the figures of a plan and writes every document of it into a directory, each whole or not at all,
// over those that are there. It tries all of them and joins the errors.
func WritePlan(dir record.Dir, a *capacity.Answer) error {
	figures, err := plots.DrawPlan(a)
	return errors.Join(err, WriteFiles(dir, figures,
		File{planHTML, func(w io.Writer) error { return PlanHTML(w, a, figures) }},
		File{planMarkdown, func(w io.Writer) error { return PlanMarkdown(w, a) }},
		File{planJSON, func(w io.Writer) error { return PlanJSON(w, a) }},
	))
}

// PlanText writes a plan for a terminal.
func PlanText(w io.Writer, a *capacity.Answer, o TextOptions) error {
	return document.WriteText(w, planDocument(a, nil), o)
}

// PlanMarkdown writes a plan for a pull request, in GitHub's dialect.
func PlanMarkdown(w io.Writer, a *capacity.Answer) error {
	return document.WriteMarkdown(w, planDocument(a, nil), document.Digest)
}

// PlanHTML writes a plan as one page that needs nothing beside it, and two pages of paper.
func PlanHTML(w io.Writer, a *capacity.Answer, figures []plots.Figure) error {
	return writePage(w, planDocument(a, figures), nil)
}

// PlanJSON writes a plan as one indented JSON object whose first key is the verdict.
func PlanJSON(w io.Writer, a *capacity.Answer) error {
	return document.WriteJSON(w, struct {
		Verdict string `json:"verdict"`
		*capacity.Answer
	}{words.PlanVerdict(a), a})
}

// planDocument is what the report of a plan says, in this order in every form.
func planDocument(a *capacity.Answer, figures []plots.Figure) *document.Document {
	class, status := words.PlanStatus(a)
	return &document.Document{
		Title: words.TitlePlan, Class: class, Status: status, Headline: words.PlanHeadline(a),
		Lead: words.PlanLead(a), Rest: words.PlanRest(a),
		Brief: words.PlanBrief(a),
		Sections: []document.Section{
			planAdvice(a),
			managementSection(a, figures),
			enoughGlance(a),
			enoughSection(a),
			whatIfSection(a),
			proofSection(a),
			{ID: "limits", Title: words.TitleLimits, Depth: document.Detailed, Blocks: blocks{
				document.List{Items: document.Texts(words.PlanLimits(a)...)}}},
			{ID: "costs", Title: words.TitleCosts, Nav: words.TitleCosts, Depth: document.Detailed,
				Blocks: blocks{factsOf("facts", words.PlanCosts(a))}},
			planFigures(figures),
			{ID: "planned", Title: words.TitlePlanned, Folded: true, Depth: document.Detailed,
				Blocks: blocks{factsOf("facts", words.PlanFacts(a))}},
			termsSection(),
		},
	}
}

// planAdvice is what to set; empty where nothing was found.
func planAdvice(a *capacity.Answer) document.Section {
	plan := words.Plan{Answer: a}
	s := plan.Setting()
	if s == nil || plan.Contradiction() != nil {
		return document.Section{}
	}
	if safer := plan.Safer(); safer != nil {
		s = &safer.Setting
	}
	of := words.Advice{
		Recommendation: &analysis.Recommendation{
			Somaxconn: s.Backlog, Backlog: s.Backlog, Change: analysis.ChangeBoth,
		},
		DropIn: sysctlPath, Servers: lists.NonEmpty(a.Question.Like), Planned: true, Host: a.HostLimit,
	}
	advice := adviceOf(of)
	if plan.Unsure() {
		advice.Note = words.PlanProvisional.With(plan)
	}
	if a.Question.Planned && s.Handlers > 0 {
		handlers := []words.Prose{words.Prose(words.PlanHandlers.With(plan))}
		advice.Steps, advice.Brief = append(handlers, advice.Steps...), append(handlers, advice.Brief...)
	}
	steps := document.List{Items: document.MarkedTexts(advice.Steps), Ordered: true}
	brief := document.List{Items: document.MarkedTexts(advice.Brief)}
	return advice.section(document.Only{Depth: document.Glance, Blocks: blocks{brief}},
		document.Only{Depth: document.Detailed, Blocks: blocks{steps}})
}

// managementSection has no term of the trade: three sentences, and one figure.
func managementSection(a *capacity.Answer, figures []plots.Figure) document.Section {
	section := document.Section{
		ID: "management", Title: words.TitleManagement, Nav: words.TitleManagement, Class: "management",
		Depth: document.Digest | document.Full, Blocks: blocks{plainParagraph(words.Management(a))},
	}
	for _, f := range figures {
		if f.Name == words.FigurePlanShort.Name {
			section.Blocks = append(section.Blocks, FigureBlock(f))
		}
	}
	return section
}

// planFigures are the others.
func planFigures(figures []plots.Figure) document.Section {
	section := document.Section{
		ID: "figures", Title: words.TitleFigures, Nav: words.TitleFigures, Class: "pairs", Depth: document.Full,
	}
	for _, f := range figures {
		if f.Name != words.FigurePlanShort.Name {
			section.Blocks = append(section.Blocks, FigureBlock(f))
		}
	}
	return section
}

// enoughGlance is the same table for a glance.
func enoughGlance(a *capacity.Answer) document.Section {
	t := enoughTable(a).Without(words.HeadUseful)
	for i := range t.Rows() {
		t.Order = append(t.Order, i)
	}
	t.Left = words.Left
	section := document.Section{Depth: document.Glance, Blocks: withLegends(t)}
	if len(section.Blocks) > 0 {
		section.Blocks = append(section.Blocks, document.Spare{Blocks: document.Legends(words.EnoughBrief)})
	}
	return section
}

// enoughSection says which backlog each number of handlers needs.
func enoughSection(a *capacity.Answer) document.Section {
	return document.Section{ID: "enough", Title: words.TitleEnough, Nav: words.TitleEnough, Depth: document.Detailed,
		Blocks: withLegends(enoughTable(a), words.EnoughLegend, words.PlanRaised.With(words.Plan{Answer: a}))}
}

// enoughTable has a row for each number of handlers.
func enoughTable(a *capacity.Answer) document.Table {
	t := document.Table{Label: words.TitleEnough, Columns: document.Columns(0,
		"handlers", "load", "backlog", "lost", "wait, p99", "longest wait", words.HeadUseful)}
	for _, r := range a.Rows {
		t.Add(document.Row{
			text(handlersOf(r.Handlers)), text(portionOf(r.Utilisation)), backlogCell(r.Backlog), lostCell(&r.Outcome),
			p99Cell(&r.Outcome), waitCell(r.Outcome.Longest), backlogCell(r.Useful),
		})
	}
	if !a.Question.Planned {
		t = t.Without("handlers", "load")
	}
	return t
}

// whatIfSection says what becomes of more calls, and of the settings of today.
func whatIfSection(a *capacity.Answer) document.Section {
	t := document.Table{Label: words.TitleWhatIf, Columns: document.Columns(2, "case", "setting", "calls", "lost",
		"wait, p99", "verdict")}
	t.Columns[5].Left = true
	row := func(name string, calls int, s capacity.Setting, o *capacity.Outcome, holds bool) {
		t.Add(document.Row{text(name), text(words.PlanSetting(s)), text(words.Count(calls)), lostCell(o), p99Cell(o),
			holdsCell(holds)})
	}
	if d := a.Today; d != nil {
		row(words.PlanToday.With(d), a.Question.Calls, d.Setting, &d.Outcome, d.Holds)
	}
	for _, s := range a.Scaled {
		row(words.PlanTimes.With(s), s.Calls, s.Setting, &s.Outcome, s.Holds)
	}
	return document.Section{ID: "whatif", Title: words.TitleWhatIf, Nav: words.TitleWhatIf, Depth: document.Detailed,
		Blocks: withLegends(t, words.WhatIfLegend)}
}

// proofSection has predicted and measured beside each other.
func proofSection(a *capacity.Answer) document.Section {
	t := document.Table{Label: words.TitleProof, Columns: []document.Column{
		{Name: "stormed", Left: true}, {Name: "storms", Ranges: true}, {Name: "verdict", Left: true},
		{Over: "lost,", Name: "predicted"},
		{Over: "lost,", Name: "measured", Ranges: true}, {Over: "wait, p99,", Name: "predicted"},
		{Over: "wait, p99,", Name: "measured"}, {Over: "peak queue,", Name: "measured"},
	}}
	legends := []string{words.ProofLegend}
	for _, p := range proofs(a) {
		proof := words.Proof{Proof: p, Confidence: a.Question.Confidence}
		t.Add(document.Row{
			{
				Text:  words.Role(p.Role) + ", " + stormed(a, p.Setting),
				Notes: lists.NonEmpty(words.PlanDoubtful.With(p)),
			},
			{Text: words.Count(p.Storms), Range: words.PlanMissed.With(p)}, proofCell(&p), predictedCell(&p.Predicted),
			measuredLost(&p),
			p99Cell(&p.Predicted), waitCell(words.OfAll(p.P99, p.Share)), peakCell(p.Peak),
		})
		if p.Role != capacity.RoleSmaller && p.Role != capacity.RoleLargest {
			legends = append(legends, words.PlanBound.With(proof))
		}
	}
	return document.Section{ID: "proof", Title: words.TitleProof, Nav: "Proof", Depth: document.Detailed,
		Blocks: withLegends(t, legends...)}
}

// measuredLost is unknown where the budget left no time for a storm.
func measuredLost(p *capacity.Proof) value {
	if p.Storms == 0 {
		return text(unknown)
	}
	return value{Text: words.Portion(p.Share), Range: rangeOf(p.Lost, p.Calls)}
}

// stormed names a setting by its backlog, and by its handlers where these differ among the proofs.
func stormed(a *capacity.Answer, s capacity.Setting) string {
	if a.LeastHandlers == a.Handlers || a.LeastSimulated == nil {
		s.Handlers = 0
	}
	return words.PlanSetting(s)
}

// proofs are all that were stormed.
func proofs(a *capacity.Answer) []capacity.Proof {
	if a.Found != nil && a.Found.Proof != nil {
		return append([]capacity.Proof{*a.Found.Proof}, a.Proofs...)
	}
	return a.Proofs
}

// withLegends is a table with what explains it; nothing without rows.
func withLegends(t document.Table, legends ...string) blocks {
	if len(t.Rows()) == 0 {
		return nil
	}
	return append(blocks{t}, document.Legends(lists.NonEmpty(legends...)...)...)
}

func handlersOf(n int) string {
	if n == 0 {
		return unknown
	}
	return words.Count(n)
}

func portionOf(share *float64) string {
	if share == nil {
		return unknown
	}
	return words.Percent(*share)
}

// backlogCell is bad news where no backlog helps.
func backlogCell(n *int) value {
	if n == nil {
		return text(unknown)
	}
	return text(words.Backlog(*n))
}

func lostCell(o *capacity.Outcome) value {
	cell := text(words.Portion(o.Share))
	if o.Share > 0 {
		cell.Mark = bad
	}
	return cell
}

// predictedCell has the lost calls that the model predicts, if it could.
func predictedCell(o *capacity.Outcome) value {
	if o.Lost.N == 0 {
		return text(unknown)
	}
	return text(words.Portion(o.Share))
}

func waitCell(d *time.Duration) value {
	if d == nil {
		return text(unknown)
	}
	return text(words.Duration(*d))
}

func p99Cell(o *capacity.Outcome) value { return waitCell(words.OfAll(o.P99, o.Share)) }

func peakCell(s stats.Spread) value {
	if s.N == 0 {
		return text(unknown)
	}
	return text(words.Whole(s.Median))
}

// rangeOf is the range of the lost calls over the storms; empty where they agree.
func rangeOf(s stats.Spread, calls int) string {
	if s.Min == s.Max || calls == 0 {
		return ""
	}
	return words.Portion(s.Min/float64(calls)) + "–" + words.Portion(s.Max/float64(calls))
}

func holdsCell(holds bool) value {
	if holds {
		return value{Text: words.PlanHolds, Mark: good}
	}
	return value{Text: words.PlanFails, Mark: bad}
}

// proofCell says whether the kernel did as the model said, and whether the setting held.
func proofCell(p *capacity.Proof) value {
	switch {
	case p.Contradicts:
		return value{Text: words.PlanDiffers, Mark: bad}
	case p.Held:
		return value{Text: words.PlanHolds, Mark: good}
	case p.Storms < p.Needed:
		return text(words.PlanUnsettled)
	}
	return text(words.PlanFails)
}
