package reports

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/reports/lists"
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
		{"left out", strings.Join(words.LeftOut(run.Isolation), ", ")},
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
		words.Count(run.Share.Calls), words.Amount(run.Scenario.Calls, "call", "calls"), utc(run.Share.StartAt))
}

func scenarioFacts(s *analysis.Summary) []fact {
	sc := &runOf(s).Scenario
	return []fact{
		{"scenario", sc.Name},
		{"question", words.Question(sc)},
		{"arrival", sc.Arrival},
		{"client", sc.Client},
		{"link", link(s)},
		{"target", words.Target(sc)},
		{"limits", limits(sc)},
	}
}

// link between clients and server; empty for a server that was already running.
func link(s *analysis.Summary) string {
	if link := words.Link(&runOf(s).Scenario); link != "" || words.External(s) {
		return link
	}
	return "loopback"
}

func limits(sc *record.Scenario) string {
	if sc.ConnectLimit == 0 {
		return ""
	}
	return fmt.Sprintf("connect %s; first command %s and session %s, which are this storm's own (Asterisk has neither)",
		words.Duration(sc.ConnectLimit), words.Duration(sc.FirstCommandLimit), words.Duration(sc.SessionLimit))
}

func storms(run *record.Run) string {
	planned := len(run.Steps())
	if planned == 0 {
		return ""
	}
	text := words.Amount(len(run.Cells), "setting", "settings") + ", "
	if len(run.CellRepeats) == 0 {
		text += words.Amount(run.Repeats, "storm", "storms") + " each"
	} else {
		text += words.Amount(planned, "storm", "storms") + " in all"
	}
	if calls := run.Calls(); calls > 0 {
		if text += " of "; run.Cells[0].Calls > 0 {
			text += "up to "
		}
		text += words.Amount(calls, "call", "calls")
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
	if i.Reason != nil {
		text += " (" + words.Note(*i.Reason) + ")"
	}
	return text
}

// engines names the generator's engines, and what they cannot measure.
func engines(s *analysis.Summary) string {
	seen := map[string]bool{}
	for _, r := range s.Storms() {
		if r.Raw != nil {
			seen[engine(&r.Raw.Storm)] = true
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
	return fmt.Sprintf("%d × %s", h.CPUs, cmp.Or(h.CPU, "unknown CPU"))
}

// sysctls lists names and values in the order of their names, with the blanks that the kernel puts between
// values evened out.
func sysctls(m map[string]string) []fact {
	return lists.Map(slices.Sorted(maps.Keys(m)), func(name string) fact {
		return fact{name, strings.Join(strings.Fields(m[name]), " ")}
	})
}
