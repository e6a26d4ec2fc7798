package folklore

import (
	"context"
	"slices"
	"strings"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
	"agistorm/analysis/stats"
	"agistorm/analysis/summary"
	"agistorm/loadgen/caller"
	"agistorm/scenarios"
	"agistorm/scenarios/axis"
	"agistorm/scenarios/lab"
)

// The storms, by the names that claims have for them.
const (
	prompt128    = "prompt_128"
	pause128     = "pause_128"
	pause256     = "pause_256"
	overload128  = "overload_128"
	overload4096 = "overload_4096"
	burst128     = "burst_128"
	burst1024    = "burst_1024"
	burst4096    = "burst_4096"
	calls1000    = "burst_1024_of_1000"
	noCookies    = "burst_128_without_cookies"
	oneWrite     = "burst_128_in_one_write"
	abort        = "burst_128_with_abort"
)

const (
	cookiesSysctl = "net.ipv4.tcp_syncookies"
	abortSysctl   = "net.ipv4.tcp_abort_on_overflow"
)

// group is storms of one scenario, which differ in what settings can differ in.
type group struct {
	name   string
	change func(*axis.Plan)
	storms []stormOf
}

// stormOf is the storm of one setting.
type stormOf struct {
	name    string
	setting axis.Values
}

// light groups leave the CPUs idle most of the time: they are played at once.
var light = []group{
	lightOf(prompt128, hundredASecond, "128"),
	lightOf(pause128, pausing, "128"),
	lightOf(pause256, pausing, "256"),
	lightOf(overload128, overload, "128"),
	lightOf(overload4096, overload, "4096"),
}

// lightOf returns the group of one storm.
func lightOf(name string, change func(*axis.Plan), backlog string) group {
	return group{name, change, []stormOf{{name, axis.Values{"backlog": backlog}}}}
}

// bursts use the CPUs as far as they go: they are played alone.
var bursts = group{"burst", func(p *axis.Plan) { p.Storm.Calls = 2000 }, []stormOf{
	{burst128, burst(axis.Values{"backlog": "128"})},
	{burst1024, burst(axis.Values{"backlog": "1024"})},
	{burst4096, burst(axis.Values{"backlog": "4096"})},
	{calls1000, burst(axis.Values{"backlog": "1024", "calls": "1000"})},
	{noCookies, burst(axis.Values{"backlog": "128", cookiesSysctl: "0"})},
	{oneWrite, burst(axis.Values{"backlog": "128", "client": caller.SingleWrite})},
	{abort, burst(axis.Values{"backlog": "128", abortSysctl: "1"})},
}}

// burst is a setting with a value on every axis of bursts.
func burst(values axis.Values) axis.Values {
	return scenarios.Over(axis.Values{
		"calls": "2000", "client": caller.Asterisk, cookiesSysctl: "1", abortSysctl: "0",
	}, values)
}

// hundredASecond is the kernel's comment: 100 connections a second, at a server that can serve 800.
func hundredASecond(p *axis.Plan) {
	p.Storm.Calls, p.Storm.Arrival = 300, "poisson 100/s"
	p.Target.Behaviour, p.Target.Work = "pool:4", "5ms"
}

// pauseOf is how long the server of pausing accepts nothing. 129 places fill in 1.3 s, 257 in 2.6 s.
const pauseOf = 2 * time.Second

func pausing(p *axis.Plan) {
	hundredASecond(p)
	p.Target.Stalls = []string{pauseOf.String() + "@500ms"}
}

// overload is twice as many calls as the server serves (400 a second), of callers that wait for half a second.
func overload(p *axis.Plan) {
	p.Storm.Calls, p.Storm.Arrival = 1600, "constant 800/s"
	p.Storm.FirstCommandTimeout = 500 * time.Millisecond
	p.Target.Behaviour, p.Target.Work = "pool:4", "10ms"
}

