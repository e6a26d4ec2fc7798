package lab

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"agistorm/analysis/record"
	"agistorm/loadgen"
	"agistorm/loadgen/caller"
	"agistorm/scenarios/arrival"
)

// describeRun fills a run's description in: the format, the host, and of its scenario what the load has.
func describeRun(l Load, schedule arrival.Schedule, workers int, run record.Run) *record.Run {
	run.Format, run.Host, run.Seed = record.Format, DescribeHost(), l.Seed
	s := &run.Scenario
	s.Arrival, s.Calls, s.Client = schedule.String(), schedule.Len(), l.Client.Name
	s.Clients, s.Load = recordedClients(l.Sources), recordedLoad(l.Script, l.Client, workers)
	s.ConnectLimit, s.FirstCommandLimit, s.SessionLimit = l.Limits.Connect, l.Limits.FirstCommand, l.Limits.Session
	return &run
}

// fit returns how many workers calls need, and which ports they get, in a range of ports that may be unknown.
func fit(h record.Host, ports string, calls, workers int, s loadgen.Sources) (int, loadgen.Sources, error) {
	room := loadgen.Room{Files: h.OpenFiles}
	err := checkMemory(h, calls)
	if err != nil {
		return 0, s, err
	}
	if ports != "" {
		if room.Low, room.High, err = loadgen.ParsePortRange(ports); err != nil {
			return 0, s, fmt.Errorf("%w: %s: %w", ErrCannotStart, portRange, err)
		}
	}
	if workers, err = room.Workers(calls, workers); err == nil {
		s, err = room.Plan(calls, s)
	}
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrCannotStart, err)
	}
	return workers, s, err
}

// checkMemory finds a storm whose attempts alone are more than the machine's memory.
func checkMemory(h record.Host, calls int) error {
	if need := uint64(calls) * loadgen.HeapPerAttempt; h.MemoryBytes > 0 && need > h.MemoryBytes {
		return fmt.Errorf("%w: %d calls take up to %d MiB of memory, and this host has %d MiB: want %d calls at most",
			ErrCannotStart, calls, need>>20, h.MemoryBytes>>20, h.MemoryBytes/loadgen.HeapPerAttempt)
	}
	return nil
}

// recordedLoad returns what the clients do beside their arrival, their name and their timeouts, by the keys
// of a scenario's storm; defaults are absent.
func recordedLoad(script string, c caller.Client, workers int) map[string]string {
	var variables []string
	for name, value := range c.Variables {
		variables = append(variables, name+"="+value)
	}
	slices.Sort(variables)
	load := map[string]string{
		"args": quoted(c.Args), "variables": quoted(variables), "missing-files": quoted(c.MissingFiles),
		"think": c.Think.String(), "hang-up-after": c.HangUpAfter.String(), "workers": strconv.Itoa(workers),
	}
	maps.DeleteFunc(load, func(_, value string) bool { return slices.Contains([]string{"", "0s", "0"}, value) })
	if script != "" {
		load["script"] = script
	}
	return load
}

// quoted returns the words of a list in quotes, with a blank between them.
func quoted(list []string) string { return strings.Trim(fmt.Sprintf("%q", list), "[]") }

// recordedClients returns where the clients are; nil where the kernel chooses.
func recordedClients(s loadgen.Sources) *record.Addresses {
	n := len(s.Addrs)
	if n == 0 {
		return nil
	}
	return &record.Addresses{First: s.Addrs[0].String(), Last: s.Addrs[n-1].String(), N: n}
}
