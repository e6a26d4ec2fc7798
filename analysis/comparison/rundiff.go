package comparison

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
	"agistorm/scenarios/axis"
)

// RunDiff is one thing in which two runs differ.
type RunDiff struct {
	// Kind of thing, e.g. KindMachine. Name is a code, or that of a sysctl or an axis.
	Kind string `json:"kind"`
	Name string `json:"name"`
	Old  string `json:"old"`
	New  string `json:"new"`
}

// OfMachine reports whether it belongs to the machine that was measured, or to its kernel.
func (u RunDiff) OfMachine() bool {
	return slices.Contains([]string{KindName, KindMachine, KindKernel, KindSysctls}, u.Kind)
}

// The kinds of things in which runs differ.
const (
	KindMachine = "machine"
	// KindName is the machine's name alone: for two that are alike in all else it means nothing. Pipelines run
	// on another one each time.
	KindName    = "name"
	KindKernel  = "kernel"
	KindTool    = "agistorm"
	KindStorm   = "storm"
	KindTarget  = "target"
	KindSysctls = "sysctls"
	// KindSimulated: one of the runs is simulated, and has no machine.
	KindSimulated = "simulated"
)

// runDiffs lists what differs between two runs and may matter. The seed, the number of storms and the paths
// do not; nor does the host's own somaxconn, which every setting replaces, nor what is an axis of both runs.
func runDiffs(old, new *analysis.Summary) []RunDiff {
	all := diffsOfRuns(old.Run, new.Run)
	if a, b := engines(old), engines(new); a != b && a != "" && b != "" {
		all = append(all, RunDiff{KindTool, "engine", a, b})
	}
	return slices.DeleteFunc(all, func(u RunDiff) bool { return varies(old.Run, u.Name) && varies(new.Run, u.Name) })
}

// varies reports whether the settings of a run replace one of its facts, each with its own.
func varies(run *record.Run, fact string) bool {
	return slices.ContainsFunc(
		axis.Names(analysis.AxesOf(run.Cells)...),
		func(name string) bool { return axis.Named(name).Fact == fact },
	)
}

// diffsOfRuns lists what the descriptions of two runs differ in.
func diffsOfRuns(old, new *record.Run) []RunDiff {
	a, b := &old.Scenario, &new.Scenario
	all := []RunDiff{
		{KindName, "host", old.Host.Name, new.Host.Name},
		{KindMachine, "CPU", old.Host.CPU, new.Host.CPU},
		{KindMachine, "CPUs", strconv.Itoa(old.Host.CPUs), strconv.Itoa(new.Host.CPUs)},
		{KindMachine, "system", old.Host.OS + "/" + old.Host.Arch, new.Host.OS + "/" + new.Host.Arch},
		{KindKernel, "kernel", old.Host.Kernel, new.Host.Kernel},
		{KindTool, "version", old.Version, new.Version},
		{KindStorm, "calls", strconv.Itoa(old.Calls()), strconv.Itoa(new.Calls())},
		{KindStorm, "arrival", a.Arrival, b.Arrival},
		{KindStorm, "client", a.Client, b.Client},
		{KindStorm, "link", a.Link, b.Link},
		{KindStorm, "rtt", a.RTT.String(), b.RTT.String()},
		{KindStorm, "sources", a.Clients.String(), b.Clients.String()},
		{KindStorm, "connect_timeout", a.ConnectLimit.String(), b.ConnectLimit.String()},
		{KindStorm, "first_command_timeout", a.FirstCommandLimit.String(), b.FirstCommandLimit.String()},
		{KindStorm, "session_timeout", a.SessionLimit.String(), b.SessionLimit.String()},
		{KindStorm, "isolation", old.Isolation.Mode, new.Isolation.Mode},
	}
	for _, key := range differences(a.Load, b.Load) {
		all = append(all, RunDiff{KindStorm, key, a.Load[key], b.Load[key]})
	}
	all = append(all, diffsOfTargets(a, b)...)
	for _, name := range differences(hostSysctls(old), hostSysctls(new)) {
		all = append(all, RunDiff{KindSysctls, name, old.Host.Sysctls[name], new.Host.Sysctls[name]})
	}
	all = append(all, diffsOfSimulated(old.Simulated, new.Simulated)...)
	mixed := (old.Simulated == nil) != (new.Simulated == nil)
	return slices.DeleteFunc(all, func(d RunDiff) bool {
		return d.Old == d.New || mixed && (d.OfMachine() || d.Name == "isolation")
	})
}

