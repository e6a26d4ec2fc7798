package plots

import (
	"errors"

	"agistorm/analysis/capacity"
	"agistorm/reports/words"
)

// planBuilder describes a figure of a plan. It returns nil if there is nothing to show.
type planBuilder = func(*capacity.Answer) *card

// planBuilders of the figures, by their words.
var planBuilders = map[*words.Figure]planBuilder{}

// declarePlan lets a figure be part of the report of every plan.
func declarePlan(w *words.Figure, b planBuilder) planBuilder {
	planBuilders[w] = b
	return b
}

// DescribePlan returns the figures of a plan for which there is something to show, without their pictures.
func DescribePlan(a *capacity.Answer) (figures []Figure) {
	for _, w := range words.PlanFigures {
		if c := planBuilders[w](a); c != nil {
			c.layout()
			figures = append(figures, Figure{Name: w.Name, Title: c.title, Alt: c.alt, Caption: c.caption, drawing: c})
		}
	}
	return figures
}

// DrawPlan returns what DescribePlan does, with the pictures.
func DrawPlan(a *capacity.Answer) ([]Figure, error) {
	if a == nil {
		return nil, errors.New("there is no plan to draw")
	}
	return drawAll(DescribePlan(a), drawnDPI)
}
