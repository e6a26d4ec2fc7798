package planner

import (
	"cmp"
	"slices"
	"time"

	"agistorm/analysis/capacity"
	"agistorm/analysis/record"
	"agistorm/analysis/stats"
	"agistorm/target/spec"
)

// takeMemory takes over what a queued connection costs on this kernel, and what a session costs the server: the
// built-in one by itself, the user's own in the storms of the answer.
func (p *Plan) takeMemory(a *capacity.Answer, measured *record.Memory, dir record.Dir) {
	if a.Question.Kind != capacity.BuiltIn {
		measured.Session, measured.Sessions = nil, 0
	}
	if a.Question.Kind == capacity.Command && len(a.Proofs) > 0 {
		measured.Session, measured.Sessions = sessionMemory(dir, &a.Proofs[0], mostSessions(a.Question.Behaviour))
	}
	a.Memory.Measure(measured)
}

// mostSessions returns how many calls a behaviour serves at once, 0 for no limit.
func mostSessions(behaviour string) int {
	b, err := spec.ParseBehaviour(behaviour)
	if err != nil {
		return 0
	}
	return b.Handlers()
}

// sessionMemory returns by how much the memory of the user's own server grew per session that was open at once, the
// median of the storms of a setting, and how many sessions that were at most; nil where it is not known.
func sessionMemory(dir record.Dir, proof *capacity.Proof, handlers int) (bytes *int, sessions int) {
	var each []float64
	for n := range proof.Storms {
		r, err := dir.Repeat(proof.Cell, n+1)
		if err != nil || r.Served == nil || r.Served.Idle == nil || r.Served.Busy == nil {
			continue
		}
		open := openAtOnce(r.Attempts)
		if handlers > 0 {
			open = min(open, handlers)
		}
		if open > 0 {
			each = append(each, float64(max(*r.Served.Busy-*r.Served.Idle, 0))/float64(open))
			sessions = max(sessions, open)
		}
	}
	if len(each) == 0 {
		return nil, 0
	}
	median := int(stats.SpreadOf(each).Median)
	return &median, sessions
}

// openAtOnce returns how many answered calls were connected at once at most.
func openAtOnce(attempts []record.Attempt) int {
	type change struct {
		at    time.Duration
		delta int
	}
	var changes []change
	for i := range attempts {
		if a := &attempts[i]; a.Outcome == record.Answered && a.Connected != nil {
			changes = append(changes, change{*a.Connected, 1}, change{a.Done, -1})
		}
	}
	slices.SortFunc(changes, func(a, b change) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.delta, b.delta))
	})
	open, most := 0, 0
	for _, c := range changes {
		open += c.delta
		most = max(most, open)
	}
	return most
}
