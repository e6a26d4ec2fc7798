package reports

import (
	"math"
	"time"

	"agistorm/analysis/capacity"
	"agistorm/analysis/record"
	"agistorm/analysis/stats"
)

// spread of lost calls, over so many storms.
func spread(n int, least, median, most float64) stats.Spread {
	return stats.Spread{N: n, Min: least, Median: median, Max: most}
}

// simulated is what seven simulated storms of so many calls show.
func simulated(calls int, lost float64, p99, longest time.Duration) capacity.Outcome {
	o := capacity.Outcome{Storms: 7, Share: lost / float64(calls), Lost: spread(7, lost, lost, lost), Peak: 498}
	if lost == 0 {
		o.Held = 7
	}
	if lost < float64(calls)/100 {
		o.P50, o.P99 = ptr(p99/4), &p99
	}
	o.Longest = &longest
	return o
}

// answered is the answer to the planner's question of the project: 5,000 calls in 10 s.
func answered() *capacity.Answer {
	const calls = 5000
	outcome := simulated(calls, 0, 720*ms, 840*ms)
	a := &capacity.Answer{
		Question: capacity.Question{
			Calls: calls, Span: 10 * time.Second, Arrival: "burst in 10s", Work: "lognormal 50ms p99 400ms",
			MeanWork: 74 * ms, Like: "asterisk-java", Behaviour: "pool:16", Planned: true, Kind: capacity.BuiltIn,
			ConnectTimeout: 2 * time.Second, FirstCommandTimeout: time.Second, SessionTimeout: 30 * time.Second,
			RTT: 20 * ms, Confidence: 0.95, Budget: 2 * time.Minute, Seed: 1,
		},
		Status: capacity.Proven, Handlers: 38, Backlog: ptr(480), Somaxconn: ptr(480), Utilisation: ptr(0.974),
		OfferedLoad: 37, Recommended: &outcome, Memory: memory(38, 480),
		Useful: &capacity.Useful{Backlog: 513, Rate: 513.5, Timeout: time.Second, Handlers: 38, Work: 74 * ms, Tried: true,
			Held: true},
		Erlang: &capacity.Erlang{Load: 37, Handlers: 41, Waiting: 0.46, WaitP99: 71 * ms, Blocked: 0.07,
			LeftOut: []capacity.Omission{capacity.OmitsRetransmission, capacity.OmitsConnectTimeout,
				capacity.OmitsFiniteQueue, capacity.OmitsShape}},
		Today: &capacity.Today{Somaxconn: 128, Asked: "50", Setting: capacity.Setting{Handlers: 16, Backlog: 50},
			HandlersGiven: true, Outcome: simulated(calls, 2900, 0, 2300*ms)},
		HostLimit: ptr(128),
		Searched: capacity.Searched{OneMachine: true, Settings: 96, Simulations: 410, Calls: 2_050_000, Storms: 77,
			Simulating: 2100 * ms, Proving: 81 * time.Second},
	}
	for i, handlers := range []int{38, 48, 57, 76} {
		row := capacity.Row{Handlers: handlers, Factor: 1 + 0.25*float64(min(i, 2)) + 0.5*float64(max(i-2, 0)),
			Utilisation: ptr(37 / float64(handlers)), Backlog: ptr([]int{480, 96, 24, 3}[i]),
			Outcome: outcome, Useful: ptr(handlers * 1000 / 74)}
		if i > 0 {
			row.Outcome = simulated(calls, 0, 720*ms/time.Duration(4*i), 840*ms/time.Duration(3*i))
		}
		a.Rows = append(a.Rows, row)
	}
	for _, factor := range []int{2, 5, 10} {
		lost := float64(calls) * (float64(factor) - 1.02)
		a.Scaled = append(a.Scaled, capacity.Scaled{Factor: factor, Calls: factor * calls,
			Setting: capacity.Setting{Handlers: 38, Backlog: 480},
			Outcome: simulated(factor*calls, lost, 0, 2900*ms)})
	}
	curves(a)
	queues(a)
	a.Proofs = proven(a)
	return a
}

