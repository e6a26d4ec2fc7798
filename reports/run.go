package reports

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/reports/words"
)

// fact is one line of the description of a run.
type fact struct{ Name, Text string }

// facts describe what was run and where.
func facts(s *analysis.Summary) []fact {
	run := runOf(s)
	return slices.Concat(scenarioFacts(s), []fact{
		{"share", shareFact(run)},
		{"storms", storms(run)},
		{"isolation", isolation(run.Isolation)},
		{"left out", strings.Join(run.Isolation.LeftOut(), ", ")},
		{"engine", engines(s)},
		{"priority", priorities(s)},
	}, whereFacts(run), []fact{
		{"started", utc(run.Started)},
		{"finished", utc(run.Finished)},
		{"agistorm", run.Version},
	})
}

// whereFacts describe the machine, or those of a merged run.
func whereFacts(run *record.Run) []fact {
	if len(run.Merged) > 0 {
		return machineFacts(run)
	}
	return hostFacts(&run.Host)
}

// shareFact is empty for a run of all calls.
func shareFact(run *record.Run) string {
	if run.Share == nil {
		return ""
	}
	return fmt.Sprintf("%d/%d, %s of %s; it started at %s by this machine's clock", run.Share.K, run.Share.N,
		analysis.Count(run.Share.Calls), amount(run.Scenario.Calls, "call", "calls"), utc(run.Share.StartAt))
}

func scenarioFacts(s *analysis.Summary) []fact {
	sc := &runOf(s).Scenario
	return []fact{
		{"scenario", sc.Name},
		{"question", sc.Question},
		{"arrival", sc.Arrival},
		{"client", sc.Client},
		{"link", link(s)},
		{"target", words.Target(sc)},
		{"limits", limits(sc)},
	}
}

// link between clients and server; empty for a server that was already running.
func link(s *analysis.Summary) string {
	if link := words.Link(&runOf(s).Scenario); link != "" || foreign(s) {
		return link
	}
	return "loopback"
}

func limits(sc *record.Scenario) string {
	if sc.ConnectLimit == 0 {
		return ""
	}
	return fmt.Sprintf("connect %s; first command %s and session %s, which are this storm's own (Asterisk has neither)",
		analysis.Duration(sc.ConnectLimit), analysis.Duration(sc.FirstCommandLimit), analysis.Duration(sc.SessionLimit))
}

func storms(run *record.Run) string {
	planned := len(run.Steps())
	if planned == 0 {
		return ""
	}
	text := amount(len(run.Cells), "setting", "settings") + ", "
	if len(run.CellRepeats) == 0 {
		text += amount(run.Repeats, "storm", "storms") + " each"
	} else {
		text += amount(planned, "storm", "storms") + " in all"
	}
	if calls := run.Calls(); calls > 0 {
		if text += " of "; run.Cells[0].Calls > 0 {
			text += "up to "
		}
		text += amount(calls, "call", "calls")
	}
	return text + fmt.Sprintf("; seed %d", run.Seed)
}

func isolation(i record.Isolation) string {
	text := i.Mode
	switch i.Mode {
	case record.IsolationUser, record.IsolationNet:
		text += ", a fresh one for every storm; the host's settings were not touched"
	case record.IsolationHost:
		text = "none: the host's own network namespace"
	}
	if i.Reason != "" {
		text += " (" + i.Reason + ")"
	}
	return text
}

// engines names the generator's engines, and what they could not tell.
func engines(s *analysis.Summary) string {
	seen := map[string]bool{}
	for i := range s.Cells {
		for j := range s.Cells[i].Repeats {
			if raw := s.Cells[i].Repeats[j].Raw; raw != nil {
				seen[engine(&raw.Storm)] = true
			}
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(seen)), "; ")
}

func engine(s *record.Storm) string {
	if len(s.Lacks) == 0 {
		return s.Engine
	}
	return s.Engine + " (it cannot tell: " + strings.Join(s.Lacks, ", ") + ")"
}

func hostFacts(h *record.Host) []fact {
	all := []fact{
		{"system", strings.TrimSpace(strings.TrimSuffix(h.OS+"/"+h.Arch, "/") + " " + h.Kernel)},
		{"CPU", cpu(h)},
	}
	if h.MemoryBytes > 0 {
		all = append(all, fact{"memory", gibibytes(h.MemoryBytes)})
	}
	if h.OpenFiles > 0 {
		all = append(all, fact{"open files", optionalCount(&h.OpenFiles) + " a process"})
	}
	return all
}

func cpu(h *record.Host) string {
	if h.CPUs == 0 {
		return h.CPU
	}
	return strings.TrimSpace(fmt.Sprintf("%d × %s", h.CPUs, valueOr(h.CPU, "unknown CPU")))
}

func valueOr(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// sysctls lists names and values in the order of their names, with the blanks that the kernel puts between values evened out.
func sysctls(m map[string]string) []fact {
	var all []fact
	for _, name := range slices.Sorted(maps.Keys(m)) {
		all = append(all, fact{name, strings.Join(strings.Fields(m[name]), " ")})
	}
	return all
}
