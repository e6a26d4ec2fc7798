package lab

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"agistorm/analysis/record"
	"agistorm/scenarios"
	"agistorm/scenarios/axis"
)

// step is one storm of the sweep.
type step struct {
	cell record.Cell
	// repeat counts from 1; a warm-up's is 0 or less.
	repeat int
}

// interleave orders the storms: every cell once, then every cell again, each round
// in an order of its own. What drifts on the machine then falls on all cells alike. The first rounds are the
// warm-ups.
func interleave(cells []record.Cell, warmups, repeats int, seed uint64) []step {
	var steps []step
	for repeat := 1 - warmups; repeat <= repeats; repeat++ {
		round := rand.New(rand.NewPCG(seed, uint64(repeat)))
		for _, i := range round.Perm(len(cells)) {
			steps = append(steps, step{cells[i], repeat})
		}
	}
	return steps
}

// cellOf turns a setting into a cell for a namespace of its own, with the scenario that it has to itself.
func cellOf(s *scenarios.Scenario, setting axis.Values) (cell record.Cell, plan *scenarios.Scenario, err error) {
	if plan, err = s.Cell(setting); err != nil {
		return cell, nil, err
	}
	schedule, err := plan.Schedule()
	if err != nil {
		return cell, nil, err
	}
	limit, asked, err := plan.Limits()
	values, _ := setting.Split()
	delete(values, "somaxconn")
	delete(values, "backlog")
	return record.Cell{
		ID:        setting.Key(),
		Backlog:   plan.Backlog,
		Somaxconn: limit,
		Effective: min(asked, limit),
		Sysctls:   scenarios.Over(nil, plan.Sysctls),
		Values:    values,
		Calls:     schedule.Len(),
	}, plan, err
}

// mostCalls are those of the cell with the most. Cells that all have as many leave it to the run.
func mostCalls(cells []record.Cell) (most int) {
	least := cells[0].Calls
	for _, cell := range cells {
		most, least = max(most, cell.Calls), min(least, cell.Calls)
	}
	for i := range cells {
		if least == most {
			cells[i].Calls = 0
		}
	}
	return most
}

// onHost replaces cells by what a host's own namespace can show of them: the effective backlog of each as a
// fixed backlog, as far as the host's somaxconn lets it, and its client. asked says of every cell what shows
// it, if anything does: of the sysctls in which the cells differ only those with the host's own values can be
// shown.
func onHost(cells []record.Cell, limit int, host map[string]string) (kept []record.Cell, asked []record.Asked) {
	var sysctls []axis.Values
	for _, cell := range cells {
		sysctls = append(sysctls, cell.Sysctls)
	}
	swept := axis.Differing(sysctls...)
	for _, cell := range cells {
		a := record.Asked{Cell: cell, Lacks: otherThan(host, cell, swept)}
		if cell.Effective > limit {
			a.Lacks = record.Notes{{
				Code: record.NoteSysctlDiffers, Name: somaxconn,
				Here: strconv.Itoa(limit), Want: axis.FormatLimit(cell.Effective),
			}}
		}
		if a.Lacks == nil {
			shown := hostCell(cell, limit)
			a.ShownBy, a.Lacks = shown.ID, otherThan(host, cell, slices.Sorted(maps.Keys(cell.Sysctls)))
			if !slices.ContainsFunc(kept, func(c record.Cell) bool { return c.ID == shown.ID }) {
				kept = append(kept, shown)
			}
		}
		asked = append(asked, a)
	}
	return kept, asked
}

// checkNumbers finds a value that no kernel takes, where none is set: words in place of the numbers that the host has.
func checkNumbers(cells []record.Cell, host map[string]string) error {
	for _, cell := range cells {
		for _, name := range slices.Sorted(maps.Keys(cell.Sysctls)) {
			if numbers(host[name]) && !numbers(cell.Sysctls[name]) {
				return inputf("sysctl %s = %.40q: want numbers, such as %s", name, cell.Sysctls[name], host[name])
			}
		}
	}
	return nil
}

// numbers reports whether a sysctl's value is one or more whole numbers.
func numbers(value string) bool {
	words := strings.Fields(value)
	return len(words) > 0 && !slices.ContainsFunc(words, func(word string) bool {
		_, err := strconv.ParseInt(word, 0, 64)
		return err != nil
	})
}

// hostCell is a cell as a host's own namespace shows it.
func hostCell(cell record.Cell, somaxconn int) record.Cell {
	backlog := strconv.Itoa(cell.Effective)
	return record.Cell{
		ID:      "host_" + axis.Values(scenarios.Over(cell.Values, map[string]string{"backlog": backlog})).Key(),
		Backlog: backlog, Somaxconn: somaxconn, Effective: cell.Effective, Values: cell.Values, Calls: cell.Calls,
	}
}

// otherThan returns which of these sysctls a cell sets otherwise than the host has them.
func otherThan(host map[string]string, cell record.Cell, names []string) (lacks record.Notes) {
	for _, name := range names {
		if value, ok := cell.Sysctls[name]; ok && strings.Join(strings.Fields(value), " ") != host[name] {
			lacks = append(lacks, record.Note{
				Code: record.NoteSysctlDiffers, Name: name, Here: host[name], Want: value,
			})
		}
	}
	return lacks
}