// memory of a setting, as it was measured.
func memory(handlers, backlog int) *capacity.Memory {
	m := &capacity.Memory{Queued: backlog + 1, PerQueued: 2860, Queue: float64(backlog+1) * 2860, Sessions: handlers,
		ClaimedPerQueued: 80}
	m.Measure(&record.Memory{Queued: ptr(2861), Accepted: ptr(3804), Connections: 4000, Method: record.MethodSlabs,
		Session: ptr(512), Sessions: 1500})
	return m
}

// curves over backlogs and handlers, and the map of both.
func curves(a *capacity.Answer) {
	lost := func(handlers, backlog int) float64 {
		need := max(480-25*max(handlers-38, 0), 3)
		free := max(0, 1-float64(backlog)/float64(need))
		return max(1-float64(handlers)/37, 0) + 0.3*free*free*37/float64(max(handlers, 37))
	}
	point := func(handlers, backlog int) capacity.Point {
		share := lost(handlers, backlog)
		p := capacity.Point{Setting: capacity.Setting{Handlers: handlers, Backlog: backlog}, Lost: share,
			LostMin: share * 0.9, LostMax: min(share*1.15, 1), Storms: 7}
		wait := time.Duration(float64(min(backlog, 900)+40) * 1.9 * float64(ms) * 38 / float64(handlers))
		if share < 0.01 {
			p.P99 = &wait
			p.Holds = share == 0 && wait <= time.Second
		}
		return p
	}
	for _, backlog := range []int{0, 5, 16, 50, 128, 256, 400, 440, 480, 513, 640, 1024, 4096} {
		p := point(38, backlog)
		p.Holds = backlog >= 480 && backlog <= 513
		a.ByBacklog = append(a.ByBacklog, p)
	}
	for _, handlers := range []int{16, 24, 30, 34, 36, 37, 38, 42, 48, 57, 76} {
		p := point(handlers, 480)
		p.Holds = handlers >= 38
		a.ByHandlers = append(a.ByHandlers, p)
	}
	m := &capacity.Map{Handlers: []int{16, 30, 37, 38, 42, 48, 57, 76}, Backlogs: []int{0, 5, 16, 50, 128, 256, 480, 1024,
		4096}}
	for _, handlers := range m.Handlers {
		var row []*float64
		var holds []bool
		for _, backlog := range m.Backlogs {
			share := lost(handlers, backlog)
			row = append(row, &share)
			holds = append(holds, share == 0 && handlers >= 38)
		}
		m.Lost, m.Holds = append(m.Lost, row), append(m.Holds, holds)
	}
	m.Lost[0][8], m.Holds[3][8] = nil, false
	a.Map = m
}

// queues over time, simulated and measured.
func queues(a *capacity.Answer) {
	depth := func(at time.Duration, shift float64) int {
		s := at.Seconds()
		return int(max(0, 440*math.Sin(s/10*math.Pi)+40*math.Sin(3*s+shift)))
	}
	for i := range 200 {
		at := time.Duration(i) * 50 * ms
		a.QueueSimulated = append(a.QueueSimulated, capacity.Sample{At: at, Depth: depth(at, 0)})
		a.QueueMeasured = append(a.QueueMeasured, capacity.Sample{At: at, Depth: depth(at, 1)})
	}
}

