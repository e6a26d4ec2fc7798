package reports

import (
	"strconv"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"agistorm/analysis"
	"agistorm/analysis/calls"
	"agistorm/analysis/causes"
	"agistorm/analysis/finding"
	"agistorm/analysis/health"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/analysis/stats"
	"agistorm/reports/plots"
)

const (
	us = time.Microsecond
	ms = time.Millisecond
)

func ptr[T any](v T) *T { return &v }

// storm is what a made repeat differs in from others.
type storm struct {
	timeouts, resets, late, phantoms int
	retransmits                      uint64
	peak                             uint32
	full                             time.Duration
	overflows                        uint64
	warnings                         []finding.Finding
}

// repeat is a storm of 2,000 calls in a namespace at the built-in target.
func (st storm) repeat(n int, limit uint32) analysis.Repeat {
	lost := st.timeouts + st.resets
	r := analysis.Repeat{
		N: n, Storm: metric.Storm{
			Offered:        2000,
			Lost:           lost,
			Late:           st.late,
			Phantoms:       ptr(st.phantoms),
			SYNRetransmits: ptr(st.retransmits),
			Outcomes: map[record.Outcome]int{
				record.Answered: 2000 - lost, record.ConnectTimeout: st.timeouts, record.Reset: st.resets,
			},
			Queue:    &metric.Queue{Limit: limit, Peak: st.peak, Seen: st.peak, Full: st.full, Mean: float64(st.peak) / 2},
			StartLag: metric.Quantiles{Count: 2000, P50: 12 * ms, P90: 21 * ms, P99: 23400 * us, Min: 3 * us, Max: 23800 * us},
		},
		Counters: record.Counters{"TcpActiveOpens": 2000},
		Checks: []finding.Check{
			{Rule: finding.RuleOutcomes}, {Rule: finding.RulePhantoms}, {Rule: finding.RuleUnanswered, Medium: finding.Loopback},
		},
		Health: &analysis.Health{
			Grade: analysis.HealthWell, Tolerance: 500 * ms, LoopbackDrops: ptr(uint64(0)),
			Workers: []analysis.WorkerHealth{worker("0/1", 180*ms, 45*ms)},
		},
		ReplyLag: replyLag(),
		Warnings: st.warnings,
		Raw: &record.Repeat{
			Storm:  record.Storm{Engine: "epoll"},
			Target: &record.Target{Watch: &record.Watch{Looks: 4001, Span: 2100 * ms, LongestGap: 4800 * us}},
		},
	}
	if st.overflows > 0 {
		r.Counters["ListenOverflows"], r.Counters["ListenDrops"] = st.overflows, st.overflows
		r.Counters["TCPSynRetrans"] = st.retransmits
	}
	return r
}

// replyLag is that of a healthy generator.
func replyLag() *analysis.ReplyLag {
	return &analysis.ReplyLag{Count: 4000, P50: 110 * us, P90: 400 * us, P99: 2700 * us, Max: 4300 * us, Sum: 512 * ms,
		HandlerTime: ptr(10240 * ms), Share: ptr(0.05), Grade: analysis.HealthWell}
}

// worker is one whose thread ran and waited for so long in a storm of 2 s.
func worker(share string, ran, waited time.Duration) analysis.WorkerHealth {
	return analysis.WorkerHealth{
		Worker: record.Worker{
			Share: share, Attempts: 2000, Wall: 2 * time.Second,
			Thread: &record.Thread{CPU: ran, Waited: waited}, Pauses: &record.Pauses{},
			ReplyLag: &record.Lag{Count: 4000, Sum: 512 * ms, Max: 4300 * us},
		},
		CPUShare:      ptr(ran.Seconds() / 2),
		RunQueueShare: ptr(float64(waited) / float64(ran+waited)),
	}
}

// quantiles of a latency of n calls.
func quantiles(n int64, p50, p99, most time.Duration) metric.Latency {
	h := hdrhistogram.New(1, int64(10*time.Minute/us), 3)
	for d, calls := range map[time.Duration]int64{p50: n * 6 / 10, p99: n - n*6/10 - 1, most: 1} {
		_ = h.RecordValues(d.Microseconds(), max(calls, 0))
	}
	return metric.Latency{Histogram: h, Quantiles: metric.Quantiles{
		Count: n, P50: p50, P90: p99 - ms/2, P95: p99, P99: p99, Min: 40 * us, Max: most,
	}}
}