// diffsOfSimulated lists what two simulations assume otherwise; of a simulated run beside a measured one only that.
func diffsOfSimulated(old, new *record.Simulated) (all []RunDiff) {
	if old == nil || new == nil {
		return []RunDiff{{KindSimulated, "simulated", yesIf(old != nil), yesIf(new != nil)}}
	}
	for _, name := range slices.Sorted(maps.Keys(old.Costs)) {
		all = append(all, RunDiff{KindMachine, name, old.Costs[name].String(), new.Costs[name].String()})
	}
	return all
}

func yesIf(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

// diffsOfTargets lists what the servers of two runs differ in. Runs of 0.1.0 have the target as a text only.
func diffsOfTargets(a, b *record.Scenario) []RunDiff {
	all := []RunDiff{{KindTarget, "commands", strings.Join(a.Commands, "; "), strings.Join(b.Commands, "; ")}}
	if x, y := a.Server, b.Server; x != nil && y != nil {
		return append(all,
			RunDiff{KindTarget, "like", x.Like, y.Like},
			RunDiff{KindTarget, "behaviour", x.Behaviour, y.Behaviour},
			RunDiff{KindTarget, "work", x.Work, y.Work},
			RunDiff{KindTarget, "stalls", strings.Join(x.Stalls, ", "), strings.Join(y.Stalls, ", ")},
			RunDiff{KindTarget, "restarts", strings.Join(x.Restarts, ", "), strings.Join(y.Restarts, ", ")})
	}
	if a.Server == b.Server || targetSource(a) != targetSource(b) {
		all = append(all, RunDiff{KindTarget, "target", target(a), target(b)})
	}
	return all
}

// target returns the URL of a server, or what the built-in one does.
func target(s *record.Scenario) string {
	if s.Server == nil {
		return s.Target
	}
	return s.Server.Behaviour + ", " + s.Server.Work
}

// targetSource returns what the scenario's file has of the target: runs of 0.1.0 have no other data of it.
func targetSource(s *record.Scenario) string {
	_, rest, _ := strings.Cut("\n"+s.Source, "\ntarget:\n")
	var lines []string
	for line := range strings.Lines(rest) {
		if line[0] != ' ' {
			break
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "")
}

// engines that played a run: "epoll", or several.
func engines(s *analysis.Summary) string {
	names := map[string]bool{}
	for _, r := range s.Storms() {
		names[r.Raw.Storm.Engine] = true
	}
	return strings.Join(slices.Sorted(maps.Keys(names)), ", ")
}

func hostSysctls(run *record.Run) map[string]string {
	all := maps.Clone(run.Host.Sysctls)
	delete(all, axis.SomaxconnSysctl)
	return all
}

// withheld are the reasons why no difference may be claimed.
func withheld(s *SideBySide) (all finding.List) {
	for _, run := range []Side{s.Old, s.New} {
		if len(run.unproven) > 0 {
			all.AddIf(true, finding.RunInDoubt{Run: run.Name, Doubt: &run.unproven[0]})
		}
	}
	if s.Old.Simulated != s.New.Simulated {
		fact := finding.OneSimulated{Simulated: s.Old.Name, Measured: s.New.Name}
		if s.New.Simulated {
			fact = finding.OneSimulated{Simulated: s.New.Name, Measured: s.Old.Name}
		}
		all.AddIf(true, fact)
	}
	storms, kinds := namesOf(s.Differs, KindStorm), kindsOf(s.Differs)
	all.AddIf(storms != nil, finding.StormsDiffer{Names: storms})
	all.AddIf(storms == nil && len(kinds) > 1, finding.RunsDiffer{Kinds: kinds})
	return all
}

// kindsOf are the kinds of things that differ and may matter; another machine has a kernel and sysctls of its
// own.
func kindsOf(all []RunDiff) []string {
	kinds := map[string]bool{}
	for _, d := range all {
		kinds[d.Kind] = true
	}
	delete(kinds, KindName)
	delete(kinds, KindSimulated) // which has a finding of its own
	if kinds[KindMachine] {
		delete(kinds, KindKernel)
		delete(kinds, KindSysctls)
	}
	return slices.Sorted(maps.Keys(kinds))
}

func namesOf(all []RunDiff, kind string) (names []string) {
	for _, d := range all {
		if d.Kind == kind {
			names = append(names, d.Name)
		}
	}
	return names
}
