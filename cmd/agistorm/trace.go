package main

import (
	"fmt"

	"agistorm/reports/words"
	"agistorm/scenarios"
	"agistorm/scenarios/arrival"
)

// sayTraces says before a run how call logs became its arrivals.
func (e *env) sayTraces(traces ...*arrival.Trace) {
	for _, t := range traces {
		if t == nil {
			continue
		}
		for _, line := range words.Trace(t) {
			fmt.Fprintln(e.stderr, line)
		}
	}
}

// tracesOf reads the call logs of a valid scenario, each arrival once.
func tracesOf(s *scenarios.Scenario) (list []*arrival.Trace, err error) {
	seen := map[string]bool{}
	for _, setting := range s.Settings {
		cell, err := s.Cell(setting)
		if err != nil {
			return nil, err
		}
		if when := cell.Storm.Arrival; arrival.IsTrace(when) && !seen[when] {
			seen[when] = true
			schedule, err := cell.Schedule()
			if err != nil {
				return nil, err
			}
			list = append(list, arrival.TraceOf(schedule))
		}
	}
	return list, nil
}