// cell is one setting with its three storms.
func cell(label string, c record.Cell, p50, p99, most time.Duration, storms ...storm) analysis.Cell {
	made := analysis.Cell{Cell: c, Label: label, Outcomes: map[record.Outcome]analysis.Spread{}}
	for i, st := range storms {
		r := st.repeat(i+1, uint32(c.Effective))
		n := int64(2000 - st.timeouts - st.resets)
		r.Latencies = latencies(n, n, p50, p99, most)
		r.SYNsLost, r.ServedRate = ptr(st.retransmits), ptr(2310+float64(i))
		r.Dialplan = &metric.Dialplan{Success: int(n) + 7, Unserved: 7}
		made.Repeats = append(made.Repeats, r)
	}
	made.Measure()
	made.Lost, made.Late, made.ReplyLag = made.Metrics["lost"], made.Metrics["late"], replyLag()
	made.Phantoms, made.QueuePeak = ptr(made.Metrics["phantom"]), ptr(made.Metrics["max(queue)"])
	for _, o := range record.Outcomes {
		made.Outcomes[o] = made.Metrics[string(o)]
	}
	lost, offered := 0, 2000*len(storms)
	for _, st := range storms {
		lost += st.timeouts + st.resets
	}
	made.Shares.Lost = stats.Wilson(lost, offered)
	made.SYNsLost = &analysis.Spread{N: 3, Median: 0.756, Min: 0.75, Max: 0.76}
	made.FromStart.Connect.Quantiles = metric.Quantiles{Count: 5000, P50: p50 - 5*us, P99: p99 - 20*us}
	made.Dialplan = &metric.Dialplan{Success: offered - lost + 7, Failure: lost - 7, Unserved: 7}
	made.Latencies = latencies(5000, 4900, p50, p99, most)
	return made
}

// latencies of so many connected and answered calls.
func latencies(connected, answered int64, p50, p99, most time.Duration) metric.Latencies {
	return metric.Latencies{
		Handshake:    quantiles(connected, p50/100+20*us, p99-20*ms, most-20*ms),
		Connect:      quantiles(connected, p50, p99, most),
		FirstCommand: quantiles(answered, p50+300*ms, p99+310*ms, most+320*ms),
		Session:      quantiles(answered, p50+301*ms, p99+311*ms, most+321*ms),
	}
}

// alike are three storms without a lost call that differ in the queue's depth only.
func alike(peak uint32) []storm {
	return []storm{{peak: peak - 9}, {peak: peak - 4}, {peak: peak}}
}

func tuned(somaxconn int) record.Cell {
	return record.Cell{
		ID: "somaxconn-" + strconv.Itoa(somaxconn), Backlog: "max", Somaxconn: somaxconn, Effective: somaxconn,
		Sysctls: map[string]string{"net.core.somaxconn": strconv.Itoa(somaxconn), "net.ipv4.tcp_syncookies": "1"},
	}
}

const question = "How many calls of a burst are lost with an accept queue of 128, and how long must the queue be to " +
	"lose none?"

const source = `# agistorm sweep somaxconn
name: somaxconn
question: How many calls of a burst are lost with an accept queue of 128, and how long must the queue be to lose none?
storm:
  calls: 2000
  arrival: burst
target:
  behaviour: pool:16
  work: 5ms
repeats: 3
seed: 1
`

