package metric

import (
	"cmp"
	"strings"

	"agistorm/analysis/record"
)

func offeredCalls(s *Storm) float64 { return float64(max(s.Offered, 1)) }

// attempts returns the offered calls and those that the generator failed to offer.
func attempts(s *Storm) float64 {
	n := s.Offered
	for o, count := range s.Outcomes {
		if !o.Offered() {
			n += count
		}
	}
	return float64(max(n, 1))
}

// calls returns the metrics that count calls, or the SYNs that they lost.
func calls() (all []*Metric) {
	all = append(all, count(Metric{Name: "offered", Better: Neither, Population: OfGenerator, Of100: attempts,
		Measure: func(s *Storm) Value { return known(s.Offered) }}))
	for _, o := range []record.Outcome{record.Answered, record.Connected} {
		all = append(all, outcome(o))
	}
	all = append(all, impairments()...)
	for _, o := range record.Outcomes {
		if !o.Served() && o != record.Phantom { // which is counted for all clients
			all = append(all, outcome(o))
		}
	}
	return append(all, sideEffects()...)
}

// impairments returns how calls fare that do not get in time all that they came for.
func impairments() []*Metric {
	return []*Metric{
		count(Metric{Name: "lost", Table: MainTable, Compared: true, Benchmarked: true, OughtToBeZero: true,
			Measure: lostCalls}),
		// Late calls alone are not compared: a run that loses fewer calls may well have more late ones.
		count(Metric{Name: "late", Table: MainTable, Benchmarked: true, Measure: lateCalls}),
		count(
			Metric{
				Name:     "lost-or-late",
				Head:     [2]string{"lost or late"},
				Compared: true,
				Measure: func(s *Storm) Value {
					v, lost := lateCalls(s), lostCalls(s)
					v.Number += lost.Number
					v.Unknown, v.Least = cmp.Or(v.Unknown, lost.Unknown), v.Known() && lost.Least
					return v
				},
			},
		),
		count(Metric{Name: "slow", Table: MainTableIfAny, OughtToBeZero: true, Client: SpeakingClient,
			Measure: func(s *Storm) Value { return known(s.Slow) }}),
		count(Metric{Name: "phantom", Head: [2]string{"phantoms"}, Table: MainTable, Column: "phantoms",
			Measure: phantoms}),
		count(Metric{Name: "unaccepted", Table: MainTableIfAny,
			Measure: func(s *Storm) Value { return optional(s.Unaccepted, QueueUnwatched) }}),
	}
}

// phantoms returns them, or how many there are at least.
func phantoms(s *Storm) Value {
	v := optional(s.Phantoms, NoServerLog)
	if s.PhantomsAtLeast != nil && !v.Known() {
		v.Number, v.Least = float64(*s.PhantomsAtLeast), true
	}
	return v
}

// lostCalls returns them, or how many there are at least: phantoms of a client that only connects are lost.
func lostCalls(s *Storm) Value {
	if p := phantoms(s); s.OnlyConnects && p.Least && p.Number > 0 {
		return Value{Number: float64(s.Lost), Unknown: p.Unknown, Least: true}
	}
	return known(s.Lost)
}

// Served counts the calls that got all that they came for. What was left in the accept queue is none of them.
func (s *Storm) Served() int {
	connected := s.Outcomes[record.Connected]
	if s.Unaccepted != nil {
		connected = max(connected-*s.Unaccepted, 0)
	}
	return s.Outcomes[record.Answered] + connected
}

// connectedCalls returns those of a client that only connects.
func connectedCalls(s *Storm) Value {
	if lost := lostCalls(s); !lost.Known() {
		return unknown(lost.Unknown)
	}
	return known(s.Served() - s.Outcomes[record.Answered])
}

// lateCalls returns them: known by the kernel's account, or by a connect that took as long as a
// retransmission.
func lateCalls(s *Storm) Value {
	if s.SYNRetransmits == nil && s.Late == 0 {
		return unknown(NoKernelAccount)
	}
	return known(s.Late)
}

func outcome(o record.Outcome) *Metric {
	m := Metric{Name: string(o), Outcome: o, Column: "outcome_" + string(o), Table: MainTableIfAny,
		Measure: func(s *Storm) Value { return known(s.Outcomes[o]) }}
	if before, after, two := strings.Cut(m.Name, "-"); two {
		m.Head = [2]string{before + "-", after}
	}
	switch {
	case o.Served():
		m.Better = More
	case !o.Offered():
		m.Population, m.Of100 = OfGenerator, attempts
	}
	switch {
	case o == record.Connected:
		m.Client, m.Measure = ConnectingClient, connectedCalls
	case o.Spoken():
		m.Client = SpeakingClient
	}
	return count(m)
}

// sideEffects returns how the dialplan reports lost calls, and the SYNs that they cost.
func sideEffects() []*Metric {
	return []*Metric{
		count(Metric{Name: "unserved", Head: [2]string{"SUCCESS", "unserved"}, Client: SpeakingClient,
			Measure: func(s *Storm) Value {
				if s.Dialplan == nil {
					return unknown(OnlyConnects)
				}
				return known(s.Dialplan.Unserved)
			}}),
		count(Metric{Name: "syns-lost", Head: [2]string{"SYNs", "lost"}, Unit: SYNs,
			Measure: func(s *Storm) Value { return optional(s.SYNsLost, NoKernelAccount) }}),
	}
}

// count completes a metric that counts: by default, fewer of the offered calls are better.
func count(m Metric) *Metric {
	m.Of, m.Whole = m.Name, true
	m.Unit, m.Population, m.Better = cmp.Or(m.Unit, Calls), cmp.Or(m.Population, OfOffered), cmp.Or(m.Better, Fewer)
	if m.Head == ([2]string{}) {
		m.Head[0] = m.Name
	}
	m.Column = cmp.Or(m.Column, strings.ReplaceAll(m.Name, "-", "_"))
	if m.Of100 == nil {
		m.Of100 = offeredCalls
	}
	return &m
}

// rates returns how fast the server was.
func rates() []*Metric {
	return []*Metric{{
		Name: "served", Of: "served", Unit: Rate, Population: OfOffered, Better: More, Head: [2]string{"served"},
		Column: "served", Table: MoreTable, Compared: true, Benchmarked: true, Pace: true, Client: SpeakingClient,
		Measure: func(s *Storm) Value {
			if s.Dialplan == nil { // the kernel connects a call that the server has not accepted
				return unknown(OnlyConnects)
			}
			if s.ServedRate == nil && s.Outcomes[record.Answered] > 0 {
				return unknown(NoTime)
			}
			if s.ServedRate == nil {
				return known(0)
			}
			return known(*s.ServedRate)
		},
	}}
}
