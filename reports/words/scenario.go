package words

import (
	"fmt"
	"strings"

	"agistorm/analysis/record"
	"agistorm/target/spec"
)

// Target describes the server of a run: "pool of 16 handlers, 5ms of work per call", its command, or its URL.
func Target(s *record.Scenario) string {
	server := s.Server
	if len(s.Process) > 0 {
		return strings.Join(s.Process, " ")
	}
	if server == nil {
		return s.Target
	}
	behaviour := server.Behaviour
	if b, err := spec.ParseBehaviour(behaviour); err == nil {
		behaviour = b.Words()
	}
	text := fmt.Sprintf("%s, %s of work per call", behaviour, server.Work)
	if server.Like != "" {
		text = "like " + server.Like + ": " + text
	}
	for _, stall := range server.Stalls {
		text += ", stall " + stall
	}
	for _, restart := range server.Restarts {
		text += ", restart " + restart
	}
	return text
}

// Link describes what was between clients and server: "veth" or "20ms round trip"; empty for loopback.
func Link(s *record.Scenario) string {
	if s.RTT > 0 {
		return fmt.Sprintf("%v round trip", s.RTT)
	}
	return s.Link
}
