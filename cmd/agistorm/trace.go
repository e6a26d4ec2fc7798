package main

import (
	"agistorm/reports/words"
	"agistorm/scenarios"
	"agistorm/scenarios/arrival"
)

// traceLines say how call logs became the arrivals of a run.
func traceLines(traces ...*arrival.Trace) (lines []string) {
	for _, t := range traces {
		if t != nil {
			lines = append(lines, words.Trace(t)...)
		}
	}
	return lines
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
