package lab

import (
	"bytes"
	"maps"
	"slices"
	"strconv"
	"time"

	"agistorm/analysis/model"
	"agistorm/analysis/record"
	"agistorm/loadgen/caller"
	"agistorm/scenarios"
	"agistorm/scenarios/axis"
	"agistorm/target"
	"agistorm/target/agi"
	"agistorm/target/spec"
	"agistorm/target/work"
)

// simulatedSysctl is a sysctl that the simulator knows.
type simulatedSysctl struct {
	name string
	// value of a host where nobody set it, and the largest that the simulator knows.
	value string
	most  int
	set   func(l *model.Listener, value int)
}

// simulatedSysctls have the kernel's defaults (tcp_sk_init in net/ipv4/tcp_ipv4.c, Linux 6.5 and later). That of
// tcp_max_syn_backlog depends on memory; it is that of 4 GiB.
var simulatedSysctls = []simulatedSysctl{
	{"net.ipv4.tcp_syncookies", "1", 1, func(l *model.Listener, n int) { l.Syncookies = n }},
	{"net.ipv4.tcp_abort_on_overflow", "0", 1, func(l *model.Listener, n int) { l.AbortOnOverflow = n == 1 }},
	{"net.ipv4.tcp_max_syn_backlog", "4096", spec.MaxBacklog, func(l *model.Listener, n int) { l.MaxSYNBacklog = n }},
	{"net.ipv4.tcp_syn_linear_timeouts", "4", 127, func(l *model.Listener, n int) { l.LinearSYNs = n }},
}

// simulatedDefaults are the values in force where a scenario sets none.
func simulatedDefaults() map[string]string {
	values := map[string]string{}
	for _, s := range simulatedSysctls {
		values[s.name] = s.value
	}
	return values
}

// modelOf returns one storm of a cell for the simulator. Kernel are the sysctls in force where the plan sets none; one
// that it lacks is 0. What the simulator cannot play is an InputError.
func modelOf(
	plan *scenarios.Scenario, cell record.Cell, kernel map[string]string, repeat int,
) (*model.Storm, error) {
	if err := simulable(plan); err != nil {
		return nil, err
	}
	schedule, err := plan.Schedule()
	if err != nil {
		return nil, err
	}
	m := &model.Storm{
		Starts: schedule, Client: clientModel(&plan.Storm), Link: model.Link{RTT: plan.RTT},
		Machine: simulatedMachine(), Seed: plan.Seed + uint64(repeat),
	}
	if m.Listener, err = listenerModel(cell.Effective, scenarios.Over(kernel, plan.Sysctls)); err != nil {
		return nil, err
	}
	m.Server, err = serverModel(plan, schedule.Len())
	return m, err
}

// simulable returns what of a plan the simulator cannot play.
func simulable(plan *scenarios.Scenario) error {
	client := plan.Storm.Caller()
	if client.HangUpAfter > 0 && client.Kind().SpeaksAGI {
		return inputf("hang-up-after %v: a simulated %s caller stays to the end; leave it out, or use %s",
			client.HangUpAfter, client.Kind().Name, caller.ConnectOnly)
	}
	for _, name := range slices.Sorted(maps.Keys(plan.Sysctls)) {
		if !slices.ContainsFunc(simulatedSysctls, func(s simulatedSysctl) bool { return s.name == name }) {
			return inputf("sysctl %s: the simulator does not know it; it knows %s", name, simulatedNames())
		}
	}
	for _, command := range plan.Target.Script {
		reply := (&agi.Exchange{}).AppendReply(nil, 0, &agi.Channel{}, []byte(command))
		if bytes.HasPrefix(reply, notAGI) {
			return inputf("script %q: a simulated script has AGI commands only", command)
		}
	}
	return nil
}

// notAGI begins the reply to what is no command.
var notAGI = []byte("510 ")

func simulatedNames() string {
	var names string
	for i, s := range simulatedSysctls {
		if i > 0 {
			names += ", "
		}
		names += s.name
	}
	return names
}

func clientModel(storm *axis.Storm) model.Client {
	client, limits := storm.Caller(), storm.Limits()
	m := model.Client{
		Writes: model.OneWrite, Think: client.Think, Stay: client.Stay(limits),
		ConnectLimit: limits.Connect, FirstCommandLimit: limits.FirstCommand, SessionLimit: limits.Session,
	}
	switch kind := client.Kind(); {
	case !kind.SpeaksAGI:
		m.Writes = model.Nothing
	case kind.LineByLine:
		m.Writes = model.LineByLine
	}
	return m
}

func listenerModel(backlog int, sysctls map[string]string) (model.Listener, error) {
	l := model.Listener{Backlog: backlog}
	for _, s := range simulatedSysctls {
		value, known := sysctls[s.name]
		if !known {
			value = "0"
		}
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 || n > s.most {
			return l, inputf("sysctl %s = %s: the simulator knows 0 to %d", s.name, value, s.most)
		}
		s.set(&l, n)
	}
	return l, nil
}

// serverModel has the same rules and the same work as the built-in target of a sweep.
func serverModel(plan *scenarios.Scenario, calls int) (m model.Server, err error) {
	behaviour, err := spec.ParseBehaviour(plan.Target.Behaviour)
	if err != nil {
		return m, err
	}
	works, err := work.Parse(plan.Target.Work, scenarios.OpenRegular)
	if err != nil {
		return m, err
	}
	m = model.Server{
		Rules: behaviour.Rules(sessionLimit(calls)), Pause: behaviour.Pause(), Sockets: behaviour.Sockets(),
		Work:     func(call uint64) time.Duration { return works.At(plan.Seed, call) },
		Commands: len(plan.Target.Script),
	}
	if m.Stalls, err = spec.ParseDisturbances(plan.Target.Stalls); err != nil {
		return m, err
	}
	m.Restarts, err = spec.ParseDisturbances(plan.Target.Restarts)
	return m, err
}

// sessionLimit is how many sessions the target has open at once: without a limit of its own, all of them.
func sessionLimit(calls int) int { return max(target.DefaultConfig().Limits.Sessions, calls) }