// proven are the storms of the recommended setting, the next smaller and the largest useful one.
func proven(a *capacity.Answer) []capacity.Proof {
	recommended := capacity.Proof{Role: capacity.RoleRecommended, Setting: capacity.Setting{Handlers: 38, Backlog: 480},
		Cell: "a", Calls: 5000, Predicted: *a.Recommended, Lost: spread(59, 0, 0, 0), Late: spread(59, 0, 0, 0),
		Low: ptr(0.0), High: ptr(0.0), Storms: 59, Needed: 59, StormsBound: ptr(0.0495), P99: ptr(735 * ms),
		Longest: ptr(861 * ms), Peak: spread(59, 431, 460, 481), Rate: ptr(497.0), Held: true}
	smaller := recommended
	smaller.Role, smaller.Setting.Backlog, smaller.Storms, smaller.Needed = capacity.RoleSmaller, 420, 9, 9
	smaller.Predicted, smaller.Lost = simulated(5000, 22, 710*ms, 1900*ms), spread(9, 4, 25, 61)
	smaller.Share, smaller.StormsBound, smaller.Held, smaller.Missed = 0.005, nil, false, 9
	largest := recommended
	largest.Role, largest.Setting.Backlog, largest.Storms, largest.Needed = capacity.RoleLargest, 513, 9, 9
	largest.Lost, largest.StormsBound, largest.Doubtful = spread(9, 0, 0, 0), ptr(0.283), 1
	return []capacity.Proof{recommended, smaller, largest}
}

// answers are of every status, by the names of their goldens.
func answers() map[string]*capacity.Answer {
	return map[string]*capacity.Answer{
		"proven": answered(), "simulated": changed(func(a *capacity.Answer) {
			a.Status, a.Unproven, a.Proofs, a.QueueMeasured = capacity.Simulated, []capacity.Reason{capacity.NoNamespace},
				nil, nil
			a.Searched.Storms, a.Memory.Measured.Method = 0, record.MethodSockets
			a.Memory.Measured.Unknown = &record.Note{Code: record.NoteSlabsUnreadable, Error: "permission denied"}
		}),
		"asked": changed(func(a *capacity.Answer) {
			a.Status, a.Unproven, a.Proofs = capacity.Simulated, []capacity.Reason{capacity.Asked}, nil
			a.Memory = nil
		}),
		"not-proven": changed(func(a *capacity.Answer) {
			a.Status, a.Unproven = capacity.NotProven, []capacity.Reason{capacity.TooFewStorms, capacity.LostCalls}
			p := &a.Proofs[0]
			p.Storms, p.Lost, p.Share, p.Held, p.StormsBound = 12, spread(12, 0, 1, 9), 0.0002, false, nil
			p.Missed = 7
		}),
		"contradicted": changed(func(a *capacity.Answer) {
			a.Status, a.Unproven = capacity.Contradicted, []capacity.Reason{capacity.LostCalls}
			p := &a.Proofs[0]
			p.Lost, p.Share, p.Held, p.StormsBound, p.Contradicts = spread(59, 600, 702, 811), 0.1404, false, nil, true
			p.P99 = nil
		}),
		"missed": changed(func(a *capacity.Answer) {
			p := &a.Proofs[0]
			p.Lost, p.StormsBound, p.Missed = spread(59, 0, 0, 4), nil, 2
		}),
		"larger": changed(larger),
		"more handlers": changed(func(a *capacity.Answer) {
			larger(a)
			a.LeastSimulated, a.LeastHandlers = ptr(480), 36
			a.Proofs[len(a.Proofs)-1].Setting = capacity.Setting{Handlers: 36, Backlog: 480}
		}),
		"fixed": changed(func(a *capacity.Answer) {
			a.Question.Behaviour, a.Question.Planned, a.Handlers, a.Utilisation = "thread", false, 0, nil
			a.Rows = a.Rows[:1]
			a.Rows[0].Handlers, a.Rows[0].Utilisation, a.Rows[0].Useful, a.Useful, a.Erlang = 0, nil, nil, nil, nil
			a.Memory.Sessions, a.Memory.Handlers, a.ByHandlers, a.Map, a.Scaled, a.Proofs = 0, nil, nil, nil, nil, nil
			a.Status, a.Unproven, a.Failure = capacity.NotProven, []capacity.Reason{capacity.Failed}, "no space left "+
				"on device"
		}),
		"running": changed(func(a *capacity.Answer) {
			a.Question.Kind, a.Question.Server = capacity.Running, "agi://127.0.0.1:4573/script"
			a.Question.Measured = []capacity.Fact{capacity.FactHandlers, capacity.FactWork}
			a.Status, a.Unproven, a.Proofs = capacity.NotProven, []capacity.Reason{capacity.RunningServer}, a.Proofs[:1]
			a.Proofs[0].Role, a.Proofs[0].Storms, a.Proofs[0].StormsBound = capacity.RoleAsked, 1, ptr(0.95)
			a.Proofs[0].Predicted = capacity.Outcome{}
			a.Useful.Handlers, a.Useful.Work = 0, 0
		}),
		"hopeless":    changed(hopeless),
		"interrupted": changed(func(a *capacity.Answer) { a.Status, a.Proofs, a.Scaled = capacity.Interrupted, nil, nil }),
		"over-budget": changed(func(a *capacity.Answer) {
			*a = capacity.Answer{Question: a.Question, Status: capacity.OverBudget, Searched: capacity.Searched{Cut: true}}
		}),
		"rate": changed(rate),
		"rate contradicted": changed(func(a *capacity.Answer) {
			rate(a)
			a.Status = capacity.Contradicted
			p := a.Found.Proof
			p.Lost, p.Share, p.Held, p.StormsBound, p.Contradicts = spread(59, 300, 310, 320), 310/1926., false, nil, true
		}),
		"no rate": changed(func(a *capacity.Answer) {
			rate(a)
			a.Status, a.Found.Calls, a.Found.Rate, a.Found.Proof = capacity.Hopeless, 0, ptr(0.0), nil
		}),
	}
}

