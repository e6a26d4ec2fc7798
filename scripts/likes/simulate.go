package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"agistorm/analysis/record"
)

// simulate plays the storms of one server in the simulator, and counts what became of the calls of each.
func simulate(ctx context.Context, agistorm string, s *server, arrival string, runs int) (all []tally, err error) {
	dir, err := os.MkdirTemp("", "likes-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	scenario, run := filepath.Join(dir, "likes.yaml"), record.Dir(filepath.Join(dir, "run"))
	if err := os.WriteFile(scenario, []byte(s.scenario(arrival, runs)), 0o644); err != nil {
		return nil, err
	}
	sweep := exec.CommandContext(ctx, agistorm, "sweep", scenario, "--simulate", "--quiet", "-o", string(run))
	if out, err := sweep.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("sweep: %w: %s", err, out)
	}
	described, err := run.Run()
	if err != nil {
		return nil, err
	}
	for n := range runs {
		repeat, err := run.Repeat(described.Cells[0].ID, n+1)
		if err != nil {
			return nil, err
		}
		all = append(all, count(repeat.Attempts))
	}
	return all, nil
}

// scenario has the server's storm for the simulator: the flags of serve are keys of a target. The timeouts are those of
// agistorm storm.
func (s *server) scenario(arrival string, runs int) string {
	var target strings.Builder
	for i := 0; i < len(s.flags); i += 2 {
		fmt.Fprintf(&target, "  %s: %q\n", strings.TrimPrefix(s.flags[i], "--"), s.flags[i+1])
	}
	return fmt.Sprintf(`name: likes
storm: {calls: %d, arrival: %q, first-command-timeout: 10s, session-timeout: 30s}
target:
%ssettings:
  - {somaxconn: 4096}
repeats: %d
`, s.calls, arrival, target.String(), runs)
}
