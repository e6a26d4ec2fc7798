package plots

import (
	"time"

	"agistorm/analysis/capacity"
	"agistorm/reports/words"
)

const planQueueHeight = 170.0

var _ = declarePlan(&words.FigurePlanQueue, planQueueCard)

// planQueue is the accept queue of one storm, simulated and measured.
type planQueue struct {
	simulated, measured Steps
	full                int
	near                bool
}

// planQueueCard returns nil without a queue.
func planQueueCard(a *capacity.Answer) *card {
	q := planQueue{simulated: stepsOfSamples(a.QueueSimulated), measured: stepsOfSamples(a.QueueMeasured)}
	facts := words.PlottedDepth{Simulated: deepest(a.QueueSimulated), Measured: deepest(a.QueueMeasured)}
	if facts.Simulated == nil && facts.Measured == nil {
		return nil
	}
	c := newCard(&words.FigurePlanQueue, words.Plan{Answer: a})
	peak := 1.0
	for _, depth := range []*int{facts.Simulated, facts.Measured} {
		if depth != nil {
			peak = max(peak, float64(*depth))
		}
	}
	top := peak * 1.1
	if s := (words.Plan{Answer: a}).Setting(); s != nil {
		q.full = s.Backlog + 1
		if q.near = float64(q.full) <= nearby*peak; q.near {
			top = max(top, float64(q.full)*1.2)
		}
	}
	c.x = secondsAxis(endOf(a.QueueSimulated, a.QueueMeasured))
	c.panels = []panel{{height: planQueueHeight, y: countAxis(top, 5), paint: q.draw}}
	if facts.Simulated != nil {
		c.keys = append(c.keys, newKey(formSwatch, shade, c.words.Label("simulated", nil)))
	}
	if facts.Measured != nil {
		c.keys = append(c.keys, newKey(formLine, ink, c.words.Label("measured", nil)))
	}
	c.say(c.words.NotesOf(facts))
	return c
}

func stepsOfSamples(samples []capacity.Sample) (s Steps) {
	for _, one := range samples {
		s.At, s.Depth = append(s.At, one.At.Microseconds()), append(s.Depth, uint32(one.Depth))
	}
	return s
}

// deepest is nil without samples.
func deepest(samples []capacity.Sample) *int {
	var most *int
	for i := range samples {
		if d := &samples[i].Depth; most == nil || *d > *most {
			most = d
		}
	}
	return most
}

// endOf is when the last queue is empty for good.
func endOf(all ...[]capacity.Sample) (end time.Duration) {
	for _, samples := range all {
		for i, one := range samples {
			if one.Depth > 0 {
				end = max(end, samples[min(i+1, len(samples)-1)].At)
			}
		}
	}
	return max(end+end/50, time.Millisecond)
}

func (q planQueue) draw(s *sheet, at strip) {
	if len(q.simulated.At) > 0 {
		shown := stairs(q.simulated, at)
		s.area(shade, at.bottom, shown)
		s.line(pen{1, outline, nil}, shown...)
	}
	if len(q.measured.At) > 0 {
		s.line(pen{1.5, ink, nil}, stairs(q.measured, at)...)
	}
	if q.near {
		y := at.y.pos(float64(q.full))
		s.line(pen{1.2, alarm, dashed}, point{at.left, y}, point{at.right, y})
		s.text(at.right, y-4, cardTick.coloured(alarm).aligned(right), words.FigurePlanQueue.Label("full", q.full))
	}
}
