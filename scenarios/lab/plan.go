package lab

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strconv"

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
			Sysctls:   over(s.Sysctls, setting.Sysctls),
			Client:    setting.Client,
		}
	}
	return cells, nil
}

// over is a, with b's values in place of its own.
func over(a, b map[string]string) map[string]string {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, b)
	return all
}

// onHost replaces cells by what a host's own namespace can show of them: the
// effective backlog of each as a fixed backlog, as far as the host's somaxconn lets
// it. leftOut names the settings that cannot be shown.
func onHost(cells []record.Cell, somaxconn int) (kept []record.Cell, leftOut []string) {
	seen := map[int]bool{}
	for _, cell := range cells {
		if cell.Effective > somaxconn {
			leftOut = append(leftOut, fmt.Sprintf("somaxconn %d with backlog %s (the host's somaxconn is %d)", cell.Somaxconn, cell.Backlog, somaxconn))
			continue
		}
		if seen[cell.Effective] {
			continue
		}
		seen[cell.Effective] = true
		backlog := strconv.Itoa(cell.Effective)
		kept = append(kept, record.Cell{
			ID:        "host_backlog-" + backlog,
			Backlog:   backlog,
			Somaxconn: somaxconn,
			Effective: cell.Effective,
		})
	}
	return kept, leftOut
}