// sample is a run as the built-in scenario makes it.
func sample() *analysis.Summary {
	fixed := tuned(4096)
	fixed.ID, fixed.Backlog, fixed.Effective = "backlog-128-somaxconn-4096", "128", 128
	s := &analysis.Summary{
		Format:     1,
		Answer:     sampleAnswer(),
		Conclusive: true,
		Comparisons: []analysis.Comparison{{
			Old: "somaxconn 128", New: "somaxconn 1024", Differs: "net.core.somaxconn",
			Contrast: sideSample().Settings[0].Contrast,
		}},
		Recommendation: &analysis.Recommendation{
			Somaxconn: 4096, Backlog: 4096, Change: analysis.ChangeBoth, Peak: 1861, Margin: ptr(0.546), LossFree: 1024,
			LossFreeLate: 870, Useful: 9600,
		},
		Warnings: []finding.Finding{
			{
				Fact: finding.Noticed{
					Note: record.Note{Words: "net.core.netdev_max_backlog is 1000 and cannot be set in a namespace"},
				},
			},
		},
		Run: sampleRun(),
		Cells: []analysis.Cell{
			cell(
				"somaxconn 128",
				tuned(128),
				1030*ms,
				1052*ms,
				1063*ms,
				storm{
					timeouts:    1203,
					resets:      174,
					late:        402,
					phantoms:    180,
					retransmits: 4410,
					peak:        129,
					full:        31 * ms,
					overflows:   4511,
				},
				storm{
					timeouts:    1210,
					resets:      192,
					late:        388,
					phantoms:    196,
					retransmits: 4436,
					peak:        129,
					full:        32 * ms,
					overflows:   4602,
				},
				storm{
					timeouts:    1230,
					resets:      203,
					late:        371,
					phantoms:    207,
					retransmits: 4475,
					peak:        130,
					full:        33 * ms,
					overflows:   4660,
					warnings: []finding.Finding{{Fact: finding.Unbalanced{
						Check: finding.Check{Rule: finding.RuleUnanswered, Medium: finding.Loopback, Residual: 3},
						Cause: finding.CauseLostElsewhere,
					}}},
				},
			),
			cell("somaxconn 512", tuned(512), 1010*ms, 1047*ms, 1061*ms,
				storm{timeouts: 640, resets: 108, late: 512, retransmits: 2610, peak: 513, full: 24 * ms, overflows: 2650},
				storm{timeouts: 651, resets: 109, late: 510, retransmits: 2633, peak: 513, full: 24 * ms, overflows: 2701},
				storm{timeouts: 670, resets: 111, late: 503, retransmits: 2650, peak: 513, full: 25 * ms, overflows: 2711}),
			cell("somaxconn 1024", tuned(1024), 22*ms, 1042*ms, 1058*ms,
				storm{timeouts: 3, late: 820, retransmits: 1010, peak: 1025, full: 11 * ms, overflows: 1013},
				storm{timeouts: 12, late: 833, retransmits: 1041, peak: 1025, full: 12 * ms, overflows: 1044},
				storm{timeouts: 15, late: 841, retransmits: 1050, peak: 1025, full: 12 * ms, overflows: 1058}),
			cell("somaxconn 4096", tuned(4096), 11800*us, 23900*us, 24300*us, alike(1861)...),
			cell("somaxconn max", tuned(largest), 11700*us, 23600*us, 24100*us, alike(1858)...),
			cell(
				"backlog 128 (somaxconn 4096)",
				fixed,
				1031*ms,
				1054*ms,
				1066*ms,
				storm{
					timeouts:    1204,
					resets:      177,
					late:        399,
					phantoms:    183,
					retransmits: 4402,
					peak:        129,
					full:        31 * ms,
					overflows:   4502,
				},
				storm{
					timeouts:    1208,
					resets:      190,
					late:        391,
					phantoms:    194,
					retransmits: 4421,
					peak:        129,
					full:        32 * ms,
					overflows:   4588,
				},
				storm{
					timeouts:    1239,
					resets:      201,
					late:        370,
					phantoms:    205,
					retransmits: 4480,
					peak:        129,
					full:        33 * ms,
					overflows:   4671,
				},
			),
		},
	}
	s.Cells[0].Repeats[2].Checks[2].Residual = 3
	s.Cells[0].Repeats[1].PhantomFates = &calls.PhantomFates{Never: 196, Gone: 3, Wasted: 15 * ms}
	s.Cells[0].Chains = sampleChains()
	s.Cells[0].Phases = &causes.Phases{Retransmission: quantiles(1161, 1020*ms, 1031*ms, 1040*ms).Quantiles,
		Queued: quantiles(1800, 41*ms, 88*ms, 90*ms).Quantiles, Server: quantiles(1800, 5*ms, 9*ms, 31*ms).Quantiles}
	s.Health = health.WorstHealth(s)
	return s
}

