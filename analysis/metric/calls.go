package metric

import (
	"slices"
	"strings"

	"agistorm/analysis/record"
)

func offeredCalls(s *Storm) float64 { return float64(max(s.Offered, 1)) }

// attempts are the offered calls and those that the generator failed to offer.
func attempts(s *Storm) float64 {
	n := s.Offered
	for o, count := range s.Outcomes {
		if !o.Offered() {
			n += count
		}
	}
	return float64(max(n, 1))
}

// calls are the metrics that count calls, or the SYNs that they lost.
func calls() (all []*Metric) {
	offered := count("offered", Neither, "offered", func(s *Storm) Value { return known(s.Offered) })
	offered.Population, offered.Of100 = OfGenerator, attempts
	all = append(all, offered)
	for _, o := range []record.Outcome{record.Answered, record.Connected} {
		all = append(all, outcome(o))
	}
	all = append(all, sufferings()...)
	for _, o := range record.Outcomes {
		if !o.Served() {
			all = append(all, outcome(o))
		}
	}
	return append(all, sideEffects()...)
}

// sufferings are how calls fare that do not get in time all that they came for.
func sufferings() []*Metric {
	lost := count("lost", Fewer, "lost", func(s *Storm) Value { return known(s.Lost) })
	lost.Table, lost.Compared, lost.Benchmarked, lost.OughtToBeZero = MainTable, true, true, true
	late := count("late", Fewer, "late", lateCalls)
	late.Table, late.Benchmarked = MainTable, true
	// Not late alone is compared: whoever loses fewer calls may well have more late ones.
	both := count("lost-or-late", Fewer, "lost or late", func(s *Storm) Value {
		v := lateCalls(s)
		v.Number += float64(s.Lost)
		return v
	})
	both.Compared = true
	slow := count("slow", Fewer, "slow", func(s *Storm) Value { return known(s.Slow) })
	slow.Table, slow.OughtToBeZero, slow.Client = MainTableIfAny, true, SpeakingClient
	phantom := count("phantom", Fewer, "phantoms", func(s *Storm) Value { return optional(s.Phantoms, NoServerLog) })
	phantom.Table, phantom.Logged, phantom.Column = MainTable, true, "phantoms"
	return []*Metric{lost, late, both, slow, phantom}
}

// lateCalls are known by the kernel's account, or by a connect that took as long as a retransmission.
func lateCalls(s *Storm) Value {
	if s.SYNRetransmits == nil && s.Late == 0 {
		return unknown(NoKernelAccount)
	}
	return known(s.Late)
}

// spokenOutcomes are those that a client which only connects never comes to.
var spokenOutcomes = []record.Outcome{record.Answered, record.Closed, record.Silent, record.ProtocolError}

func outcome(o record.Outcome) *Metric {
	m := count(string(o), Fewer, string(o), func(s *Storm) Value { return known(s.Outcomes[o]) })
	m.Outcome, m.Column, m.Table = o, "outcome_"+string(o), MainTableIfAny
	if before, after, two := strings.Cut(string(o), "-"); two {
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
		m.Client = ConnectingClient
	case slices.Contains(spokenOutcomes, o):
		m.Client = SpeakingClient
	}
	return m
}

// sideEffects are what the dialplan sees of lost calls, and what they cost on the way.
func sideEffects() []*Metric {
	unserved := count("unserved", Fewer, "", func(s *Storm) Value {
		if s.Dialplan == nil {
			return unknown(OnlyConnects)
		}
		return known(s.Dialplan.Unserved)
	})
	unserved.Head, unserved.Client = [2]string{"SUCCESS", "unserved"}, SpeakingClient
	syns := count("syns-lost", Fewer, "", func(s *Storm) Value { return optional(s.SYNsLost, NoKernelAccount) })
	syns.Head, syns.Unit = [2]string{"SYNs", "lost"}, SYNs
	return []*Metric{unserved, syns}
}

func count(name string, better Better, head string, measure func(*Storm) Value) *Metric {
	return &Metric{
		Name: name, Of: name, Unit: Calls, Population: OfOffered, Better: better, Head: [2]string{head},
		Column: strings.ReplaceAll(name, "-", "_"), Of100: offeredCalls, Measure: measure,
	}
}

// rates are how fast the server was.
func rates() []*Metric {
	return []*Metric{{
		Name: "served", Of: "served", Unit: Rate, Population: OfOffered, Better: More, Head: [2]string{"served"},
		Column: "served", Table: MoreTable, Compared: true, Benchmarked: true, Pace: true,
		Measure: func(s *Storm) Value {
			if s.ServedRate == nil && s.Outcomes[record.Answered]+s.Outcomes[record.Connected] > 0 {
				return unknown(NoTime)
			}
			if s.ServedRate == nil {
				return known(0)
			}
			return known(*s.ServedRate)
		},
	}}
}
