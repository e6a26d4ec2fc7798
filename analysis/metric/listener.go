package metric

import "sync"

// OfListeners are the metrics of a listening socket that runs already, which has no storm: those of `inspect`.
var OfListeners = sync.OnceValue(func() []*Metric {
	return []*Metric{
		{Name: "drops", Unit: Connections, Population: OfTime, Better: Fewer, Whole: true},
		{Name: "depth", Unit: Connections, Population: OfTime, Better: Fewer, Whole: true,
			Of100: func(s *Storm) float64 { return s.Queue.Holds() }},
		{Name: "backlog", Unit: Connections, Population: OfTime, Better: Neither, Whole: true},
	}
})
