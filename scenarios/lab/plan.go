package lab

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"agistorm/analysis/record"
	"agistorm/scenarios"
)

// step is one storm of the sweep.
type step struct {
	cell record.Cell
	// repeat counts from 1.
	repeat int
}

// interleave orders the storms: every cell once, then every cell again, each round
// in an order of its own. What drifts on the machine then falls on all cells alike.
func interleave(cells []record.Cell, repeats int, seed uint64) []step {
	var steps []step
	for repeat := 1; repeat <= repeats; repeat++ {
		round := rand.New(rand.NewPCG(seed, uint64(repeat)))
		for _, i := range round.Perm(len(cells)) {
			steps = append(steps, step{cells[i], repeat})
		}
	}
	return steps
}

// cellsOf turns settings into cells for namespaces of their own.
func cellsOf(s *scenarios.Scenario) ([]record.Cell, error) {
	cells := make([]record.Cell, len(s.Settings))
	for i, setting := range s.Settings {
		limit, err := setting.Limit()
		if err != nil {
			return nil, err
		}
		asked, err := setting.Asked()
		if err != nil {
			return nil, err
		}
		cells[i] = record.Cell{
			ID:        setting.Key(),
			Backlog:   setting.Backlog,
			Somaxconn: limit,
			Effective: min(asked, limit),
			Sysctls:   scenarios.Over(s.Sysctls, setting.Sysctls),
			Client:    setting.Client,
		}
	}
	return cells, nil
}

// onHost replaces cells by what a host's own namespace can show of them: the effective backlog of each as a fixed
// backlog, as far as the host's somaxconn lets it, and its client. asked says of every cell what shows it, if anything does: of the
// sysctls in which the cells differ only those with the host's own values can be shown.
func onHost(cells []record.Cell, somaxconn int, host map[string]string) (kept []record.Cell, asked []record.Asked) {
	swept := sweptSysctls(cells)
	for _, cell := range cells {
		a := record.Asked{Cell: cell, Lacks: otherThan(host, cell, swept)}
		if cell.Effective > somaxconn {
			a.Lacks = fmt.Sprintf("the host's somaxconn is %d", somaxconn)
		}
		if a.Lacks == "" {
			shown := hostCell(cell, somaxconn)
			a.ShownBy, a.Lacks = shown.ID, otherThan(host, cell, slices.Sorted(maps.Keys(cell.Sysctls)))
			if !slices.ContainsFunc(kept, func(c record.Cell) bool { return c.ID == shown.ID }) {
				kept = append(kept, shown)
			}
		}
		asked = append(asked, a)
	}
	return kept, asked
}

// hostCell is a cell as a host's own namespace shows it.
func hostCell(cell record.Cell, somaxconn int) record.Cell {
	backlog := strconv.Itoa(cell.Effective)
	id := "host_backlog-" + backlog
	if cell.Client != "" {
		id += "_" + cell.Client
	}
	return record.Cell{ID: id, Backlog: backlog, Somaxconn: somaxconn, Effective: cell.Effective, Client: cell.Client}
}

// sweptSysctls are the names of those in which the cells differ, in order.
func sweptSysctls(cells []record.Cell) []string {
	differ := map[string]bool{}
	for _, cell := range cells {
		for _, pair := range [][2]map[string]string{{cell.Sysctls, cells[0].Sysctls}, {cells[0].Sysctls, cell.Sysctls}} {
			for name, value := range pair[0] {
				if other, ok := pair[1][name]; !ok || other != value {
					differ[name] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(differ))
}

// otherThan says which of these sysctls a cell wants otherwise than the host has them; empty where it wants none so.
func otherThan(host map[string]string, cell record.Cell, names []string) string {
	var lacks []string
	for _, name := range names {
		if value, ok := cell.Sysctls[name]; ok && strings.Join(strings.Fields(value), " ") != host[name] {
			lacks = append(lacks, fmt.Sprintf("the host's %s is %s, not %s", name, known(host[name]), value))
		}
	}
	return strings.Join(lacks, ", ")
}

func known(value string) string {
	if value == "" {
		return "not known"
	}
	return value
}