// sampleChains are of calls that were lost, and of calls that were late.
func sampleChains() []causes.Chain {
	dropped := func(at time.Duration, again ...time.Duration) finding.Step {
		return finding.Step{
			Code: finding.SYNDropped, Places: []finding.Place{finding.AcceptQueue}, Again: len(again),
			Example: finding.Sight{At: at, Queue: &finding.Depth{Depth: 129, Holds: 129}, Retransmitted: again},
		}
	}
	return []causes.Chain{
		{
			Outcome: record.ConnectTimeout, Impairment: calls.ImpairedLost, Count: 3643, Storm: 1, Attempt: 1553,
			Steps: []finding.Step{
				dropped(16700*us, 1040*ms),
				{Code: finding.GaveUp, Limit: 2 * time.Second, Example: finding.Sight{At: 2020 * ms}},
			},
		},
		{
			Outcome: record.Answered, Impairment: calls.ImpairedLate, Count: 1161, Storm: 1, Attempt: 553,
			Steps: []finding.Step{
				dropped(11400 * us),
				{Code: finding.SYNAnswered, Example: finding.Sight{At: 1020 * ms}},
				{Code: finding.Accepted, Example: finding.Sight{At: 1150 * ms, Waited: 133 * ms}},
				{Code: finding.Answered, Example: finding.Sight{At: 1160 * ms}},
			},
		},
	}
}

func sampleAnswer() []finding.Finding {
	lost := func(id string, median, least, most float64) finding.Finding {
		return finding.Finding{Settings: []string{id}, Fact: finding.CallsLost{Of: 2000,
			Calls: finding.Range{Median: median, Min: least, Max: most, Storms: 3}}}
	}
	return []finding.Finding{
		lost("somaxconn-128", 1402, 1377, 1433), lost("somaxconn-512", 760, 748, 781), lost("somaxconn-1024", 12, 3, 15),
		{
			Settings: []string{"somaxconn-4096", "somaxconn-2147483647"},
			Fact:     finding.NoneLost{Late: &finding.Range{Storms: 3}},
		},
		{Settings: []string{"somaxconn-4096"}, Fact: finding.RaiseBacklog{Action: finding.RaiseSysctl, Somaxconn: 4096,
			Backlog: 4096, Peak: 1861}},
		{
			Settings: []string{"backlog-128-somaxconn-4096"},
			Fact: finding.ApplicationBacklog{Backlog: 128, Least: 1398, Most: 1398,
				SomaxconnFrom: 4096, SomaxconnTo: 4096},
		},
		{Settings: []string{"backlog-128-somaxconn-4096"}, Fact: finding.SysctlNotEnough{}},
	}
}

func alienAnswer() []finding.Finding {
	return []finding.Finding{{Fact: finding.Outcome{Calls: 2000, Storms: 1, AllLost: 5, Served: 1995,
		Lost: finding.Range{
			Median: 5,
			Min:    5,
			Max:    5,
			Storms: 1,
		}, LostAs: []finding.Count{{Outcome: "connect-timeout", Calls: 5}}}}}
}

func sampleRun() *record.Run {
	started := time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)
	return &record.Run{
		Format: 1, Version: "0.1.0", Command: []string{"agistorm", "sweep", "somaxconn", "-o", "before release"},
		Scenario: record.Scenario{
			Name: "somaxconn", Question: question, Source: source, Arrival: "2000 at once", Calls: 2000,
			Client: "as Asterisk speaks", Target: "pool of 16 handlers, 5ms of work per call",
			ConnectLimit: 2 * time.Second, FirstCommandLimit: 3 * time.Second, SessionLimit: 10 * time.Second,
		},
		Host: record.Host{
			OS: "linux", Arch: "amd64", Kernel: "6.18.0", CPU: "Example CPU at 2.40 GHz", CPUs: 2, MemoryBytes: 8 << 30,
			OpenFiles: 20000,
			Sysctls: map[string]string{
				"net.core.somaxconn":           "128",
				"net.core.netdev_max_backlog":  "1000",
				"net.ipv4.ip_local_port_range": "32768\t60999",
			},
		},
		Isolation: record.Isolation{Mode: record.IsolationUser},
		Cells:     make([]record.Cell, 6), Repeats: 3, Seed: 1,
		Started: started, Finished: started.Add(64 * time.Second),
	}
}