// scenario makes the group's.
func (g *group) scenario(repeats int) (*scenarios.Scenario, error) {
	s := scenarios.Defaults()
	s.Name, s.Repeats, s.Link = strings.ReplaceAll(g.name, "_", "-"), repeats, axis.LinkVeth
	s.Target.Behaviour, s.Target.Work = "pool:16", "5ms"
	s.Sysctls = map[string]string{cookiesSysctl: "1", abortSysctl: "0"}
	g.change(&s.Plan)
	for _, storm := range g.storms {
		s.Settings = append(s.Settings, scenarios.Over(storm.setting, axis.Values{"somaxconn": "16384"}))
	}
	text, err := s.YAML()
	if err != nil {
		return nil, err
	}
	return scenarios.Parse(s.Name, []byte(text)) // which checks it
}

// play plays the storms of a group in a folder of their own, and returns the numbers of each. A storm that could
// not be played has the reason.
func (g *group) play(ctx context.Context, o lab.Options, folder string, repeats int) map[string]source {
	read, err := g.record(ctx, o, folder, repeats)
	all := map[string]source{}
	for i, storm := range g.storms {
		switch {
		case ctx.Err() != nil:
			all[storm.name] = source{reason: interrupted}
		case err != nil:
			all[storm.name] = source{reason: err.Error()}
		}
		if read != nil && len(read.Cells[i].Repeats) > 0 {
			cell := &read.Cells[i]
			all[storm.name] = source{numbers: numbersOf(storm.name, cell), doubts: doubtsOf(read, cell.ID)}
		}
	}
	return all
}

// doubtsOf returns those that concern a setting's lost calls. The claim stands for the setting.
func doubtsOf(s *analysis.Summary, id string) []finding.Finding {
	all := s.DoubtsOf(id, "lost")
	for i := range all {
		all[i].Settings = nil
	}
	return all
}

// record plays the storms and reads their record, as far as there is one.
func (g *group) record(ctx context.Context, o lab.Options, folder string, repeats int) (*analysis.Summary, error) {
	var err error
	if o.Scenario, err = g.scenario(repeats); err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	dir, err := record.Create(folder)
	if err != nil {
		return nil, err
	}
	run, err := lab.Sweep(ctx, dir, o)
	if run == nil {
		dir.RemoveEmpty()
		return nil, err
	}
	read, failed := summary.Read(dir)
	if failed != nil {
		return nil, failed
	}
	return read, err
}

// numbersOf returns the medians of a setting's storms, under the name of the storm.
func numbersOf(name string, c *analysis.Cell) Numbers {
	n := Numbers{}
	for _, number := range []struct {
		name string
		of   stats.Spread
	}{
		{"calls", c.Metrics["offered"]},
		{"lost", c.Lost},
		{"late", c.Late},
		{"reset", c.Outcomes[record.Reset]},
		{"connect-timeout", c.Outcomes[record.ConnectTimeout]},
		{"queue", c.Metrics["max(queue)"]},
	} {
		if number.of.N > 0 {
			n[name+"_"+strings.ReplaceAll(number.name, "-", "_")] = number.of.Median
		}
	}
	if known, any := knownAfter(c); any {
		n[name+"_known_ms"] = float64(known.Milliseconds())
	}
	return n
}

// knownAfter returns the median time after which the clients of lost calls knew that they were lost.
func knownAfter(c *analysis.Cell) (time.Duration, bool) {
	var all []time.Duration
	for r := range analysis.Each(c.Repeats) {
		for _, a := range r.Raw.Attempts {
			if a.Outcome.Lost() {
				all = append(all, a.Done-a.Intended)
			}
		}
	}
	if len(all) == 0 {
		return 0, false
	}
	slices.Sort(all)
	return all[len(all)/2], true
}

// impairedOf, answeredOf and endsOf name numbers of storms.
func impairedOf(storm string) []string {
	return []string{storm + "_calls", storm + "_lost", storm + "_late"}
}

func answeredOf(storms ...string) (names []string) {
	for _, storm := range storms {
		names = append(names, storm+"_calls", storm+"_lost")
	}
	return names
}

func endsOf(storm string) []string {
	return []string{storm + "_calls", storm + "_lost", storm + "_reset"}
}
