package plots

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"agistorm/analysis/capacity"
	"agistorm/reports/words"
)

// planned is the answer that the report's golden files show.
func planned(t *testing.T) *capacity.Answer {
	t.Helper()
	data, err := os.ReadFile("../testdata/plan.json.golden")
	if err != nil {
		t.Fatal(err)
	}
	var a capacity.Answer
	if err := json.Unmarshal(data, &a); err != nil {
		t.Fatal(err)
	}
	return &a
}

func TestPlanFiguresGolden(t *testing.T) {
	figures, err := drawAll(DescribePlan(planned(t)), goldenDPI)
	if err != nil {
		t.Fatal(err)
	}
	if len(figures) != len(words.PlanFigures) {
		t.Errorf("%d figures of %d", len(figures), len(words.PlanFigures))
	}
	for _, f := range figures {
		checkGolden(t, f.Name, f.PNG)
		if err := wellFormed(f.SVG); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
		if f.Alt == "" || f.Caption == "" || !strings.Contains(string(f.SVG), f.Title) {
			t.Errorf("%s is not whole", f.Name)
		}
	}
}

func wellFormed(svg []byte) error {
	d := xml.NewDecoder(bytes.NewReader(svg))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// TestPlanFigureIsDeclared: every figure of a plan has its drawing.
func TestPlanFigureIsDeclared(t *testing.T) {
	for _, w := range words.PlanFigures {
		if planBuilders[w] == nil {
			t.Errorf("%s has no drawing", w.Name)
		}
	}
	if len(planBuilders) != len(words.PlanFigures) {
		t.Errorf("%d drawings of %d figures", len(planBuilders), len(words.PlanFigures))
	}
}

// TestPlanWithoutFigures: what an answer has no data of is not drawn.
func TestPlanWithoutFigures(t *testing.T) {
	if all := DescribePlan(&capacity.Answer{}); len(all) != 0 {
		t.Errorf("%d figures of nothing", len(all))
	}
	if _, err := DrawPlan(nil); err == nil {
		t.Error("no plan is drawn")
	}
	a := planned(t)
	a.ByBacklog, a.ByHandlers, a.Map.Handlers = a.ByBacklog[:1], a.ByHandlers[:1], a.Map.Handlers[:1]
	a.QueueSimulated, a.QueueMeasured, a.Scaled, a.Today = nil, nil, nil, nil
	if all := DescribePlan(a); len(all) != 0 {
		t.Errorf("%d figures of one point", len(all))
	}
}

// TestPlanHopelessCurve: where nothing is enough no bound is drawn, and the notes say so.
func TestPlanHopelessCurve(t *testing.T) {
	a := planned(t)
	a.Backlog, a.Useful = nil, nil
	for i := range a.ByBacklog {
		a.ByBacklog[i].Holds, a.ByBacklog[i].P99 = false, nil
	}
	c := backlogCard(a)
	c.layout()
	if len(c.marks) != 0 || !strings.Contains(c.alt, "none of these is enough") {
		t.Errorf("%v, %s", c.marks, c.alt)
	}
	var figure Figure
	figure.drawing = c
	if err := figure.render(72); err != nil {
		t.Error(err)
	}
}

// TestPlanMapBoundary: the line is drawn between fields that hold and those that do not, and around the edge.
func TestPlanMapBoundary(t *testing.T) {
	m := planMap{&capacity.Map{Handlers: []int{1, 2}, Backlogs: []int{5, 9}, Holds: [][]bool{{false, false}, {false, true}}}}
	facts := m.facts()
	if *facts.Handlers != 2 || *facts.Backlog != 9 {
		t.Errorf("%d, %d", *facts.Handlers, *facts.Backlog)
	}
	if m.holds(1, 1) != true || m.holds(-1, 0) || m.holds(1, 2) || m.holds(2, 0) {
		t.Error("a field outside the map holds")
	}
	if f := (planMap{&capacity.Map{Holds: [][]bool{{false}}}}).facts(); f.Handlers != nil {
		t.Errorf("%+v where nothing holds", f)
	}
}

func TestLogAxis(t *testing.T) {
	label := func(v float64) string { return words.Whole(v) }
	labels := func(low, high float64) (all []string) {
		for _, tick := range logAxis(low, high, label).ticks {
			all = append(all, tick.label)
		}
		return all
	}
	if got := strings.Join(labels(3, 120), " "); got != "5 10 20 50 100" {
		t.Errorf("few decades: %s", got)
	}
	if got := strings.Join(labels(1, 4096), " "); got != "1 10 100 1,000" {
		t.Errorf("many: %s", got)
	}
}