// rate is the answer to how many calls a server can take.
func rate(a *capacity.Answer) {
	a.Question.Find, a.Handlers, a.Backlog, a.Rows = capacity.FindRate, 0, nil, nil
	a.Recommended, a.Memory, a.Today, a.Scaled, a.Erlang, a.Useful = nil, nil, nil, nil, nil, nil
	a.ByBacklog, a.ByHandlers, a.Map, a.QueueSimulated, a.QueueMeasured = nil, nil, nil, nil, nil
	a.Found = &capacity.Found{Setting: capacity.Setting{Handlers: 16, Backlog: 128}, Calls: 2140, Rate: ptr(214.0),
		Above: ptr(2180), Capacity: ptr(216.2), Outcome: simulated(2140, 0, 610*ms, 702*ms)}
	a.Found.Proof = ptr(a.Proofs[0])
	a.Found.Proof.Role, a.Found.Proof.Calls, a.Found.Proof.Setting = capacity.RoleRate, 1926, a.Found.Setting
	a.Proofs = nil
}

// larger is an answer whose least backlog by simulation did not hold the limits.
func larger(a *capacity.Answer) {
	a.LeastSimulated, a.LeastHandlers = ptr(440), 38
	p := a.Proofs[0]
	p.Role, p.Setting.Backlog, p.Storms, p.Missed, p.StormsBound, p.Held = capacity.RoleSimulated, 440, 9, 9, nil, false
	p.Lost, p.Share, p.Doubtful = spread(9, 1, 6, 12), 0.0012, 2
	a.Proofs = append(a.Proofs, p)
}

// hopeless is an answer of a server whose handlers cannot serve the calls.
func hopeless(a *capacity.Answer) {
	a.Status, a.Handlers, a.Backlog, a.Somaxconn = capacity.Hopeless, 0, nil, nil
	a.Rows, a.Proofs, a.Recommended, a.Memory, a.Scaled = nil, nil, nil, nil, nil
	a.Question.Planned = false
	a.Hopeless = &capacity.HopelessFact{Handlers: 16, Best: capacity.Setting{Handlers: 16, Backlog: 216},
		Outcome: simulated(5000, 2650, 0, 1900*ms), Need: ptr(38), Tried: 64}
}

func changed(change func(*capacity.Answer)) *capacity.Answer {
	a := answered()
	change(a)
	return a
}