// alien is one storm at an external server with an engine that has no TCP_INFO.
func alien() *analysis.Summary {
	c := cell(
		"storm",
		record.Cell{ID: "storm"},
		ms,
		2*ms,
		3*ms,
		storm{timeouts: 5},
		storm{timeouts: 5},
		storm{timeouts: 5},
	)
	c.Repeats = c.Repeats[:1]
	r := &c.Repeats[0]
	r.Phantoms, r.SYNRetransmits, r.Queue, r.Counters, r.Checks = nil, nil, nil, nil, r.Checks[:1]
	r.Raw.Storm = record.Storm{Engine: "portable", Lacks: []string{"tcp-info", "arrival-stamps"}}
	for _, l := range []*analysis.ReplyLag{r.ReplyLag, c.ReplyLag} {
		l.FromRead, l.HandlerTime, l.Share, l.ShareUnknown = true, nil, nil, metric.NoServerLog
	}
	r.Health = &analysis.Health{
		Grade:   analysis.HealthWell,
		Workers: []analysis.WorkerHealth{{Worker: record.Worker{Share: "0/1", Attempts: 2000}}},
	}
	r.Replies = metric.Replies{Quantiles: r.ReplyLag.Quantiles(), ShareUnknown: metric.NoServerLog}
	c.Measure()
	c.Lost, c.Late, c.Phantoms, c.QueuePeak = c.Metrics["lost"], analysis.Spread{}, nil, nil
	c.Latencies.Handshake = metric.Latency{}
	for o := range c.Outcomes {
		c.Outcomes[o] = c.Metrics[string(o)]
	}
	s := &analysis.Summary{
		Format: 1, Answer: alienAnswer(), Conclusive: true, Cells: []analysis.Cell{c},
		Run: &record.Run{
			Format:    1,
			Repeats:   1,
			Cells:     []record.Cell{{ID: "storm"}},
			Isolation: record.Isolation{Mode: record.IsolationHost},
		},
	}
	s.Health = health.WorstHealth(s)
	return s
}

// joined is one storm that three machines played at a server with two addresses, of which one had other work.
func joined() *analysis.Summary {
	s := alien()
	s.Run.Scenario.Calls = 2000
	for k, name := range []string{"amber", "birch", "cedar"} {
		s.Run.Merged = append(
			s.Run.Merged,
			record.Share{K: k, N: 3, Calls: 667 - k/2, Host: &record.Host{Name: name, OS: "linux", Arch: "amd64", CPUs: 2}},
		)
	}
	s.Warnings = []finding.Finding{{Fact: finding.Noticed{Note: record.Note{Words: "a warning of the run"}}}}
	r := &s.Cells[0].Repeats[0]
	r.Addresses = []calls.Address{
		{Address: "192.0.2.7:4573", Calls: 1500, Outcomes: map[record.Outcome]int{record.Answered: 1500}},
		{
			Address:  "192.0.2.8:4573",
			Calls:    500,
			Outcomes: map[record.Outcome]int{record.Answered: 495, record.ConnectTimeout: 5},
		},
	}
	r.Health.Grade, r.Health.Workers = analysis.HealthLimit, nil
	for _, w := range []analysis.WorkerHealth{worker("1/3", 300*ms, 900*ms), worker("0/3", 180*ms, 45*ms),
		worker("2/3", 170*ms, 0)} {
		w.Attempts = 667
		w.Host = s.Run.Merged[w.Share[0]-'0'].Host.Name
		r.Health.Workers = append(r.Health.Workers, w)
	}
	r.Health.Workers[2].Pauses = &record.Pauses{Count: 2, Longest: 1200 * us, Total: 1300 * us}
	s.Health = health.WorstHealth(s)
	return s
}

// connectOnly is one storm of a client that only connects.
func connectOnly() *analysis.Summary {
	s := alien()
	s.Run.Scenario.Client = "connect-only"
	c := &s.Cells[0]
	r := &c.Repeats[0]
	r.Outcomes = map[record.Outcome]int{record.Connected: 1995, record.ConnectTimeout: 5}
	c.Measure()
	for o := range c.Outcomes {
		c.Outcomes[o] = c.Metrics[string(o)]
	}
	return s
}

// sampleFigures are pictures of a few bytes.
func sampleFigures() []plots.Figure {
	return []plots.Figure{
		{Name: "lost-calls", Title: "Lost calls", Alt: "Bars: 128 loses most, 4096 none.", Caption: "Lost calls by " +
			"outcome.",
			PNG: []byte(
				"\x89PNG",
			), SVG: []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 4"><rect width="8" height="4" ` +
				`fill="#0a0"/></svg>`)},
		{
			Name:    "connect",
			Title:   "Connect latency",
			Alt:     "A peak near 1 s.",
			Caption: "Connects.",
			PNG:     []byte("\x89PNG of another"),
		},
	}
}
